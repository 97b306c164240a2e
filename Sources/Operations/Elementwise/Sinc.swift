/// `sinc(x)` = sin(πx) / (πx), 1 at 0; integers become the default floating type. Derivative: g·(πx·cos(πx) − sin(πx)) / (πx²), 0 at 0.
public struct Sinc: WritingUnary, TableEntry {
  public static let name = "sinc"
  public static var isElementwise: Bool { true }
  public init() {}
  public func saves(for input: Int) -> SavedValues { .first }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    ArrayType(x.dtype.isFloatingPoint ? x.dtype : DType.default, x.shape)
  }
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

  public static var signature: Signature { Signature("T input") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Sinc(), try arguments.tensor("input"))]
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
