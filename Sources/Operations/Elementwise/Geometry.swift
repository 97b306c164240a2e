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
    let (y, x) = (context.left.value(like: gradient), context.right.value(like: gradient))
    let square = x * x + y * y
    let weight = (1 / square).maskedFill(square.eq(0), 0)
    return gradient * (side == .left ? x * weight : -y * weight)
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
    [try Value.apply(broadcasting: Atan2(), try arguments.tensor("input"), try arguments.tensor("other"))]
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
    checked { () throws(ArrayError) in try Self.apply(broadcasting: Atan2(), self, x) }
  }
  /// √(x² + y²) without overflow.
  public func hypot(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(broadcasting: Hypot(), self, other) }
  }
}

extension InPlaceAlgebra {
  /// `atan2` in place.
  @discardableResult public func atan2_(_ other: Self) -> Self {
    inPlace { x throws(ArrayError) in x.atan2(other) }
  }
  /// `hypot` in place.
  @discardableResult public func hypot_(_ other: Self) -> Self {
    inPlace { x throws(ArrayError) in x.hypot(other) }
  }
}
