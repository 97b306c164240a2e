/// The options of `Rprop`: each element has a step of its own, which grows while the gradient keeps its sign and shrinks when it
/// changes; only the sign of the gradient counts:
///
///     g ← ±∂L/∂p                                 (− when maximising)
///     s ← s·η⁺ where g·g′ > 0,  s·η⁻ where g·g′ < 0,  s elsewhere; kept within stepSizes
///     g ← 0 where g·g′ < 0
///     p ← p − sign(g)·s,    g′ ← g               (g′ starts at 0, s at lr)
///
/// Source: M. Riedmiller, H. Braun, "A direct adaptive method for faster backpropagation learning: the RPROP algorithm", ICNN 1993. This is
/// the variant without taking back a step (iRprop⁻ of C. Igel, M. Hüsken, 2000), as in PyTorch.
public struct RpropRule: UpdateRule {
  public static let name = "Rprop"
  public static let fields: [OptionField<RpropRule>] = [
    .lr,
    .pair("etas", \.etas) {
      $0.0 > 0 && $0.0 < 1 && $0.1 > 1 ? nil : "Invalid eta values: \($0.0), \($0.1)"
    }, .pair("step_sizes", \.stepSizes), .flag("maximize", \.maximize),
  ]
  public static let stateFields: [StateField<State>] = [
    .array("prev", \.previous), .array("step_size", \.stepSize),
  ]

  /// s before the first step.
  public var lr = 1e-2
  /// η⁻ in (0, 1) and η⁺ above 1.
  public var etas = (0.5, 1.2)
  /// The least and the largest s.
  public var stepSizes = (1e-6, 50.0)
  /// Whether to climb.
  public var maximize = false
  /// None: only signs count.
  public var weightDecay: Double { 0 }

  /// PyTorch's defaults.
  public init() {}

  /// What is remembered: g′ and s.
  public struct State: Sendable {
    var previous: NDArray
    var stepSize: NDArray
  }

  public func initialState(for parameter: NDArray) throws(ArrayError) -> State {
    State(
      previous: try parameter.zeros(),
      stepSize: try NDArray(full: parameter.shape, .float(lr), parameter.dtype))
  }

  public func step<S>(_ change: Change<S>, _ state: inout State) {
    let p = change.parameter
    let (previous, size) = (state.previous.elements(S.self), state.stepSize.elements(S.self))
    let (minus, plus) = (S(etas.0), S(etas.1))
    let (least, largest) = (S(stepSizes.0), S(stepSizes.1))
    for i in 0..<change.count {
      let agreement = change.gradient(i) * previous[i]
      let g = agreement < 0 ? 0 : change.gradient(i)
      var s = size[i] * (agreement > 0 ? plus : agreement < 0 ? minus : 1)
      s = s < least ? least : s
      s = s > largest ? largest : s
      p[i] -= g > 0 ? s : g < 0 ? -s : 0
      size[i] = s
      previous[i] = g
    }
  }
}

/// Rprop; see `RpropRule` for the formula and the options.
public typealias Rprop = RuleOptimizer<RpropRule>

extension RuleOptimizer where Rule == RpropRule {
  /// One group with these options. Stops when one makes no sense, or the parameters are not distinct leaves.
  public convenience init(
    _ parameters: [Tensor], lr: Double = 1e-2, etas: (Double, Double) = (0.5, 1.2),
    stepSizes: (Double, Double) = (1e-6, 50), maximize: Bool = false
  ) {
    var options = RpropRule()
    options.lr = lr
    options.etas = etas
    options.stepSizes = stepSizes
    options.maximize = maximize
    self.init(parameters, options)
  }
}
