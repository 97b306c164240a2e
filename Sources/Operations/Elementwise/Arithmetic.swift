import CKernels

/// `add(x, y, alpha)`: x + alpha·y. Derivatives: g and alpha·g.
public struct Add: Summation {
  public static let name = "add"
  @inlinable public init() {}
  @inlinable public static var isCommutative: Bool { true }
  public static var afterScaling: ck_pair_op { CK_THEN_ADD }
  @inlinable public func kernel(_ dtype: DType) -> ck_binary_fn? { ck_binary(CK_ADD, dtype.kernelType) }
  @inlinable public func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C
    .Value?
  {
    gradient
  }
}

extension Add: TableEntry {
  public static var signature: Signature { Signature("T input, TS other, S alpha=1") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let (x, alpha) = (try arguments.tensor("input"), try arguments.scalar("alpha", default: 1))
    switch try arguments.operand("other") {
    case .value(let y): return [try x.adding(y, alpha: alpha)]
    case .scalar(let y):
      let promoted = y.promoted(with: x.dtype)
      try Value.checkAlpha(alpha, promoted, name)
      return [try Value.apply(Add(), x, scalar: y.scaled(by: alpha, besides: x.dtype), on: .right)]
    }
  }
}

/// `sub(x, y, alpha)`: x − alpha·y. Derivatives: g and −alpha·g. Not for bool, as in PyTorch.
public struct Sub: Summation {
  public static let name = "sub"
  @inlinable public init() {}
  public static var afterScaling: ck_pair_op { CK_THEN_LEAVE }
  public static func gradientTitle(withNumber side: Side) -> String { side == .left ? "rsub" : name }
  public static func gradientOverload(withNumber side: Side?) -> Int { side == .left ? 1 : 0 }
  @inlinable public static func resultDType(_ promoted: DType) throws(ArrayError) -> DType {
    if promoted == .bool { throw boolOperand }
    return promoted
  }
  @inlinable public static func checkOperands(_ x: DType, _ y: DType) throws(ArrayError) {
    if x == .bool || y == .bool { throw boolOperand }
  }
  @usableFromInline static var boolOperand: ArrayError {
    .runtime(
      "sub: Subtraction, the `-` operator, with a bool tensor is not supported; use logicalXor or logicalNot instead"
    )
  }
  @inlinable public func kernel(_ dtype: DType) -> ck_binary_fn? { ck_binary(CK_SUB, dtype.kernelType) }
  @inlinable public func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C
    .Value?
  {
    side == .left ? gradient : -gradient
  }
}

extension Sub: TableEntry {
  public static var signature: Signature { Signature("T input, TS other, S alpha=1") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let (x, alpha) = (try arguments.tensor("input"), try arguments.scalar("alpha", default: 1))
    switch try arguments.operand("other") {
    case .value(let y): return [try x.subtracting(y, alpha: alpha)]
    case .scalar(let y):
      try checkOperands(x.dtype, y.dtype)
      let promoted = y.promoted(with: x.dtype)
      try Value.checkAlpha(alpha, promoted, name)
      return [try Value.apply(Sub(), x, scalar: y.scaled(by: alpha, besides: x.dtype), on: .right)]
    }
  }
}

/// `mul(x, y)`: x·y. Derivatives: g·y and g·x.
public struct Mul: PlainElementwiseBinary {
  public static let name = "mul"
  @inlinable public init() {}
  @inlinable public static var isCommutative: Bool { true }
  @inlinable public func kernel(_ dtype: DType) -> ck_binary_fn? { ck_binary(CK_MUL, dtype.kernelType) }
  @inlinable public static func isProportional(to side: Side) -> Bool { true }
  @inlinable public func saves(for input: Int) -> SavedValues { input == 0 ? .second : .first }
  @inlinable public func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C
    .Value?
  {
    gradient * (side == .left ? context.right : context.left)
  }
  @inlinable public func summedPullback<C: PullbackContext>(
    _ gradient: NDArray, to input: Int, _ shape: Shape, _ context: C
  ) throws(ArrayError) -> NDArray? where C.Value == NDArray {
    let other = context.input(1 - input)
    let (step, otherStep) = (gradient.step(along: gradient), other.step(along: gradient))
    guard shape.elementCount == 1, step >= 0, otherStep >= 0, gradient.count > 0 else { return nil }
    let sum = try NDArray(uninitialized: shape, gradient.dtype)
    try Reduction.sum(CK_SUM_PRODUCTS, gradient.count, gradient, step, other, otherStep, into: sum)
    return sum
  }
}

