/// The rate times `factor` when a measure has not become better for more than `patience` epochs.
///
/// Better is a matter of mode and threshold: with `min` and `relative`, below best·(1 − threshold). After a reduction `cooldown` epochs do
/// not count. A rate is not reduced below `minLR`, nor by less than `eps`. Not an `LRScheduler`, since a step needs the measure:
/// so it cannot be put into a sequence or chain, which PyTorch refuses when it runs.
public final class ReduceLROnPlateau {
  /// Whether the measure is to fall or to rise.
  public enum Mode: String, Sendable { case min, max }
  /// Whether the threshold is a part of the best measure, or a difference from it.
  public enum ThresholdMode: String, Sendable {
    case relative = "rel"
    case absolute = "abs"
  }

  /// The options.
  public struct Options: Sendable {
    /// Whether the measure is to fall or to rise.
    public var mode = Mode.min
    /// The factor of a reduction; below 1.
    public var factor = 0.1
    /// How many epochs without improvement are borne.
    public var patience = 10
    /// How much better counts.
    public var threshold = 1e-4
    /// What the threshold means.
    public var thresholdMode = ThresholdMode.relative
    /// How many epochs after a reduction do not count.
    public var cooldown = 0
    /// The least rate.
    public var minLR: PerGroup = 0
    /// The least reduction.
    public var eps = 1e-8
    /// PyTorch's defaults.
    public init() {}

    /// The options by PyTorch's names.
    static let fields: [OptionField<Options>] = [
      .word("mode", \.mode), .real("factor", \.factor), .integer("patience", \.patience),
      .real("threshold", \.threshold), .word("threshold_mode", \.thresholdMode),
      .integer("cooldown", \.cooldown), .perGroup("min_lr", \.minLR), .real("eps", \.eps),
    ]
  }

  /// The optimizer whose rates are reduced.
  public let optimizer: Optimizer
  /// The number of steps so far.
  public private(set) var lastEpoch = 0
  /// The best measure so far.
  public private(set) var best: Double
  /// How many epochs in a row were not better.
  public private(set) var badEpochs = 0
  private var cooldownLeft = 0
  private let options: Options

  /// Begins a schedule; the options are set by `change`: `ReduceLROnPlateau(optimizer) { $0.patience = 2 }`. Stops unless the factor is
  /// below 1 and there are as many least rates as groups.
  public convenience init(_ optimizer: Optimizer, _ change: (inout Options) -> Void = { _ in }) {
    var options = Options()
    change(&options)
    do { try self.init(checking: optimizer, options) } catch { stop(error) }
  }

  /// The throwing form of the initialiser.
  public init(checking optimizer: Optimizer, _ options: Options) throws(ArrayError) {
    try require(
      options.factor < 1, .value("ReduceLROnPlateau: Factor should be < 1.0, but got \(options.factor)."))
    if case .each(let list) = options.minLR, list.count != optimizer.groups.count {
      throw .value("ReduceLROnPlateau: expected \(optimizer.groups.count) min_lrs, got \(list.count)")
    }
    self.optimizer = optimizer
    self.options = options
    best = options.mode == .min ? .infinity : -.infinity
  }

  /// The rates as they are, one per group.
  public var lastLR: [Double] { optimizer.learningRates }

  /// Takes the measure of an epoch and reduces the rates if it is time.
  public func step(_ metric: Double) {
    lastEpoch += 1
    if isBetter(metric) {
      best = metric
      badEpochs = 0
    } else {
      badEpochs += 1
    }
    if cooldownLeft > 0 {
      cooldownLeft -= 1
      badEpochs = 0
    }
    if badEpochs > options.patience {
      reduce()
      cooldownLeft = options.cooldown
      badEpochs = 0
    }
  }

  /// Takes the measure of an epoch, a tensor of one element.
  public func step(_ metric: Tensor) { step(metric.item(as: Double.self)) }

  private func isBetter(_ metric: Double) -> Bool {
    switch (options.mode, options.thresholdMode) {
    case (.min, .relative): metric < best * (1 - options.threshold)
    case (.min, .absolute): metric < best - options.threshold
    case (.max, .relative): metric > best * (options.threshold + 1)
    case (.max, .absolute): metric > best + options.threshold
    }
  }

  private func reduce() {
    let least = checked { () throws(ArrayError) in try options.minLR.values("min_lr", optimizer) }
    optimizer.learningRates = zip(optimizer.learningRates, least).map { old, least in
      let new = max(old * options.factor, least)
      return old - new > options.eps ? new : old
    }
  }

  /// All that changes with the steps, to continue later with a schedule made with the same options.
  public var stateDictionary: [String: OptionValue] {
    [
      "last_epoch": .integer(lastEpoch), "best": .real(best), "num_bad_epochs": .integer(badEpochs),
      "cooldown_counter": .integer(cooldownLeft),
    ]
  }

  /// Goes on from a saved state. Stops when an entry is missing.
  public func loadStateDictionary(_ state: [String: OptionValue]) {
    func entry(_ name: String) -> Double {
      guard let number = state[name]?.number else {
        stop(.value("ReduceLROnPlateau: the state to load has no '\(name)'"))
      }
      return number
    }
    lastEpoch = Int(entry("last_epoch"))
    best = entry("best")
    badEpochs = Int(entry("num_bad_epochs"))
    cooldownLeft = Int(entry("cooldown_counter"))
  }
}
