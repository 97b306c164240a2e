import CKernels

/// Refuses zeros among integer divisors.
func refuseZeroDivisors(_ y: NDArray, _ operation: String) throws(ArrayError) {
  try require(
    y.all().item(as: Bool.self),
    .runtime(
      "\(operation): ZeroDivisionError: an integer is divided by zero; convert to a floating dtype first"))
}

/// `floor_divide(x, y)`: ⌊x / y⌋, rounded down as Python does. Derivatives: 0.
public struct FloorDivide: PlainElementwiseBinary {
  public static let name = "floor_divide"
  public init() {}
  public static func resultDType(_ promoted: DType) throws(ArrayError) -> DType {
    if promoted == .bool { throw undefined(for: .bool) }
    return promoted
  }
  public func kernel(_ dtype: DType) -> ck_binary_fn? { ck_binary(CK_FLOOR_DIVIDE, dtype.kernelType) }
  public func checkRight(_ y: NDArray) throws(ArrayError) { try refuseZeroDivisors(y, Self.name) }
  public var isDifferentiable: Bool { false }
  @inlinable public static var lacksDerivative: Bool { true }
  public func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C.Value? {
    nil
  }
}

/// `div(x, y, rounding_mode="floor")`: as `floor_divide`, but with a derivative of 0.
struct DivFloor: ElementwiseBinary {
  static let name = "div"
  static var kernelName: String { FloorDivide.name }
  static func gradientOverload(withNumber side: Side?) -> Int { 2 }
  static func resultDType(_ promoted: DType) throws(ArrayError) -> DType {
    try FloorDivide.resultDType(promoted)
  }
  func kernel(_ dtype: DType) -> ck_binary_fn? { ck_binary(CK_FLOOR_DIVIDE, dtype.kernelType) }
  func checkRight(_ y: NDArray) throws(ArrayError) { try refuseZeroDivisors(y, Self.name) }
  /// Not read, but PyTorch keeps them.
  func saves(for input: Int) -> SavedValues { input == 0 ? .second : .inputs }
  func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C.Value? {
    gradient.zeros()
  }
}

/// `div(x, y, rounding_mode="trunc")`: x / y without the fraction. Derivatives: 0.
struct DivTrunc: ElementwiseBinary {
  static let name = "div"
  static var kernelName: String { "div_trunc" }
  static func gradientOverload(withNumber side: Side?) -> Int { 2 }
  static func resultDType(_ promoted: DType) throws(ArrayError) -> DType {
    try FloorDivide.resultDType(promoted)
  }
  func kernel(_ dtype: DType) -> ck_binary_fn? { ck_binary(CK_DIV_TRUNC, dtype.kernelType) }
  func checkRight(_ y: NDArray) throws(ArrayError) { try refuseZeroDivisors(y, Self.name) }
  /// Not read, but PyTorch keeps them.
  func saves(for input: Int) -> SavedValues { input == 0 ? .second : .inputs }
  func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C.Value? {
    gradient.zeros()
  }
}

/// `remainder(x, y)`: x − ⌊x / y⌋·y, with the sign of y, as Python's `%`. Derivatives: g and −g·⌊x / y⌋.
public struct Remainder: ElementwiseBinary {
  public static let name = "remainder"
  public init() {}
  public static func gradientOverload(withNumber side: Side?) -> Int { side == .right ? 0 : 1 }
  public static func resultDType(_ promoted: DType) throws(ArrayError) -> DType {
    try FloorDivide.resultDType(promoted)
  }
  public func kernel(_ dtype: DType) -> ck_binary_fn? { ck_binary(CK_REMAINDER, dtype.kernelType) }
  public func checkRight(_ y: NDArray) throws(ArrayError) { try refuseZeroDivisors(y, Self.name) }
  public func saves(for input: Int) -> SavedValues { input == 0 ? [] : .inputs }
  public func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C.Value? {
    if side == .left { return gradient }
    let (x, y) = (context.left.value(like: gradient), context.right.value(like: gradient))
    return -gradient * x.div(y, rounding: .floor)
  }
}

