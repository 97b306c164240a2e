import Foundation

/// The options of `RAdam`: Adam that waits with its divisor until enough gradients have been seen to trust it:
///
///     g ← ±∂L/∂p + weightDecay·p                 (− when maximising; decoupled: p ← (1 − lr·weightDecay)·p instead)
///     m ← m + (1 − β₁)·(g − m)
///     v ← β₂·v + (1 − β₂)·g²
///     ρ∞ = 2/(1 − β₂) − 1,    ρ = ρ∞ − 2t·β₂ᵗ/(1 − β₂ᵗ)
///     ρ > 5:  p ← p − lr·m/(1 − β₁ᵗ) · √(1 − β₂ᵗ)/(√v + eps) · r,    r² = (ρ − 4)(ρ − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρ)
///     else:   p ← p − lr·m/(1 − β₁ᵗ)
///
/// Source: L. Liu and others, "On the variance of the adaptive learning rate and beyond", arXiv:1908.03265. The paper's bound for ρ is 4;
/// 5 is that of its authors' code and of PyTorch, as is the place of eps.
public struct RAdamRule: UpdateRule {
  public static let name = "RAdam"
  public static let fields: [OptionField<RAdamRule>] = [
    .lr, .betas(\.betas), .epsilon(\.eps), .atLeastZero("weight_decay", \.weightDecay),
    .flag("decoupled_weight_decay", \.decoupledWeightDecay), .flag("maximize", \.maximize),
  ]
  public static let stateFields: [StateField<State>] = [
    .array("exp_avg", \.expAvg), .array("exp_avg_sq", \.expAvgSq),
  ]

  /// η.
  public var lr = 1e-3
  /// How much of m and of v is kept.
  public var betas = (0.9, 0.999)
  /// Keeps the divisor from 0.
  public var eps = 1e-8
  /// The factor of the L2 penalty, or of the decay.
  public var weightDecay = 0.0
  /// Whether the parameters shrink by themselves, as in AdamW.
  public var decoupledWeightDecay = false
  /// Whether to climb.
  public var maximize = false

  /// PyTorch's defaults.
  public init() {}

  /// What is remembered: m and v.
  public struct State: Sendable {
    var expAvg: NDArray
    var expAvgSq: NDArray
  }

  public var momentumLike: Double? {
    get { betas.0 }
    set { betas.0 = newValue ?? betas.0 }
  }

  public func initialState(for parameter: NDArray) throws(ArrayError) -> State {
    State(expAvg: try parameter.zeros(), expAvgSq: try parameter.zeros())
  }

  /// r at step t; nil while ρ ≤ 5.
  private func rectification(at step: Double) -> Double? {
    let power = pow(betas.1, step)
    let limit = 2 / (1 - betas.1) - 1
    let rho = limit - 2 * step * power / (1 - power)
    if rho <= 5 { return nil }
    return ((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho)).squareRoot()
  }

  public func step<S>(_ change: Change<S>, _ state: inout State) {
    let p = change.parameter
    let (m, v) = (state.expAvg.elements(S.self), state.expAvgSq.elements(S.self))
    let (fresh1, kept2, fresh2, eps) = (S(1 - betas.0), S(betas.1), S(1 - betas.1), S(eps))
    let (rate, correction1) = (S(lr), S(1 - pow(betas.0, change.number)))
    let correction2 = S((1 - pow(betas.1, change.number)).squareRoot())
    let r = rectification(at: change.number).map { S($0) }
    for i in 0..<change.count {
      let g = change.gradient(i)
      m[i] = lerp(m[i], g, fresh1)
      v[i] = kept2 * v[i] + fresh2 * g * g
      var delta = m[i] / correction1 * rate
      if let r { delta = delta * (correction2 / (v[i].squareRoot() + eps)) * r }
      p[i] = change.shrink * p[i] - delta
    }
  }
}

/// RAdam; see `RAdamRule` for the formula and the options.
public typealias RAdam = RuleOptimizer<RAdamRule>

extension RuleOptimizer where Rule == RAdamRule {
  /// One group with these options. Stops when one makes no sense, or the parameters are not distinct leaves.
  public convenience init(
    _ parameters: [Tensor], lr: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8,
    weightDecay: Double = 0, decoupledWeightDecay: Bool = false, maximize: Bool = false
  ) {
    var options = RAdamRule()
    options.lr = lr
    options.betas = betas
    options.eps = eps
    options.weightDecay = weightDecay
    options.decoupledWeightDecay = decoupledWeightDecay
    options.maximize = maximize
    self.init(parameters, options)
  }
}
