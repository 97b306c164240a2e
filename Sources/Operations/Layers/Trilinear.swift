/// x₁ᵀ·W·x₂, a matrix W for each output: PyTorch's `_trilinear` as its `bilinear` uses it.
///
/// Shapes: x₁: [n, i], W: [o, i, j], x₂: [n, j] → [n, o]; one dtype. Derivatives: the same sum of products with g in the operand's place.
struct Trilinear: TernaryOperation {
  static let name = "_trilinear"
  var gradientName: String { "TrilinearBackward0" }
  func saves(for input: Int) -> SavedValues {
    input == 0 ? [.second, .third] : input == 1 ? [.first, .third] : [.first, .second]
  }

  func type(_ x: ArrayType, _ weight: ArrayType, _ y: ArrayType) throws(ArrayError) -> ArrayType {
    ArrayType(x.dtype, [x.shape[0], weight.shape[0]])
  }
  func forward(_ x: NDArray, _ weight: NDArray, _ y: NDArray) throws(ArrayError) -> NDArray {
    try Einsum.contracted([x, weight, y], "ni,oij,nj->no")
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    switch input {
    case 0: C.Value.einsum("no,oij,nj->ni", gradient, context.input(1), context.input(2))
    case 1: C.Value.einsum("no,ni,nj->oij", gradient, context.input(0), context.input(2))
    default: C.Value.einsum("no,oij,ni->nj", gradient, context.input(1), context.input(0))
    }
  }
}

extension Algebra {
  /// selfᵀ·W·other + b for the vectors along the last dimension: PyTorch's `nn.functional.bilinear`.
  ///
  /// Shapes: self: [*, i], other: [*, j], W: [o, i, j], b: broadcasts to the result → [*, o]. Stops when the leading sizes differ, the
  /// features do not fit the weight, or the dtypes differ.
  public func bilinear(_ other: Self, _ weight: Self, _ bias: Self? = nil) -> Self {
    checked { () throws(ArrayError) in try Trilinear.transformed(self, other, weight, bias) }
  }
}

extension Trilinear {
  fileprivate static func transformed<Value: Algebra>(
    _ x: Value, _ y: Value, _ weight: Value, _ bias: Value?
  ) throws(ArrayError) -> Value {
    guard let left = x.staticShape, let right = y.staticShape, let matrices = weight.staticShape else {
      throw .runtime("bilinear: the ranks are not known yet; give the placeholders shapes")
    }
    try require(
      matrices.rank == 3,
      .runtime("bilinear: the weight must have 3 dimensions, but its shape is \(matrices)"))
    try require(
      left.rank == right.rank && left.rank > 0,
      .runtime(
        "bilinear: input dimensions do not match: got \(left.rank) and \(right.rank); at least 1 is needed"))
    for dim in 0..<left.rank - 1 where !Shape.agree(left[dim], right[dim]) {
      throw .runtime(
        "bilinear: input batch dimensions do not match at dim \(dim): got \(left[dim]) and \(right[dim])")
    }
    for (number, got, needed) in [
      (1, left[left.rank - 1], matrices[1]), (2, right[right.rank - 1], matrices[2]),
    ] where !Shape.agree(got, needed) {
      throw .runtime(
        "bilinear: input\(number) size does not match weight size: got \(got) but expected \(needed)")
    }
    try requireSameDType(x.dtype, weight.dtype, "bilinear")
    try requireSameDType(y.dtype, weight.dtype, "bilinear")
    let leading = Shape(left.dropLast())
    let count = leading.isKnown ? leading.elementCount : Shape.unknown
    let product = try Value.apply(
      Trilinear(), try Reshape.steps(x, to: [count, matrices[1]]), weight,
      try Reshape.steps(y, to: [count, matrices[2]]))
    let result = try Reshape.steps(product, to: Shape(Array(left.dropLast()) + [matrices[0]]))
    return try bias.map2 { bias throws(ArrayError) in try Value.apply(broadcasting: Add(), result, bias) }
      ?? result
  }
}
