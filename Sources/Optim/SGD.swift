import CKernels

/// Stochastic gradient descent, with momentum as PyTorch defines it:
///
///     g ← g + weightDecay·p
///     v ← momentum·v + (1 − dampening)·g        (the first time v ← g)
///     p ← p − lr·v                               (Nesterov: p ← p − lr·(g + momentum·v))
///
/// Sutskever and others (2013) put the learning rate inside v; here it stands outside, so that a change of rate acts at once.
public struct SGDRule: UpdateRule {
  public static let name = "SGD"
  public var lr: Double
  public var momentum: Double
  public var dampening: Double
  public var weightDecay: Double
  public var nesterov: Bool
  public var maximize: Bool

  /// What is remembered: v, once there was a step.
  public struct State {
    var velocity: NDArray?
  }

  public var momentumLike: Double? {
    get { momentum }
    set { momentum = newValue ?? momentum }
  }

  public func validate() throws(ArrayError) {
    try require(lr >= 0, .value("SGD: invalid learning rate: \(lr)"))
    try require(momentum >= 0, .value("SGD: invalid momentum value: \(momentum)"))
    try require(weightDecay >= 0, .value("SGD: invalid weight_decay value: \(weightDecay)"))
    try require(
      !nesterov || (momentum > 0 && dampening == 0),
      .value("SGD: Nesterov momentum requires a momentum and zero dampening"))
  }

  public func initialState(for parameter: NDArray) -> State { State() }

  public func update(_ parameter: NDArray, _ gradient: NDArray, _ state: inout State) throws(ArrayError) {
    var g = maximize ? gradient.neg() : gradient
    if weightDecay != 0 { g = g.add(parameter, alpha: .float(weightDecay)) }
    if momentum != 0 {
      if let velocity = state.velocity {
        velocity.mul_(momentum).add_(g, alpha: .float(1 - dampening))
      } else {
        state.velocity = try g.clone()
      }
      if let velocity = state.velocity { g = nesterov ? g.add(velocity, alpha: .float(momentum)) : velocity }
    }
    parameter.addScaled(g, -lr)
  }
}

extension NDArray {
  /// self ← self + factor·x in one pass, product and sum rounded one after the other. Both are floating, of one dtype and shape.
  func addScaled(_ x: NDArray, _ factor: Double) {
    guard let kernel = ck_scaled(CK_ADD_SCALED, dtype.kernelType), x.dtype == dtype, x.shape == shape else {
      stop(
        .runtime(
          "optimizer: the gradient is \(x.dtype) \(x.shape), the parameter \(dtype) \(shape); both must be equal"
        ))
    }
    var number = UInt64(0)
    withUnsafeMutableBytes(of: &number) { cell in
      NDArray.store(.float(factor), dtype, cell.baseAddress!)
      let address = UnsafeRawPointer(cell.baseAddress!)
      ElementLoop.forEachRun(self, x, x, x) { n, o, so, a, sa, _, _, _, _ in
        kernel(n, o, so, o, so, a, sa, address)
      }
    }
  }
}

/// Stochastic gradient descent; see `SGDRule` for the formula.
public typealias SGD = RuleOptimizer<SGDRule>

extension RuleOptimizer where Rule == SGDRule {
  /// One group with these options; PyTorch's defaults.
  public convenience init(
    _ parameters: [Tensor], lr: Double = 1e-3, momentum: Double = 0, dampening: Double = 0,
    weightDecay: Double = 0, nesterov: Bool = false, maximize: Bool = false
  ) {
    let rule = SGDRule(
      lr: lr, momentum: momentum, dampening: dampening, weightDecay: weightDecay, nesterov: nesterov,
      maximize: maximize)
    self.init(groups: [(parameters, rule)])
  }
}
