import CKernels

/// A function of two elements, calculated by one kernel.
///
/// One declaration serves three forms: array with array, array with number, number with array. The derivative is written over
/// `OperandContext`, in which an operand is either a value or a number.
public protocol ElementwiseBinary: WritingBinary {
  /// The result's dtype, given the one in which both operands meet. Throws where the operation has no meaning for it.
  static func resultDType(_ promoted: DType) throws(ArrayError) -> DType
  /// The dtype to calculate in, given the one in which both operands meet.
  static func computeDType(_ promoted: DType) throws(ArrayError) -> DType
  /// Throws where the dtypes of the operands, before they meet in one, make no sense.
  static func checkOperands(_ x: DType, _ y: DType) throws(ArrayError)
  /// The kernel for operands of this dtype, or nil where there is none.
  func kernel(_ dtype: DType) -> ck_binary_fn?
  /// What the kernel calculates, in one word: the operation's name, unless operations of one name calculate different things.
  static var kernelName: String { get }
  /// Throws when the values of the right operand make no sense (an integer divided by zero).
  func checkRight(_ y: NDArray) throws(ArrayError)
  /// Whether the result, with a number as the other operand, is proportional to the operand on this side, so that with the same number the
  /// operation takes the gradient of its result to that of the operand.
  static func isProportional(to side: Side) -> Bool
  /// Whether the operands can be exchanged: a plain number then counts as the right one.
  static var isCommutative: Bool { get }
  /// The operation in PyTorch's name of the derivative where a plain number stands on this side.
  static func gradientTitle(withNumber side: Side) -> String
  /// The number in PyTorch's name of the derivative where a plain number stands on this side, and where none does.
  static func gradientOverload(withNumber side: Side?) -> Int
  /// Which values the derivative reads where a plain number stands on this side: as where an operand stands there that needs none.
  func saves(besideNumber side: Side) -> SavedValues
  /// The gradient of the left or right operand.
  func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C.Value?
}

/// Left or right operand.
public enum Side: Int, Sendable {
  case left, right
}

/// An operand of a derivative rule: a value, or a plain number.
public enum Operand<Value: Algebra> {
  case value(Value)
  case scalar(Scalar)

  /// The operand as a value; a number becomes a 0-d constant of `other`'s dtype.
  @inlinable public func value(like other: Value) -> Value {
    switch self {
    case .value(let value): value
    case .scalar(let scalar):
      other.constant(checked { () throws(ArrayError) in try NDArray(scalar: scalar, other.dtype) })
    }
  }

  /// The product with a value.
  @inlinable public static func * (a: Value, b: Operand) -> Value {
    switch b {
    case .value(let b): a * b
    case .scalar(let b): a.mul(b)
    }
  }

  /// The quotient of a value by this.
  @inlinable public static func / (a: Value, b: Operand) -> Value {
    switch b {
    case .value(let b): a / b
    case .scalar(let b): a.div(b)
    }
  }
}

/// What a derivative rule of an `ElementwiseBinary` can look at.
public protocol OperandContext {
  /// The algebra the gradient is calculated in.
  associatedtype Value: Algebra
  /// The left operand.
  var left: Operand<Value> { get }
  /// The right operand.
  var right: Operand<Value> { get }
  /// The result.
  var result: Value { get }
}

extension ElementwiseBinary {
  @inlinable public static var isElementwise: Bool { true }
  @inlinable public static func resultDType(_ promoted: DType) throws(ArrayError) -> DType { promoted }
  @inlinable public static func computeDType(_ promoted: DType) throws(ArrayError) -> DType {
    try resultDType(promoted)
  }
  @inlinable public static func checkOperands(_ x: DType, _ y: DType) throws(ArrayError) {}
  @inlinable public func checkRight(_ y: NDArray) throws(ArrayError) {}
  @inlinable public func saves(besideNumber side: Side) -> SavedValues {
    saves(for: side == .left ? 1 : 0)
  }
  @inlinable public static func isProportional(to side: Side) -> Bool { false }
  public static var kernelName: String { name }
  @inlinable public static var isCommutative: Bool { false }
  public static func gradientTitle(withNumber side: Side) -> String { name }
  public static func gradientOverload(withNumber side: Side?) -> Int { 0 }
  public var gradientOverload: Int { Self.gradientOverload(withNumber: nil) }

