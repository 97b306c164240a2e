import Foundation

/// One cycle: the rate goes from maxLR / divFactor up to maxLR, then down far below the start; the momentum, where the optimizer has one, goes
/// the other way.
///
/// With two phases: up in `pctStart` of the steps, down in the rest. With three: up, down to the start in as many steps, and on to the least
/// rate in the rest. Meant to be stepped after each batch; beyond `totalSteps` it stops. Source: L. Smith, N. Topin,
/// "Super-convergence", arXiv:1708.07120; the paper has three phases, the default of two is fast.ai's, as in PyTorch.
public final class OneCycleLR: LRScheduler {
  /// The form of the ways up and down.
  public enum Annealing: String, Sendable {
    /// Half a cosine.
    case cos
    /// Even.
    case linear
  }

  /// The options beside the largest rate and the number of steps.
  public struct Options: Sendable {
    /// The part of the steps that goes up.
    public var pctStart = 0.3
    /// The form of the ways.
    public var annealing = Annealing.cos
    /// Whether the momentum moves, too.
    public var cyclesMomentum = true
    /// The least momentum.
    public var baseMomentum: PerGroup = 0.85
    /// The largest, and first, momentum.
    public var maxMomentum: PerGroup = 0.95
    /// The largest rate over the first.
    public var divFactor = 25.0
    /// The first rate over the last.
    public var finalDivFactor = 1e4
    /// Whether there are three phases.
    public var threePhase = false
    /// PyTorch's defaults.
    public init() {}

    /// The options by PyTorch's names.
    static let fields: [OptionField<Options>] = [
      .real("pct_start", \.pctStart), .word("anneal_strategy", \.annealing),
      .flag("cycle_momentum", \.cyclesMomentum), .perGroup("base_momentum", \.baseMomentum),
      .perGroup("max_momentum", \.maxMomentum), .real("div_factor", \.divFactor),
      .real("final_div_factor", \.finalDivFactor), .flag("three_phase", \.threePhase),
    ]
  }

  /// The last step of a phase, and between which of (first, largest, least) rates and (base, max) momenta it goes.
  private struct Phase {
    let end: Double
    let rates: (from: KeyPath<Levels, Double>, to: KeyPath<Levels, Double>)
    let momenta: (from: KeyPath<Levels, Double>, to: KeyPath<Levels, Double>)
  }

  private struct Levels {
    var first: Double
    var largest: Double
    var least: Double
    var baseMomentum = 0.0
    var maxMomentum = 0.0
  }

  private let totalSteps: Int
  private let options: Options
  private let phases: [Phase]
  private let levels: [Levels]

  /// Begins a schedule of so many steps; the other options are set by `change`: `OneCycleLR(optimizer, maxLR: 0.1, totalSteps: 100)
  /// { $0.threePhase = true }`. Stops when a number is out of range or the optimizer has no momentum to cycle.
  public convenience init(
    _ optimizer: Optimizer, maxLR: PerGroup, totalSteps: Int, lastEpoch: Int = -1,
    _ change: (inout Options) -> Void = { _ in }
  ) {
    var options = Options()
    change(&options)
    do {
      try self.init(checking: optimizer, maxLR: maxLR, totalSteps: totalSteps, lastEpoch: lastEpoch, options)
    } catch {
      stop(error)
    }
  }

  /// Begins a schedule of epochs times steps per epoch. Stops as `init(_:maxLR:totalSteps:lastEpoch:_:)` does.
  public convenience init(
    _ optimizer: Optimizer, maxLR: PerGroup, epochs: Int, stepsPerEpoch: Int, lastEpoch: Int = -1,
    _ change: (inout Options) -> Void = { _ in }
  ) {
    let total = checked { () throws(ArrayError) in try Self.totalSteps(nil, epochs, stepsPerEpoch) }
    self.init(optimizer, maxLR: maxLR, totalSteps: total, lastEpoch: lastEpoch, change)
  }

