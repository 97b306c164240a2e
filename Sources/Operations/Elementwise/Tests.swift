import CKernels

/// `isnan(x)`: whether each element is not a number.
public struct IsNaN: PlainElementwiseUnary {
  public static let name = "isnan"
  @inlinable public static var kernel: ck_unary_op { CK_ISNAN }
  @inlinable public static var rule: ElementRule { .bool }
  @inlinable public init() {}
  public var isDifferentiable: Bool { false }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.zeros()
  }
}

/// `isinf(x)`: whether each element is infinite.
public struct IsInf: PlainElementwiseUnary {
  public static let name = "isinf"
  @inlinable public static var kernel: ck_unary_op { CK_ISINF }
  @inlinable public static var rule: ElementRule { .bool }
  @inlinable public init() {}
  public var isDifferentiable: Bool { false }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.zeros()
  }
}

/// `isfinite(x)`: whether each element is a finite number.
public struct IsFinite: PlainElementwiseUnary {
  public static let name = "isfinite"
  @inlinable public static var kernel: ck_unary_op { CK_ISFINITE }
  @inlinable public static var rule: ElementRule { .bool }
  @inlinable public init() {}
  public var isDifferentiable: Bool { false }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.zeros()
  }
}

/// `logical_not(x)`: whether each element is zero.
public struct LogicalNot: PlainElementwiseUnary {
  public static let name = "logical_not"
  @inlinable public static var kernel: ck_unary_op { CK_LOGICAL_NOT }
  @inlinable public static var rule: ElementRule { .bool }
  @inlinable public init() {}
  public var isDifferentiable: Bool { false }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.zeros()
  }
}

extension Algebra {
  /// Whether each element is not a number.
  public func isnan() -> Self { checked { () throws(ArrayError) in try Self.apply(IsNaN(), self) } }
  /// Whether each element is infinite.
  public func isinf() -> Self { checked { () throws(ArrayError) in try Self.apply(IsInf(), self) } }
  /// Whether each element is finite.
  public func isfinite() -> Self { checked { () throws(ArrayError) in try Self.apply(IsFinite(), self) } }
  /// Whether each element is zero.
  public func logicalNot() -> Self { checked { () throws(ArrayError) in try Self.apply(LogicalNot(), self) } }
}

extension InPlaceAlgebra {
  /// `logicalNot` in place: 1 where it holds, else 0, in this dtype.
  @discardableResult public func logicalNot_() -> Self {
    inPlace(LogicalNot())
  }
}
