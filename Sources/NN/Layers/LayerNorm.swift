/// Each example normalised over its last dimensions, then times `weight` plus `bias`:
///
///     y = (x − mean) / √(variance + eps) · weight + bias
///
/// Shapes: [*, shape] → the same; weight and bias: shape. Source: J. Ba, J. Kiros, G. Hinton, "Layer normalization", arXiv:1607.06450.
public final class LayerNorm: Layer {
  /// The sizes of the dimensions normalised over.
  public let normalizedShape: Shape
  /// Added to the variance.
  public let eps: Double
  /// The factors, 1 at first; nil without.
  public let weight: Tensor?
  /// The terms, 0 at first; nil without.
  public let bias: Tensor?

  /// A layer over the last dimension.
  public convenience init(
    _ size: Int, eps: Double = 1e-5, elementwiseAffine: Bool = true, bias: Bool = true,
    dtype: DType = .default
  ) {
    self.init([size], eps: eps, elementwiseAffine: elementwiseAffine, bias: bias, dtype: dtype)
  }

  /// A layer over the last dimensions, of these sizes.
  public init(
    _ normalizedShape: Shape, eps: Double = 1e-5, elementwiseAffine: Bool = true, bias hasBias: Bool = true,
    dtype: DType = .default
  ) {
    self.normalizedShape = normalizedShape
    self.eps = eps
    weight = elementwiseAffine ? Tensor.ones(normalizedShape, dtype: dtype) : nil
    bias = elementwiseAffine && hasBias ? Tensor.zeros(normalizedShape, dtype: dtype) : nil
    super.init()
    register(parameter: "weight", weight)
    register(parameter: "bias", bias)
    requiresGrad_()
  }

  public override func forward(_ input: Tensor) -> Tensor {
    input.layerNorm(normalizedShape, weight: weight, bias: bias, eps: eps)
  }

  public override var extraDescription: String {
    let sizes =
      normalizedShape.map { "\($0)" }.joined(separator: ", ") + (normalizedShape.rank == 1 ? "," : "")
    return
      "(\(sizes)), eps=\(eps), elementwise_affine=\((weight != nil).python), bias=\((bias != nil).python)"
  }
}
