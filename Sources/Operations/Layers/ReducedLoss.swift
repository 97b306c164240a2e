/// A loss that PyTorch records as one node, its reduction included. Inputs: the values, their targets, and whatever weighs them, which has
/// no gradient.
///
/// Conform with the losses of the elements and their derivatives: the reduced loss spreads its gradient over them.
protocol ReducedLoss: VariadicOperation {
  /// How the losses of the elements are made one number.
  var reduction: LossReduction { get }
  /// The parameters beside the reduction.
  var parameters: [(name: String, value: String)] { get }
  /// The dtype and shape of the losses of the elements.
  func elementType(_ xs: [ArrayType]) throws(ArrayError) -> ArrayType
  /// The losses of the elements.
  func elements(_ xs: [NDArray]) throws(ArrayError) -> NDArray
  /// The gradient of the values (input 0) or the targets (input 1), given that of the losses of the elements.
  func slope<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value
}

extension ReducedLoss {
  var parameters: [(name: String, value: String)] { [] }
  var attributes: [(name: String, value: String)] { parameters + [("reduction", reduction.rawValue)] }
  func gradientEntries(_ inputCount: Int) -> [Int?] { [0, 1] }
  func saves(for input: Int) -> SavedValues { .inputs }

  func types(_ xs: [ArrayType]) throws(ArrayError) -> [ArrayType] {
    let elements = try elementType(xs)
    return [reduction == .none ? elements : ArrayType(elements.dtype, [])]
  }
  func forward(_ xs: [NDArray]) throws(ArrayError) -> [NDArray] {
    [try reduction.apply(try elements(xs))]
  }
  func pullback<C: PullbackContext>(_ gradients: [C.Value?], _ context: C) -> [C.Value?] {
    let gradient = gradients[0].map { reduction.spread($0, over: context.shape(0)) }
    return (0..<context.inputCount).map { input in
      guard let gradient, input < 2, context.needsGradient(input) else { return nil }
      return slope(gradient, to: input, context).to(context.dtype(input))
    }
  }
}

extension LossReduction {
  /// The gradient of the elements, which have this shape, given that of what they were reduced to.
  func spread<Value: Algebra>(_ gradient: Value, over shape: Value.ShapeReference) -> Value {
    switch self {
    case .none: gradient
    case .sum: gradient.broadcast(to: shape)
    // Where this is differentiated in turn, it is a sum of quotients, 0 for none.
    case .mean: gradient.broadcast(to: shape).dividedByCount(nil, of: shape)
    case .batchMean: gradient.dividedByCount([0], of: shape).broadcast(to: shape)
    }
  }
}
