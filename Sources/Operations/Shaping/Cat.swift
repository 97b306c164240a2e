/// `cat(tensors, dim)`: the tensors one after the other along a dimension; dtypes are promoted by the spelling.
///
/// Shapes: equal but for that dimension; 1-d tensors of size 0 are passed over, as in PyTorch. Derivative: each tensor gets its part of g.
public struct Cat: VariadicOperation {
  public static let name = "cat"
  /// The dimension.
  public let dim: Int
  public init(_ dim: Int = 0) { self.dim = dim }
  public var attributes: [(name: String, value: String)] { [("dim", "\(dim)")] }

  private static func isSkipped(_ shape: Shape) -> Bool { shape.rank == 1 && shape[0] == 0 }

  public func types(_ xs: [ArrayType]) throws(ArrayError) -> [ArrayType] {
    try require(!xs.isEmpty, .value("cat: expected a non-empty list of Tensors"))
    for (position, x) in xs.enumerated() {
      try require(
        x.shape.rank > 0,
        .runtime("cat: zero-dimensional tensor (at position \(position)) cannot be concatenated; use stack"))
    }
    let counted = xs.filter { !Cat.isSkipped($0.shape) }
    guard let first = counted.first else { return [xs[0]] }
    let axis = try first.shape.axis(dim, Self.name)
    var shape = first.shape
    for (number, x) in counted.enumerated().dropFirst() {
      try requireSameDType(first.dtype, x.dtype, Self.name)
      try require(
        x.shape.rank == shape.rank,
        .runtime("cat: Tensors must have same number of dimensions: got \(shape.rank) and \(x.shape.rank)"))
      for other in 0..<shape.rank where other != axis {
        if shape[other] == Shape.unknown { shape[other] = x.shape[other] }
        try require(
          x.shape[other] == shape[other] || x.shape[other] == Shape.unknown,
          .runtime(
            "cat: Sizes of tensors must match except in dimension \(axis). Expected size \(shape[other]) but got size \(x.shape[other]) for tensor number \(number) in the list."
          ))
      }
      let open = shape[axis] == Shape.unknown || x.shape[axis] == Shape.unknown
      shape[axis] = open ? Shape.unknown : shape[axis] + x.shape[axis]
    }
    return [ArrayType(first.dtype, shape)]
  }

  public func forward(_ xs: [NDArray]) throws(ArrayError) -> [NDArray] {
    let type = try types(xs.map(\.type))[0]
    let output = try NDArray(uninitialized: type.shape, type.dtype)
    if output.count == 0 { return [output] }
    let axis = try type.shape.axis(dim, Self.name)
    var start = 0
    for x in xs where !Cat.isSkipped(x.shape) {
      try Narrow(axis, start, x.shape[axis]).forward(output).write(from: x)
      start += x.shape[axis]
    }
    return [output]
  }

  public func pullback<C: PullbackContext>(_ gradients: [C.Value?], _ context: C) -> [C.Value?] {
    guard let gradient = gradients[0] else { return [] }
    return (0..<context.inputCount).map { index in
      context.needsGradient(index) ? part(of: gradient, index, context) : nil
    }
  }

  private func part<C: PullbackContext>(of gradient: C.Value, _ index: Int, _ context: C) -> C.Value {
    checked { () throws(ArrayError) in
      let shapes = (0..<context.inputCount).map { context.shape($0) }
      return try C.Value.part(of: gradient, index, along: dim, shapes: shapes)
    }
  }
}

extension Algebra where ShapeReference == Shape {
  /// The part of a concatenation's gradient that belongs to the tensor at `index`.
  public static func part(
    of gradient: Self, _ index: Int, along dim: Int, shapes: [Shape]
  ) throws(ArrayError) -> Self {
    let shape = shapes[index]
    if shape.rank == 1 && shape[0] == 0 {
      return gradient.constant(try NDArray(full: shape, 0, gradient.dtype))
    }
    let axis = try shape.axis(dim, Cat.name)
    let start = shapes[..<index].reduce(0) { $0 + ($1.rank == 1 && $1[0] == 0 ? 0 : $1[axis]) }
    return try apply(Narrow(axis, start, shape[axis]), gradient)
  }
}

extension Cat: TableEntry {
  public static var signature: Signature { Signature("T* tensors, int dim=0") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try joined(try arguments.tensors(), try arguments.int("dim", default: 0))]
  }
  static func joined<Value: Algebra>(_ tensors: [Value], _ dim: Int) throws(ArrayError) -> Value {
    try require(!tensors.isEmpty, .value("cat: expected a non-empty list of Tensors"))
    return try Value.apply(Cat(dim), try promoted(tensors))[0]
  }
  /// All in the dtype in which they meet.
  static func promoted<Value: Algebra>(_ tensors: [Value]) throws(ArrayError) -> [Value] {
    let dtype = tensors.dropFirst().reduce(tensors[0].dtype) { DType.promote($0, $1.dtype) }
    var result: [Value] = []
    for tensor in tensors {
      result.append(tensor.dtype == dtype ? tensor : try Value.apply(Cast(dtype), tensor))
    }
    return result
  }
}

