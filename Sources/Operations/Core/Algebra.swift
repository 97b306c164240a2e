@_exported import Arrays

/// What is known of an array before it is calculated: its dtype and shape.
///
/// A shape rule is written once over this type. When operations run, every size is known; while a graph is built, sizes may be
/// open (`Shape.unknown`).
public struct ArrayType: Sendable, Hashable {
  /// The sizes; open ones only in graphs.
  public var shape: Shape
  /// The type of the elements.
  public var dtype: DType

  /// The type of arrays with this dtype and shape.
  @inlinable public init(_ dtype: DType, _ shape: Shape) {
    self.dtype = dtype
    self.shape = shape
  }
}

extension ArrayType {
  /// Whether it is known that there are no elements.
  @inlinable public var isEmpty: Bool { shape.isKnown && shape.elementCount == 0 }
}

extension NDArray {
  /// The dtype and shape of this array.
  @inlinable public var type: ArrayType { ArrayType(dtype, shape) }
}

/// A world in which operations can be applied.
///
/// - `NDArray` runs an operation.
/// - `Tensor` runs it and remembers it (Autograd).
/// - `Symbol` only remembers it, to be run later by a session (StaticGraph).
///
/// Users' spellings (`x.exp()`, `x + y`) and derivative rules are written over this protocol, once for all three.
public protocol Algebra {
  /// A shape that a rule can refer to: a known one, or in a graph "the shape this symbol will have".
  associatedtype ShapeReference

  /// The type of the elements.
  var dtype: DType { get }
  /// The shape as far as it is known; nil when, in a graph, even the rank is open.
  var staticShape: Shape? { get }
  /// The shape as something a derivative rule can hand on.
  var shapeReference: ShapeReference { get }

  /// The result of an operation on one value.
  static func apply<O: UnaryOperation>(_ operation: O, _ x: Self) throws(ArrayError) -> Self
  /// The result of an operation on two values.
  static func apply<O: BinaryOperation>(_ operation: O, _ x: Self, _ y: Self) throws(ArrayError) -> Self
  /// The result of an operation on three values.
  static func apply<O: TernaryOperation>(
    _ operation: O, _ x: Self, _ y: Self, _ z: Self
  ) throws(ArrayError) -> Self
  /// The results of an operation on any number of values.
  static func apply<O: VariadicOperation>(_ operation: O, _ xs: [Self]) throws(ArrayError) -> [Self]
  /// The result of an elementwise operation on two values of one dtype whose shapes may differ but broadcast.
  static func apply<O: ElementwiseBinary>(spreading operation: O, _ x: Self, _ y: Self) throws(ArrayError)
    -> Self
  /// As `apply`, where the caller gives `x` away: if nobody else holds it, its memory may become the result's. So the temporaries of
  /// `a * b + c` cost no memory of their own (NumPy's temporary elision).
  static func apply<O: UnaryOperation>(_ operation: O, consuming x: consuming Self) throws(ArrayError) -> Self
  /// As `apply(spreading:)`, where the caller gives `x` away.
  static func apply<O: ElementwiseBinary>(
    spreading operation: O, consuming x: consuming Self, _ y: Self
  ) throws(ArrayError) -> Self
  /// The result of an elementwise operation on three values whose dtypes and shapes may differ but meet.
  static func apply<O: ElementwiseTernary>(
    spreading operation: O, _ x: Self, _ y: Self, _ z: Self
  ) throws(ArrayError) -> Self
  /// The result of an operation that has a shape among its parameters, for a shape that may not be known yet.
  static func apply<O: ShapedOperation>(
    _ operation: O, _ x: Self, shape: ShapeReference
  ) throws(ArrayError) -> Self

