import CKernels

/// `sin(x)`, x in radians. Derivative: g·cos x.
public struct Sin: PlainElementwiseUnary {
  public static let name = "sin"
  @inlinable public static var kernel: ck_unary_op { CK_SIN }
  @inlinable public init() {}
  public func saves(for input: Int) -> SavedValues { .first }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient * context.input(0).cos()
  }
}

/// `cos(x)`, x in radians. Derivative: −g·sin x.
public struct Cos: PlainElementwiseUnary {
  public static let name = "cos"
  @inlinable public static var kernel: ck_unary_op { CK_COS }
  @inlinable public init() {}
  public func saves(for input: Int) -> SavedValues { .first }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient * -context.input(0).sin()
  }
}

/// `tan(x)`, x in radians. Derivative: g·(1 + y²), from the result y.
public struct Tan: PlainElementwiseUnary {
  public static let name = "tan"
  @inlinable public static var kernel: ck_unary_op { CK_TAN }
  @inlinable public init() {}
  public func saves(for input: Int) -> SavedValues { .result }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient * (context.result * context.result).add(1)
  }
}

/// `asin(x)`; NaN outside [−1, 1]. Derivative: g / √(1 − x²).
public struct Asin: PlainElementwiseUnary {
  public static let name = "asin"
  @inlinable public static var kernel: ck_unary_op { CK_ASIN }
  @inlinable public init() {}
  public func saves(for input: Int) -> SavedValues { .first }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient * (-(context.input(0) * context.input(0))).add(1).rsqrt()
  }
}

/// `acos(x)`; NaN outside [−1, 1]. Derivative: −g / √(1 − x²).
public struct Acos: PlainElementwiseUnary {
  public static let name = "acos"
  @inlinable public static var kernel: ck_unary_op { CK_ACOS }
  @inlinable public init() {}
  public func saves(for input: Int) -> SavedValues { .first }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient * -(-(context.input(0) * context.input(0))).add(1).rsqrt()
  }
}

/// `atan(x)`. Derivative: g / (1 + x²).
public struct Atan: PlainElementwiseUnary {
  public static let name = "atan"
  @inlinable public static var kernel: ck_unary_op { CK_ATAN }
  @inlinable public init() {}
  public func saves(for input: Int) -> SavedValues { .first }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient / (context.input(0) * context.input(0)).add(1)
  }
}

extension Algebra {
  /// The sine.
  public func sin() -> Self { checked { () throws(ArrayError) in try Self.apply(Sin(), self) } }
  /// The cosine.
  public func cos() -> Self { checked { () throws(ArrayError) in try Self.apply(Cos(), self) } }
  /// The tangent.
  public func tan() -> Self { checked { () throws(ArrayError) in try Self.apply(Tan(), self) } }
  /// The inverse sine.
  public func asin() -> Self { checked { () throws(ArrayError) in try Self.apply(Asin(), self) } }
  /// The inverse cosine.
  public func acos() -> Self { checked { () throws(ArrayError) in try Self.apply(Acos(), self) } }
  /// The inverse tangent.
  public func atan() -> Self { checked { () throws(ArrayError) in try Self.apply(Atan(), self) } }
}

extension InPlaceAlgebra {
  /// `sin` in place.
  @discardableResult public func sin_() -> Self {
    inPlace(Sin())
  }
  /// `cos` in place.
  @discardableResult public func cos_() -> Self {
    inPlace(Cos())
  }
  /// `tan` in place.
  @discardableResult public func tan_() -> Self {
    inPlace(Tan())
  }
  /// `asin` in place.
  @discardableResult public func asin_() -> Self {
    inPlace(Asin())
  }
  /// `acos` in place.
  @discardableResult public func acos_() -> Self {
    inPlace(Acos())
  }
  /// `atan` in place.
  @discardableResult public func atan_() -> Self {
    inPlace(Atan())
  }
}
