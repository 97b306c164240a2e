import CKernels

/// The options of `SGD`: stochastic gradient descent, with momentum as PyTorch defines it:
///
///     g ← ±∂L/∂p + weightDecay·p                 (− when maximising)
///     v ← momentum·v + (1 − dampening)·g         (the first time v ← g)
///     p ← p − lr·v                               (Nesterov: p ← p − lr·(g + momentum·v))
///
/// Sutskever and others ("On the importance of initialization and momentum in deep learning", 2013) put the learning rate inside v;
/// here it stands outside, so that a change of rate acts at once. Their Nesterov form looks ahead before the gradient; this one,
/// as PyTorch's, rewrites it in terms of the gradient at hand. Each product and sum rounds once.
public struct SGDRule: UpdateRule {
  public static let name = "SGD"
  public static let fields: [OptionField<SGDRule>] = [
    .lr, .atLeastZero("momentum", \.momentum), .real("dampening", \.dampening),
    .atLeastZero("weight_decay", \.weightDecay), .flag("nesterov", \.nesterov), .flag("maximize", \.maximize),
  ]
  public static let countsSteps = false
  public static let stateFields: [StateField<State>] = [.optionalArray("momentum_buffer", \.velocity)]

  /// η.
  public var lr = 1e-3
  /// How much of v is kept; 0: no v.
  public var momentum = 0.0
  /// How much less than all of g enters v.
  public var dampening = 0.0
  /// The factor of the L2 penalty.
  public var weightDecay = 0.0
  /// Whether to look ahead; needs momentum and no dampening.
  public var nesterov = false
  /// Whether to climb.
  public var maximize = false

  /// PyTorch's defaults.
  public init() {}

  /// What is remembered: v, once there was a step with momentum.
  public struct State: Sendable {
    var velocity: NDArray?
  }

  public var momentumLike: Double? {
    get { momentum }
    set { momentum = newValue ?? momentum }
  }

  public func validate() throws(ArrayError) {
    try validateFields()
    try require(
      !nesterov || (momentum > 0 && dampening == 0),
      .value("SGD: Nesterov momentum requires a momentum and zero dampening"))
  }

  public func initialState(for parameter: NDArray) -> State { State() }

  public func update(
    _ parameter: NDArray, _ gradient: NDArray, _ state: inout State, number: Double
  ) throws(ArrayError) {
    if momentum == 0 && weightDecay == 0 {
      parameter.addScaled(gradient, maximize ? lr : -lr)
    } else {
      try updateElements(parameter, gradient, &state, number: number)
    }
  }

  public func step<S>(_ change: Change<S>, _ state: inout State) throws(ArrayError) {
    let p = change.parameter
    let (rate, momentum) = (S(lr), S(momentum))
    if momentum == 0 {
      for i in 0..<change.count { p[i] -= rate * change.gradient(i) }
      return
    }
    let isFirst = state.velocity == nil
    if isFirst { state.velocity = try change.zeros() }
    guard let v = state.velocity?.elements(S.self) else { return }
    let (kept, fresh) = isFirst ? (0, 1) : (momentum, S(1 - dampening))
    for i in 0..<change.count {
      let g = change.gradient(i)
      v[i] = kept * v[i] + fresh * g
      p[i] -= rate * (nesterov ? g + momentum * v[i] : v[i])
    }
  }
}

extension NDArray {
  /// self ← self + factor·x in one pass, product and sum rounded one after the other. Both are floating, contiguous, of one dtype
  /// and shape.
  @inline(__always) func addScaled(_ x: NDArray, _ factor: Double) {
    guard let kernel = ck_scaled(CK_ADD_SCALED, dtype.kernelType) else { return }
    if dtype == .float64 {
      var factor = factor
      kernel(count, address, 1, address, 1, x.address, 1, &factor)
    } else {
      var factor = Float(factor)
      kernel(count, address, 1, address, 1, x.address, 1, &factor)
    }
  }
}

/// Stochastic gradient descent; see `SGDRule` for the formula and the options.
public typealias SGD = RuleOptimizer<SGDRule>

extension RuleOptimizer where Rule == SGDRule {
  /// One group with these options. Stops when one makes no sense, or the parameters are not distinct leaves.
  public convenience init(
    _ parameters: [Tensor], lr: Double = 1e-3, momentum: Double = 0, dampening: Double = 0,
    weightDecay: Double = 0, nesterov: Bool = false, maximize: Bool = false
  ) {
    var options = SGDRule()
    options.lr = lr
    options.momentum = momentum
    options.dampening = dampening
    options.weightDecay = weightDecay
    options.nesterov = nesterov
    options.maximize = maximize
    self.init(parameters, options)
  }
}