  /// The part of a concatenation's gradient that belongs to the tensor at `index`, `shapes` being those of all the tensors.
  static func part(
    of gradient: Self, _ index: Int, along dim: Int, shapes: [ShapeReference]
  ) throws(ArrayError) -> Self
  /// `x` at the beginning of zeros of `shape`.
  static func padded(_ x: Self, to shape: ShapeReference) throws(ArrayError) -> Self
  /// Whether both surely have the same dtype and shape.
  func hasType(of other: Self) -> Bool
  /// A known shape as a reference.
  static func shapeReference(_ shape: Shape) -> ShapeReference
  /// `array` as a value without a gradient, in the same world (for a symbol, the same graph) as this one.
  func constant(_ array: NDArray) -> Self
  /// Whether a derivative by this value may be asked for: PyTorch's `requires_grad`. PyTorch decides by it how it takes some operations apart.
  var needsGradient: Bool { get }
  /// The array with this value's elements, whose layout decides in how many steps some operations are done; nil in a graph.
  var storedArray: NDArray? { get }
  /// Whether derivative rules that run on these values may have to be differentiated in turn as PyTorch's are.
  static var remembers: Bool { get }
}

extension Algebra {
  public func hasType(of other: Self) -> Bool {
    guard dtype == other.dtype, let a = staticShape, let b = other.staticShape else { return false }
    return a.isKnown && a == b
  }
  @inlinable public static var remembers: Bool { false }
  @inlinable public var needsGradient: Bool { false }
  @inlinable public var storedArray: NDArray? { nil }
  @inlinable public static func apply<O: UnaryOperation>(
    _ operation: O, consuming x: consuming Self
  ) throws(ArrayError) -> Self { try apply(operation, x) }
  @inlinable public static func apply<O: ElementwiseBinary>(
    spreading operation: O, consuming x: consuming Self, _ y: Self
  ) throws(ArrayError) -> Self { try apply(spreading: operation, x, y) }
}

/// An algebra whose values can be changed in place: arrays and tensors, not symbols.
public protocol InPlaceAlgebra: Algebra {
  /// Overwrites this value with the operation's result on it. Throws when the result has another shape or cannot be cast to this dtype.
  func applyInPlace<O: UnaryOperation>(_ operation: O) throws(ArrayError)
  /// Overwrites this value with the operation's result on it and `y`, broadcast to this shape.
  func applyInPlace<O: BinaryOperation>(_ operation: O, _ y: Self) throws(ArrayError)
  /// As above where `y` and the result have this value's dtype and shape.
  func applyInPlace<O: ElementwiseBinary>(fitting operation: O, _ y: Self) throws(ArrayError)
  /// Throws when `operation` in place, which writes here while it reads `other`, would read what it has written: both share some memory,
  /// but are not the same view.
  func checkOverlap(with other: Self, _ operation: @autoclosure () -> String) throws(ArrayError)
  /// Overwrites this value with `value`, which `operation` computed from it; the history becomes that of `value`.
  func become(_ value: Self, _ operation: String) throws(ArrayError)
  /// Overwrites this value with what `compute` makes of it; errors speak of `operation`.
  func overwrite(_ operation: String, _ compute: (Self) throws(ArrayError) -> Self) throws(ArrayError)
}

extension InPlaceAlgebra {
  @inlinable public func overwrite(
    _ operation: String, _ compute: (Self) throws(ArrayError) -> Self
  ) throws(ArrayError) {
    try become(try compute(self), operation)
  }
  /// The in-place form of an operation on one value. Returns itself, as PyTorch's `x.op_()`.
  @inlinable @discardableResult public func inPlace<O: UnaryOperation>(_ operation: O) -> Self {
    checked { () throws(ArrayError) in try applyInPlace(operation) }
    return self
  }
  /// The in-place form of an elementwise operation on two values; `other` is converted and broadcast.
  @inlinable @discardableResult
  public func inPlace<O: ElementwiseBinary>(_ operation: O, _ other: Self) -> Self {
    checked { () throws(ArrayError) in try applyInPlace(broadcasting: operation, other) }
    return self
  }
  /// The in-place form of an elementwise operation with a number on its right.
  @inlinable @discardableResult
  public func inPlace<O: ElementwiseBinary>(_ operation: O, _ number: some ScalarConvertible) -> Self {
    inPlace(WithScalar(operation, number.scalar, on: .right))
  }
  /// The in-place form of any composed operation: computes, then takes over the result.
  @inlinable @discardableResult
  public func inPlace(_ operation: String, _ compute: (Self) throws(ArrayError) -> Self) -> Self {
    checked { () throws(ArrayError) in try overwrite(operation, compute) }
    return self
  }
}
