@_exported import RandomStreams

/// Ways to fill a tensor before training, with PyTorch's numbers from the same generator state (`torch.nn.init`).
///
/// Each changes the tensor in place, unrecorded, and returns nothing.
public enum Initializer {
  /// Uniform in [low, high).
  public static func uniform_(
    _ tensor: Tensor, _ low: Double = 0, _ high: Double = 1, generator: TorchGenerator = .default
  ) {
    switch tensor.dtype {
    case .float32:
      copy(generator.uniform(from: low, to: high, count: tensor.count, of: Float.self), to: tensor)
    case .float64:
      copy(generator.uniform(from: low, to: high, count: tensor.count, of: Double.self), to: tensor)
    default: refuse("uniform_", tensor.dtype)
    }
  }

  /// Normal with this mean and standard deviation.
  public static func normal_(
    _ tensor: Tensor, mean: Double = 0, std: Double = 1, generator: TorchGenerator = .default
  ) {
    switch tensor.dtype {
    case .float32:
      copy(generator.normal(mean: mean, std: std, count: tensor.count, of: Float.self), to: tensor)
    case .float64:
      copy(generator.normal(mean: mean, std: std, count: tensor.count, of: Double.self), to: tensor)
    default: refuse("normal_", tensor.dtype)
    }
  }

  /// One number everywhere.
  public static func constant_(_ tensor: Tensor, _ value: Double) {
    tensor.array.fill(with: .float(value))
    tensor.array.storage.version += 1
  }

  /// Zero everywhere.
  public static func zeros_(_ tensor: Tensor) { constant_(tensor, 0) }

  /// One everywhere.
  public static func ones_(_ tensor: Tensor) { constant_(tensor, 1) }

  /// One on the diagonal of a matrix, zero elsewhere: a linear layer that gives its input back. Stops for another rank.
  public static func eye_(_ tensor: Tensor) {
    if tensor.rank != 2 {
      stop(.value("eye_: Only tensors with 2 dimensions are supported, but the shape is \(tensor.shape)"))
    }
    constant_(tensor, 0)
    let diagonal = tensor.array.strided(
      [min(tensor.size(0), tensor.size(1))], [tensor.array.strides[0] + tensor.array.strides[1]],
      offset: tensor.array.offset)
    diagonal.fill(with: 1)
  }

  /// Uniform in ±gain·√(6 / (fan_in + fan_out)). Glorot and Bengio, 2010.
  public static func xavierUniform_(_ tensor: Tensor, gain: Double = 1, generator: TorchGenerator = .default)
  {
    let (fanIn, fanOut) = fans(tensor)
    let std = gain * (2 / Double(fanIn + fanOut)).squareRoot()
    let bound = 3.0.squareRoot() * std
    uniform_(tensor, -bound, bound, generator: generator)
  }

  /// Normal with standard deviation gain·√(2 / (fan_in + fan_out)). Glorot and Bengio, 2010.
  public static func xavierNormal_(_ tensor: Tensor, gain: Double = 1, generator: TorchGenerator = .default) {
    let (fanIn, fanOut) = fans(tensor)
    normal_(tensor, std: gain * (2 / Double(fanIn + fanOut)).squareRoot(), generator: generator)
  }

  /// Which number of connections a Kaiming initialiser keeps the variance over.
  public enum FanMode: Sendable {
    /// Of each output: keeps the variance in the forward pass.
    case fanIn
    /// Of each input: keeps the variance in the backward pass.
    case fanOut
  }

  /// The nonlinearity whose gain is taken.
  public enum Nonlinearity: Sendable {
    case linear, sigmoid, tanh, relu, selu
    /// With the slope below 0.
    case leakyRelu(Double)

    /// PyTorch's `calculate_gain`.
    public var gain: Double {
      switch self {
      case .linear, .sigmoid: 1
      case .tanh: 5.0 / 3
      case .relu: 2.0.squareRoot()
      case .leakyRelu(let slope): (2 / (1 + slope * slope)).squareRoot()
      case .selu: 0.75
      }
    }
  }

  /// Uniform in ±gain·√(3 / fan), the gain being that of a leaky relu with slope `a` unless another nonlinearity is given.
  /// He and others, 2015.
  public static func kaimingUniform_(
    _ tensor: Tensor, a: Double = 0, mode: FanMode = .fanIn, nonlinearity: Nonlinearity? = nil,
    generator: TorchGenerator = .default
  ) {
    if tensor.count == 0 { return }
    let std = (nonlinearity ?? .leakyRelu(a)).gain / Double(fan(tensor, mode)).squareRoot()
    let bound = 3.0.squareRoot() * std
    uniform_(tensor, -bound, bound, generator: generator)
  }

  /// Normal with standard deviation gain / √fan. He and others, 2015.
  public static func kaimingNormal_(
    _ tensor: Tensor, a: Double = 0, mode: FanMode = .fanIn, nonlinearity: Nonlinearity? = nil,
    generator: TorchGenerator = .default
  ) {
    if tensor.count == 0 { return }
    let std = (nonlinearity ?? .leakyRelu(a)).gain / Double(fan(tensor, mode)).squareRoot()
    normal_(tensor, std: std, generator: generator)
  }

  private static func fan(_ tensor: Tensor, _ mode: FanMode) -> Int {
    let (fanIn, fanOut) = fans(tensor)
    return mode == .fanIn ? fanIn : fanOut
  }

  /// The numbers of connections of a weight [out, in, …].
  private static func fans(_ tensor: Tensor) -> (fanIn: Int, fanOut: Int) {
    if tensor.rank < 2 {
      stop(
        .value(
          "initializer: Fan in and fan out can not be computed for tensor with fewer than 2 dimensions, but the shape is \(tensor.shape)"
        ))
    }
    let field = tensor.shape.dropFirst(2).reduce(1, *)
    return (tensor.size(1) * field, tensor.size(0) * field)
  }

  static func copy<Element: ArrayElement>(_ values: [Element], to tensor: Tensor) {
    tensor.array.write(from: NDArray(values, shape: tensor.shape))
    tensor.array.storage.version += 1
  }

  static func refuse(_ name: String, _ dtype: DType) -> Never {
    stop(.runtime("\(name): not implemented for '\(dtype.scalarTypeName)'; use a floating dtype"))
  }
}
