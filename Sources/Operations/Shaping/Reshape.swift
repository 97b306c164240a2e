/// `reshape(x, shape)`: the same elements in the same order with another shape; a view where the strides allow it, else a copy.
///
/// Shapes: the element counts must be equal. Its own mirror.
public struct Reshape: ShapedOperation {
  public static let name = "reshape"
  public var shape: Shape
  /// Which of PyTorch's operations it is recorded as.
  public enum Form: Sendable {
    /// `view`, of contiguous memory.
    case view
    /// `_reshape_alias`: a view of other memory.
    case alias
    /// `_unsafe_view`, of a value that nobody else has: not a view.
    case unsafeView
  }
  /// How it is recorded.
  public let form: Form

  /// To this shape; by default one that the algebra fills in. One size may be −1: whatever fits.
  @inlinable public init(_ shape: Shape = Shape(), _ form: Form = .view) {
    self.shape = shape
    self.form = form
  }

  public var attributes: [(name: String, value: String)] { [("shape", shape.description)] }
  public var isView: Bool { form != .unsafeView }
  public var gradientName: String {
    switch form {
    case .view: "ViewBackward0"
    case .alias: "ReshapeAliasBackward0"
    case .unsafeView: "UnsafeViewBackward0"
    }
  }

  /// `x` with this shape in the steps that PyTorch takes: a view, or where the strides do not allow it one of a copy.
  @usableFromInline static func steps<Value: Algebra>(
    _ x: Value, to shape: Shape
  ) throws(ArrayError) -> Value {
    guard Value.remembers, let array = x.storedArray, !array.isContiguous else {
      return try Value.apply(Reshape(shape), x)
    }
    let target = try Reshape(shape).type(array.type).shape
    if array.viewStrides(for: target) != nil { return try Value.apply(Reshape(target, .alias), x) }
    return try Value.apply(Reshape(target, .unsafeView), try Value.apply(Clone(), x))
  }

  @inlinable public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    ArrayType(x.dtype, try resolvedShape(shape, of: x.shape, Self.name))
  }
  public func type(_ x: ArrayType, like reference: Shape) throws(ArrayError) -> ArrayType {
    // One open size follows from the others, several cannot.
    let open = reference.count { $0 == Shape.unknown }
    return ArrayType(
      x.dtype, open > 1 ? reference : try resolvedShape(reference, of: x.shape, Self.name))
  }
  @inlinable public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let target = try type(x.type).shape
    if let strides = x.viewStrides(for: target) { return x.strided(target, strides, offset: x.offset) }
    return try x.clone().strided(target, target.contiguousStrides, offset: 0)
  }
  public func pullback<C: PullbackContext>(
    _ gradient: C.Value, shape: C.Value.ShapeReference, _ context: C
  ) -> C.Value {
    gradient.reshape(to: context.shape(0))
  }
}

/// `shape` with the one size of −1 replaced by what makes the element count equal to that of `old`.
@inlinable public func resolvedShape(_ shape: Shape, of old: Shape, _ operation: String) throws(ArrayError)
  -> Shape
{
  var result = shape
  var open = -1
  var known = 1
  for axis in 0..<shape.rank {
    if shape[axis] == -1 {
      try require(
        open < 0,
        .runtime("\(operation): only one dimension can be inferred, but \(shape) has several of size -1"))
      open = axis
    } else {
      try require(
        shape[axis] >= 0, .runtime("\(operation): invalid shape dimension \(shape[axis]) in \(shape)"))
      let (product, overflow) = known.multipliedReportingOverflow(by: shape[axis])
      try require(
        !overflow,
        .runtime("\(operation): the sizes \(shape) multiply to more elements than 64 bits can count"))
      known = product
    }
  }
  // Without elements it stays, however large the open sizes are.
  guard old.isKnown || old.contains(0) else { return result }
  let count = old.isKnown ? old.elementCount : 0
  if open >= 0 {
    try require(
      known != 0 || count != 0 || shape.rank == 1,
      .runtime(
        "\(operation): cannot reshape tensor of 0 elements into shape \(shape) because the unspecified dimension size -1 can be any value"
      ))
    try require(
      known != 0 && count % known == 0,
      .runtime("\(operation): shape '\(shape)' is invalid for input of size \(count)"))
    result[open] = count / known
  } else {
    try require(
      known == count,
      .runtime("\(operation): shape '\(shape)' is invalid for input of size \(count)"))
  }
  return result
}

extension Algebra {
  /// The same elements with another shape.
  @inlinable public func reshape(to shape: ShapeReference) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Reshape(), self, shape: shape) }
  }
  /// The same elements in the same order with these sizes, of which one may be −1; a view where possible, else a copy.
  @inlinable public func reshape(_ sizes: [Int]) -> Self {
    checked { () throws(ArrayError) in try Reshape.steps(self, to: Shape(sizes)) }
  }
  /// As `reshape([...])`.
  @inlinable public func reshape(_ sizes: Int...) -> Self { reshape(sizes) }
}
