import CKernels

/// `sqrt(x)` = √x; NaN below 0. Derivative: g / (2√x), from the result.
public struct Sqrt: PlainElementwiseUnary {
  public static let name = "sqrt"
  @inlinable public static var kernel: ck_unary_op { CK_SQRT }
  @inlinable public init() {}
  public func saves(for input: Int) -> SavedValues { .result }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient / context.result.mul(2)
  }
}

/// `rsqrt(x)` = 1/√x. Derivative: −g·y³/2, from the result y.
public struct Rsqrt: PlainElementwiseUnary {
  public static let name = "rsqrt"
  @inlinable public static var kernel: ck_unary_op { CK_RSQRT }
  @inlinable public init() {}
  public func saves(for input: Int) -> SavedValues { .result }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.mul(-0.5) * context.result.pow(3)
  }
}

/// `reciprocal(x)` = 1/x. Derivative: −g·y², from the result y.
public struct Reciprocal: PlainElementwiseUnary {
  public static let name = "reciprocal"
  @inlinable public static var kernel: ck_unary_op { CK_RECIPROCAL }
  @inlinable public init() {}
  public func saves(for input: Int) -> SavedValues { .result }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    -gradient * (context.result * context.result)
  }
}

extension Algebra {
  /// The square root.
  public func sqrt() -> Self { checked { () throws(ArrayError) in try Self.apply(Sqrt(), self) } }
  /// 1/√x.
  public func rsqrt() -> Self { checked { () throws(ArrayError) in try Self.apply(Rsqrt(), self) } }
  /// 1/x.
  public func reciprocal() -> Self { checked { () throws(ArrayError) in try Self.apply(Reciprocal(), self) } }
}

extension InPlaceAlgebra {
  /// `sqrt` in place.
  @discardableResult public func sqrt_() -> Self {
    inPlace(Sqrt())
  }
  /// `rsqrt` in place.
  @discardableResult public func rsqrt_() -> Self {
    inPlace(Rsqrt())
  }
  /// `reciprocal` in place.
  @discardableResult public func reciprocal_() -> Self {
    inPlace(Reciprocal())
  }
}
