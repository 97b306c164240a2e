import Autograd
import Testing

/// The message of the error that `body` throws; nil (and a failed test) when it throws none.
func message(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws(ArrayError) -> Void
) -> String? {
  do {
    try body()
    Issue.record("expected an error", sourceLocation: sourceLocation)
    return nil
  } catch {
    return error.message
  }
}

/// Float64 values of a tensor, nil for none.
func values(_ tensor: Tensor?) -> [Double]? { tensor?.toArray(of: Double.self) }

/// A float64 leaf that requires a gradient.
func leaf(_ values: [Double], _ shape: Shape? = nil) -> Tensor {
  tensor(values, shape: shape ?? [values.count], requiresGrad: true)
}
