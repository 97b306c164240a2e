/// The options of `Adagrad`: each element's rate falls with the sum of its squared gradients:
///
///     g ← ±∂L/∂p + weightDecay·p                 (− when maximising)
///     s ← s + g²                                 (from initialAccumulatorValue)
///     p ← p − lr / (1 + (t − 1)·lrDecay) · g / (√s + eps)
///
/// Source: J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning and stochastic optimization", JMLR 12
/// (2011). As in PyTorch one initialAccumulatorValue holds for all groups, that of the optimizer. The paper has no decay of the rate and adds its small number δ to √s as here.
public struct AdagradRule: UpdateRule {
  public static let name = "Adagrad"
  public static let fields: [OptionField<AdagradRule>] = [
    .lr, .atLeastZero("lr_decay", \.lrDecay), .atLeastZero("weight_decay", \.weightDecay),
    .atLeastZero("initial_accumulator_value", \.initialAccumulatorValue), .epsilon(\.eps),
    .flag("maximize", \.maximize),
  ]
  public static let stateFields: [StateField<State>] = [.array("sum", \.sum)]

  /// η.
  public var lr = 1e-2
  /// How fast the rate falls with the number of steps.
  public var lrDecay = 0.0
  /// The factor of the L2 penalty.
  public var weightDecay = 0.0
  /// s before the first step.
  public var initialAccumulatorValue = 0.0
  /// Keeps the divisor from 0.
  public var eps = 1e-10
  /// Whether to climb.
  public var maximize = false

  /// PyTorch's defaults.
  public init() {}

  /// What is remembered: s.
  public struct State: Sendable {
    var sum: NDArray
  }

  public func initialState(for parameter: NDArray) throws(ArrayError) -> State {
    State(sum: try NDArray(full: parameter.shape, .float(initialAccumulatorValue), parameter.dtype))
  }
  public func initialState(for parameter: NDArray, defaults: AdagradRule) throws(ArrayError) -> State {
    try defaults.initialState(for: parameter)
  }

  public func step<S>(_ change: Change<S>, _ state: inout State) {
    let (p, s) = (change.parameter, state.sum.elements(S.self))
    let (rate, eps) = (S(lr / (1 + (change.number - 1) * lrDecay)), S(eps))
    for i in 0..<change.count {
      let g = change.gradient(i)
      s[i] += g * g
      p[i] -= rate * g / (s[i].squareRoot() + eps)
    }
  }
}

/// Adagrad; see `AdagradRule` for the formula and the options.
public typealias Adagrad = RuleOptimizer<AdagradRule>

extension RuleOptimizer where Rule == AdagradRule {
  /// One group with these options. Stops when one makes no sense, or the parameters are not distinct leaves.
  public convenience init(
    _ parameters: [Tensor], lr: Double = 1e-2, lrDecay: Double = 0, weightDecay: Double = 0,
    initialAccumulatorValue: Double = 0, eps: Double = 1e-10, maximize: Bool = false
  ) {
    var options = AdagradRule()
    options.lr = lr
    options.lrDecay = lrDecay
    options.weightDecay = weightDecay
    options.initialAccumulatorValue = initialAccumulatorValue
    options.eps = eps
    options.maximize = maximize
    self.init(parameters, options)
  }
}
