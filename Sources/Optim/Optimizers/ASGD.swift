import Foundation

/// The options of `ASGD`: gradient descent with a falling rate, which also keeps the average of the parameters:
///
///     g ← ±∂L/∂p + weightDecay·p                 (− when maximising)
///     p ← (1 − lambd·η)·p − η·g
///     a ← a + μ·(p − a)                          (a ← p while μ = 1)
///     η ← lr / (1 + lambd·lr·t)^alpha,    μ ← 1 / max(1, t − t0)
///
/// The average a is the result of the method; as in PyTorch it is in the state (`ax`), and p goes on without it. Source: B. Polyak,
/// A. Juditsky, "Acceleration of stochastic approximation by averaging" (1992), in the form of L. Bottou's SGD code. As in PyTorch η and μ
/// are kept in the default dtype, float32, whatever the parameters are: part of the result's digits.
public struct ASGDRule: UpdateRule {
  public static let name = "ASGD"
  public static let fields: [OptionField<ASGDRule>] = [
    .lr, .atLeastZero("lambd", \.lambd), .atLeastZero("alpha", \.alpha), .real("t0", \.t0),
    .atLeastZero("weight_decay", \.weightDecay), .flag("maximize", \.maximize),
  ]
  public static let stateFields: [StateField<State>] = [
    .number("eta", \.eta), .number("mu", \.mu), .array("ax", \.average),
  ]

  /// η of the first step.
  public var lr = 1e-2
  /// How fast the parameters and the rate decay.
  public var lambd = 1e-4
  /// The power of the rate's fall.
  public var alpha = 0.75
  /// The step after which averaging begins.
  public var t0 = 1e6
  /// The factor of the L2 penalty.
  public var weightDecay = 0.0
  /// Whether to climb.
  public var maximize = false

  /// PyTorch's defaults.
  public init() {}

  /// What is remembered: η, μ and a.
  public struct State: Sendable {
    var eta: Double
    var mu = 1.0
    var average: NDArray
  }

  public func initialState(for parameter: NDArray) throws(ArrayError) -> State {
    State(eta: Double(Float(lr)), average: try parameter.zeros())
  }

  public func step<S>(_ change: Change<S>, _ state: inout State) {
    let (p, a) = (change.parameter, state.average.elements(S.self))
    let (eta, mu) = (S(state.eta), S(state.mu))
    let shrink = S(1 - lambd * state.eta)
    for i in 0..<change.count {
      let g = change.gradient(i)
      p[i] = shrink * p[i] - eta * g
      a[i] = mu == 1 ? p[i] : a[i] + mu * (p[i] - a[i])
    }
    state.eta = Double(Float(lr / pow(1 + lambd * lr * change.number, alpha)))
    state.mu = Double(Float(1 / max(1, change.number - t0)))
  }
}

/// ASGD; see `ASGDRule` for the formula and the options.
public typealias ASGD = RuleOptimizer<ASGDRule>

extension RuleOptimizer where Rule == ASGDRule {
  /// One group with these options. Stops when one makes no sense, or the parameters are not distinct leaves.
  public convenience init(
    _ parameters: [Tensor], lr: Double = 1e-2, lambd: Double = 1e-4, alpha: Double = 0.75, t0: Double = 1e6,
    weightDecay: Double = 0, maximize: Bool = false
  ) {
    var options = ASGDRule()
    options.lr = lr
    options.lambd = lambd
    options.alpha = alpha
    options.t0 = t0
    options.weightDecay = weightDecay
    options.maximize = maximize
    self.init(parameters, options)
  }
}