/// `stack(tensors, dim)`: tensors of one shape along a new dimension; `unsqueeze` each, then `cat`.
public enum Stack: TableEntry {
  public static let name = "stack"
  public static var signature: Signature { Signature("T* tensors, int dim=0") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try stacked(try arguments.tensors(), try arguments.int("dim", default: 0))]
  }
  static func stacked<Value: Algebra>(_ tensors: [Value], _ dim: Int) throws(ArrayError) -> Value {
    try require(!tensors.isEmpty, .runtime("stack: expects a non-empty TensorList"))
    var raised: [Value] = []
    for (index, tensor) in tensors.enumerated() {
      if let first = tensors[0].staticShape, let shape = tensor.staticShape, first.isKnown, shape.isKnown {
        try require(
          first == shape,
          .runtime(
            "stack: expects each tensor to be equal size, but got \(first) at entry 0 and \(shape) at entry \(index)"
          ))
      }
      raised.append(try Value.apply(Unsqueeze(dim), tensor))
    }
    return try Cat.joined(raised, dim)
  }
}

/// `split(x, split_size, dim)`: consecutive parts of one size (the last may be smaller), or of the given sizes. Views.
public enum Split: TableEntry {
  public static let name = "split"
  public static var signature: Signature { Signature("T input, int|ints split_size, int dim=0") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let (x, dim) = (try arguments.tensor("input"), try arguments.int("dim", default: 0))
    if arguments.isList("split_size") { return try parts(x, try arguments.ints("split_size"), dim) }
    return try equalParts(x, try arguments.int("split_size"), dim)
  }
  static func size<Value: Algebra>(_ x: Value, _ dim: Int, _ name: String) throws(ArrayError) -> Int {
    guard let shape = x.staticShape, shape.rank > 0 else {
      throw .runtime("\(name): expects at least a 1-dimensional tensor")
    }
    let size = shape[try shape.axis(dim, name)]
    try require(size != Shape.unknown, .runtime("\(name): the size of dimension \(dim) is not known yet"))
    return size
  }
  static func parts<Value: Algebra>(_ x: Value, _ sizes: [Int], _ dim: Int) throws(ArrayError) -> [Value] {
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
    var result: [Value] = []
    var start = 0
    for length in sizes {
      result.append(try Value.apply(Narrow(dim, start, length), x).asPart())
      start += length
    }
    return result
  }
  static func equalParts<Value: Algebra>(_ x: Value, _ length: Int, _ dim: Int) throws(ArrayError) -> [Value]
  {
    let size = try size(x, dim, name)
    try require(
      length >= 0, .runtime("split: expects split_size be non-negative, but got split_size=\(length)"))
    try require(
      length > 0 || size == 0,
      .runtime("split: split_size can only be 0 if dimension size is 0, but got dimension size of \(size)"))
    if size == 0 { return try parts(x, [0], dim) }
    return try parts(
      x, stride(from: 0, to: size, by: length).map { Swift.min(length, size - $0) }, dim)
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
    if size > 0 { return try Split.equalParts(x, (size - 1) / chunks + 1, dim) }
    try require(
      chunks <= 1 << 20, .runtime("chunk: \(chunks) parts of a dimension of size 0 are too many"))
    return try Split.parts(x, [Int](repeating: 0, count: chunks), dim)
  }
}

extension Algebra {
  /// The tensors one after the other along a dimension.
  public static func cat(_ tensors: [Self], dim: Int = 0) -> Self {
    checked { () throws(ArrayError) in try Cat.joined(tensors, dim) }
  }
  /// Tensors of one shape along a new dimension.
  public static func stack(_ tensors: [Self], dim: Int = 0) -> Self {
    checked { () throws(ArrayError) in try Stack.stacked(tensors, dim) }
  }
  /// Consecutive parts of one size, the last perhaps smaller. Views.
  public func split(_ size: Int, dim: Int = 0) -> [Self] {
    checked { () throws(ArrayError) in try Split.equalParts(self, size, dim) }
  }
  /// Consecutive parts of these sizes. Views.
  public func split(_ sizes: [Int], dim: Int = 0) -> [Self] {
    checked { () throws(ArrayError) in try Split.parts(self, sizes, dim) }
  }
  /// At most that many parts of equal size. Views.
  public func chunk(_ chunks: Int, dim: Int = 0) -> [Self] {
    checked { () throws(ArrayError) in try Chunk.parts(self, chunks, dim) }
  }
}
