import Optim
import Testing

/// Float64 values of a tensor, empty for none.
func values(_ tensor: Tensor?) -> [Double] { tensor?.toArray(of: Double.self) ?? [] }

/// Float64 leaves with these values.
func leaf(_ values: Double...) -> Tensor { tensor(values, shape: [values.count], requiresGrad: true) }

/// Expects as many values, each within `tolerance`·(1 + |expected|).
func expectClose(
  _ actual: [Double], _ expected: [Double], _ tolerance: Double = 1e-13,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, sourceLocation: sourceLocation)
  for (got, wanted) in zip(actual, expected) where !(abs(got - wanted) <= tolerance * (1 + abs(wanted))) {
    Issue.record("expected \(expected), got \(actual)", sourceLocation: sourceLocation)
    return
  }
}

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

/// The gradients of six steps: signs change and stay, one is 0.
let gradients: [[Double]] = [
  [1.5, -0.5, 0.25], [1.0, -0.75, -0.5], [-0.5, -1.0, 0.0], [0.25, 2.0, -1.5], [0.5, 1.0, -1.0],
  [-1.25, 0.5, 0.75],
]

/// The parameters [0.5, −1.25, 2] after the six steps.
func follow(_ dtype: DType = .float64, _ make: ([Tensor]) -> Optimizer) -> [Double] {
  let p = tensor([0.5, -1.25, 2.0] as [Double], dtype: dtype, requiresGrad: true)
  let optimizer = make([p])
  for gradient in gradients {
    p.grad = tensor(gradient, dtype: dtype)
    optimizer.step()
  }
  return values(p)
}

// MARK: Schedules

/// The rates of the first group of an SGD optimizer with rate 0.5 right after the schedule began, and after each step.
func rates(_ steps: Int, _ make: (Optimizer) -> LRScheduler) -> [Double] {
  let optimizer = SGD([leaf(0)], lr: 0.5)
  let scheduler = make(optimizer)
  #expect(scheduler.lastLR == optimizer.learningRates)
  return [optimizer.learningRates[0]]
    + (0..<steps).map { _ in
      optimizer.step()
      scheduler.step()
      #expect(scheduler.lastLR == optimizer.learningRates)
      return optimizer.learningRates[0]
    }
}

/// As `rates`, of an optimizer with momentum, and its momenta.
func ratesAndMomenta(
  _ optimizer: Optimizer, _ steps: Int, _ make: (Optimizer) -> LRScheduler
) -> (rates: [Double], momenta: [Double]) {
  let scheduler = make(optimizer)
  var result = ([optimizer.learningRates[0]], [optimizer.momenta[0] ?? .nan])
  for _ in 0..<steps {
    scheduler.step()
    result.0.append(optimizer.learningRates[0])
    result.1.append(optimizer.momenta[0] ?? .nan)
  }
  return result
}
