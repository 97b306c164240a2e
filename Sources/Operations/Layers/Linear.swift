/// `linear(x, W, b)`: x·Wᵀ + b.
///
/// Shapes: x: [*, k], W: [m, k] or [k], b: broadcast to the result → [*, m], or [*] for a vector W. One dtype.
public enum LinearOperation: TableEntry {
  public static let name = "nn.functional.linear"
  public static var signature: Signature { Signature("T input, T weight, T? bias") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try transformed(
        try arguments.tensor("input"), try arguments.tensor("weight"), arguments.optionalTensor("bias"))
    ]
  }

  @inlinable static func transformed<Value: Algebra>(
    _ x: Value, _ weight: Value, _ bias: Value?
  ) throws(ArrayError) -> Value {
    guard let shape = x.staticShape, let weights = weight.staticShape else {
      throw .runtime("linear: the ranks are not known yet; give the placeholders shapes")
    }
    try require(
      shape.rank > 0 && weights.rank > 0,
      .runtime(
        "linear: both arguments to linear need to be at least 1D, but they are \(shape.rank)D and \(weights.rank)D"
      ))
    try require(
      weights.rank <= 2,
      .runtime("linear: the weight must be a matrix or a vector, but its shape is \(weights)"))
    try requireSameDType(x.dtype, weight.dtype, "linear")
    if let bias { try requireSameDType(x.dtype, bias.dtype, "linear") }
    let (inner, wanted) = (shape[shape.rank - 1], weights[weights.rank - 1])
    try require(
      Shape.agree(inner, wanted),
      .runtime(
        "linear: the input of shape \(shape) has \(inner) features, but the weight of shape \(weights) needs \(wanted)"
      ))
    try require(
      bias == nil || weights.rank == 2 || shape.rank != 2,
      .runtime("linear: a bias needs a weight that is a matrix, but its shape is \(weights)"))
    var result = shape
    if weights.rank == 2 { result[result.rank - 1] = weights[0] } else { result = Shape(result.dropLast()) }
    if let own = bias?.staticShape {
      try require(
        own.expands(to: result),
        .runtime("linear: the bias of shape \(own) cannot be expanded to the result's shape \(result)"))
    }
    let transposed = try Value.apply(MatrixTranspose(), weight)
    if let bias, weights.rank == 2, shape.rank == 2 { return try Value.apply(AddMM(), bias, x, transposed) }
    if let bias, weights.rank == 2, isRow(bias), shape.isKnown, x.storedArray?.isContiguous != false {
      let rows = try Reshape.steps(x, to: [Shape(shape.dropLast()).elementCount, inner])
      let product = try Value.apply(AddMM(), bias, rows, transposed)
      return try Value.apply(Reshape(result, .unsafeView), product)
    }
    let product = try MatMul.product(x, transposed)
    guard let bias else { return product }
    return try Value.apply(broadcasting: Add(), product, bias)
  }

  /// Whether it has one number per column, the same for each row.
  @usableFromInline static func isRow<Value: Algebra>(_ bias: Value) -> Bool {
    guard let shape = bias.staticShape else { return false }
    return shape.rank == 1 || shape.rank == 2 && shape[0] == 1
  }
}

extension Algebra {
  /// self·Wᵀ + b: [*, k] with a weight [m, k] and a bias [m] → [*, m].
  @inlinable public func linear(_ weight: Self, _ bias: Self? = nil) -> Self {
    checked { () throws(ArrayError) in try LinearOperation.transformed(self, weight, bias) }
  }
}
