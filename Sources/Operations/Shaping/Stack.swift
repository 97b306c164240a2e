/// `stack(tensors, dim)`: tensors of one shape along a new dimension, in the dtype in which all meet. Its mirror is `Unbind`.
///
/// Shapes: n of [*], with the dimension added → [*, n, *]. Derivative: each tensor gets its part of g.
public struct Stack: VariadicOperation {
  public static let name = "stack"
  /// The new dimension.
  public let dim: Int
  public init(_ dim: Int = 0) { self.dim = dim }
  public var attributes: [(name: String, value: String)] { [("dim", "\(dim)")] }

  public func types(_ xs: [ArrayType]) throws(ArrayError) -> [ArrayType] {
    try require(!xs.isEmpty, .runtime("stack: expects a non-empty TensorList"))
    let axis = try Shape.axis(dim, rank: xs[0].shape.rank + 1, Self.name)
    var shape = xs[0].shape
    for (index, x) in xs.enumerated().dropFirst() {
      try require(
        x.shape.agrees(with: shape),
        .runtime(
          "stack: expects each tensor to be equal size, but got \(xs[0].shape) at entry 0 and \(x.shape) at entry \(index)"
        ))
      for other in 0..<shape.rank where shape[other] == Shape.unknown { shape[other] = x.shape[other] }
    }
    return [ArrayType(Cat.commonDType(xs), try shape.inserting(xs.count, at: axis, Self.name))]
  }

  public func forward(_ xs: [NDArray]) throws(ArrayError) -> [NDArray] {
    let type = try types(xs.map(\.type))[0]
    let output = try NDArray(uninitialized: type.shape, type.dtype)
    let axis = try type.shape.axis(dim, Self.name)
    for (index, x) in xs.enumerated() { try Select(axis, index).forward(output).write(from: x) }
    return [output]
  }

  public func pullback<C: PullbackContext>(_ gradients: [C.Value?], _ context: C) -> [C.Value?] {
    guard let gradient = gradients[0] else { return [] }
    return (0..<context.inputCount).map { index in
      context.needsGradient(index) ? gradient.select(dim, index).to(context.dtype(index)) : nil
    }
  }
}

extension Stack: TableEntry {
  public static var signature: Signature { Signature("T* tensors, int dim=0") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try stacked(try arguments.tensors(), try arguments.int("dim", default: 0))]
  }
  static func stacked<Value: Algebra>(_ tensors: [Value], _ dim: Int) throws(ArrayError) -> Value {
    try require(!tensors.isEmpty, .runtime("stack: expects a non-empty TensorList"))
    return try Value.apply(Stack(dim), tensors)[0]
  }
}

extension Algebra {
  /// Tensors of one shape along a new dimension.
  public static func stack(_ tensors: [Self], dim: Int = 0) -> Self {
    checked { () throws(ArrayError) in try Stack.stacked(tensors, dim) }
  }
}
