/// `broadcast_to(x, shape)`: the array seen with `shape`, repeated along dimensions of size 1. A view; its mirror is `SumTo`.
///
/// Shapes: x: any that broadcasts to `shape`, and not beyond it; throws for one of more elements than can be counted. Source: NumPy's
/// broadcasting rules.
public struct BroadcastTo: ShapedOperation {
  public static let name = "broadcast_to"
  public var shape: Shape

  /// To this shape; by default one that the algebra fills in.
  @inlinable public init(_ shape: Shape = Shape()) { self.shape = shape }

  public var attributes: [(name: String, value: String)] { [("shape", shape.description)] }
  @inlinable public var isView: Bool { true }
  public var gradientName: String { "ExpandBackward0" }

  @inlinable public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    guard let common = Shape.broadcast(x.shape, shape), common.agrees(with: shape) else {
      throw broadcastError(Self.name, x.shape, shape)
    }
    if shape.isKnown { _ = try shape.checkedElementCount(Self.name) }
    return ArrayType(x.dtype, common)
  }
  @inlinable public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    _ = try type(x.type)
    return x.expanded(to: shape)
  }
  @inlinable public func pullback<C: PullbackContext>(
    _ gradient: C.Value, shape: C.Value.ShapeReference, _ context: C
  ) -> C.Value {
    gradient.sum(to: context.shape(0))
  }
}

/// `sum_to_size(x, shape)`: the sum over the dimensions along which `shape` would be repeated to give x. The mirror of `BroadcastTo`.
public struct SumTo: ShapedOperation {
  public static let name = "sum_to_size"
  public var shape: Shape

  /// To this shape; by default one that the algebra fills in.
  @inlinable public init(_ shape: Shape = Shape()) { self.shape = shape }

  public var attributes: [(name: String, value: String)] { [("shape", shape.description)] }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    guard shape.expands(to: x.shape) else {
      throw .runtime("\(Self.name): size \(shape) is not expandable to size \(x.shape)")
    }
    return ArrayType(x.dtype, shape)
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    if x.shape == shape { return x }
    if shape.elementCount != 1 || shape.rank > x.rank { _ = try type(x.type) }
    let output = try NDArray(uninitialized: shape, x.dtype)
    try reduce(x, into: output)
    return output
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    if x.shape == shape { output.write(from: x) } else { try reduce(x, into: output) }
  }
  private func reduce(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    if output.count == 1 {
      return try Reduction.sum.run(x, over: AxisSet(all: x.rank), into: output)
    }
    let extra = x.rank - shape.rank
    var axes = AxisSet()
    var kept = Shape(repeating: 1, rank: x.rank)
    for axis in 0..<x.rank {
      if axis < extra || (shape[axis - extra] == 1 && x.shape[axis] != 1) {
        axes.insert(axis)
      } else {
        kept[axis] = x.shape[axis]
      }
    }
    let view = output.strided(kept, kept.contiguousStrides, offset: output.offset)
    try Reduction.sum.run(x, over: axes, into: output.isContiguous ? view : output)
  }
  @inlinable public func pullback<C: PullbackContext>(
    _ gradient: C.Value, shape: C.Value.ShapeReference, _ context: C
  ) -> C.Value {
    gradient.broadcast(to: context.shape(0))
  }
}

/// x seen with the shape in which it and a second operand meet; only the second operand's shape matters. Used by graphs whose
/// shapes are open while they are built.
public struct BroadcastAgainst: BinaryOperation {
  public static let name = "broadcast_against"
  /// A dimension that stays as it is, if any: both operands then have one rank.
  public let kept: Int?
  public init(keeping kept: Int? = nil) { self.kept = kept }
  public var attributes: [(name: String, value: String)] { kept.map { [("keeping", "\($0)")] } ?? [] }
  @inlinable public var isView: Bool { true }
  public var gradientName: String { "ExpandBackward0" }
  public func gradientEntries(_ inputCount: Int) -> [Int?] { [0] }

  public func type(_ x: ArrayType, _ y: ArrayType) throws(ArrayError) -> ArrayType {
    var other = y.shape
    if let kept { other[kept] = 1 }
    guard let shape = Shape.broadcast(x.shape, other) else {
      throw broadcastError(Self.name, x.shape, y.shape)
    }
    return ArrayType(x.dtype, shape)
  }
  public func forward(_ x: NDArray, _ y: NDArray) throws(ArrayError) -> NDArray {
    x.expanded(to: try type(x.type, y.type).shape)
  }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C
    .Value?
  {
    input == 0 ? gradient.sum(to: context.shape(0)) : nil
  }
}

extension Shape {
  /// Whether arrays of this shape may broadcast to `target`, and not beyond it.
  @usableFromInline func expands(to target: Shape) -> Bool {
    Shape.broadcast(self, target)?.agrees(with: target) ?? false
  }
}

extension Algebra {
  /// This value seen with `shape`, which it must broadcast to.
  @inlinable public func broadcast(to shape: ShapeReference) -> Self {
    checked { () throws(ArrayError) in try Self.apply(BroadcastTo(), self, shape: shape) }
  }
  /// The sum over the dimensions along which `shape` would be repeated to give this value.
  @inlinable public func sum(to shape: ShapeReference) -> Self {
    checked { () throws(ArrayError) in try Self.apply(SumTo(), self, shape: shape) }
  }
}
