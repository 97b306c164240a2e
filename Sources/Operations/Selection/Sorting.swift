/// `argsort(x, dim, descending)`: the positions that sort along a dimension; always stable; NaN counts as the largest. int64, no gradient.
public struct ArgSort: WritingUnary {
  public static let name = "argsort"
  /// The dimension.
  public let dim: Int
  /// From the largest to the smallest.
  public let descending: Bool
  public init(_ dim: Int = -1, descending: Bool = false) {
    self.dim = dim
    self.descending = descending
  }
  public var attributes: [(name: String, value: String)] {
    [("dim", "\(dim)")] + (descending ? [("descending", "true")] : [])
  }
  public var isDifferentiable: Bool { false }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    _ = try x.shape.axis(dim, Self.name)
    return ArrayType(.int64, x.shape)
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    if x.count == 0 { return }
    let axis = try x.shape.axis(dim, Self.name)
    // One row's values and order are lists.
    try x.requireRoom(forCopies: 6)
    let rows = Rows(x, output, along: axis)
    switch x.dtype {
    case .float64: sort(rows, Double.self, precedesReal)
    case .float32: sort(rows, Float.self, precedesReal)
    case .int64: sort(rows, Int64.self) { $0 < $1 }
    case .int32: sort(rows, Int32.self) { $0 < $1 }
    case .int16: sort(rows, Int16.self) { $0 < $1 }
    case .int8: sort(rows, Int8.self) { $0 < $1 }
    case .uint8, .bool: sort(rows, UInt8.self) { $0 < $1 }
    }
  }
  private func sort<Element>(
    _ rows: Rows, _: Element.Type, _ precedes: (Element, Element) -> Bool
  ) {
    var values: [Element] = []
    var order: [Int] = []
    rows.visit { row in
      let source = row.start.assumingMemoryBound(to: Element.self)
      values.removeAll(keepingCapacity: true)
      for place in 0..<row.length { values.append(source[place * row.step]) }
      order = Array(0..<row.length)
      // Equal elements keep their order either way, as PyTorch's stable sort does.
      order.sort { a, b in
        let (first, second) = descending ? (b, a) : (a, b)
        if precedes(values[first], values[second]) { return true }
        if precedes(values[second], values[first]) { return false }
        return a < b
      }
      let target = row.target.assumingMemoryBound(to: Int64.self)
      for place in 0..<row.length { target[place * row.targetStep] = Int64(order[place]) }
    }
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient }
}

/// The order of real numbers with NaN as the largest.
private func precedesReal<Element: BinaryFloatingPoint>(_ a: Element, _ b: Element) -> Bool {
  a < b || (b.isNaN && !a.isNaN)
}

extension ArgSort: TableEntry {
  public static var signature: Signature {
    Signature("T input, int dim=-1, bool descending=false, bool stable=false")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let operation = ArgSort(
      try arguments.int("dim", default: -1), descending: try arguments.bool("descending", default: false))
    return [try Value.apply(operation, try arguments.tensor("input"))]
  }
}

/// `sort(x, dim, descending)`: the sorted values and their positions; the gradient goes back to the positions.
public enum Sort: TableEntry {
  public static let name = "sort"
  public static var signature: Signature {
    Signature("T input, int dim=-1, bool descending=false, bool stable=false")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    try sorted(
      try arguments.tensor("input"), try arguments.int("dim", default: -1),
      try arguments.bool("descending", default: false), saysStable: arguments.isGiven("stable"))
  }
  /// `saysStable`: whether it was said if equal elements keep their order, a form of its own in PyTorch. They do either way.
  static func sorted<Value: Algebra>(
    _ x: Value, _ dim: Int, _ descending: Bool, saysStable: Bool = false
  ) throws(ArrayError) -> [Value] {
    let order = try Value.apply(ArgSort(dim, descending: descending), x)
    return try Value.picked(x, dim, order, keepDim: true, for: Sort.self, overload: saysStable ? 1 : 0)
  }
}

/// `topk(x, k, dim, largest, sorted)`: the k largest (or smallest) along a dimension and their positions, in order.
///
/// A 0-d tensor is its own result, also for k = 0, as in PyTorch.
public enum TopK: TableEntry {
  public static let name = "topk"
  public static var signature: Signature {
    Signature("T input, int k, int dim=-1, bool largest=true, bool sorted=true")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    try chosen(
      try arguments.tensor("input"), try arguments.int("k"), try arguments.int("dim", default: -1),
      largest: try arguments.bool("largest", default: true))
  }
  static func chosen<Value: Algebra>(_ x: Value, _ k: Int, _ dim: Int, largest: Bool) throws(ArrayError)
    -> [Value]
  {
    if x.dtype == .bool { throw .runtime("topk: not implemented for 'Bool'; convert with to(_:) first") }
    if let shape = x.staticShape {
      let axis = try shape.axis(dim, name)
      let size = shape.rank == 0 ? 1 : shape[axis]
      try require(
        k >= 0 && (k <= size || size == Shape.unknown),
        .runtime("topk: selected index k out of range: k is \(k), the size of dimension \(axis) is \(size)"))
      if shape.rank == 0 {
        return try Value.picked(x, dim, try Value.apply(ArgSort(dim), x), keepDim: true, for: TopK.self)
      }
    }
    let order = try Value.apply(ArgSort(dim, descending: largest), x)
    // A copy: the positions are a result of their own, no view of the whole order.
    let first = try Value.apply(Clone(), try Value.apply(Narrow(dim, 0, k), order))
    return try Value.picked(x, dim, first, keepDim: true, for: TopK.self)
  }
}