/// `fmod(x, y)`: x − trunc(x / y)·y, with the sign of x, as in C. Derivatives: g and −g·trunc(x / y).
public struct FMod: PlainElementwiseBinary {
  public static let name = "fmod"
  public init() {}
  public static func gradientOverload(withNumber side: Side?) -> Int { side == .right ? 0 : 1 }
  public static func resultDType(_ promoted: DType) throws(ArrayError) -> DType {
    try FloorDivide.resultDType(promoted)
  }
  public func kernel(_ dtype: DType) -> ck_binary_fn? { ck_binary(CK_FMOD, dtype.kernelType) }
  public func checkRight(_ y: NDArray) throws(ArrayError) { try refuseZeroDivisors(y, Self.name) }
  public func saves(for input: Int) -> SavedValues { input == 0 ? [] : .inputs }
  public func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C.Value? {
    if side == .left { return gradient }
    let (x, y) = (context.left.value(like: gradient), context.right.value(like: gradient))
    return -gradient * x.div(y, rounding: .trunc)
  }
}

/// How a quotient is rounded to an integer.
public enum RoundingMode: String, Sendable {
  /// Towards minus infinity, as Python's `//`.
  case floor
  /// Towards zero, as in C.
  case trunc
}

extension Div: TableEntry {
  public static var signature: Signature { Signature("T input, TS other, str? rounding_mode") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let x = Operand.value(try arguments.tensor("input"))
    let y = try arguments.operand("other")
    switch try arguments.optionalString("rounding_mode") {
    case nil: return [try Value.apply(operands: Div(), x, y)]
    case "floor": return [try Value.apply(operands: DivFloor(), x, y)]
    case "trunc": return [try Value.apply(operands: DivTrunc(), x, y)]
    case let word?:
      throw .runtime("div: expected rounding_mode to be one of None, 'trunc', or 'floor' but found '\(word)'")
    }
  }
}

extension Remainder: TableEntry {
  public static var signature: Signature { Signature("TS input, TS other") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(operands: Remainder(), try arguments.operand("input"), try arguments.operand("other"))]
  }
}

extension Algebra {
  /// The quotient rounded to an integer; integral operands stay integral.
  public func div(_ other: Self, rounding: RoundingMode) -> Self {
    checked { () throws(ArrayError) in
      rounding == .floor
        ? try Self.apply(broadcasting: DivFloor(), self, other)
        : try Self.apply(broadcasting: DivTrunc(), self, other)
    }
  }
  /// ⌊x / y⌋, rounded down.
  public func floorDivide(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(broadcasting: FloorDivide(), self, other) }
  }
  /// ⌊x / number⌋, rounded down.
  public func floorDivide(_ other: some ScalarConvertible) -> Self {
    checked { () throws(ArrayError) in try Self.apply(FloorDivide(), self, scalar: other.scalar, on: .right) }
  }
  /// The remainder with the sign of the divisor.
  public func remainder(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(broadcasting: Remainder(), self, other) }
  }
  /// The remainder with the sign of the divisor.
  public func remainder(_ other: some ScalarConvertible) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Remainder(), self, scalar: other.scalar, on: .right) }
  }
  /// The remainder with the sign of the dividend.
  public func fmod(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(broadcasting: FMod(), self, other) }
  }
  /// The remainder with the sign of the dividend.
  public func fmod(_ other: some ScalarConvertible) -> Self {
    checked { () throws(ArrayError) in try Self.apply(FMod(), self, scalar: other.scalar, on: .right) }
  }
}

extension InPlaceAlgebra {
  /// The rounded quotient in place.
  @discardableResult public func div_(_ other: Self, rounding: RoundingMode) -> Self {
    inPlace(Div.name) { x throws(ArrayError) in x.div(other, rounding: rounding) }
  }
  /// `floorDivide` in place.
  @discardableResult public func floorDivide_(_ other: Self) -> Self {
    inPlace(FloorDivide(), other)
  }
  /// `floorDivide` in place.
  @discardableResult public func floorDivide_(_ other: some ScalarConvertible) -> Self {
    inPlace(FloorDivide(), other)
  }
  /// `remainder` in place.
  @discardableResult public func remainder_(_ other: Self) -> Self {
    inPlace(Remainder(), other)
  }
  /// `remainder` in place.
  @discardableResult public func remainder_(_ other: some ScalarConvertible) -> Self {
    inPlace(Remainder(), other)
  }
  /// `fmod` in place.
  @discardableResult public func fmod_(_ other: Self) -> Self {
    inPlace(FMod(), other)
  }
  /// `fmod` in place.
  @discardableResult public func fmod_(_ other: some ScalarConvertible) -> Self {
    inPlace(FMod(), other)
  }
}
