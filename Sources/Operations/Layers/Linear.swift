/// `linear(x, W, b)`: x·Wᵀ + b.
///
/// Shapes: x: [*, k], W: [m, k] or [k], b: broadcast to the result → [*, m], or [*] for a vector W. One dtype.
public enum Linear: TableEntry {
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
      inner == wanted || inner == Shape.unknown || wanted == Shape.unknown,
      .runtime(
        "linear: the input of shape \(shape) has \(inner) features, but the weight of shape \(weights) needs \(wanted)"
      ))
    if let bias, weights.rank == 2, let own = bias.staticShape, own.rank == 1, own[0] == weights[0] {
      return try times(x, shape, weight, adding: bias)
    }
    let product = try weights.rank == 1 ? MatMul.product(x, weight) : times(x, shape, weight, adding: nil)
    guard let bias else { return product }
    try require(
      weights.rank == 2 || shape.rank != 2,
      .runtime("linear: a bias needs a weight that is a matrix, but its shape is \(weights)"))
    if let own = bias.staticShape, let target = product.staticShape {
      try require(
        Shape.broadcast(own, target) == target || !target.isKnown,
        .runtime("linear: the bias of shape \(own) cannot be expanded to the result's shape \(target)"))
    }
    return try Value.apply(broadcasting: Add(), product, bias)
  }

  /// x·Wᵀ for a matrix W, plus a bias of one number per column, as one product of two matrices.
  @inlinable static func times<Value: Algebra>(
    _ x: Value, _ shape: Shape, _ weight: Value, adding bias: Value?
  ) throws(ArrayError) -> Value {
    let transposed = try Value.apply(MatrixTranspose(), weight)
    func product(_ rows: Value) throws(ArrayError) -> Value {
      guard let bias else { return try Value.apply(MM(), rows, transposed) }
      return try Value.apply(AddMM(), bias, rows, transposed)
    }
    if shape.rank == 2 { return try product(x) }
    if shape.rank == 1 {
      return try Value.apply(Squeeze([0]), try product(try Value.apply(Unsqueeze(0), x)))
    }
    guard shape.isKnown, let columns = weight.staticShape?[0], columns != Shape.unknown else {
      throw .runtime("linear: an input of \(shape.rank) dimensions needs known sizes, but it has \(shape)")
    }
    let rows = Shape(shape.dropLast()).elementCount
    let flat = try Value.apply(Reshape([rows, shape[shape.rank - 1]]), x)
    return try Value.apply(Reshape(Shape(shape.dropLast() + [columns])), try product(flat))
  }
}

extension Algebra {
  /// self·Wᵀ + b: [*, k] with a weight [m, k] and a bias [m] → [*, m].
  @inlinable public func linear(_ weight: Self, _ bias: Self? = nil) -> Self {
    checked { () throws(ArrayError) in try Linear.transformed(self, weight, bias) }
  }
}
