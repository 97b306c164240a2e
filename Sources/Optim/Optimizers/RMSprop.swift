/// The options of `RMSprop`: the gradient divided by the root of its recent mean square:
///
///     g ← ±∂L/∂p + weightDecay·p                 (− when maximising)
///     v ← alpha·v + (1 − alpha)·g²
///     a ← √v + eps                               (centred: m ← m + (1 − alpha)·(g − m), a ← √(v − m²) + eps)
///     p ← p − lr·g/a                             (with momentum: b ← momentum·b + g/a, p ← p − lr·b)
///
/// Source: T. Tieleman, G. Hinton, lecture 6.5 of "Neural networks for machine learning" (2012); the centred form is that of A. Graves,
/// "Generating sequences with recurrent neural networks", arXiv:1308.0850. eps is added after the root, as in PyTorch; TensorFlow
/// adds it before.
public struct RMSpropRule: UpdateRule {
  public static let name = "RMSprop"
  public static let fields: [OptionField<RMSpropRule>] = [
    .lr, .atLeastZero("alpha", \.alpha), .epsilon(\.eps), .atLeastZero("weight_decay", \.weightDecay),
    .atLeastZero("momentum", \.momentum), .flag("centered", \.centered), .flag("maximize", \.maximize),
  ]
  public static let stateFields: [StateField<State>] = [
    .array("square_avg", \.squareAvg),
    .optionalArray("momentum_buffer", \.momentumBuffer), .optionalArray("grad_avg", \.gradAvg),
  ]

  /// η.
  public var lr = 1e-2
  /// How much of the averages is kept.
  public var alpha = 0.99
  /// Keeps the divisor from 0.
  public var eps = 1e-8
  /// The factor of the L2 penalty.
  public var weightDecay = 0.0
  /// How much of the last change is kept; 0: no b.
  public var momentum = 0.0
  /// Whether the mean gradient is taken off, so that v − m² is a variance.
  public var centered = false
  /// Whether to climb.
  public var maximize = false

  /// PyTorch's defaults.
  public init() {}

  /// What is remembered: v, and b and m where the options need them.
  public struct State: Sendable {
    var squareAvg: NDArray
    var momentumBuffer: NDArray?
    var gradAvg: NDArray?
  }

  public var momentumLike: Double? {
    get { momentum }
    set { momentum = newValue ?? momentum }
  }

  public func initialState(for parameter: NDArray) throws(ArrayError) -> State {
    State(squareAvg: try parameter.zeros())
  }

  public func step<S>(_ change: Change<S>, _ state: inout State) throws(ArrayError) {
    if momentum > 0 && state.momentumBuffer == nil { state.momentumBuffer = try change.zeros() }
    if centered && state.gradAvg == nil { state.gradAvg = try change.zeros() }
    let (p, v) = (change.parameter, state.squareAvg.elements(S.self))
    let b = momentum > 0 ? state.momentumBuffer?.elements(S.self) : nil
    let m = centered ? state.gradAvg?.elements(S.self) : nil
    let (rate, momentum, kept, fresh, eps) = (S(lr), S(momentum), S(alpha), S(1 - alpha), S(eps))
    for i in 0..<change.count {
      let g = change.gradient(i)
      v[i] = kept * v[i] + fresh * g * g
      var square = v[i]
      if let m {
        m[i] = lerp(m[i], g, fresh)
        square -= m[i] * m[i]
      }
      let size = square.squareRoot() + eps
      if let b {
        b[i] = momentum * b[i] + g / size
        p[i] -= rate * b[i]
      } else {
        p[i] -= rate * g / size
      }
    }
  }
}

/// RMSprop; see `RMSpropRule` for the formula and the options.
public typealias RMSprop = RuleOptimizer<RMSpropRule>

extension RuleOptimizer where Rule == RMSpropRule {
  /// One group with these options. Stops when one makes no sense, or the parameters are not distinct leaves.
  public convenience init(
    _ parameters: [Tensor], lr: Double = 1e-2, alpha: Double = 0.99, eps: Double = 1e-8,
    weightDecay: Double = 0, momentum: Double = 0, centered: Bool = false, maximize: Bool = false
  ) {
    var options = RMSpropRule()
    options.lr = lr
    options.alpha = alpha
    options.eps = eps
    options.weightDecay = weightDecay
    options.momentum = momentum
    options.centered = centered
    options.maximize = maximize
    self.init(parameters, options)
  }
}
