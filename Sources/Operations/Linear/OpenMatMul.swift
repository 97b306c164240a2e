/// `matmul` as one operation, for batches of matrices whose sizes, or even rank, are only known when it runs: which of its steps are
/// needed cannot be said before.
///
/// Shapes: a: [..., n, k], b: [..., k, m] → [..., n, m], the dimensions in front broadcast. One dtype. Derivatives: g·bᵀ and aᵀ·g, summed over
/// what was broadcast.
struct OpenMatMul: BinaryOperation {
  static let name = MatMul.name

  func type(_ a: ArrayType, _ b: ArrayType) throws(ArrayError) -> ArrayType {
    try requireSameDType(a.dtype, b.dtype, Self.name)
    let (x, y) = (a.shape, b.shape)
    try require(
      x.rank >= 2 && y.rank >= 2,
      .runtime("matmul: operands of open shape must be matrices or batches of them, but are \(x) and \(y)"))
    let batch = try MatMul.batch(x, y)
    return ArrayType(a.dtype, Shape(Array(batch) + [x[x.rank - 2], y[y.rank - 1]]))
  }

  func forward(_ a: NDArray, _ b: NDArray) throws(ArrayError) -> NDArray {
    _ = try type(a.type, b.type)
    return try MatMul.product(a, b)
  }

  func forward(_ a: NDArray, _ b: NDArray, into output: NDArray) throws(ArrayError) {
    output.write(from: try forward(a, b))
  }

  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    let slope =
      input == 0
      ? gradient.matmul(context.input(1).transpose(-2, -1))
      : context.input(0).transpose(-2, -1).matmul(gradient)
    return slope.sum(to: context.shape(input))
  }
}
