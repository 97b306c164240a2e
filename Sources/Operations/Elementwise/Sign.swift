import CKernels

/// `neg(x)` = −x; not for bool. Derivative: −g.
public struct Neg: PlainElementwiseUnary {
  public static let name = "neg"
  @inlinable public static var kernel: ck_unary_op { CK_NEG }
  @inlinable public static var rule: ElementRule { .same }
  @inlinable public init() {}
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    -gradient
  }
}

/// `abs(x)` = |x|. Derivative: g·sign x, 0 at 0.
public struct Abs: PlainElementwiseUnary {
  public static let name = "abs"
  @inlinable public static var kernel: ck_unary_op { CK_ABS }
  @inlinable public static var rule: ElementRule { .same }
  @inlinable public init() {}
  @inlinable public func saves(for input: Int) -> SavedValues { .first }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient * context.input(0).sign()
  }
}

/// `sign(x)`: −1, 0 or 1; 0 for NaN, as PyTorch. Derivative: 0.
public struct Sign: PlainElementwiseUnary {
  public static let name = "sign"
  @inlinable public static var kernel: ck_unary_op { CK_SIGN }
  @inlinable public static var rule: ElementRule { .same }
  @inlinable public init() {}
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.zeros()
  }
}

extension Algebra {
  /// −x; not for bool.
  @inlinable public static prefix func - (x: Self) -> Self { x.neg() }
  /// −x; not for bool.
  @inlinable public func neg() -> Self { checked { () throws(ArrayError) in try Self.apply(Neg(), self) } }
  /// |x|.
  public func abs() -> Self { checked { () throws(ArrayError) in try Self.apply(Abs(), self) } }
  /// −1, 0 or 1; 0 for NaN.
  public func sign() -> Self { checked { () throws(ArrayError) in try Self.apply(Sign(), self) } }
}

extension InPlaceAlgebra {
  /// `neg` in place.
  @discardableResult public func neg_() -> Self {
    inPlace(Neg())
  }
  /// `abs` in place.
  @discardableResult public func abs_() -> Self {
    inPlace(Abs())
  }
  /// `sign` in place.
  @discardableResult public func sign_() -> Self {
    inPlace(Sign())
  }
}
