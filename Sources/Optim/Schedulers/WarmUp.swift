import Foundation

/// The rate times `factor` until epoch `totalIters`, then the first rate.
public final class ConstantLR: LRScheduler {
  let factor: Double
  let totalIters: Int

  /// Stops unless `factor` is in [0, 1].
  public init(_ optimizer: Optimizer, factor: Double = 1.0 / 3, totalIters: Int = 5, lastEpoch: Int = -1) {
    checked { () throws(ArrayError) in try Self.check(factor) }
    self.factor = factor
    self.totalIters = totalIters
    super.init(optimizer, lastEpoch: lastEpoch)
    begin()
  }

  static func check(_ factor: Double) throws(ArrayError) {
    try require(
      factor >= 0 && factor <= 1,
      .value("ConstantLR: Constant multiplicative factor expected to be between 0 and 1, but got \(factor)."))
  }

  override func rates() -> [Double] {
    if lastEpoch == 0 { return scaled(by: factor) }
    return lastEpoch == totalIters ? scaled(by: 1 / factor) : presentLRs
  }
  override func closedForm() -> [Double]? {
    baseLRs.map { $0 * (factor + (lastEpoch >= totalIters ? 1 : 0) * (1 - factor)) }
  }
}

/// The factor of the rate goes evenly from `startFactor` to `endFactor` in `totalIters` epochs, and stays there.
public final class LinearLR: LRScheduler {
  let startFactor: Double
  let endFactor: Double
  let totalIters: Int

  /// Stops unless `startFactor` is in (0, 1] and `endFactor` in [0, 1].
  public init(
    _ optimizer: Optimizer, startFactor: Double = 1.0 / 3, endFactor: Double = 1, totalIters: Int = 5,
    lastEpoch: Int = -1
  ) {
    checked { () throws(ArrayError) in try Self.check(startFactor, endFactor) }
    self.startFactor = startFactor
    self.endFactor = endFactor
    self.totalIters = totalIters
    super.init(optimizer, lastEpoch: lastEpoch)
    begin()
  }

  static func check(_ start: Double, _ end: Double) throws(ArrayError) {
    try require(
      start > 0 && start <= 1,
      .value(
        "LinearLR: Starting multiplicative factor expected to be greater than 0 and less or equal to 1, but got \(start)."
      ))
    try require(
      end >= 0 && end <= 1,
      .value("LinearLR: Ending multiplicative factor expected to be between 0 and 1, but got \(end)."))
  }

  override func rates() -> [Double] {
    if lastEpoch == 0 { return scaled(by: startFactor) }
    if isInitial || lastEpoch > totalIters { return presentLRs }
    let change = endFactor - startFactor
    return scaled(
      by: 1 + change / (Double(totalIters) * startFactor + Double(lastEpoch - 1) * change))
  }
  override func closedForm() -> [Double]? {
    let change = endFactor - startFactor
    let done = Double(min(totalIters, lastEpoch))
    return baseLRs.map { $0 * (startFactor + change * done / Double(totalIters)) }
  }
}

/// The rate falls to 0 in `totalIters` epochs as a power of the part that is left: η = η₀·(1 − t / totalIters)^power.
public final class PolynomialLR: LRScheduler {
  let totalIters: Int
  let exponent: Double

  /// `power`: 1 is a straight line.
  public init(_ optimizer: Optimizer, totalIters: Int = 5, power: Double = 1, lastEpoch: Int = -1) {
    self.totalIters = totalIters
    exponent = power
    super.init(optimizer, lastEpoch: lastEpoch)
    begin()
  }

  override func rates() -> [Double] {
    if isInitial || lastEpoch > totalIters { return presentLRs }
    let total = Double(totalIters)
    let left = (1 - Double(lastEpoch) / total) / (1 - Double(lastEpoch - 1) / total)
    return scaled(by: pow(left, exponent))
  }
  override func closedForm() -> [Double]? {
    let left = 1 - Double(min(totalIters, lastEpoch)) / Double(totalIters)
    return baseLRs.map { $0 * pow(left, exponent) }
  }
}

/// base to the power of an integer, as Python's `**` calculates it.
func power(_ base: Double, _ exponent: Int) -> Double { pow(base, Double(exponent)) }
