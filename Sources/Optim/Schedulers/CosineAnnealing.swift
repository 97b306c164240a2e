import Foundation

/// The rate follows half a cosine from the first rate to `etaMin` in `tMax` epochs, and back up in the next:
///
///     η = etaMin + ½·(η₀ − etaMin)·(1 + cos(π·t / tMax))
///
/// Source: I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", arXiv:1608.03983; without the restarts, for which
/// see `CosineAnnealingWarmRestarts`.
public final class CosineAnnealingLR: LRScheduler {
  let tMax: Int
  let etaMin: Double

  /// Stops when `tMax` is 0.
  public init(_ optimizer: Optimizer, tMax: Int, etaMin: Double = 0, lastEpoch: Int = -1) {
    checked { () throws(ArrayError) in try Self.check(tMax) }
    self.tMax = tMax
    self.etaMin = etaMin
    super.init(optimizer, lastEpoch: lastEpoch)
    begin()
  }

  static func check(_ tMax: Int) throws(ArrayError) {
    try require(tMax != 0, .value("CosineAnnealingLR: T_max must not be 0"))
  }

  override func rates() -> [Double] {
    if isInitial { return presentLRs }
    if (lastEpoch - 1 - tMax) % (2 * tMax) == 0 {
      return zip(baseLRs, presentLRs).map { $1 + ($0 - etaMin) * (1 - cos(.pi / Double(tMax))) / 2 }
    }
    let now = 1 + cos(.pi * Double(lastEpoch) / Double(tMax))
    let before = 1 + cos(.pi * Double(lastEpoch - 1) / Double(tMax))
    return presentLRs.map { now / before * ($0 - etaMin) + etaMin }
  }
  override func closedForm() -> [Double]? {
    baseLRs.map { etaMin + ($0 - etaMin) * (1 + cos(.pi * Double(lastEpoch) / Double(tMax))) / 2 }
  }
}

/// The rate follows half a cosine from the first rate to `etaMin` and starts again at once: after T₀ epochs, then after `tMult` times as
/// many, and so on:
///
///     η = etaMin + ½·(η₀ − etaMin)·(1 + cos(π·T / Tᵢ)),    T the epochs since the last restart
///
/// Source: I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", arXiv:1608.03983.
public final class CosineAnnealingWarmRestarts: LRScheduler {
  let t0: Int
  let tMult: Int
  let etaMin: Double
  private var current: Double
  private var period: Int

  /// Stops unless `t0` and `tMult` are at least 1.
  public init(_ optimizer: Optimizer, t0: Int, tMult: Int = 1, etaMin: Double = 0, lastEpoch: Int = -1) {
    checked { () throws(ArrayError) in try Self.check(t0, tMult) }
    self.t0 = t0
    self.tMult = tMult
    self.etaMin = etaMin
    current = Double(lastEpoch)
    period = t0
    super.init(optimizer, lastEpoch: lastEpoch)
    begin()
  }

  static func check(_ t0: Int, _ tMult: Int) throws(ArrayError) {
    try require(
      t0 > 0, .value("CosineAnnealingWarmRestarts: Expected positive integer T_0, but got \(t0)"))
    try require(
      tMult >= 1, .value("CosineAnnealingWarmRestarts: Expected integer T_mult >= 1, but got \(tMult)"))
  }

  override func rates() -> [Double] {
    baseLRs.map { etaMin + ($0 - etaMin) * (1 + cos(.pi * current / Double(period))) / 2 }
  }

  public override func advance() throws(ArrayError) {
    if lastEpoch < 0 { return try advance(to: 0) }
    lastEpoch += 1
    current += 1
    if current >= Double(period) {
      current.formTruncatingRemainder(dividingBy: Double(period))
      period *= tMult
    }
    try set(rates())
  }

  /// Sets the rates of a given epoch, which may be a part of one: `schedule.step(epoch: Double(epoch) + Double(batch) / batches)`. Stops
  /// when it is negative.
  public func step(epoch: Double) { checked { () throws(ArrayError) in try advance(to: epoch) } }

  public override func advance(to epoch: Int) throws(ArrayError) { try advance(to: Double(epoch)) }

  /// The throwing form of `step(epoch:)`.
  public func advance(to epoch: Double) throws(ArrayError) {
    try require(
      epoch >= 0, .value("CosineAnnealingWarmRestarts: Expected non-negative epoch, but got \(epoch)"))
    let first = Double(t0)
    (current, period) = (epoch, t0)
    if epoch >= first {
      if tMult == 1 {
        current = epoch.truncatingRemainder(dividingBy: first)
      } else {
        let restarts = Int(log(epoch / first * Double(tMult - 1) + 1) / log(Double(tMult)))
        let factor = power(Double(tMult), restarts)
        current = epoch - first * (factor - 1) / Double(tMult - 1)
        period = t0 * Int(factor)
      }
    }
    lastEpoch = Int(epoch.rounded(.down))
    try set(rates())
  }

  public override var stateDictionary: [String: OptionValue] {
    var state = super.stateDictionary
    state["T_cur"] = .real(current)
    state["T_i"] = .integer(period)
    return state
  }
  public override func loadStateDictionary(_ state: [String: OptionValue]) {
    super.loadStateDictionary(state)
    current = entry("T_cur", state)
    period = Int(entry("T_i", state))
  }
}
