import CKernels

/// `atan2(y, x)`: the angle of the point (x, y), in (−π, π]. Derivatives: g·x / (x² + y²) and −g·y / (x² + y²).
public struct Atan2: ElementwiseBinary {
  public static let name = "atan2"
  public init() {}
  public static func resultDType(_ promoted: DType) throws(ArrayError) -> DType {
    promoted.isFloatingPoint ? promoted : DType.default
  }
  public func kernel(_ dtype: DType) -> ck_binary_fn? { ck_binary(CK_ATAN2, dtype.kernelType) }
  public func saves(for input: Int) -> SavedValues { .inputs }
  public func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C.Value? {
    Self.slope(
      gradient, side == .left ? 0 : 1, context.left.value(like: gradient), context.right.value(like: gradient)
    )
  }
  static func slope<Value: Algebra>(_ gradient: Value, _ input: Int, _ y: Value, _ x: Value) -> Value {
    let square = x * x + y * y
    let weight = (1 / square).maskedFill(square.eq(0), 0)
    return gradient * (input == 0 ? x * weight : -y * weight)
  }
  /// The operation on operands of any dtypes and shapes that meet.
  static func compute<Value: Algebra>(_ y: Value, _ x: Value) throws(ArrayError) -> Value {
    if y.dtype == x.dtype { return try Value.apply(broadcasting: Atan2(), y, x) }
    return try Value.apply(MixedAtan2(dtype: try resultDType(Value.promotedDType(y, x))), y, x)
  }
}

/// `atan2` of operands of two dtypes, calculated in the one in which they meet; the derivative squares each in its own, as PyTorch's does
/// (where an integer's square may wrap around).
struct MixedAtan2: BinaryOperation {
  static let name = Atan2.name
  let dtype: DType
  func saves(for input: Int) -> SavedValues { .inputs }
  func type(_ y: ArrayType, _ x: ArrayType) throws(ArrayError) -> ArrayType {
    try Converting(base: Atan2(), dtype: dtype).type(y, x)
  }
  func forward(_ y: NDArray, _ x: NDArray) throws(ArrayError) -> NDArray {
    try Converting(base: Atan2(), dtype: dtype).forward(y, x)
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    Atan2.slope(gradient, input, context.input(0), context.input(1)).sum(to: context.shape(input))
      .to(context.dtype(input))
  }
}

/// `hypot(x, y)`: √(x² + y²) without overflow; floating dtypes only. Derivatives: g·x / result and g·y / result.
public struct Hypot: ElementwiseBinary {
  public static let name = "hypot"
  public init() {}
  public static func resultDType(_ promoted: DType) throws(ArrayError) -> DType {
    if !promoted.isFloatingPoint { throw undefined(for: promoted) }
    return promoted
  }
  public func kernel(_ dtype: DType) -> ck_binary_fn? { ck_binary(CK_HYPOT, dtype.kernelType) }
  public func saves(for input: Int) -> SavedValues { input == 0 ? [.first, .result] : [.second, .result] }
  public func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C.Value? {
    let own = side == .left ? context.left : context.right
    return gradient * own.value(like: gradient) / context.result
  }
}

extension Atan2: TableEntry {
  public static var signature: Signature { Signature("T input, T other") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try compute(try arguments.tensor("input"), try arguments.tensor("other"))]
  }
}

extension Hypot: TableEntry {
  public static var signature: Signature { Signature("T input, T other") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(broadcasting: Hypot(), try arguments.tensor("input"), try arguments.tensor("other"))]
  }
}

extension Algebra {
  /// The angle of the point (x, self).
  public func atan2(_ x: Self) -> Self {
    checked { () throws(ArrayError) in try Atan2.compute(self, x) }
  }
  /// √(x² + y²) without overflow.
  public func hypot(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(broadcasting: Hypot(), self, other) }
  }
}

extension InPlaceAlgebra {
  /// `atan2` in place.
  @discardableResult public func atan2_(_ other: Self) -> Self {
    inPlace(Atan2.name) { x throws(ArrayError) in try Atan2.compute(x, other) }
  }
  /// `hypot` in place.
  @discardableResult public func hypot_(_ other: Self) -> Self {
    inPlace(Hypot(), other)
  }
}
