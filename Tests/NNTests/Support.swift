import NN
import Testing

/// Float64 values of a tensor, empty for none.
func values(_ tensor: Tensor?) -> [Double] { tensor?.toArray(of: Double.self) ?? [] }

/// A float64 tensor of this shape.
func matrix(_ values: [Double], _ shape: Shape) -> Tensor { tensor(values, shape: shape) }

/// Expects as many values, each within `tolerance`·(1 + |expected|).
func expectClose(
  _ actual: [Double], _ expected: [Double], _ tolerance: Double = 1e-12,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, sourceLocation: sourceLocation)
  for (got, wanted) in zip(actual, expected) where !(abs(got - wanted) <= tolerance * (1 + abs(wanted))) {
    Issue.record("expected \(expected), got \(actual)", sourceLocation: sourceLocation)
    return
  }
}

/// A generator in the state after `torch.manual_seed(seed)`.
func seeded(_ seed: UInt64) -> TorchGenerator { TorchGenerator(seed: seed) }