/// `div(x, y)`: x / y, true division; integers become the default floating type. Derivatives: g / y and −g·(x/y)/y.
public struct Div: ElementwiseBinary {
  public static let name = "div"
  @inlinable public init() {}
  @inlinable public static func resultDType(_ promoted: DType) throws(ArrayError) -> DType {
    promoted.isFloatingPoint ? promoted : DType.default
  }
  @inlinable public func kernel(_ dtype: DType) -> ck_binary_fn? { ck_binary(CK_DIV, dtype.kernelType) }
  @inlinable public static func isProportional(to side: Side) -> Bool { side == .left }
  @inlinable public func saves(for input: Int) -> SavedValues { input == 0 ? .second : .inputs }
  @inlinable public func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C
    .Value?
  {
    if side == .left { return gradient / context.right }
    let divisor = context.right.value(like: gradient)
    return -gradient * (context.left.value(like: gradient) / divisor / divisor)
  }
}

extension Scalar {
  /// The number times alpha; still a bool where it meets bools only.
  @usableFromInline func scaled(by alpha: Scalar, besides dtype: DType) -> Scalar {
    if alpha == 1 { return self }
    if promoted(with: dtype) == .bool { return .bool(doubleValue != 0 && alpha.doubleValue != 0) }
    return self * alpha
  }
}

extension Algebra {
  /// x + alpha·y, broadcast and promoted.
  @inlinable public func add(_ other: Self, alpha: Scalar = 1) -> Self {
    checked { () throws(ArrayError) in try adding(other, alpha: alpha) }
  }
  /// x + alpha·number.
  @inlinable public func add(_ other: some ScalarConvertible, alpha: Scalar = 1) -> Self {
    let term = other.scalar.scaled(by: alpha, besides: dtype)
    return checked { () throws(ArrayError) in try Self.apply(Add(), self, scalar: term, on: .right) }
  }
  /// The throwing form of `add`.
  @inlinable public func adding(_ other: Self, alpha: Scalar = 1) throws(ArrayError) -> Self {
    if alpha == 1 { return try Self.apply(broadcasting: Add(), self, other) }
    return try Self.scaledSum(Add.self, self, other, alpha, Add.name)
  }

  /// x − alpha·y, broadcast and promoted.
  @inlinable public func sub(_ other: Self, alpha: Scalar = 1) -> Self {
    checked { () throws(ArrayError) in try subtracting(other, alpha: alpha) }
  }
  /// x − alpha·number.
  @inlinable public func sub(_ other: some ScalarConvertible, alpha: Scalar = 1) -> Self {
    let term = other.scalar.scaled(by: alpha, besides: dtype)
    return checked { () throws(ArrayError) in try Self.apply(Sub(), self, scalar: term, on: .right) }
  }
  /// The throwing form of `sub`.
  @inlinable public func subtracting(_ other: Self, alpha: Scalar = 1) throws(ArrayError) -> Self {
    if alpha == 1 { return try Self.apply(broadcasting: Sub(), self, other) }
    return try Self.scaledSum(Sub.self, self, other, alpha, Sub.name)
  }

  /// x·y, broadcast and promoted.
  @inlinable public func mul(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(broadcasting: Mul(), self, other) }
  }
  /// x·number.
  @inlinable public func mul(_ other: some ScalarConvertible) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Mul(), self, scalar: other.scalar, on: .right) }
  }
  /// x / y, true division.
  @inlinable public func div(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(broadcasting: Div(), self, other) }
  }
  /// x / number.
  @inlinable public func div(_ other: some ScalarConvertible) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Div(), self, scalar: other.scalar, on: .right) }
  }

  /// x + y, broadcast and promoted.
  @inlinable public static func + (x: consuming Self, y: Self) -> Self { combine(Add(), x, y) }
  /// x + number.
  @inlinable public static func + <N: ScalarConvertible>(x: consuming Self, y: N) -> Self {
    combine(Add(), x, y.scalar, on: .right)
  }
  /// number + x.
  @inlinable public static func + <N: ScalarConvertible>(x: N, y: consuming Self) -> Self {
    combine(Add(), y, x.scalar, on: .left)
  }
  /// x − y, broadcast and promoted.
  @inlinable public static func - (x: consuming Self, y: Self) -> Self { combine(Sub(), x, y) }
  /// x − number.
  @inlinable public static func - <N: ScalarConvertible>(x: consuming Self, y: N) -> Self {
    combine(Sub(), x, y.scalar, on: .right)
  }
  /// number − x.
  @inlinable public static func - <N: ScalarConvertible>(x: N, y: consuming Self) -> Self {
    combine(Sub(), y, x.scalar, on: .left)
  }
  /// x·y element by element, broadcast and promoted.
  @inlinable public static func * (x: consuming Self, y: Self) -> Self { combine(Mul(), x, y) }
  /// x·number.
  @inlinable public static func * <N: ScalarConvertible>(x: consuming Self, y: N) -> Self {
    combine(Mul(), x, y.scalar, on: .right)
  }
  /// number·x.
  @inlinable public static func * <N: ScalarConvertible>(x: N, y: consuming Self) -> Self {
    combine(Mul(), y, x.scalar, on: .left)
  }
  /// x / y, true division.
  @inlinable public static func / (x: consuming Self, y: Self) -> Self { combine(Div(), x, y) }
  /// x / number.
  @inlinable public static func / <N: ScalarConvertible>(x: consuming Self, y: N) -> Self {
    combine(Div(), x, y.scalar, on: .right)
  }
  /// number / x.
  @inlinable public static func / <N: ScalarConvertible>(x: N, y: consuming Self) -> Self {
    combine(Div(), y, x.scalar, on: .left)
  }

  // What the operators do. They consume an operand, so that a temporary's memory can become the result's.
  @inlinable @inline(__always) static func combine<O: ElementwiseBinary>(
    _ operation: O, _ x: consuming Self, _ y: Self
  ) -> Self {
    do { return try apply(broadcasting: operation, consuming: x, y) } catch { stop(error) }
  }
  @inlinable @inline(__always) static func combine<O: ElementwiseBinary>(
    _ operation: O, _ x: consuming Self, _ number: Scalar, on side: Side
  ) -> Self {
    do { return try apply(WithScalar(operation, number, on: side), consuming: x) } catch { stop(error) }
  }
}

