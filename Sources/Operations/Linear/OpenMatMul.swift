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
      .runtime("matmul: matrices or batches of them are needed here, but the shapes are \(x) and \(y)"))
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

extension OpenMatMul {
  /// `matmul` of operands of which at least one has an open rank: it may turn out to be a vector.
  static func product<Value: Algebra>(_ a: Value, _ b: Value) throws(ArrayError) -> Value {
    func matrix(_ x: Value, isRow: Bool) throws(ArrayError) -> Value {
      (x.staticShape?.rank ?? 1) <= 1 ? try Value.apply(VectorAsMatrix(isRow: isRow), x) : x
    }
    var product = try Value.apply(OpenMatMul(), try matrix(a, isRow: true), try matrix(b, isRow: false))
    for (operand, dim) in [(a, -2), (b, -1)] where (operand.staticShape?.rank ?? 1) == 1 {
      product = try Value.apply(WithoutVector(dim: dim), product, operand)
    }
    return product
  }
}

/// A vector as a row, [k] → [1, k], or as a column, [k] → [k, 1]; anything else as it is. A view.
private struct VectorAsMatrix: UnaryOperation {
  static let name = "vector_as_matrix"
  let isRow: Bool
  var isView: Bool { true }
  var attributes: [(name: String, value: String)] { [("as", isRow ? "row" : "column")] }

  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      x.shape.rank > 0, .runtime("matmul: both arguments to matmul need to be at least 1D, but one is 0D"))
    if x.shape.rank > 1 { return x }
    return try Unsqueeze(isRow ? 0 : 1).type(x)
  }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let shape = try type(x.type).shape
    return x.rank > 1 ? x : try Reshape(shape).forward(x)
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.reshape(to: context.shape(0))
  }
}

/// A product without the dimension of size 1 that stands for an operand that is a vector. Inputs: the product, the operand.
private struct WithoutVector: BinaryOperation {
  static let name = "without_vector"
  let dim: Int
  var isView: Bool { true }
  var attributes: [(name: String, value: String)] { [("dim", "\(dim)")] }
  func gradientEntries(_ inputCount: Int) -> [Int?] { [0] }

  func type(_ product: ArrayType, _ operand: ArrayType) throws(ArrayError) -> ArrayType {
    if operand.shape.rank != 1 { return product }
    try require(
      product.shape.rank >= -dim,
      .runtime("matmul: a product of shape \(product.shape) has no dimension \(dim) that stands for a vector")
    )
    var shape = product.shape
    shape.remove(at: try shape.axis(dim, Self.name))
    return ArrayType(product.dtype, shape)
  }
  func forward(_ product: NDArray, _ operand: NDArray) throws(ArrayError) -> NDArray {
    let shape = try type(product.type, operand.type).shape
    return shape.rank == product.rank ? product : try Reshape(shape).forward(product)
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    input == 0 ? gradient.reshape(to: context.shape(0)) : nil
  }
}
