/// `sinc(x)` = sin(πx) / (πx), 1 at 0; integers become the default floating type. Derivative: g·(πx·cos(πx) − sin(πx)) / (πx²), 0 at 0.
public struct Sinc: ComposedFunction {
  public static let name = "sinc"
  public init() {}

  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    try output.requireRoom(forCopies: 5)
    let angle = try x.converted(to: output.dtype).mul(Double.pi)
    output.write(from: angle.sin().div(angle).maskedFill(angle.eq(0), 1))
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let x = context.input(0)
    let angle = x.mul(Double.pi)
    let square = angle * x
    return (gradient * (angle * angle.cos() - angle.sin()) / square).maskedFill(square.eq(0), 0)
  }
}

extension Algebra {
  /// sin(πx) / (πx).
  public func sinc() -> Self { checked { () throws(ArrayError) in try Self.apply(Sinc(), self) } }
}

extension InPlaceAlgebra {
  /// `sinc` in place.
  @discardableResult public func sinc_() -> Self { inPlace(Sinc()) }
}
