import CKernels

/// `sinh(x)`. Derivative: g·cosh x.
public struct Sinh: PlainElementwiseUnary {
  public static let name = "sinh"
  @inlinable public static var kernel: ck_unary_op { CK_SINH }
  @inlinable public init() {}
  public func saves(for input: Int) -> SavedValues { .first }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient * context.input(0).cosh()
  }
}

/// `cosh(x)`. Derivative: g·sinh x.
public struct Cosh: PlainElementwiseUnary {
  public static let name = "cosh"
  @inlinable public static var kernel: ck_unary_op { CK_COSH }
  @inlinable public init() {}
  public func saves(for input: Int) -> SavedValues { .first }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient * context.input(0).sinh()
  }
}

/// `tanh(x)`. Derivative: g·(1 − y²), from the result y.
public struct TanhOperation: PlainElementwiseUnary {
  public static let name = "tanh"
  @inlinable public static var kernel: ck_unary_op { CK_TANH }
  @inlinable public init() {}
  public func saves(for input: Int) -> SavedValues { .result }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient * (1 - context.result * context.result)
  }
}

extension Algebra {
  /// The hyperbolic sine.
  public func sinh() -> Self { checked { () throws(ArrayError) in try Self.apply(Sinh(), self) } }
  /// The hyperbolic cosine.
  public func cosh() -> Self { checked { () throws(ArrayError) in try Self.apply(Cosh(), self) } }
  /// The hyperbolic tangent.
  public func tanh() -> Self { checked { () throws(ArrayError) in try Self.apply(TanhOperation(), self) } }
}

extension InPlaceAlgebra {
  /// `sinh` in place.
  @discardableResult public func sinh_() -> Self {
    inPlace(Sinh())
  }
  /// `cosh` in place.
  @discardableResult public func cosh_() -> Self {
    inPlace(Cosh())
  }
  /// `tanh` in place.
  @discardableResult public func tanh_() -> Self {
    inPlace(TanhOperation())
  }
}
