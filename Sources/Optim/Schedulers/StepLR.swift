/// The rate times `gamma` every `stepSize` epochs: η = η₀·gamma^⌊t / stepSize⌋.
public final class StepLR: LRScheduler {
  let stepSize: Int
  let gamma: Double

  /// Stops when `stepSize` is not positive.
  public init(_ optimizer: Optimizer, stepSize: Int, gamma: Double = 0.1, lastEpoch: Int = -1) {
    checked { () throws(ArrayError) in try Self.check(stepSize) }
    self.stepSize = stepSize
    self.gamma = gamma
    super.init(optimizer, lastEpoch: lastEpoch)
    begin()
  }

  static func check(_ stepSize: Int) throws(ArrayError) {
    try require(stepSize > 0, .value("StepLR: step_size must be positive, but got \(stepSize)"))
  }

  override func rates() -> [Double] {
    lastEpoch == 0 || lastEpoch % stepSize != 0 ? presentLRs : scaled(by: gamma)
  }
  override func closedForm() -> [Double]? {
    baseLRs.map { $0 * power(gamma, lastEpoch / stepSize) }
  }
}

/// The rate times `gamma` at each of the milestones; twice at one that is listed twice.
public final class MultiStepLR: LRScheduler {
  let milestones: [Int]
  let gamma: Double

  /// The milestones may be in any order.
  public init(_ optimizer: Optimizer, milestones: [Int], gamma: Double = 0.1, lastEpoch: Int = -1) {
    self.milestones = milestones.sorted()
    self.gamma = gamma
    super.init(optimizer, lastEpoch: lastEpoch)
    begin()
  }

  override func rates() -> [Double] {
    let count = milestones.count { $0 == lastEpoch }
    return count == 0 ? presentLRs : scaled(by: power(gamma, count))
  }
  override func closedForm() -> [Double]? {
    let count = milestones.count { $0 <= lastEpoch }
    return baseLRs.map { $0 * power(gamma, count) }
  }
}

/// The rate times `gamma` every epoch: η = η₀·gammaᵗ.
public final class ExponentialLR: LRScheduler {
  let gamma: Double

  /// With this factor; `lastEpoch` goes on where an earlier scheduler stopped.
  public init(_ optimizer: Optimizer, gamma: Double, lastEpoch: Int = -1) {
    self.gamma = gamma
    super.init(optimizer, lastEpoch: lastEpoch)
    begin()
  }

  override func rates() -> [Double] { isInitial ? presentLRs : scaled(by: gamma) }
  override func closedForm() -> [Double]? { baseLRs.map { $0 * power(gamma, lastEpoch) } }
}
