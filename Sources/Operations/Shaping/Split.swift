/// An operation whose results are the parts of its input, each a view; tensors must then not be changed in place through them.
///
/// Derivative: the gradients of the parts, put together. Where a part has none, each of the others is put in its place among zeros.
public protocol SeveralViews: VariadicOperation {
  /// The view that shows one part.
  associatedtype Part: PartialView
  /// The views of the parts.
  var parts: [Part] { get }
  /// The input's gradient, given those of all parts.
  func joined<Value: Algebra>(_ gradients: [Value]) -> Value
}

extension SeveralViews {
  public var isView: Bool { true }
  public func resultCount(_ inputCount: Int) -> Int { parts.count }

  public func types(_ xs: [ArrayType]) throws(ArrayError) -> [ArrayType] {
    var types: [ArrayType] = []
    for part in parts { types.append(try part.type(xs[0])) }
    return types
  }
  public func forward(_ xs: [NDArray]) throws(ArrayError) -> [NDArray] {
    var views: [NDArray] = []
    for part in parts { views.append(try part.forward(xs[0])) }
    return views
  }
  public func pullback<C: PullbackContext>(_ gradients: [C.Value?], _ context: C) -> [C.Value?] {
    let known = gradients.compactMap { $0 }
    if known.count == gradients.count { return [joined(known)] }
    var sum: C.Value?
    for (part, gradient) in zip(parts, gradients) {
      guard let gradient else { continue }
      let placed = checked { () throws(ArrayError) in
        try C.Value.apply(Embed(part), gradient, shape: context.shape(0))
      }
      sum = sum.map { $0 + placed } ?? placed
    }
    return [sum]
  }
}

/// `split(x, split_size, dim)`: consecutive parts of one size (the last may be smaller), or of the given sizes. Views.
public struct Split: SeveralViews {
  public static let name = "split"
  /// The sizes of the parts; their sum is that of the dimension.
  public let sizes: [Int]
  /// The dimension.
  public let dim: Int
  /// Whether the sizes follow from one; PyTorch names the derivative by it.
  public let isEven: Bool

  /// Parts of these sizes.
  public init(_ sizes: [Int], _ dim: Int, isEven: Bool = false) {
    self.sizes = sizes
    self.dim = dim
    self.isEven = isEven
  }

  public var attributes: [(name: String, value: String)] {
    [("split_size", isEven ? "\(sizes[0])" : "\(sizes)"), ("dim", "\(dim)")]
  }
  public var gradientName: String { isEven ? "SplitBackward0" : "SplitWithSizesBackward0" }

  public var parts: [Narrow] {
    var start = 0
    return sizes.map { length in
      defer { start += length }
      return Narrow(dim, start, length)
    }
  }
  public func joined<Value: Algebra>(_ gradients: [Value]) -> Value { Value.cat(gradients, dim: dim) }
}

extension Split: TableEntry {
  public static var signature: Signature { Signature("T input, int|ints split_size, int dim=0") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let (x, dim) = (try arguments.tensor("input"), try arguments.int("dim", default: 0))
    if arguments.isList("split_size") { return try sized(x, try arguments.ints("split_size"), dim) }
    return try even(x, try arguments.int("split_size"), dim)
  }
  static func size<Value: Algebra>(_ x: Value, _ dim: Int, _ name: String) throws(ArrayError) -> Int {
    guard let shape = x.staticShape else {
      throw .runtime("\(name): the rank is not known yet; give the placeholder a shape")
    }
    try require(shape.rank > 0, .runtime("\(name): expects at least a 1-dimensional tensor"))
    let size = shape[try shape.axis(dim, name)]
    try require(
      size != Shape.unknown,
      .runtime("\(name): the size of dimension \(dim) is not known yet; give the placeholder a shape"))
    return size
  }
  static func sized<Value: Algebra>(_ x: Value, _ sizes: [Int], _ dim: Int) throws(ArrayError) -> [Value] {
    let size = try size(x, dim, name)
    try require(
      sizes.allSatisfy { $0 >= 0 },
      .runtime("split: split_with_sizes expects split_sizes have only non-negative entries, but got \(sizes)")
    )
    try require(
      Shape.sum(sizes) == size,
      .runtime(
        "split: split_with_sizes expects split_sizes to sum exactly to \(size) (input tensor's size at dimension \(dim)), but got split_sizes=\(sizes)"
      ))
    return sizes.isEmpty ? [] : try Value.apply(Split(sizes, dim), [x])
  }
  static func even<Value: Algebra>(_ x: Value, _ length: Int, _ dim: Int) throws(ArrayError) -> [Value] {
    let size = try size(x, dim, name)
    try require(
      length >= 0, .runtime("split: expects split_size be non-negative, but got split_size=\(length)"))
    try require(
      length > 0 || size == 0,
      .runtime("split: split_size can only be 0 if dimension size is 0, but got dimension size of \(size)"))
    let sizes =
      size == 0 ? [0] : stride(from: 0, to: size, by: length).map { Swift.min(length, size - $0) }
    return try Value.apply(Split(sizes, dim, isEven: true), [x])
  }
}

