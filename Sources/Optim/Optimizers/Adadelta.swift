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
    .lr, .real("rho", \.rho, where: { $0 >= 0 && $0 <= 1 }), .epsilon(\.eps),
    .atLeastZero("weight_decay", \.weightDecay),
    .flag("maximize", \.maximize),
  ]
  public static let stateFields: [StateField<State>] = [
    .array("square_avg", \.squareAvg), .array("acc_delta", \.accDelta),
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

  /// PyTorch's defaults.
  public init() {}

  /// What is remembered: v and u.
  public struct State: Sendable {
    var squareAvg: NDArray
    var accDelta: NDArray
  }

  public func initialState(for parameter: NDArray) throws(ArrayError) -> State {
    State(squareAvg: try parameter.zeros(), accDelta: try parameter.zeros())
  }

  public func step<S>(_ change: Change<S>, _ state: inout State) {
    let p = change.parameter
    let (v, u) = (state.squareAvg.elements(S.self), state.accDelta.elements(S.self))
    let (rate, kept, fresh, eps) = (S(lr), S(rho), S(1 - rho), S(eps))
    for i in 0..<change.count {
      let g = change.gradient(i)
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