  /// The throwing form of the initialiser.
  public init(
    checking optimizer: Optimizer, maxLR: PerGroup, totalSteps: Int, lastEpoch: Int = -1, _ options: Options
  ) throws(ArrayError) {
    self.totalSteps = try Self.totalSteps(totalSteps, nil, nil)
    try require(
      options.pctStart >= 0 && options.pctStart <= 1,
      .value("OneCycleLR: Expected float between 0 and 1 pct_start, but got \(options.pctStart)"))
    self.options = options
    let largest = try maxLR.values("max_lr", optimizer)
    var levels = largest.map { (rate: Double) -> Levels in
      let first = rate / options.divFactor
      return Levels(first: first, largest: rate, least: first / options.finalDivFactor)
    }
    if options.cyclesMomentum {
      try optimizer.requireMomentum("OneCycleLR")
      let top = try options.maxMomentum.values("max_momentum", optimizer)
      let base = try options.baseMomentum.values("base_momentum", optimizer)
      for index in levels.indices {
        (levels[index].baseMomentum, levels[index].maxMomentum) = (base[index], top[index])
      }
    }
    self.levels = levels
    if lastEpoch == -1 { optimizer.initialLearningRates = levels.map(\.first) }
    let up = options.pctStart * Double(totalSteps)
    let end = Double(totalSteps - 1)
    let rise = Phase(
      end: up - 1, rates: (\.first, \.largest), momenta: (\.maxMomentum, \.baseMomentum))
    if options.threePhase {
      phases = [
        rise,
        Phase(
          end: 2 * options.pctStart * Double(totalSteps) - 2, rates: (\.largest, \.first),
          momenta: (\.baseMomentum, \.maxMomentum)),
        Phase(end: end, rates: (\.first, \.least), momenta: (\.maxMomentum, \.maxMomentum)),
      ]
    } else {
      phases = [
        rise, Phase(end: end, rates: (\.largest, \.least), momenta: (\.baseMomentum, \.maxMomentum)),
      ]
    }
    super.init(optimizer, lastEpoch: lastEpoch)
    begin()
  }

  /// The number of steps, given directly or as a product. Throws with PyTorch's words.
  static func totalSteps(_ total: Int?, _ epochs: Int?, _ stepsPerEpoch: Int?) throws(ArrayError) -> Int {
    func positive(_ value: Int, _ name: String) throws(ArrayError) -> Int {
      try require(value > 0, .value("OneCycleLR: Expected positive integer \(name), but got \(value)"))
      return value
    }
    if let total { return try positive(total, "total_steps") }
    guard let epochs, let stepsPerEpoch else {
      throw .value("OneCycleLR: You must define either total_steps OR (epochs AND steps_per_epoch)")
    }
    return try positive(epochs, "epochs") * positive(stepsPerEpoch, "steps_per_epoch")
  }

  override func rates() throws(ArrayError) -> [Double] {
    try requireGroups(levels.count)
    try require(
      lastEpoch <= totalSteps,
      .value(
        "OneCycleLR: Tried to step \(lastEpoch) times. The specified number of total steps is \(totalSteps)"))
    let step = Double(lastEpoch)
    let index = phases.firstIndex { step <= $0.end } ?? phases.count - 1
    let start = index == 0 ? 0 : phases[index - 1].end
    let phase = phases[index]
    let part = (step - start) / (phase.end - start)
    if options.cyclesMomentum {
      optimizer.momenta = levels.map {
        annealed($0[keyPath: phase.momenta.from], $0[keyPath: phase.momenta.to], part)
      }
    }
    return levels.map { annealed($0[keyPath: phase.rates.from], $0[keyPath: phase.rates.to], part) }
  }

  private func annealed(_ start: Double, _ end: Double, _ part: Double) -> Double {
    switch options.annealing {
    case .cos: end + (start - end) / 2 * (cos(.pi * part) + 1)
    case .linear: (end - start) * part + start
    }
  }
}
