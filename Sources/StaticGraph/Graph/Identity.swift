/// `identity(x)`: x itself, as a node of its own: something to name, to fetch, or to hang control dependencies on.
public struct Identity: UnaryOperation {
  public static let name = "identity"
  public init() {}
  public var isView: Bool { true }
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { x }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray { x }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient }
}

/// `stop_gradient(x)`: x itself, through which no gradient flows.
public struct StopGradient: UnaryOperation {
  public static let name = "stop_gradient"
  public init() {}
  public var isView: Bool { true }
  public var isDifferentiable: Bool { false }
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { x }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray { x }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient.mul(0) }
}

extension Symbol {
  /// This value as a node of its own.
  public func identity() -> Symbol {
    checked { () throws(ArrayError) in try Symbol.apply(Identity(), self) }
  }
  /// This value, taken for a constant by `gradients`.
  public func stopGradient() -> Symbol {
    checked { () throws(ArrayError) in try Symbol.apply(StopGradient(), self) }
  }
}