/// `median(x)`, `median(x, dim)`: the lower of the two middle elements; NaN wins. Along a dimension also the position.
public enum Median: TableEntry {
  public static let name = "median"
  public static var signature: Signature { Signature("T input, int? dim, bool keepdim=false") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let x = try arguments.tensor("input")
    guard let dim = try arguments.reducedDim() else { return [try middle(x)] }
    return try middle(x, dim, keepDim: try arguments.bool("keepdim", default: false))
  }
  static func middle<Value: Algebra>(_ x: Value) throws(ArrayError) -> Value {
    if x.dtype == .bool { throw .runtime("median: not implemented for 'Bool'; convert with to(_:) first") }
    return try Value.apply(WholeMedian(), x)
  }
  static func middle<Value: Algebra>(_ x: Value, _ dim: Int, keepDim: Bool) throws(ArrayError) -> [Value] {
    if x.dtype == .bool { throw .runtime("median: not implemented for 'Bool'; convert with to(_:) first") }
    if let shape = x.staticShape {
      let axis = try shape.axis(dim, name)
      try require(
        shape.rank == 0 || shape[axis] != 0,
        .index("median: Expected reduction dim \(axis) to have non-zero size, but the shape is \(shape)"))
    }
    let position = try Value.apply(MedianPosition(dim), x)
    return try Value.picked(x, dim, position, keepDim: keepDim, for: Median.self, overload: 1)
  }
}

/// `median(x)` of all elements: the lower of the two middle ones; NaN for none, or what it becomes as an integer.
struct WholeMedian: ChosenElement {
  static let name = "median"
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    if x.count == 0 { return try NDArray(scalar: .float(.nan), .float64).converted(to: x.dtype) }
    return try Median.middle(try Reshape([-1]).forward(x), 0, keepDim: false)[0]
  }
}

/// The position of the median along a dimension, which stays with size 1: of the first NaN if there is one.
struct MedianPosition: WritingUnary {
  static let name = "median"
  let dim: Int
  init(_ dim: Int) { self.dim = dim }
  var isDifferentiable: Bool { false }

  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    let axis = try x.shape.axis(dim, Self.name)
    return ArrayType(.int64, x.shape.rank == 0 ? x.shape : x.shape.reduced(AxisSet(axis), keepDim: true))
  }
  func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    let order = try ArgSort(dim).forward(x)
    let axis = try x.shape.axis(dim, Self.name)
    if x.rank == 0 { return output.fill(with: 0) }
    let size = x.shape[axis]
    let lower = try Narrow(axis, (size - 1) / 2, 1).forward(order)
    guard x.dtype.isFloatingPoint else { return output.write(from: lower) }
    let missing = x.isnan()
    let first = missing.to(.uint8).argmax(axis, keepDim: true)
    output.write(from: missing.any([axis], keepDim: true).where(first, lower))
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient }
}

extension Algebra {
  /// The positions that sort along a dimension, stable; NaN counts as the largest.
  public func argsort(_ dim: Int = -1, descending: Bool = false) -> Self {
    checked { () throws(ArrayError) in try Self.apply(ArgSort(dim, descending: descending), self) }
  }
  /// The sorted values along a dimension and their positions, stable; NaN counts as the largest.
  public func sort(_ dim: Int = -1, descending: Bool = false) -> (values: Self, indices: Self) {
    let both = checked { () throws(ArrayError) in try Sort.sorted(self, dim, descending) }
    return (both[0], both[1])
  }
  /// The k largest (or smallest) along a dimension, in order, and their positions.
  public func topk(_ k: Int, dim: Int = -1, largest: Bool = true) -> (values: Self, indices: Self) {
    let both = checked { () throws(ArrayError) in try TopK.chosen(self, k, dim, largest: largest) }
    return (both[0], both[1])
  }
  /// The lower of the two middle elements of everything; NaN wins.
  public func median() -> Self { checked { () throws(ArrayError) in try Median.middle(self) } }
  /// The lower of the two middle elements along a dimension, and its position; NaN wins.
  public func median(_ dim: Int, keepDim: Bool = false) -> (values: Self, indices: Self) {
    let both = checked { () throws(ArrayError) in try Median.middle(self, dim, keepDim: keepDim) }
    return (both[0], both[1])
  }
}