extension InPlaceAlgebra {
  /// x ← x + alpha·y.
  @inlinable @discardableResult public func add_(_ other: Self, alpha: Scalar = 1) -> Self {
    checked { () throws(ArrayError) in try applyScaled(Add(), other, alpha) }
    return self
  }
  /// x ← x + alpha·number.
  @inlinable @discardableResult public func add_(_ other: some ScalarConvertible, alpha: Scalar = 1) -> Self {
    let term = other.scalar.scaled(by: alpha, besides: dtype)
    return inPlace(Add(), term)
  }
  /// x ← x − alpha·y.
  @inlinable @discardableResult public func sub_(_ other: Self, alpha: Scalar = 1) -> Self {
    checked { () throws(ArrayError) in try applyScaled(Sub(), other, alpha) }
    return self
  }
  /// x ← x − alpha·number.
  @inlinable @discardableResult public func sub_(_ other: some ScalarConvertible, alpha: Scalar = 1) -> Self {
    let term = other.scalar.scaled(by: alpha, besides: dtype)
    return inPlace(Sub(), term)
  }
  /// x ← x·y.
  @inlinable @discardableResult public func mul_(_ other: Self) -> Self {
    inPlace(Mul(), other)
  }
  /// x ← x·number.
  @inlinable @discardableResult public func mul_(_ other: some ScalarConvertible) -> Self {
    inPlace(Mul(), other)
  }
  /// x ← x / y.
  @inlinable @discardableResult public func div_(_ other: Self) -> Self {
    inPlace(Div(), other)
  }
  /// x ← x / number.
  @inlinable @discardableResult public func div_(_ other: some ScalarConvertible) -> Self {
    inPlace(Div(), other)
  }

  /// The operation on this value and `y`, which is converted and broadcast to it first, written over this value.
  @inlinable public func applyInPlace<O: ElementwiseBinary>(
    broadcasting operation: O, _ y: Self
  ) throws(ArrayError) {
    try checkOverlap(with: y, O.name)
    if hasType(of: y), try O.computeDType(y.dtype) == y.dtype, try O.resultDType(y.dtype) == y.dtype {
      return try applyInPlace(fitting: operation, y)
    }
    var y = y
    let dtype = dtype == y.dtype ? dtype : Self.promotedDType(self, y)
    if try O.computeDType(dtype) != self.dtype {
      return try become(try Self.apply(broadcasting: operation, self, y), O.name)
    }
    let spread = staticShape.flatMap { $0 == y.staticShape ? nil : $0 }
    if let spread, let source = y.staticShape, Shape.broadcast(spread, source) != spread {
      throw .runtime(
        "\(O.name)_: output with shape \(spread) doesn't match the broadcast shape of \(spread) and \(source)"
      )
    }
    if y.dtype != self.dtype || spread != nil {
      // Recorded as one step with conversion and broadcasting, as PyTorch does it.
      if needsGradient || y.needsGradient {
        return try overwrite(O.name) { x throws(ArrayError) in
          try Self.apply(broadcasting: operation, x, y)
        }
      }
      if y.dtype != self.dtype { y = try Self.apply(Cast(self.dtype), y) }
      if let spread { y = try Self.apply(BroadcastTo(spread), y) }
    }
    try applyInPlace(operation, y)
  }
}
