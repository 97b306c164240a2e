/// `Bilinear(in1, in2, out)`: y = x₁ᵀ·W·x₂ + b, a matrix W for each output.
///
/// Shapes: x₁: [*, in1], x₂: [*, in2] → [*, out]; weight: [out, in1, in2], bias: [out]. Both start uniform in ±1/√in1, drawn in
/// PyTorch's order.
public final class Bilinear: Module {
  /// The number of features of the first input.
  public let in1Features: Int
  /// The number of features of the second input.
  public let in2Features: Int
  /// The number of features of an output.
  public let outFeatures: Int
  /// W, [out, in1, in2].
  public let weight: Tensor
  /// b, [out]; nil without bias.
  public let bias: Tensor?

  /// A layer with fresh parameters of this dtype. Stops unless the first input has features.
  public init(
    _ in1Features: Int, _ in2Features: Int, _ outFeatures: Int, bias hasBias: Bool = true,
    dtype: DType = .default, generator: TorchGenerator = .default
  ) {
    if in1Features <= 0 {
      stop(.value("Bilinear: in1_features must be > 0, but got (in1_features=\(in1Features))"))
    }
    self.in1Features = in1Features
    self.in2Features = in2Features
    self.outFeatures = outFeatures
    weight = Tensor.zeros([outFeatures, in1Features, in2Features], dtype: dtype)
    bias = hasBias ? Tensor.zeros([outFeatures], dtype: dtype) : nil
    super.init()
    register(parameter: "weight", weight)
    register(parameter: "bias", bias)
    let bound = 1 / Double(in1Features).squareRoot()
    Initializer.uniform_(weight, -bound, bound, generator: generator)
    if let bias { Initializer.uniform_(bias, -bound, bound, generator: generator) }
    requiresGrad_()
  }

  /// The output for two inputs. Stops when their leading sizes differ or the features do not fit.
  public func callAsFunction(_ x1: Tensor, _ x2: Tensor) -> Tensor { x1.bilinear(x2, weight, bias) }

  public override var extraDescription: String {
    "in1_features=\(in1Features), in2_features=\(in2Features), out_features=\(outFeatures), bias=\((bias != nil).python)"
  }
}