/// `chunk(x, chunks, dim)`: at most that many parts of equal size, the last smaller. Views.
public enum Chunk: TableEntry {
  public static let name = "chunk"
  public static var signature: Signature { Signature("T input, int chunks, int dim=0") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    try parts(
      try arguments.tensor("input"), try arguments.int("chunks"), try arguments.int("dim", default: 0))
  }
  static func parts<Value: Algebra>(_ x: Value, _ chunks: Int, _ dim: Int) throws(ArrayError) -> [Value] {
    let size = try Split.size(x, dim, name)
    try require(chunks > 0, .runtime("chunk: expects `chunks` to be greater than 0, got: \(chunks)"))
    if size > 0 { return try Split.even(x, (size - 1) / chunks + 1, dim) }
    try require(
      chunks <= 1 << 20, .runtime("chunk: \(chunks) parts of a dimension of size 0 are too many"))
    return try Split.sized(x, [Int](repeating: 0, count: chunks), dim)
  }
}

/// `unbind(x, dim)`: the part at each position of a dimension, which disappears. Views. The mirror of `Stack`.
public struct Unbind: SeveralViews {
  public static let name = "unbind"
  /// The dimension.
  public let dim: Int
  /// Its size.
  public let count: Int

  /// The parts of a dimension of this size.
  public init(_ dim: Int, count: Int) {
    self.dim = dim
    self.count = count
  }

  public var attributes: [(name: String, value: String)] { [("dim", "\(dim)")] }
  public var parts: [Select] { (0..<count).map { Select(dim, $0) } }
  public func joined<Value: Algebra>(_ gradients: [Value]) -> Value { Value.stack(gradients, dim: dim) }
}

extension Unbind: TableEntry {
  public static var signature: Signature { Signature("T input, int dim=0") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    try taken(try arguments.tensor("input"), try arguments.int("dim", default: 0))
  }
  static func taken<Value: Algebra>(_ x: Value, _ dim: Int) throws(ArrayError) -> [Value] {
    if x.staticShape?.rank == 0 {
      throw .index("unbind: Dimension specified as \(dim) but tensor has no dimensions")
    }
    let size = try Split.size(x, dim, name)
    return size == 0 ? [] : try Value.apply(Unbind(dim, count: size), [x])
  }
}

extension Algebra {
  /// Consecutive parts of one size, the last perhaps smaller. Views.
  public func split(_ size: Int, dim: Int = 0) -> [Self] {
    checked { () throws(ArrayError) in try Split.even(self, size, dim) }
  }
  /// Consecutive parts of these sizes. Views.
  public func split(_ sizes: [Int], dim: Int = 0) -> [Self] {
    checked { () throws(ArrayError) in try Split.sized(self, sizes, dim) }
  }
  /// At most that many parts of equal size. Views.
  public func chunk(_ chunks: Int, dim: Int = 0) -> [Self] {
    checked { () throws(ArrayError) in try Chunk.parts(self, chunks, dim) }
  }
  /// The part at each position of a dimension, which disappears. Views.
  public func unbind(_ dim: Int = 0) -> [Self] {
    checked { () throws(ArrayError) in try Unbind.taken(self, dim) }
  }
}
