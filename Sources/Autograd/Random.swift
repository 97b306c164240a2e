import Operations
@_exported import RandomStreams

/// Sets the seed of the generator that draws when none is given: `torch.manual_seed`.
public func manualSeed(_ seed: UInt64) { TorchGenerator.default.manualSeed(seed) }

extension Tensor {
  /// Numbers uniform in [0, 1), PyTorch's for the same generator state. Stops for a dtype that is not floating.
  public static func rand(
    _ shape: Shape, dtype: DType = .default, generator: TorchGenerator = .default
  ) -> Tensor {
    switch dtype {
    case .float32: drawn(shape, "rand") { generator.rand(count: $0, of: Float.self) }
    case .float64: drawn(shape, "rand") { generator.rand(count: $0, of: Double.self) }
    default: stop(.runtime("rand: not implemented for '\(dtype.scalarTypeName)'; use a floating dtype"))
    }
  }

  /// Standard normal numbers, PyTorch's for the same generator state. Stops for a dtype that is not floating.
  public static func randn(
    _ shape: Shape, dtype: DType = .default, generator: TorchGenerator = .default
  ) -> Tensor {
    switch dtype {
    case .float32: drawn(shape, "randn") { generator.randn(count: $0, of: Float.self) }
    case .float64: drawn(shape, "randn") { generator.randn(count: $0, of: Double.self) }
    default: stop(.runtime("randn: not implemented for '\(dtype.scalarTypeName)'; use a floating dtype"))
    }
  }

  /// Integers uniform in [low, high), PyTorch's for the same generator state.
  public static func randint(
    _ low: Int = 0, _ high: Int, _ shape: Shape, generator: TorchGenerator = .default
  ) -> Tensor {
    drawn(shape, "randint") { generator.randint(in: Int64(low)..<Int64(high), count: $0) }
  }

  /// 0 to n − 1 in random order, PyTorch's for the same generator state.
  public static func randperm(_ n: Int, generator: TorchGenerator = .default) -> Tensor {
    drawn([n], "randperm") { generator.randperm($0) }
  }

  private static func drawn<Element: ArrayElement>(
    _ shape: Shape, _ name: String, _ draw: (Int) -> [Element]
  ) -> Tensor {
    Tensor(draw(checked { () throws(ArrayError) in try shape.checkedElementCount(name) }), shape: shape)
  }
}
