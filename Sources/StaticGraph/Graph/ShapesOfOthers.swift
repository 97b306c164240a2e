// Operations whose shapes are those of other values: what arrays do with known shapes, for shapes known when the graph runs.

/// `x` at the beginning of zeros of a shape: of the same rank, and in no dimension smaller. Its mirror is `Beginning`.
struct AtBeginning: ShapedOperation {
  static let name = "at_beginning"
  var shape = Shape()
  var attributes: [(name: String, value: String)] { [("shape", shape.description)] }

  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      x.shape.rank == shape.rank,
      .runtime("\(Self.name): a value of shape \(x.shape) cannot stand at the beginning of \(shape)"))
    return ArrayType(x.dtype, shape)
  }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray { try NDArray.padded(x, to: shape) }
  func pullback<C: PullbackContext>(
    _ gradient: C.Value, shape: C.Value.ShapeReference, _ context: C
  ) -> C.Value {
    checked { () throws(ArrayError) in try C.Value.apply(Beginning(), gradient, shape: context.shape(0)) }
  }
}

/// The part of `x` at its beginning that has a shape: of the same rank, and in no dimension larger. A view. Its mirror is `AtBeginning`.
struct Beginning: ShapedOperation {
  static let name = "beginning"
  var shape = Shape()
  var attributes: [(name: String, value: String)] { [("shape", shape.description)] }
  var isView: Bool { true }

  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      x.shape.rank == shape.rank,
      .runtime("\(Self.name): the beginning of \(x.shape) cannot have shape \(shape)"))
    return ArrayType(x.dtype, shape)
  }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray { x.strided(shape, x.strides, offset: x.offset) }
  func pullback<C: PullbackContext>(
    _ gradient: C.Value, shape: C.Value.ShapeReference, _ context: C
  ) -> C.Value {
    checked { () throws(ArrayError) in try C.Value.apply(AtBeginning(), gradient, shape: context.shape(0)) }
  }
}

/// The part of a concatenation's gradient that belongs to one of the tensors. Inputs: the gradient, then values with the shapes of all
/// the tensors.
struct ConcatenationPart: VariadicOperation {
  static let name = "cat_part"
  let index: Int
  let dim: Int
  var attributes: [(name: String, value: String)] { [("index", "\(index)"), ("dim", "\(dim)")] }

  func types(_ xs: [ArrayType]) throws(ArrayError) -> [ArrayType] {
    let (whole, part) = (xs[0].shape, xs[1 + index].shape)
    if Cat.isSkipped(part) { return [ArrayType(xs[0].dtype, part)] }
    // In all other dimensions the part is as large as the whole.
    var limits = whole
    limits[try whole.axis(dim, Self.name)] = Shape.unknown
    try require(
      part.agrees(with: limits),
      .runtime("\(Self.name): nothing of shape \(part) is part of a concatenation of shape \(whole)"))
    return [ArrayType(xs[0].dtype, part.filled(from: limits))]
  }
  func forward(_ xs: [NDArray]) throws(ArrayError) -> [NDArray] {
    [try NDArray.part(of: xs[0], index, along: dim, shapes: xs.dropFirst().map(\.shape))]
  }
  func saves(for input: Int) -> SavedValues { [] }
  func pullback<C: PullbackContext>(_ gradients: [C.Value?], _ context: C) -> [C.Value?] {
    // The mirror: the part put back into zeros of the whole.
    guard let gradient = gradients[0] else { return [] }
    var parts: [C.Value] = []
    for other in 1..<context.inputCount {
      if other == 1 + index {
        parts.append(gradient)
      } else {
        let zero = gradient.constant(
          checked { () throws(ArrayError) in try NDArray(scalar: 0, gradient.dtype) })
        parts.append(zero.broadcast(to: context.shape(other)))
      }
    }
    return [C.Value.cat(parts, dim: dim)]
  }
}
