/// `cosine_similarity(x, y, dim, eps)`: Σ (x/max(|x|, eps))·(y/max(|y|, eps)) along a dimension, broadcast.
///
/// Throws for a negative eps. As in PyTorch the derivative passes through the maximum as if it were not there.
public enum CosineSimilarityOperation: TableEntry {
  public static let name = "nn.functional.cosine_similarity"
  public static var signature: Signature { Signature("T x1, T x2, int dim=1, float eps=1e-8") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try similarity(
        try arguments.tensor("x1"), try arguments.tensor("x2"), try arguments.int("dim", default: 1),
        try arguments.double("eps", default: 1e-8))
    ]
  }

  static func similarity<Value: Algebra>(
    _ x: Value, _ y: Value, _ dim: Int, _ epsilon: Double
  ) throws(ArrayError) -> Value {
    try require(
      epsilon >= 0, .runtime("cosine_similarity: eps must be non-negative, got: \(epsilon)"))
    let dtype = Value.promotedDType(x, y)
    try require(
      dtype.isFloatingPoint,
      .runtime(
        "cosine_similarity: expected common dtype to be floating point, yet common dtype is \(dtype.scalarTypeName); convert with to(_:)"
      ))
    // Integers have no norm; a float32 operand beside a float64 one keeps its dtype until the product, as in PyTorch.
    var (x, y) = (x.dtype.isFloatingPoint ? x : x.to(dtype), y.dtype.isFloatingPoint ? y : y.to(dtype))
    try Value.broadcast(&x, &y, "cosine_similarity")
    if let shape = x.staticShape { _ = try shape.axis(dim, "cosine_similarity") }
    func scaled(_ value: Value) throws(ArrayError) -> Value {
      let norm = try Value.apply(Norm(2, [dim], keepDim: true), value)
      return try Value.apply(broadcasting: Div(), value, try Value.apply(LowerBound(epsilon), norm))
    }
    let product = try Value.apply(broadcasting: Mul(), try scaled(x), try scaled(y))
    return try Value.apply(Sum([dim]), product)
  }
}

/// max(x, bound), with the derivative of x.
private struct LowerBound: WritingUnary {
  static let name = "clamp_min"
  static var isElementwise: Bool { true }
  var gradientName: String { "CloneBackward0" }
  let bound: Double
  init(_ bound: Double) { self.bound = bound }
  var attributes: [(name: String, value: String)] { [("min", "\(bound)")] }
  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { x }
  func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    output.write(from: try Clamp.compute(x, .float(bound), Scalar?.none))
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient }
}

extension Algebra {
  /// The cosine of the angle between vectors along `dim`, their lengths counting at least `eps`; broadcast.
  public func cosineSimilarity(_ other: Self, dim: Int = 1, eps: Double = 1e-8) -> Self {
    checked { () throws(ArrayError) in try CosineSimilarityOperation.similarity(self, other, dim, eps) }
  }
}
