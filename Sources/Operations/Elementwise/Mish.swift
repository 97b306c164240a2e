/// `mish(x)` = x·tanh(ln(1 + eˣ)); floating dtypes only. Derivative: g·(t + x·(1 − t²)·sigmoid(x)) with t the tanh. Source: D. Misra, "Mish: a
/// self regularized non-monotonic activation function" (2019).
public struct Mish: ComposedFunction {
  public static let name = "nn.functional.mish"
  public init() {}

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    if !x.dtype.isFloatingPoint { throw Self.undefined(for: x.dtype) }
    return x
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    let tanh = try TanhOperation().forward(try SoftplusOperation().forward(x))
    try Mul().forward(x, tanh, into: output)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let x = context.input(0)
    let tanh = x.softplus().tanh()
    return gradient * (tanh + x * (1 - tanh.square()) * x.sigmoid())
  }
}

extension Algebra {
  /// x·tanh(ln(1 + eˣ)).
  public func mish() -> Self { checked { () throws(ArrayError) in try Self.apply(Mish(), self) } }
}
