/// The options of `AdamW`: Adam whose weight decay does not pass through the gradient's averages:
///
///     p ← (1 − lr·weightDecay)·p, then Adam's step without weight decay
///
/// Source: I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", arXiv:1711.05101. The paper multiplies decay and step
/// by a schedule's factor; here, as in PyTorch, the learning rate scales both.
public struct AdamWRule: UpdateRule {
  public static let name = "AdamW"
  public static let fields: [OptionField<AdamWRule>] = [
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
  /// How fast the parameters shrink by themselves.
  public var weightDecay = 1e-2
  /// Whether the divisor may only grow.
  public var amsgrad = false
  /// Whether to climb.
  public var maximize = false
  /// True is what makes it AdamW; a group for which it is false is changed as by Adam.
  public var decoupledWeightDecay = true

  /// PyTorch's defaults.
  public init() {}

  /// Decoupled, whatever is loaded: the state of an Adam too.
  public var takenOver: AdamWRule { with { $0.decoupledWeightDecay = true } }

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

/// AdamW; see `AdamWRule` for the formula and the options.
public typealias AdamW = RuleOptimizer<AdamWRule>

extension RuleOptimizer where Rule == AdamWRule {
  /// One group with these options. Stops when one makes no sense, or the parameters are not distinct leaves.
  public convenience init(
    _ parameters: [Tensor], lr: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8,
    weightDecay: Double = 1e-2, amsgrad: Bool = false, maximize: Bool = false
  ) {
    var options = AdamWRule()
    options.lr = lr
    options.betas = betas
    options.eps = eps
    options.weightDecay = weightDecay
    options.amsgrad = amsgrad
    options.maximize = maximize
    self.init(parameters, options)
  }
}
