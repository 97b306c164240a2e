/// How one optimizer changes one parameter: its options are the stored properties, its formula is `step`.
///
/// An optimizer of the library is a rule; what all share is written once: `Change` has the gradient with its sign and its penalty, and
/// `RuleOptimizer` does the rest (groups, state, counting, gradients that are absent).
public protocol UpdateRule: OptimizerOptions {
  /// What is remembered for a parameter between steps, beside their number.
  associatedtype State

  /// Whether the number of steps is part of the state dictionary (`step`). It is for all of PyTorch's but SGD.
  static var countsSteps: Bool { get }
  /// What the state holds, by PyTorch's names.
  static var stateFields: [StateField<State>] { get }
  /// Whether to climb.
  var maximize: Bool { get }
  /// The factor of the L2 penalty, or of the decay.
  var weightDecay: Double { get }
  /// Whether the parameters shrink by themselves, as in AdamW, instead of by a penalty in the gradient.
  var decoupledWeightDecay: Bool { get }
  /// These options as a state dictionary that is loaded brings them. Differs from the options themselves where PyTorch then insists on one.
  var takenOver: Self { get }
  /// The state before the first step.
  func initialState(for parameter: NDArray) throws(ArrayError) -> State
  /// The state before the first step in an optimizer that was made with `defaults`. Differs from `initialState(for:)` where PyTorch lets
  /// only these decide, and not a group's own options.
  func initialState(for parameter: NDArray, defaults: Self) throws(ArrayError) -> State
  /// One step in place: changes the parameter and the state.
  func step<Scalar>(_ change: Change<Scalar>, _ state: inout State) throws(ArrayError)
  /// Step `number` (from 1) in place, given the gradient; both arrays are of one floating dtype and shape and contiguous. A rule that does
  /// not go through the elements by itself replaces it.
  func update(
    _ parameter: NDArray, _ gradient: NDArray, _ state: inout State, number: Double
  ) throws(ArrayError)
  /// One step of an optimizer with this rule. There is one way, given below; it is asked of the rule so that it is compiled for each.
  static func advance(_ optimizer: RuleOptimizer<Self>) throws(ArrayError)
}

extension UpdateRule {
  public static var countsSteps: Bool { true }
  public var decoupledWeightDecay: Bool { false }
  public var takenOver: Self { self }
  public func initialState(for parameter: NDArray, defaults: Self) throws(ArrayError) -> State {
    try initialState(for: parameter)
  }
  public static func advance(_ optimizer: RuleOptimizer<Self>) throws(ArrayError) {
    try optimizer.changeParameters()
  }

  @inline(__always)
  public func update(
    _ parameter: NDArray, _ gradient: NDArray, _ state: inout State, number: Double
  ) throws(ArrayError) {
    try updateElements(parameter, gradient, &state, number: number)
  }

  /// `step` in the parameter's dtype.
  @inline(__always)
  func updateElements(
    _ parameter: NDArray, _ gradient: NDArray, _ state: inout State, number: Double
  ) throws(ArrayError) {
    if parameter.dtype == .float64 {
      try step(Change<Double>(parameter, gradient, self, number), &state)
    } else {
      try step(Change<Float>(parameter, gradient, self, number), &state)
    }
  }
}

/// An entry of an optimizer's state for a parameter: an array of the parameter's shape, or a number.
public struct StateField<State>: Sendable {
  /// PyTorch's name: `exp_avg`.
  public let name: String
  let get: @Sendable (State) throws(ArrayError) -> NDArray?
  let set: @Sendable (inout State, NDArray) throws(ArrayError) -> Void
  /// Whether the entry is an array of the parameter's shape.
  let isArray: Bool

  /// A number.
  public static func number(_ name: String, _ path: WritableKeyPath<State, Double> & Sendable) -> Self {
    StateField(name: name, isArray: false) { (state) throws(ArrayError) in
      try NDArray(scalar: .float(state[keyPath: path]), .float64)
    } set: { (state, value) throws(ArrayError) in
      state[keyPath: path] = try value.scalarValue().doubleValue
    }
  }

  /// An array of the parameter's shape and dtype.
  public static func array(_ name: String, _ path: WritableKeyPath<State, NDArray> & Sendable) -> Self {
    StateField(name: name, isArray: true) { (state) throws(ArrayError) in
      state[keyPath: path]
    } set: { (state, value) throws(ArrayError) in
      state[keyPath: path] = value
    }
  }

  /// An array that only some options need, or that the first step makes.
  public static func optionalArray(
    _ name: String, _ path: WritableKeyPath<State, NDArray?> & Sendable
  ) -> Self {
    StateField(name: name, isArray: true) { (state) throws(ArrayError) in
      state[keyPath: path]
    } set: { (state, value) throws(ArrayError) in
      state[keyPath: path] = value
    }
  }

  private init(
    name: String, isArray: Bool, get: @escaping @Sendable (State) throws(ArrayError) -> NDArray?,
    set: @escaping @Sendable (inout State, NDArray) throws(ArrayError) -> Void
  ) {
    self.name = name
    self.isArray = isArray
    self.get = get
    self.set = set
  }
}

extension NDArray {
  /// The first element of an array known to be contiguous and of this type.
  @inline(__always) func elements<Element>(_: Element.Type = Element.self) -> UnsafeMutablePointer<Element> {
    address.assumingMemoryBound(to: Element.self)
  }

  /// Zeros of this array's shape and dtype.
  func zeros() throws(ArrayError) -> NDArray { try NDArray(full: shape, 0, dtype) }
}

/// What a step has to do with: the elements of a parameter, and its gradient as all rules see it.
public struct Change<Scalar: BinaryFloatingPoint> {
  /// The number of the step, from 1.
  public let number: Double
  /// The parameter's elements.
  public let parameter: UnsafeMutablePointer<Scalar>
  /// What a decoupled decay leaves of the parameter; else 1.
  public let shrink: Scalar
  private let array: NDArray
  private let gradient: UnsafeMutablePointer<Scalar>
  private let sign: Scalar
  private let decay: Scalar

  @inline(__always)
  init(_ parameter: NDArray, _ gradient: NDArray, _ rule: some UpdateRule, _ number: Double) {
    array = parameter
    self.number = number
    self.parameter = parameter.elements()
    self.gradient = gradient.elements()
    sign = rule.maximize ? -1 : 1
    let isDecoupled = rule.decoupledWeightDecay
    decay = isDecoupled ? 0 : Scalar(rule.weightDecay)
    shrink = isDecoupled && rule.weightDecay != 0 ? Scalar(1 - rule.lr * rule.weightDecay) : 1
  }

  /// The number of elements.
  @inline(__always) public var count: Int { array.count }

  /// ±g, or with an L2 penalty ±g + weightDecay·p (− when maximising), of one element.
  @inline(__always) public func gradient(_ i: Int) -> Scalar {
    decay == 0 ? sign * gradient[i] : sign * gradient[i] + decay * parameter[i]
  }

  /// Zeros like the parameter.
  public func zeros() throws(ArrayError) -> NDArray { try array.zeros() }
}

/// The point at `weight` of the way from a to b, each end exact: PyTorch's `lerp`.
@inline(__always) func lerp<Scalar: BinaryFloatingPoint>(_ a: Scalar, _ b: Scalar, _ weight: Scalar) -> Scalar
{
  weight < 0.5 ? a + weight * (b - a) : b - (b - a) * (1 - weight)
}
