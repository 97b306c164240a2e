import Foundation

/// The options of `Adamax`: Adam with the largest recent gradient in place of the root of the mean square:
///
///     g ← ±∂L/∂p + weightDecay·p                 (− when maximising)
///     m ← m + (1 − β₁)·(g − m)
///     u ← max(β₂·u, |g| + eps)
///     p ← p − lr / (1 − β₁ᵗ) · m/u
///
/// Source: D. Kingma, J. Ba, "Adam: a method for stochastic optimization", arXiv:1412.6980, section 7.1. The paper has no eps: it
/// keeps u from 0 here.
public struct AdamaxRule: UpdateRule {
  public static let name = "Adamax"
  public static let fields: [OptionField<AdamaxRule>] = [
    .lr, .betas(\.betas), .epsilon(\.eps), .atLeastZero("weight_decay", \.weightDecay),
    .flag("maximize", \.maximize),
  ]
  public static let stateFields: [StateField<State>] = [
    .array("exp_avg", \.expAvg), .array("exp_inf", \.expInf),
  ]

  /// η.
  public var lr = 2e-3
  /// How much of m and of u is kept.
  public var betas = (0.9, 0.999)
  /// Keeps the divisor from 0.
  public var eps = 1e-8
  /// The factor of the L2 penalty.
  public var weightDecay = 0.0
  /// Whether to climb.
  public var maximize = false

  /// PyTorch's defaults.
  public init() {}

  /// What is remembered: m and u.
  public struct State: Sendable {
    var expAvg: NDArray
    var expInf: NDArray
  }

  public var momentumLike: Double? {
    get { betas.0 }
    set { betas.0 = newValue ?? betas.0 }
  }

  public func initialState(for parameter: NDArray) throws(ArrayError) -> State {
    State(expAvg: try parameter.zeros(), expInf: try parameter.zeros())
  }

  public func step<S>(_ change: Change<S>, _ state: inout State) {
    let p = change.parameter
    let (m, u) = (state.expAvg.elements(S.self), state.expInf.elements(S.self))
    let (fresh, kept, eps) = (S(1 - betas.0), S(betas.1), S(eps))
    let rate = S(lr / (1 - pow(betas.0, change.number)))
    for i in 0..<change.count {
      let g = change.gradient(i)
      m[i] = lerp(m[i], g, fresh)
      let (old, new) = (kept * u[i], abs(g) + eps)
      u[i] = old > new ? old : new
      p[i] -= rate * m[i] / u[i]
    }
  }
}

/// Adamax; see `AdamaxRule` for the formula and the options.
public typealias Adamax = RuleOptimizer<AdamaxRule>

extension RuleOptimizer where Rule == AdamaxRule {
  /// One group with these options. Stops when one makes no sense, or the parameters are not distinct leaves.
  public convenience init(
    _ parameters: [Tensor], lr: Double = 2e-3, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8,
    weightDecay: Double = 0, maximize: Bool = false
  ) {
    var options = AdamaxRule()
    options.lr = lr
    options.betas = betas
    options.eps = eps
    options.weightDecay = weightDecay
    options.maximize = maximize
    self.init(parameters, options)
  }
}
