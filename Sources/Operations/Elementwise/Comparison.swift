import CKernels

/// A comparison of two operands, element by element: bool results, no gradient. With NaN only `ne` is true.
public protocol ComparisonOperation: PlainElementwiseBinary {
  /// The comparison.
  static var comparison: ck_compare_op { get }
}

extension ComparisonOperation {
  public static func resultDType(_ promoted: DType) throws(ArrayError) -> DType { .bool }
  public static func computeDType(_ promoted: DType) throws(ArrayError) -> DType { promoted }
  public var isDifferentiable: Bool { false }
  public func kernel(_ dtype: DType) -> ck_binary_fn? { ck_compare(Self.comparison, dtype.kernelType) }
  public func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C.Value? {
    nil
  }
}

/// `eq(x, y)`: x = y.
public struct Eq: ComparisonOperation {
  public static let name = "eq"
  public static var comparison: ck_compare_op { CK_EQ }
  public init() {}
}
/// `ne(x, y)`: x ≠ y.
public struct Ne: ComparisonOperation {
  public static let name = "ne"
  public static var comparison: ck_compare_op { CK_NE }
  public init() {}
}
/// `lt(x, y)`: x < y.
public struct Lt: ComparisonOperation {
  public static let name = "lt"
  public static var comparison: ck_compare_op { CK_LT }
  public init() {}
}
/// `le(x, y)`: x ≤ y.
public struct Le: ComparisonOperation {
  public static let name = "le"
  public static var comparison: ck_compare_op { CK_LE }
  public init() {}
}
/// `gt(x, y)`: x > y.
public struct Gt: ComparisonOperation {
  public static let name = "gt"
  public static var comparison: ck_compare_op { CK_GT }
  public init() {}
}
/// `ge(x, y)`: x ≥ y.
public struct Ge: ComparisonOperation {
  public static let name = "ge"
  public static var comparison: ck_compare_op { CK_GE }
  public init() {}
}

extension Algebra {
  /// x = y, element by element, as bool.
  public func eq(_ other: Self) -> Self { compare(Eq(), other) }
  /// x = number.
  public func eq(_ other: some ScalarConvertible) -> Self { compare(Eq(), other) }
  /// x ≠ y.
  public func ne(_ other: Self) -> Self { compare(Ne(), other) }
  /// x ≠ number.
  public func ne(_ other: some ScalarConvertible) -> Self { compare(Ne(), other) }
  /// x < y.
  public func lt(_ other: Self) -> Self { compare(Lt(), other) }
  /// x < number.
  public func lt(_ other: some ScalarConvertible) -> Self { compare(Lt(), other) }
  /// x ≤ y.
  public func le(_ other: Self) -> Self { compare(Le(), other) }
  /// x ≤ number.
  public func le(_ other: some ScalarConvertible) -> Self { compare(Le(), other) }
  /// x > y.
  public func gt(_ other: Self) -> Self { compare(Gt(), other) }
  /// x > number.
  public func gt(_ other: some ScalarConvertible) -> Self { compare(Gt(), other) }
  /// x ≥ y.
  public func ge(_ other: Self) -> Self { compare(Ge(), other) }
  /// x ≥ number.
  public func ge(_ other: some ScalarConvertible) -> Self { compare(Ge(), other) }

  private func compare<O: ComparisonOperation>(_ operation: O, _ other: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(broadcasting: operation, self, other) }
  }
  private func compare<O: ComparisonOperation>(_ operation: O, _ other: some ScalarConvertible) -> Self {
    checked { () throws(ArrayError) in try Self.apply(operation, self, scalar: other.scalar, on: .right) }
  }
}

extension InPlaceAlgebra {
  /// `eq` in place: 1 where it holds, else 0, in this dtype.
  @discardableResult public func eq_(_ other: Self) -> Self {
    inPlace(Eq(), other)
  }
  /// `eq` in place: 1 where it holds, else 0, in this dtype.
  @discardableResult public func eq_(_ other: some ScalarConvertible) -> Self {
    inPlace(Eq(), other)
  }
  /// `ne` in place: 1 where it holds, else 0, in this dtype.
  @discardableResult public func ne_(_ other: Self) -> Self {
    inPlace(Ne(), other)
  }
  /// `ne` in place: 1 where it holds, else 0, in this dtype.
  @discardableResult public func ne_(_ other: some ScalarConvertible) -> Self {
    inPlace(Ne(), other)
  }
  /// `lt` in place: 1 where it holds, else 0, in this dtype.
  @discardableResult public func lt_(_ other: Self) -> Self {
    inPlace(Lt(), other)
  }
  /// `lt` in place: 1 where it holds, else 0, in this dtype.
  @discardableResult public func lt_(_ other: some ScalarConvertible) -> Self {
    inPlace(Lt(), other)
  }
  /// `le` in place: 1 where it holds, else 0, in this dtype.
  @discardableResult public func le_(_ other: Self) -> Self {
    inPlace(Le(), other)
  }
  /// `le` in place: 1 where it holds, else 0, in this dtype.
  @discardableResult public func le_(_ other: some ScalarConvertible) -> Self {
    inPlace(Le(), other)
  }
  /// `gt` in place: 1 where it holds, else 0, in this dtype.
  @discardableResult public func gt_(_ other: Self) -> Self {
    inPlace(Gt(), other)
  }
  /// `gt` in place: 1 where it holds, else 0, in this dtype.
  @discardableResult public func gt_(_ other: some ScalarConvertible) -> Self {
    inPlace(Gt(), other)
  }
  /// `ge` in place: 1 where it holds, else 0, in this dtype.
  @discardableResult public func ge_(_ other: Self) -> Self {
    inPlace(Ge(), other)
  }
  /// `ge` in place: 1 where it holds, else 0, in this dtype.
  @discardableResult public func ge_(_ other: some ScalarConvertible) -> Self {
    inPlace(Ge(), other)
  }
}
