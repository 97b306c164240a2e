import Foundation

/// The rate goes evenly from `baseLR` to `maxLR` and back, again and again; the height may shrink from cycle to cycle. The momentum, where
/// the optimizer has one, moves the other way.
///
///     η = baseLR + (maxLR − baseLR)·h·s,    μ = maxMomentum − (maxMomentum − baseMomentum)·h·s
///
/// h goes 0 → 1 in `stepSizeUp` steps and 1 → 0 in `stepSizeDown`; s is the scale. Meant to be stepped after each batch. Source:
/// L. Smith, "Cyclical learning rates for training neural networks", arXiv:1506.01186; the cycling of momentum is that of his report
/// arXiv:1803.09820.
public final class CyclicLR: LRScheduler {
  /// How the height changes.
  public enum Mode: String, Sendable {
    /// It stays.
    case triangular
    /// It is halved after each cycle.
    case triangular2
    /// gammaᵗ.
    case expRange = "exp_range"
  }

  /// What a scale function of one's own is given.
  public enum ScaleMode: String, Sendable {
    /// The number of the cycle, from 1.
    case cycle
    /// The number of steps.
    case iterations
  }

  /// The options beside the rates.
  public struct Options {
    /// The steps of the way up.
    public var stepSizeUp = 2000.0
    /// The steps of the way down; nil: as many.
    public var stepSizeDown: Double?
    /// How the height changes.
    public var mode = Mode.triangular
    /// The factor of `expRange`.
    public var gamma = 1.0
    /// A scale of one's own, in place of the mode's.
    public var scale: ((Double) -> Double)?
    /// What it is given.
    public var scaleMode = ScaleMode.cycle
    /// Whether the momentum moves, too.
    public var cyclesMomentum = true
    /// The least momentum.
    public var baseMomentum: PerGroup = 0.8
    /// The largest, and first, momentum.
    public var maxMomentum: PerGroup = 0.9
    /// PyTorch's defaults.
    public init() {}

    /// The options by PyTorch's names, but for the scale, which is a function.
    static let fields: [OptionField<Options>] = [
      .real("step_size_up", \.stepSizeUp), .optionalReal("step_size_down", \.stepSizeDown),
      .word("mode", \.mode), .real("gamma", \.gamma), .word("scale_mode", \.scaleMode),
      .flag("cycle_momentum", \.cyclesMomentum), .perGroup("base_momentum", \.baseMomentum),
      .perGroup("max_momentum", \.maxMomentum),
    ]
  }

  private let options: Options
  private let maxLRs: [Double]
  private let momenta: (base: [Double], max: [Double])?
  private let total: Double
  private let ratio: Double

  /// Begins a schedule; the options beside the rates are set by `change`: `CyclicLR(optimizer, baseLR: 0.01, maxLR: 0.1) { $0.stepSizeUp
  /// = 5 }`. Stops when a list has another length than there are groups, or the optimizer has no momentum to cycle.
  public convenience init(
    _ optimizer: Optimizer, baseLR: PerGroup, maxLR: PerGroup, lastEpoch: Int = -1,
    _ change: (inout Options) -> Void = { _ in }
  ) {
    var options = Options()
    change(&options)
    do {
      try self.init(checking: optimizer, baseLR: baseLR, maxLR: maxLR, lastEpoch: lastEpoch, options)
    } catch {
      stop(error)
    }
  }

  /// The throwing form of the initialiser.
  public init(
    checking optimizer: Optimizer, baseLR: PerGroup, maxLR: PerGroup, lastEpoch: Int = -1, _ options: Options
  ) throws(ArrayError) {
    let bases = try baseLR.values("base_lr", optimizer)
    maxLRs = try maxLR.values("max_lr", optimizer)
    self.options = options
    total = options.stepSizeUp + (options.stepSizeDown ?? options.stepSizeUp)
    ratio = options.stepSizeUp / total
    try require(
      options.stepSizeUp != 0 && total != 0,
      .value("CyclicLR: step_size_up is 0, or the sum of both; a cycle needs a way up"))
    if options.cyclesMomentum {
      try optimizer.requireMomentum("CyclicLR")
      momenta = (
        try options.baseMomentum.values("base_momentum", optimizer),
        try options.maxMomentum.values("max_momentum", optimizer)
      )
    } else {
      momenta = nil
    }
    if lastEpoch == -1 { optimizer.learningRates = bases }
    super.init(optimizer, lastEpoch: lastEpoch)
    begin()
    baseLRs = bases
  }

  override func rates() throws(ArrayError) -> [Double] {
    try requireGroups(maxLRs.count)
    let position = Double(lastEpoch) / total
    let cycle = (1 + position).rounded(.down)
    let x = 1 + position - cycle
    let height = x <= ratio ? x / ratio : (x - 1) / (ratio - 1)
    let factor = scale(cycle)
    if let momenta {
      optimizer.momenta = zip(momenta.base, momenta.max).map { $1 - ($1 - $0) * height * factor }
    }
    return zip(baseLRs, maxLRs).map { $0 + ($1 - $0) * height * factor }
  }

  private func scale(_ cycle: Double) -> Double {
    if let own = options.scale { return own(options.scaleMode == .cycle ? cycle : Double(lastEpoch)) }
    return switch options.mode {
    case .triangular: 1
    case .triangular2: 1 / pow(2, cycle - 1)
    case .expRange: pow(options.gamma, Double(lastEpoch))
    }
  }
}

extension Optimizer {
  /// Throws with PyTorch's words when there is neither a momentum nor a first beta.
  func requireMomentum(_ name: String) throws(ArrayError) {
    try require(
      !momenta.contains { $0 == nil },
      .value(
        "\(name): optimizer must support momentum or beta1 with `cycle_momentum` option enabled; turn cyclesMomentum off"
      ))
  }
}
