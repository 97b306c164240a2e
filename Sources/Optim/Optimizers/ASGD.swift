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
    .real("lr", \.lr), .real("lambd", \.lambd), .real("alpha", \.alpha), .real("t0", \.t0),
    .real("weight_decay", \.weightDecay), .flag("maximize", \.maximize),
  ]
  public static let stateFields: [StateField<State>] = [
    .number("step", \.step), .number("eta", \.eta), .number("mu", \.mu), .array("ax", \.average),
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

  public init() {}

  /// What is remembered: the number of steps t, η, μ and a.
  public struct State: Sendable {
    var step = 0.0
    var eta: Double
    var mu = 1.0
    var average: NDArray
  }

  public func validate() throws(ArrayError) {
    try demandRate()
    try Self.demand(lambd >= 0, "Invalid lambd value: \(lambd)")
    try Self.demand(alpha >= 0, "Invalid alpha value: \(alpha)")
    try Self.demandDecay(weightDecay)
  }

  public func initialState(for parameter: NDArray) throws(ArrayError) -> State {
    State(eta: Double(Float(lr)), average: try parameter.zeros())
  }

  public func update(_ parameter: NDArray, _ gradient: NDArray, _ state: inout State) {
    if parameter.dtype == .float64 {
      step(Double.self, parameter, gradient, state)
    } else {
      step(Float.self, parameter, gradient, state)
    }
    state.step += 1
    state.eta = Double(Float(lr / pow(1 + lambd * lr * state.step, alpha)))
    state.mu = Double(Float(1 / max(1, state.step - t0)))
  }

  private func step<S: BinaryFloatingPoint>(
    _: S.Type, _ parameter: NDArray, _ gradient: NDArray, _ state: State
  ) {
    let terms = GradientTerms<S>(gradient, parameter, maximize: maximize, decay: weightDecay)
    let (p, a) = (parameter.elements(S.self), state.average.elements(S.self))
    let (eta, mu) = (S(state.eta), S(state.mu))
    let shrink = S(1 - lambd * state.eta)
    for i in 0..<parameter.count {
      let g = terms[i]
      p[i] = shrink * p[i] - eta * g
      a[i] = mu == 1 ? p[i] : a[i] + mu * (p[i] - a[i])
    }
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