  @inlinable @inline(__always)
  public func type(_ x: ArrayType, _ y: ArrayType) throws(ArrayError) -> ArrayType {
    if x.dtype != y.dtype { throw Self.mixed(x.dtype, y.dtype) }
    let dtype = try Self.resultDType(x.dtype)
    if x.shape == y.shape { return ArrayType(dtype, x.shape) }
    guard let shape = Shape.broadcast(x.shape, y.shape), !(x.shape.isKnown && y.shape.isKnown) else {
      throw Self.mismatch(x.shape, y.shape)
    }
    return ArrayType(dtype, shape)
  }

  /// The result for operands of one dtype whose shapes broadcast.
  @inlinable public func forward(spreading x: NDArray, _ y: NDArray) throws(ArrayError) -> NDArray {
    if x.hasType(of: y) {
      let output = try NDArray(like: x, try Self.resultDType(x.dtype))
      try forward(x, y, into: output)
      return output
    }
    let dtype = try Self.resultDType(x.dtype)
    let output: NDArray
    if y.count == 1 && y.rank <= x.rank {
      output = try NDArray(like: x, dtype)
    } else {
      guard let shape = Shape.broadcast(x.shape, y.shape) else { throw Self.mismatch(x.shape, y.shape) }
      output = try NDArray(uninitialized: shape, dtype)
    }
    try forward(x, y, into: output)
    return output
  }

  /// Writes the result into `output`, to whose shape each operand broadcasts.
  @inlinable public func forward(_ x: NDArray, _ y: NDArray, into output: NDArray) throws(ArrayError) {
    if output.count == 0 { return }
    guard let kernel = kernel(x.dtype) else { throw Self.undefined(for: x.dtype) }
    if !x.dtype.isFloatingPoint { try checkRight(y) }
    ElementLoop.binary(kernel, output, x, y)
  }

  @inlinable public func pullback<C: PullbackContext>(
    _ gradient: C.Value, to input: Int, _ context: C
  ) -> C.Value? {
    derivative(gradient, to: input == 0 ? .left : .right, ValueOperands(context))
  }

  @usableFromInline static func mixed(_ a: DType, _ b: DType) -> ArrayError {
    .runtime(
      "\(name): the operands have dtypes \(a) and \(b), but the operation itself needs one; convert with to(_:) first"
    )
  }

  @usableFromInline static func mismatch(_ a: Shape, _ b: Shape) -> ArrayError {
    broadcastError(name, a, b)
  }
}

/// PyTorch's message for shapes that do not broadcast, with the operation and the shapes.
public func broadcastError(_ operation: String, _ a: Shape, _ b: Shape) -> ArrayError {
  let rank = max(a.rank, b.rank)
  for axis in (0..<rank).reversed() {
    let (i, j) = (axis - rank + a.rank, axis - rank + b.rank)
    guard i >= 0, j >= 0, a[i] != b[j], a[i] != 1, b[j] != 1 else { continue }
    return .runtime(
      "\(operation): The size of tensor a (\(a[i])) must match the size of tensor b (\(b[j])) at non-singleton dimension \(axis); shapes \(a) and \(b) do not broadcast"
    )
  }
  return .runtime("\(operation): shapes \(a) and \(b) do not fit")
}

/// Both operands are inputs.
public struct ValueOperands<C: PullbackContext>: OperandContext {
  public typealias Value = C.Value
  @usableFromInline let context: C
  @inlinable init(_ context: C) { self.context = context }
  @inlinable public var left: Operand<Value> { .value(context.input(0)) }
  @inlinable public var right: Operand<Value> { .value(context.input(1)) }
  @inlinable public var result: C.Value { context.result(0) }
}

/// An elementwise operation of two operands of which one is a plain number.
public struct WithScalar<Base: ElementwiseBinary>: WritingUnary {
  public static var name: String { Base.name }
  @inlinable public static var isElementwise: Bool { true }

  /// The operation.
  public let base: Base
  /// The number.
  public let scalar: Scalar
  /// The side the number stands on.
  public let side: Side

  /// The operation with this number on this side.
  @inlinable public init(_ base: Base, _ scalar: Scalar, on side: Side) {
    self.base = base
    self.scalar = scalar
    self.side = side
  }

