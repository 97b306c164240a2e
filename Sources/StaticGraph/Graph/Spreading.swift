/// An elementwise operation whose operands meet in one shape: each is repeated where it has to be, as part of the operation, and its
/// gradient summed on the way back. So the graph of `w * x + b` has two nodes, as in TensorFlow and as recorded eagerly.
///
/// A program, which knows the shapes, takes it apart into `broadcast_to` and the operation itself.
struct Spreading: StaticOperation {
  /// The operation on operands of one shape.
  let elementwise: any StaticOperation

  var name: String { elementwise.name }
  var base: any Operation { elementwise.base }
  var isElementwise: Bool { false }

  /// The shape in which operands meet. Throws where they do not.
  func common(_ shapes: [Shape]) throws(ArrayError) -> Shape {
    var common = shapes[shapes.count - 1]
    for shape in shapes.dropLast().reversed() {
      guard let both = Shape.broadcast(shape, common) else { throw broadcastError(name, shape, common) }
      common = both
    }
    return common
  }

  func types(_ inputs: [ArrayType]) throws(ArrayError) -> [ArrayType] {
    let shape = try common(inputs.map(\.shape))
    return try elementwise.types(inputs.map { ArrayType($0.dtype, shape) })
  }
  func run(_ inputs: [NDArray]) throws(ArrayError) -> [NDArray] {
    let shape = try common(inputs.map(\.shape))
    return try elementwise.run(inputs.map { $0.expanded(to: shape) })
  }
  func run(_ inputs: [NDArray], into output: NDArray) throws(ArrayError) {
    try elementwise.run(inputs.map { $0.expanded(to: output.shape) }, into: output)
  }

  func gradients(_ results: [Symbol?], _ context: NodeContext) -> [Symbol?] {
    elementwise.gradients(results, context).enumerated().map { index, gradient in
      guard let gradient, !isWhole(index, context), !gradient.hasType(of: context.inputs[index]) else {
        return gradient
      }
      return gradient.sum(to: context.shape(index))
    }
  }

  /// Whether an operand surely has the shape of the result already.
  private func isWhole(_ index: Int, _ context: NodeContext) -> Bool {
    guard let own = context.inputs[index].staticShape else { return false }
    return context.inputs.enumerated().allSatisfy { position, other in
      position == index || other.staticShape.map(own.surelyCovers) ?? false
    }
  }
}

extension Shape {
  /// Whether broadcasting with `other` surely gives this shape, whatever the open sizes turn out to be.
  fileprivate func surelyCovers(_ other: Shape) -> Bool {
    other.rank <= rank
      && zip(reversed(), other.reversed()).allSatisfy { own, size in
        size == 1 || size == own && size != Shape.unknown
      }
  }
}

extension Symbol {
  /// The operation on values whose shapes are not known to be equal.
  static func spread(_ elementwise: any StaticOperation, _ xs: [Symbol]) throws(ArrayError) -> Symbol {
    let isPlain = xs.allSatisfy { $0.staticShape?.isKnown ?? false && $0.staticShape == xs[0].staticShape }
    return try record(isPlain ? elementwise : Spreading(elementwise: elementwise), xs)[0]
  }
}
