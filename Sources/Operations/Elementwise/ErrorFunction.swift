import CKernels

/// `erf(x)` = 2/√π ∫₀ˣ e^(−t²) dt. Derivative: g·2/√π·e^(−x²).
public struct Erf: PlainElementwiseUnary {
  public static let name = "erf"
  @inlinable public static var kernel: ck_unary_op { CK_ERF }
  @inlinable public init() {}
  public func saves(for input: Int) -> SavedValues { .first }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient * (-(context.input(0) * context.input(0))).exp().mul(1.12837916709551257390)
  }
}

extension Algebra {
  /// The error function.
  public func erf() -> Self { checked { () throws(ArrayError) in try Self.apply(Erf(), self) } }
}

extension InPlaceAlgebra {
  /// `erf` in place.
  @discardableResult public func erf_() -> Self {
    inPlace(Erf())
  }
}
