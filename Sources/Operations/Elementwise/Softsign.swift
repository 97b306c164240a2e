/// `softsign(x)` = x / (1 + |x|), where 1 + |x| has x's dtype and the quotient of integers is in the default floating one. Derivative:
/// g / (1 + |x|) · (1 − |x| / (1 + |x|)), so NaN at ±∞, as the quotient itself and as in PyTorch.
public struct Softsign: ComposedFunction {
  public static let name = "nn.functional.softsign"
  public init() {}

  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    let numbers = try x.converted(to: x.dtype == .bool ? output.dtype : x.dtype)
    try output.requireRoom(forCopies: 4)
    let size = try numbers.abs().add(1).converted(to: output.dtype)
    try Div().forward(try numbers.converted(to: output.dtype), size, into: output)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let magnitude = context.input(0).abs()
    let size = magnitude.add(1)
    return gradient / size * (1 - magnitude / size)
  }
}

extension Algebra {
  /// x / (1 + |x|).
  public func softsign() -> Self { checked { () throws(ArrayError) in try Self.apply(Softsign(), self) } }
}
