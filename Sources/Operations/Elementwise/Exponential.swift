import CKernels

/// `exp(x)` = eˣ. Derivative: g·eˣ, from the result.
public struct Exp: PlainElementwiseUnary {
  public static let name = "exp"
  @inlinable public static var kernel: ck_unary_op { CK_EXP }
  @inlinable public init() {}
  public func saves(for input: Int) -> SavedValues { .result }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient * context.result
  }
}

/// `log(x)` = ln x; −∞ at 0, NaN below. Derivative: g / x.
public struct Log: PlainElementwiseUnary {
  public static let name = "log"
  @inlinable public static var kernel: ck_unary_op { CK_LOG }
  @inlinable public init() {}
  public func saves(for input: Int) -> SavedValues { .first }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient / context.input(0)
  }
}

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

extension Algebra {
  /// eˣ; integers give the default floating type.
  public func exp() -> Self { checked { () throws(ArrayError) in try Self.apply(Exp(), self) } }
  /// The natural logarithm; integers give the default floating type.
  public func log() -> Self { checked { () throws(ArrayError) in try Self.apply(Log(), self) } }
  /// The square root; integers give the default floating type.
  public func sqrt() -> Self { checked { () throws(ArrayError) in try Self.apply(Sqrt(), self) } }
}
extension InPlaceAlgebra {
  /// x ← eˣ.
  @discardableResult public func exp_() -> Self {
    inPlace { x throws(ArrayError) in try Self.apply(Exp(), x) }
  }
  /// x ← ln x.
  @discardableResult public func log_() -> Self {
    inPlace { x throws(ArrayError) in try Self.apply(Log(), x) }
  }
  /// x ← √x.
  @discardableResult public func sqrt_() -> Self {
    inPlace { x throws(ArrayError) in try Self.apply(Sqrt(), x) }
  }
}
