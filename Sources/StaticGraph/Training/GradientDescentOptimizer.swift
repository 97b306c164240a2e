/// w ← w − η g.
public struct GradientDescentOptimizer: GraphOptimizer {
  public var name: String { "GradientDescent" }
  public var precision: DType?
  /// η.
  public var learningRate: Rate

  /// Gradient descent with this learning rate.
  public init(learningRate: Rate) { self.learningRate = learningRate }

  public func update(
    _ variable: Symbol, by gradient: Symbol, _ slots: Slots
  ) throws(ArrayError) -> [Symbol] {
    [try variable.assigning(.subtract, try learningRate.times(gradient, self))]
  }
}