  public var attributes: [(name: String, value: String)] {
    base.attributes + [(side == .left ? "left" : "right", scalar.description)]
  }
  @inlinable public var isDifferentiable: Bool { base.isDifferentiable }
  @inlinable public static var lacksDerivative: Bool { Base.lacksDerivative }
  public var gradientOverload: Int { Base.gradientOverload(withNumber: side) }
  public var gradientName: String {
    Self.gradientName(of: Base.gradientTitle(withNumber: side), gradientOverload)
  }
  /// A number counts as an operand, unless the operation with it is a form of its own.
  public func gradientEntries(_ inputCount: Int) -> [Int?] {
    if gradientOverload != Base.gradientOverload(withNumber: nil) { return [0] }
    return side == .left && !Base.isCommutative ? [nil, 0] : [0, nil]
  }

  @inlinable public func saves(for input: Int) -> SavedValues {
    let needed = base.saves(besideNumber: side)
    let value: SavedValues = side == .left ? .second : .first
    var saved: SavedValues = needed.intersection(.result)
    if needed.contains(value) { saved.insert(.first) }
    return saved
  }

  @inlinable public var keepsNumber: Bool {
    base.saves(besideNumber: side).contains(side == .left ? .first : .second)
  }

  @inlinable public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    try Base.checkOperands(x.dtype, scalar.dtype)
    return ArrayType(try Base.resultDType(scalar.promoted(with: x.dtype)), x.shape)
  }

  @inlinable public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    try Base.checkOperands(x.dtype, scalar.dtype)
    let output = try NDArray(like: x, try Base.resultDType(scalar.promoted(with: x.dtype)))
    try forward(x, into: output)
    return output
  }

  @inlinable public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    let dtype = try Base.computeDType(scalar.promoted(with: x.dtype))
    if x.count == 0 { return }
    if x.dtype == dtype {
      try calculate(x, dtype, into: output)
    } else {
      try calculate(try x.converted(to: dtype), dtype, into: output)
    }
  }

  /// Overwrites the one element that is everywhere in `x`.
  @inlinable func calculateOnce(in x: NDArray) throws(ArrayError) {
    guard let kernel = base.kernel(x.dtype) else { throw Base.undefined(for: x.dtype) }
    withCell(x.dtype) { cell in
      if side == .left {
        kernel(1, x.address, 1, cell, 0, x.address, 0)
      } else {
        kernel(1, x.address, 1, x.address, 0, cell, 0)
      }
    }
  }

  /// Calls `body` with the address of the number as an element of `dtype`.
  @inlinable @inline(__always) func withCell(_ dtype: DType, _ body: (UnsafeRawPointer) -> Void) {
    var cell: UInt64 = 0
    withUnsafeMutableBytes(of: &cell) { bytes in
      NDArray.store(scalar, dtype, bytes.baseAddress!)
      body(UnsafeRawPointer(bytes.baseAddress!))
    }
  }

  @inlinable func calculate(_ x: NDArray, _ dtype: DType, into output: NDArray) throws(ArrayError) {
    guard let kernel = base.kernel(dtype) else { throw Base.undefined(for: dtype) }
    if !dtype.isFloatingPoint {
      try base.checkRight(side == .right ? try NDArray(scalar: scalar, dtype) : x)
    }
    withCell(dtype) { cell in
      ElementLoop.binary(kernel, output, x, scalarAt: cell, scalarOnLeft: side == .left)
    }
  }

  @inlinable public func arrayPullback<C: PullbackContext>(
    _ gradient: consuming NDArray, _ context: C
  ) throws(ArrayError) -> NDArray where C.Value == NDArray {
    if !Base.isProportional(to: side == .left ? .right : .left) {
      if gradient.count > attemptedElementCount { return try throwingPullback(gradient, context) }
      return pullback(gradient, context)
    }
    var gradient = gradient
    if gradient.isRepetition, gradient.isOnlyOwner() {
      try calculateOnce(in: gradient)
      return gradient
    }
    if gradient.isLongRepetition {
      return try forward(gradient.firstElement).expanded(to: gradient.shape)
    }
    return try (consume gradient).replaced { (gradient, output) throws(ArrayError) in
      try forward(gradient, into: output)
    }
  }

  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let operands = ScalarOperands(context, scalar, side)
    guard let result = base.derivative(gradient, to: side == .left ? .right : .left, operands) else {
      stop(.runtime("\(Base.name): has no derivative"))
    }
    return result
  }
}

