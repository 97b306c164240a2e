/// How one optimizer changes one parameter: its options are the stored properties, its formula is `update`.
///
/// An optimizer of the library is a rule; `RuleOptimizer` does the rest (groups, state, gradients that are absent).
public protocol UpdateRule: OptimizerOptions {
  /// What is remembered for a parameter between steps.
  associatedtype State

  /// What the state holds, by PyTorch's names.
  static var stateFields: [StateField<State>] { get }
  /// The state before the first step.
  func initialState(for parameter: NDArray) throws(ArrayError) -> State
  /// One step in place: changes the parameter and the state, given the gradient, both of one floating dtype and shape and contiguous.
  func update(_ parameter: NDArray, _ gradient: NDArray, _ state: inout State) throws(ArrayError)
}

/// An entry of an optimizer's state for a parameter: an array of the parameter's shape, or a number.
public struct StateField<State>: Sendable {
  /// PyTorch's name: `exp_avg`.
  public let name: String
  let get: @Sendable (State) throws(ArrayError) -> NDArray?
  let set: @Sendable (inout State, NDArray) throws(ArrayError) -> Void
  /// Whether the entry is an array of the parameter's shape.
  let isArray: Bool

  /// A number, such as the count of steps.
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
    pointer.assumingMemoryBound(to: Element.self)
  }

  /// Zeros of this array's shape and dtype.
  func zeros() throws(ArrayError) -> NDArray { try NDArray(full: shape, 0, dtype) }
}

/// The gradient as all rules see it: negated when maximising, and with an L2 penalty's part added.
struct GradientTerms<Scalar: BinaryFloatingPoint> {
  let gradient: UnsafeMutablePointer<Scalar>
  let parameter: UnsafeMutablePointer<Scalar>
  let sign: Scalar
  let decay: Scalar

  @inline(__always) init(_ gradient: NDArray, _ parameter: NDArray, maximize: Bool, decay: Double) {
    self.gradient = gradient.elements()
    self.parameter = parameter.elements()
    sign = maximize ? -1 : 1
    self.decay = Scalar(decay)
  }

  /// ±g, or ±g + decay·p.
  @inline(__always) subscript(i: Int) -> Scalar {
    decay == 0 ? sign * gradient[i] : sign * gradient[i] + decay * parameter[i]
  }
}

/// The point at `weight` of the way from a to b, each end exact: PyTorch's `lerp`.
@inline(__always) func lerp<Scalar: BinaryFloatingPoint>(_ a: Scalar, _ b: Scalar, _ weight: Scalar) -> Scalar
{
  weight < 0.5 ? a + weight * (b - a) : b - (b - a) * (1 - weight)
}
