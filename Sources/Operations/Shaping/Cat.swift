/// `cat(tensors, dim)`: the tensors one after the other along a dimension, in the dtype in which all meet.
///
/// Shapes: equal but for that dimension; 1-d tensors of size 0 are passed over, as in PyTorch. Derivative: each tensor gets its part of g.
public struct Cat: VariadicOperation {
  public static let name = "cat"
  /// The dimension.
  public let dim: Int
  public init(_ dim: Int = 0) { self.dim = dim }
  public var attributes: [(name: String, value: String)] { [("dim", "\(dim)")] }

  /// Whether a tensor of this shape is passed over.
  package static func isSkipped(_ shape: Shape) -> Bool { shape.rank == 1 && shape[0] == 0 }

  public func types(_ xs: [ArrayType]) throws(ArrayError) -> [ArrayType] {
    try require(!xs.isEmpty, .value("cat: expected a non-empty list of Tensors"))
    for (position, x) in xs.enumerated() {
      try require(
        x.shape.rank > 0,
        .runtime("cat: zero-dimensional tensor (at position \(position)) cannot be concatenated; use stack"))
    }
    let dtype = Self.commonDType(xs)
    let counted = xs.filter { !Cat.isSkipped($0.shape) }
    guard let first = counted.first else { return [ArrayType(dtype, xs[0].shape)] }
    let axis = try first.shape.axis(dim, Self.name)
    var shape = first.shape
    for (number, x) in counted.enumerated().dropFirst() {
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
    return [ArrayType(dtype, shape)]
  }

  /// The dtype in which all meet.
  static func commonDType(_ xs: [ArrayType]) -> DType {
    xs.dropFirst().reduce(xs[0].dtype) { DType.promote($0, $1.dtype) }
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
    }.to(context.dtype(index))
  }
}

extension Algebra where ShapeReference == Shape {
  /// The part of a concatenation's gradient that belongs to the tensor at `index`.
  public static func part(
    of gradient: Self, _ index: Int, along dim: Int, shapes: [Shape]
  ) throws(ArrayError) -> Self {
    let shape = shapes[index]
    if Cat.isSkipped(shape) {
      return gradient.constant(try NDArray(full: shape, 0, gradient.dtype))
    }
    let axis = try shape.axis(dim, Cat.name)
    let start = shapes[..<index].reduce(0) { $0 + (Cat.isSkipped($1) ? 0 : $1[axis]) }
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
    return try Value.apply(Cat(dim), tensors)[0]
  }
}

extension Algebra {
  /// The tensors one after the other along a dimension.
  public static func cat(_ tensors: [Self], dim: Int = 0) -> Self {
    checked { () throws(ArrayError) in try Cat.joined(tensors, dim) }
  }
}