/// One operand is the input, the other a number.
public struct ScalarOperands<C: PullbackContext>: OperandContext {
  public typealias Value = C.Value
  @usableFromInline let context: C
  @usableFromInline let scalar: Scalar
  @usableFromInline let side: Side
  @inlinable init(_ context: C, _ scalar: Scalar, _ side: Side) {
    self.context = context
    self.scalar = scalar
    self.side = side
  }
  @inlinable public var left: Operand<Value> { side == .left ? .scalar(scalar) : .value(context.input(0)) }
  @inlinable public var right: Operand<Value> { side == .right ? .scalar(scalar) : .value(context.input(0)) }
  @inlinable public var result: C.Value { context.result(0) }
}

// MARK: Applying with broadcasting and promotion

/// A plain Swift number that can stand beside an array.
public protocol ScalarConvertible {
  /// The number as an operand.
  var scalar: Scalar { get }
}
extension Scalar: ScalarConvertible { @inlinable public var scalar: Scalar { self } }
extension Int: ScalarConvertible { @inlinable public var scalar: Scalar { .int(Int64(self)) } }
extension Double: ScalarConvertible { @inlinable public var scalar: Scalar { .float(self) } }
extension Float: ScalarConvertible { @inlinable public var scalar: Scalar { .float(Double(self)) } }
extension Bool: ScalarConvertible { @inlinable public var scalar: Scalar { .bool(self) } }

extension Algebra {
  /// The operation on two values: each is converted to the dtype in which they meet and broadcast to their common shape.
  @inlinable public static func apply<O: ElementwiseBinary>(
    broadcasting operation: O, _ x: Self, _ y: Self
  ) throws(ArrayError) -> Self {
    var promoted = x.dtype
    if x.dtype != y.dtype {
      try O.checkOperands(x.dtype, y.dtype)
      promoted = promotedDType(x, y)
    }
    let dtype = try O.computeDType(promoted)
    if x.dtype == dtype && y.dtype == dtype { return try apply(spreading: operation, x, y) }
    return try apply(converting: operation, spreading: x, y, to: dtype)
  }

  /// As above, where the caller gives `x` away.
  @inlinable public static func apply<O: ElementwiseBinary>(
    broadcasting operation: O, consuming x: consuming Self, _ y: Self
  ) throws(ArrayError) -> Self {
    let dtype = x.dtype
    if dtype == y.dtype, try O.computeDType(dtype) == dtype {
      return try apply(spreading: operation, consuming: x, y)
    }
    return try apply(broadcasting: operation, x, y)
  }

  /// The operation on a value and a number.
  @inlinable public static func apply<O: ElementwiseBinary>(
    _ operation: O, _ x: Self, scalar: Scalar, on side: Side
  ) throws(ArrayError) -> Self {
    try apply(WithScalar(operation, scalar, on: side), x)
  }

  /// The dtype in which two values meet (PyTorch): a 0-d value of the same or a lower kind does not widen the other.
  @inlinable public static func promotedDType(_ x: Self, _ y: Self) -> DType {
    let (a, b) = (x.dtype, y.dtype)
    if a == b { return a }
    let (scalarA, scalarB) = (x.staticShape?.rank == 0, y.staticShape?.rank == 0)
    if scalarA == scalarB { return DType.promote(a, b) }
    let (array, single) = scalarA ? (b, a) : (a, b)
    return single.category <= array.category ? array : single
  }

  /// Replaces both by views of their common shape. Nothing happens when the shapes are equal.
  @inlinable public static func broadcast(
    _ x: inout Self, _ y: inout Self, _ operation: String
  ) throws(ArrayError) {
    if let a = x.staticShape, let b = y.staticShape, a.isKnown, b.isKnown {
      if a == b { return }
      guard let shape = Shape.broadcast(a, b) else { throw broadcastError(operation, a, b) }
      if a != shape { x = try apply(BroadcastTo(shape), x) }
      if b != shape { y = try apply(BroadcastTo(shape), y) }
    } else {
      if let a = x.staticShape, let b = y.staticShape, Shape.broadcast(a, b) == nil {
        throw broadcastError(operation, a, b)
      }
      let (first, second) = (x, y)
      x = try apply(BroadcastAgainst(), first, second)
      y = try apply(BroadcastAgainst(), second, first)
    }
  }
}
