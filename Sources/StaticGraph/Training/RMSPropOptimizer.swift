/// s ← s + (1 − ρ)(g² − s),  u ← μ u + η g / √(s + ε),  w ← w − u;  centred: s − a² in place of s, with a ← a + (1 − ρ)(g − a).
///
/// ε stands inside the root and s begins with 1, unlike PyTorch's. Slots: `w/RMSProp` (s, 1 at first), `w/RMSProp_1` (u); centred
/// `w/RMSProp_1` (a), `w/RMSProp_2` (u).
public struct RMSPropOptimizer: GraphOptimizer {
  public var name: String { "RMSProp" }
  public var precision: DType?
  /// η.
  public var learningRate: Rate
  /// ρ.
  public var decay: Double
  /// μ.
  public var momentum: Double
  /// ε.
  public var epsilon: Double
  /// Whether the squared mean of the gradient is taken from the mean square.
  public var centered: Bool

  /// RMSProp.
  public init(
    learningRate: Rate, decay: Double = 0.9, momentum: Double = 0, epsilon: Double = 1e-10,
    centered: Bool = false
  ) {
    self.learningRate = learningRate
    self.decay = decay
    self.momentum = momentum
    self.epsilon = epsilon
    self.centered = centered
  }

  public func update(
    _ variable: Symbol, by gradient: Symbol, _ slots: Slots
  ) throws(ArrayError) -> [Symbol] {
    let decay = rounded(decay)
    let oldSquare = try slots.slot(name, for: variable, initial: 1)
    let square = oldSquare + (gradient.square() - oldSquare).mul(1 - decay)
    var assignments = [try oldSquare.assigning(.set, square)]
    var spread = square
    if centered {
      let oldMean = try slots.slot(name, for: variable, initial: 0)
      let mean = oldMean + (gradient - oldMean).mul(1 - decay)
      assignments.append(try oldMean.assigning(.set, mean))
      spread = square - mean.square()
    }
    let oldStep = try slots.slot(name, for: variable, initial: 0)
    let scaled = try learningRate.times(gradient, self) / spread.add(rounded(epsilon)).sqrt()
    let step = oldStep.mul(rounded(momentum)) + scaled
    assignments.append(try oldStep.assigning(.set, step))
    assignments.append(try variable.assigning(.subtract, step))
    return assignments
  }
}
