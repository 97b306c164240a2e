/// `identity(x)`: x itself, as a node of its own: something to name, to fetch, or to hang control dependencies on.
public struct IdentityOperation: UnaryOperation {
  public static let name = "identity"
  public init() {}
  public var isView: Bool { true }
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { x }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray { x }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient }
}

/// `ensure_shape(x)`: x itself, of which this much of the shape is known. A value of another shape is refused when it runs. TensorFlow's
/// `tf.ensure_shape`.
struct EnsureShape: UnaryOperation {
  static let name = "ensure_shape"
  /// The shape, open sizes being `Shape.unknown`.
  let shape: Shape
  var isView: Bool { true }
  var attributes: [(name: String, value: String)] { [("shape", shape.description)] }

  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      shape.agrees(with: x.shape),
      .runtime("\(Self.name): the shape is \(x.shape), it must be \(shape)"))
    return ArrayType(x.dtype, x.shape.filled(from: shape))
  }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    _ = try type(x.type)
    return x
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient }
}

extension Shape {
  /// The shape with its open sizes as `other`, of the same rank, knows them.
  func filled(from other: Shape) -> Shape { Shape(zip(self, other).map { $0 == Shape.unknown ? $1 : $0 }) }
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
  /// This value with what `shape` knows of its shape; itself where that is nothing new.
  func ensuring(_ shape: Shape?) throws(ArrayError) -> Symbol {
    guard let shape, staticShape.map({ $0.filled(from: shape) != $0 }) ?? true else { return self }
    return try Symbol.apply(EnsureShape(shape: shape), self)
  }
  /// This value as a node of its own.
  public func identity() -> Symbol {
    checked { () throws(ArrayError) in try Symbol.apply(IdentityOperation(), self) }
  }
  /// This value, taken for a constant by `gradients`.
  public func stopGradient() -> Symbol {
    checked { () throws(ArrayError) in try Symbol.apply(StopGradient(), self) }
  }
}
