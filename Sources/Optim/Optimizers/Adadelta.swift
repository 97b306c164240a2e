/// The options of `Adadelta`: the rate of each element is the ratio of the sizes of its recent changes and gradients:
///
///     g ← ±∂L/∂p + weightDecay·p                 (− when maximising)
///     v ← rho·v + (1 − rho)·g²
///     Δ ← √(u + eps) / √(v + eps) · g
///     u ← rho·u + (1 − rho)·Δ²
///     p ← p − lr·Δ
///
/// Source: M. Zeiler, "ADADELTA: an adaptive learning rate method", arXiv:1212.5701. The paper has no learning rate (lr = 1) and no
/// weight decay.
public struct AdadeltaRule: UpdateRule {
  public static let name = "Adadelta"
  public static let fields: [OptionField<AdadeltaRule>] = [
    .real("lr", \.lr), .real("rho", \.rho), .real("eps", \.eps), .real("weight_decay", \.weightDecay),
    .flag("maximize", \.maximize),
  ]
  public static let stateFields: [StateField<State>] = [
    .number("step", \.step), .array("square_avg", \.squareAvg), .array("acc_delta", \.accDelta),
  ]

  /// The factor of the change.
  public var lr = 1.0
  /// How much of the averages is kept.
  public var rho = 0.9
  /// Keeps both roots from 0, and starts the first change.
  public var eps = 1e-6
  /// The factor of the L2 penalty.
  public var weightDecay = 0.0
  /// Whether to climb.
  public var maximize = false

  public init() {}

  /// What is remembered: the number of steps, v and u.
  public struct State: Sendable {
    var step = 0.0
    var squareAvg: NDArray
    var accDelta: NDArray
  }

  public func validate() throws(ArrayError) {
    try demandRate()
    try Self.demand(rho >= 0 && rho <= 1, "Invalid rho value: \(rho)")
    try Self.demandEpsilon(eps)
    try Self.demandDecay(weightDecay)
  }

  public func initialState(for parameter: NDArray) throws(ArrayError) -> State {
    State(squareAvg: try parameter.zeros(), accDelta: try parameter.zeros())
  }

  public func update(_ parameter: NDArray, _ gradient: NDArray, _ state: inout State) {
    state.step += 1
    if parameter.dtype == .float64 {
      step(Double.self, parameter, gradient, state)
    } else {
      step(Float.self, parameter, gradient, state)
    }
  }

  private func step<S: BinaryFloatingPoint>(
    _: S.Type, _ parameter: NDArray, _ gradient: NDArray, _ state: State
  ) {
    let terms = GradientTerms<S>(gradient, parameter, maximize: maximize, decay: weightDecay)
    let p = parameter.elements(S.self)
    let (v, u) = (state.squareAvg.elements(S.self), state.accDelta.elements(S.self))
    let (rate, kept, fresh, eps) = (S(lr), S(rho), S(1 - rho), S(eps))
    for i in 0..<parameter.count {
      let g = terms[i]
      v[i] = kept * v[i] + fresh * g * g
      let delta = (u[i] + eps).squareRoot() / (v[i] + eps).squareRoot() * g
      u[i] = kept * u[i] + fresh * delta * delta
      p[i] -= rate * delta
    }
  }
}

/// Adadelta; see `AdadeltaRule` for the formula and the options.
public typealias Adadelta = RuleOptimizer<AdadeltaRule>

extension RuleOptimizer where Rule == AdadeltaRule {
  /// One group with these options. Stops when one makes no sense, or the parameters are not distinct leaves.
  public convenience init(
    _ parameters: [Tensor], lr: Double = 1, rho: Double = 0.9, eps: Double = 1e-6, weightDecay: Double = 0,
    maximize: Bool = false
  ) {
    var options = AdadeltaRule()
    options.lr = lr
    options.rho = rho
    options.eps = eps
    options.weightDecay = weightDecay
    options.maximize = maximize
    self.init(parameters, options)
  }
}
