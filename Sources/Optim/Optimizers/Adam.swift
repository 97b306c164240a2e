/// The options of `Adam`: momentum, divided by the root of the recent mean square, both freed of their bias towards the zero start:
///
///     g ← ±∂L/∂p + weightDecay·p                 (− when maximising; decoupled: p ← (1 − lr·weightDecay)·p instead)
///     m ← m + (1 − β₁)·(g − m)
///     v ← β₂·v + (1 − β₂)·g²
///     w ← max(w, v) with amsgrad, else v
///     p ← p − lr / (1 − β₁ᵗ) · m / (√w / √(1 − β₂ᵗ) + eps)
///
/// Source: D. Kingma, J. Ba, "Adam: a method for stochastic optimization", arXiv:1412.6980; amsgrad: S. Reddi, S. Kale, S. Kumar, "On
/// the convergence of Adam and beyond", ICLR 2018. As the paper's algorithm 1, in another order of the corrections; amsgrad takes the
/// maximum before the bias is corrected.
public struct AdamRule: UpdateRule {
  public static let name = "Adam"
  public static let fields: [OptionField<AdamRule>] = [
    .lr, .betas(\.betas), .epsilon(\.eps), .atLeastZero("weight_decay", \.weightDecay),
    .flag("amsgrad", \.amsgrad), .flag("maximize", \.maximize),
    .flag("decoupled_weight_decay", \.decoupledWeightDecay),
  ]
  public static let stateFields = AdamState.fields

  /// η.
  public var lr = 1e-3
  /// How much of m and of v is kept.
  public var betas = (0.9, 0.999)
  /// Keeps the divisor from 0.
  public var eps = 1e-8
  /// The factor of the L2 penalty, or of the decay.
  public var weightDecay = 0.0
  /// Whether the divisor may only grow.
  public var amsgrad = false
  /// Whether to climb.
  public var maximize = false
  /// Whether the parameters shrink by themselves, as in AdamW.
  public var decoupledWeightDecay = false

  /// PyTorch's defaults.
  public init() {}

  public var momentumLike: Double? {
    get { betas.0 }
    set { betas.0 = newValue ?? betas.0 }
  }

  public func initialState(for parameter: NDArray) throws(ArrayError) -> AdamState {
    try AdamState(for: parameter)
  }

  public func step<S>(_ change: Change<S>, _ state: inout AdamState) throws(ArrayError) {
    try AdamStep(lr: lr, betas: betas, eps: eps, amsgrad: amsgrad).step(change, &state)
  }
}

/// Adam; see `AdamRule` for the formula and the options.
public typealias Adam = RuleOptimizer<AdamRule>

extension RuleOptimizer where Rule == AdamRule {
  /// One group with these options. Stops when one makes no sense, or the parameters are not distinct leaves.
  public convenience init(
    _ parameters: [Tensor], lr: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8,
    weightDecay: Double = 0, amsgrad: Bool = false, maximize: Bool = false, decoupledWeightDecay: Bool = false
  ) {
    var options = AdamRule()
    options.lr = lr
    options.betas = betas
    options.eps = eps
    options.weightDecay = weightDecay
    options.amsgrad = amsgrad
    options.maximize = maximize
    options.decoupledWeightDecay = decoupledWeightDecay
    self.init(parameters, options)
  }
}
