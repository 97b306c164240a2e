/// v ← μ v + g,  w ← w − η v;  with Nesterov's look ahead  w ← w − (η g + η μ v).
///
/// The rate stands outside the velocity, as in PyTorch. Slot: `w/Momentum`, 0 at first.
public struct MomentumOptimizer: GraphOptimizer {
  public var name: String { "Momentum" }
  public var precision: DType?
  /// η.
  public var learningRate: Rate
  /// μ.
  public var momentum: Double
  /// Whether the step is taken from where the velocity will have led.
  public var useNesterov: Bool

  /// Gradient descent with momentum.
  public init(learningRate: Rate, momentum: Double, useNesterov: Bool = false) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.useNesterov = useNesterov
  }

  public func update(
    _ variable: Symbol, by gradient: Symbol, _ slots: Slots
  ) throws(ArrayError) -> [Symbol] {
    let slot = try slots.slot(name, for: variable, initial: 0)
    let momentum = rounded(momentum)
    let velocity = slot.mul(momentum) + gradient
    var step = try learningRate.times(velocity, self)
    if useNesterov {
      step = try learningRate.times(gradient, self) + (try learningRate.times(velocity.mul(momentum), self))
    }
    return [try slot.assigning(.set, velocity), try variable.assigning(.subtract, step)]
  }
}
