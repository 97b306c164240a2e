/// m ← m + (1 − β₁)(g − m),  v ← v + (1 − β₂)(g² − v),  w ← w − η √(1 − β₂ᵗ)/(1 − β₁ᵗ) · m / (√v + ε).
///
/// ε stands outside the corrected root ("epsilon hat" of Kingma and Ba, arXiv:1412.6980, section 2), unlike PyTorch's. Slots: `w/Adam`, `w/Adam_1`; shared:
/// `beta1_power`, `beta2_power`.
public struct AdamOptimizer: GraphOptimizer {
  public var name: String { "Adam" }
  public var precision: DType?
  /// η.
  public var learningRate: Rate
  /// β₁.
  public var beta1: Double
  /// β₂.
  public var beta2: Double
  /// ε.
  public var epsilon: Double

  /// Adam.
  public init(
    learningRate: Rate = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  public func update(
    _ variable: Symbol, by gradient: Symbol, _ slots: Slots
  ) throws(ArrayError) -> [Symbol] {
    let (beta1, beta2) = (rounded(beta1), rounded(beta2))
    let dtype = variable.dtype
    let power1 = try slots.power("beta1_power", of: beta1, precision ?? dtype).to(dtype)
    let power2 = try slots.power("beta2_power", of: beta2, precision ?? dtype).to(dtype)
    let oldM = try slots.slot(name, for: variable, initial: 0)
    let oldV = try slots.slot(name, for: variable, initial: 0)
    let rate = try learningRate.times((1 - power2).sqrt(), self) / (1 - power1)
    let m = oldM + (gradient - oldM).mul(1 - beta1)
    let v = oldV + (gradient.square() - oldV).mul(1 - beta2)
    let step = m * rate / v.sqrt().add(rounded(epsilon))
    return [
      try oldM.assigning(.set, m), try oldV.assigning(.set, v), try variable.assigning(.subtract, step),
    ]
  }
}
