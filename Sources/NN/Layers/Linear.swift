/// `Linear(in, out)`: y = x·Wᵀ + b.
///
/// Shapes: x: [*, in] → [*, out]; weight: [out, in], bias: [out] (PyTorch's layout). Both start uniform in ±1/√in, drawn from PyTorch's
/// generator in PyTorch's order, so that after `manualSeed(s)` they are PyTorch's numbers.
public final class Linear: Layer {
  /// The number of features of an input.
  public let inFeatures: Int
  /// The number of features of an output.
  public let outFeatures: Int
  /// W, [out, in].
  public let weight: Tensor
  /// b, [out]; nil without bias.
  public let bias: Tensor?

  /// A layer with fresh parameters of this dtype, drawn from `generator`.
  public init(
    _ inFeatures: Int, _ outFeatures: Int, bias hasBias: Bool = true, dtype: DType = .default,
    generator: TorchGenerator = .default
  ) {
    self.inFeatures = inFeatures
    self.outFeatures = outFeatures
    weight = Tensor.zeros([outFeatures, inFeatures], dtype: dtype)
    bias = hasBias ? Tensor.zeros([outFeatures], dtype: dtype) : nil
    super.init()
    register(parameter: "weight", weight)
    register(parameter: "bias", bias)
    Initializer.kaimingUniform_(weight, a: 5.0.squareRoot(), generator: generator)
    if let bias, inFeatures > 0 {
      let bound = 1 / Double(inFeatures).squareRoot()
      Initializer.uniform_(bias, -bound, bound, generator: generator)
    }
    requiresGrad_()
  }

  public override func forward(_ input: Tensor) -> Tensor { input.linear(weight, bias) }

  public override var extraDescription: String {
    "in_features=\(inFeatures), out_features=\(outFeatures), bias=\((bias != nil).python)"
  }
}
