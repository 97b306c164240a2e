import CKernels

/// `exp(x)` = eˣ. Derivative: g·eˣ, from the result.
public struct Exp: PlainElementwiseUnary {
  public static let name = "exp"
  @inlinable public static var kernel: ck_unary_op { CK_EXP }
  @inlinable public init() {}
  @inlinable public func saves(for input: Int) -> SavedValues { .result }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient * context.result
  }
}

/// `exp2(x)` = 2ˣ. Derivative: g·2ˣ·ln 2, from the result.
public struct Exp2: PlainElementwiseUnary {
  public static let name = "exp2"
  @inlinable public static var kernel: ck_unary_op { CK_EXP2 }
  @inlinable public init() {}
  @inlinable public func saves(for input: Int) -> SavedValues { .result }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    (gradient * context.result).mul(0.693147180559945309417)
  }
}

/// `expm1(x)` = eˣ − 1, accurate near 0. Derivative: g·(result + 1).
public struct Expm1: PlainElementwiseUnary {
  public static let name = "expm1"
  @inlinable public static var kernel: ck_unary_op { CK_EXPM1 }
  @inlinable public init() {}
  @inlinable public func saves(for input: Int) -> SavedValues { .result }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient * context.result.add(1)
  }
}

/// `log(x)` = ln x; −∞ at 0, NaN below. Derivative: g / x.
public struct Log: PlainElementwiseUnary {
  public static let name = "log"
  @inlinable public static var kernel: ck_unary_op { CK_LOG }
  @inlinable public init() {}
  @inlinable public func saves(for input: Int) -> SavedValues { .first }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient / context.input(0)
  }
}

/// `log2(x)`, the logarithm to base 2. Derivative: g / (x ln 2).
public struct Log2: PlainElementwiseUnary {
  public static let name = "log2"
  @inlinable public static var kernel: ck_unary_op { CK_LOG2 }
  @inlinable public init() {}
  @inlinable public func saves(for input: Int) -> SavedValues { .first }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient / context.input(0).mul(0.693147180559945309417)
  }
}

/// `log10(x)`, the logarithm to base 10. Derivative: g / (x ln 10).
public struct Log10: PlainElementwiseUnary {
  public static let name = "log10"
  @inlinable public static var kernel: ck_unary_op { CK_LOG10 }
  @inlinable public init() {}
  @inlinable public func saves(for input: Int) -> SavedValues { .first }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient / context.input(0).mul(2.30258509299404568402)
  }
}

/// `log1p(x)` = ln(1 + x), accurate near 0. Derivative: g / (1 + x).
public struct Log1p: PlainElementwiseUnary {
  public static let name = "log1p"
  public var gradientName: String { "Log1PBackward0" }
  @inlinable public static var kernel: ck_unary_op { CK_LOG1P }
  @inlinable public init() {}
  @inlinable public func saves(for input: Int) -> SavedValues { .first }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient / context.input(0).add(1)
  }
}

extension Algebra {
  /// eˣ; integers give the default floating type.
  @inlinable public func exp() -> Self { checked { () throws(ArrayError) in try Self.apply(Exp(), self) } }
  /// 2ˣ.
  public func exp2() -> Self { checked { () throws(ArrayError) in try Self.apply(Exp2(), self) } }
  /// eˣ − 1, accurate near 0.
  public func expm1() -> Self { checked { () throws(ArrayError) in try Self.apply(Expm1(), self) } }
  /// The natural logarithm.
  @inlinable public func log() -> Self { checked { () throws(ArrayError) in try Self.apply(Log(), self) } }
  /// The logarithm to base 2.
  public func log2() -> Self { checked { () throws(ArrayError) in try Self.apply(Log2(), self) } }
  /// The logarithm to base 10.
  public func log10() -> Self { checked { () throws(ArrayError) in try Self.apply(Log10(), self) } }
  /// ln(1 + x), accurate near 0.
  public func log1p() -> Self { checked { () throws(ArrayError) in try Self.apply(Log1p(), self) } }
}

extension InPlaceAlgebra {
  /// `exp` in place.
  @discardableResult public func exp_() -> Self {
    inPlace(Exp())
  }
  /// `exp2` in place.
  @discardableResult public func exp2_() -> Self {
    inPlace(Exp2())
  }
  /// `expm1` in place.
  @discardableResult public func expm1_() -> Self {
    inPlace(Expm1())
  }
  /// `log` in place.
  @discardableResult public func log_() -> Self {
    inPlace(Log())
  }
  /// `log2` in place.
  @discardableResult public func log2_() -> Self {
    inPlace(Log2())
  }
  /// `log10` in place.
  @discardableResult public func log10_() -> Self {
    inPlace(Log10())
  }
  /// `log1p` in place.
  @discardableResult public func log1p_() -> Self {
    inPlace(Log1p())
  }
}
