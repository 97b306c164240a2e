import Foundation

/// The options of `NAdam`: Adam with Nesterov's look ahead, the momentum growing to β₁ by a schedule:
///
///     g ← ±∂L/∂p + weightDecay·p                 (− when maximising; decoupled: p ← (1 − lr·weightDecay)·p instead)
///     μₜ = β₁·(1 − ½·0.96^(t·momentumDecay)),    Π ← Π·μₜ
///     m ← m + (1 − β₁)·(g − m)
///     v ← β₂·v + (1 − β₂)·g²
///     d ← √(v / (1 − β₂ᵗ)) + eps
///     p ← p − lr·(1 − μₜ)/(1 − Π)·g/d − lr·μₜ₊₁/(1 − Π·μₜ₊₁)·m/d
///
/// Source: T. Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016. The paper averages m with μₜ; here, as in PyTorch,
/// with β₁. As in PyTorch Π is kept in the default dtype, float32, whatever the parameters are: part of the result's digits.
public struct NAdamRule: UpdateRule {
  public static let name = "NAdam"
  public static let fields: [OptionField<NAdamRule>] = [
    .lr, .betas(\.betas), .epsilon(\.eps), .atLeastZero("weight_decay", \.weightDecay),
    .atLeastZero("momentum_decay", \.momentumDecay), .flag("decoupled_weight_decay", \.decoupledWeightDecay),
    .flag("maximize", \.maximize),
  ]
  public static let stateFields: [StateField<State>] = [
    .number("mu_product", \.muProduct), .array("exp_avg", \.expAvg),
    .array("exp_avg_sq", \.expAvgSq),
  ]

  /// η.
  public var lr = 2e-3
  /// How much of m and of v is kept.
  public var betas = (0.9, 0.999)
  /// Keeps the divisor from 0.
  public var eps = 1e-8
  /// The factor of the L2 penalty, or of the decay.
  public var weightDecay = 0.0
  /// How fast the momentum grows.
  public var momentumDecay = 4e-3
  /// Whether the parameters shrink by themselves, as in AdamW.
  public var decoupledWeightDecay = false
  /// Whether to climb.
  public var maximize = false

  /// PyTorch's defaults.
  public init() {}

  /// What is remembered: Π, m and v.
  public struct State: Sendable {
    var muProduct = 1.0
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

  /// μ at step t.
  private func momentum(at step: Double) -> Double {
    betas.0 * (1 - 0.5 * pow(0.96, step * momentumDecay))
  }

  public func step<S>(_ change: Change<S>, _ state: inout State) {
    let (now, next) = (momentum(at: change.number), momentum(at: change.number + 1))
    state.muProduct = Double(Float(state.muProduct) * Float(now))
    let p = change.parameter
    let (m, v) = (state.expAvg.elements(S.self), state.expAvgSq.elements(S.self))
    let (fresh1, kept2, fresh2, eps) = (S(1 - betas.0), S(betas.1), S(1 - betas.1), S(eps))
    let correction = S(1 - pow(betas.1, change.number))
    let gradientRate = S(lr * (1 - now) / (1 - state.muProduct))
    let averageRate = S(lr * next / (1 - state.muProduct * next))
    for i in 0..<change.count {
      let g = change.gradient(i)
      m[i] = lerp(m[i], g, fresh1)
      v[i] = kept2 * v[i] + fresh2 * g * g
      let size = (v[i] / correction).squareRoot() + eps
      p[i] = change.shrink * p[i] - gradientRate * g / size - averageRate * m[i] / size
    }
  }
}

/// NAdam; see `NAdamRule` for the formula and the options.
public typealias NAdam = RuleOptimizer<NAdamRule>

extension RuleOptimizer where Rule == NAdamRule {
  /// One group with these options. Stops when one makes no sense, or the parameters are not distinct leaves.
  public convenience init(
    _ parameters: [Tensor], lr: Double = 2e-3, betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8,
    weightDecay: Double = 0, momentumDecay: Double = 4e-3, decoupledWeightDecay: Bool = false,
    maximize: Bool = false
  ) {
    var options = NAdamRule()
    options.lr = lr
    options.betas = betas
    options.eps = eps
    options.weightDecay = weightDecay
    options.momentumDecay = momentumDecay
    options.decoupledWeightDecay = decoupledWeightDecay
    options.maximize = maximize
    self.init(parameters, options)
  }
}
