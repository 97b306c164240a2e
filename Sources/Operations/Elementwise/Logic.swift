import CKernels

/// A logical connective of two operands: non-zero is true (NaN too); bool results, no gradient.
public protocol LogicalOperation: PlainElementwiseBinary {
  /// The kernel.
  static var connective: ck_binary_op { get }
}

extension LogicalOperation {
  public static func resultDType(_ promoted: DType) throws(ArrayError) -> DType { .bool }
  public static func computeDType(_ promoted: DType) throws(ArrayError) -> DType { promoted }
  public var isDifferentiable: Bool { false }
  public func kernel(_ dtype: DType) -> ck_binary_fn? { ck_binary(Self.connective, dtype.kernelType) }
  public func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C.Value? {
    nil
  }
}

/// `logical_and(x, y)`.
public struct LogicalAnd: LogicalOperation {
  public static let name = "logical_and"
  public static var connective: ck_binary_op { CK_LOGICAL_AND }
  public init() {}
}
/// `logical_or(x, y)`.
public struct LogicalOr: LogicalOperation {
  public static let name = "logical_or"
  public static var connective: ck_binary_op { CK_LOGICAL_OR }
  public init() {}
}
/// `logical_xor(x, y)`.
public struct LogicalXor: LogicalOperation {
  public static let name = "logical_xor"
  public static var connective: ck_binary_op { CK_LOGICAL_XOR }
  public init() {}
}

extension Algebra {
  /// Whether both are non-zero.
  public func logicalAnd(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(broadcasting: LogicalAnd(), self, other) }
  }
  /// Whether at least one is non-zero.
  public func logicalOr(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(broadcasting: LogicalOr(), self, other) }
  }
  /// Whether just one is non-zero.
  public func logicalXor(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(broadcasting: LogicalXor(), self, other) }
  }
}

extension InPlaceAlgebra {
  /// `logicalAnd` in place: 1 where it holds, else 0, in this dtype.
  @discardableResult public func logicalAnd_(_ other: Self) -> Self {
    inPlace(LogicalAnd(), other)
  }
  /// `logicalOr` in place: 1 where it holds, else 0, in this dtype.
  @discardableResult public func logicalOr_(_ other: Self) -> Self {
    inPlace(LogicalOr(), other)
  }
  /// `logicalXor` in place: 1 where it holds, else 0, in this dtype.
  @discardableResult public func logicalXor_(_ other: Self) -> Self {
    inPlace(LogicalXor(), other)
  }
}
