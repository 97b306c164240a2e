/// What all learning-rate schedules have in common: they set the rates of an optimizer's groups, once per epoch.
///
///     let schedule = StepLR(optimizer, stepSize: 30)
///     for epoch in epochs { … optimizer.step() …; schedule.step() }
///
/// As in PyTorch most schedules change the present rate by a factor, so that several can be chained; the closed form, which sets it from
/// the first rate, is used where a schedule is entered anew (`SequentialLR`) or at a given epoch. The two agree up to rounding.
open class LRScheduler {
  /// The optimizer whose rates are set.
  public let optimizer: Optimizer
  /// The number of steps so far.
  public internal(set) final var lastEpoch: Int
  /// The rate each group had at first.
  public internal(set) final var baseLRs: [Double]
  /// The rates set last, one per group.
  public internal(set) final var lastLR: [Double] = []
  /// Whether the present step is the one that the initialiser makes.
  final var isInitial = false
  /// The number of calls of `step`, the initialiser's included.
  final var stepCount = 0

  /// Begins the schedule; a subclass calls `begin()` when it is ready. `lastEpoch`: −1, or the last epoch of an interrupted run,
  /// whose optimizer must have been restored. Stops when it has no initial rates then.
  init(_ optimizer: Optimizer, lastEpoch: Int) {
    self.optimizer = optimizer
    self.lastEpoch = lastEpoch
    let rates = optimizer.learningRates
    for (index, rate) in rates.enumerated() {
      if optimizer.initialLearningRates[index] == nil {
        if lastEpoch != -1 {
          stop(
            .value(
              "\(Swift.type(of: self)): param 'initial_lr' is not specified in param_groups[\(index)] when resuming scheduler with last_epoch >= 0; load the optimizer's state first, or leave lastEpoch out for a new run"
            ))
        }
        optimizer.initialLearningRates[index] = rate
      }
    }
    baseLRs = optimizer.initialLearningRates.map { $0! }
  }

  /// A schedule that is made of others.
  init(combining optimizer: Optimizer, lastEpoch: Int) {
    self.optimizer = optimizer
    self.lastEpoch = lastEpoch
    baseLRs = optimizer.initialLearningRates.map { $0 ?? 0 }
  }

  // MARK: What a schedule defines

  /// The rates for `lastEpoch`, from the present ones where the schedule can be chained. Throws where a schedule that is made of others is
  /// to be entered anew: it has no rates of its own.
  func rates() throws(ArrayError) -> [Double] {
    throw .runtime(
      "\(Swift.type(of: self)): a schedule that is made of others cannot be entered at a milestone; let it be the first of the sequence"
    )
  }

  /// The rates for `lastEpoch` from the first ones; nil where there is no such form.
  func closedForm() throws(ArrayError) -> [Double]? { nil }

  /// Undoes the count of the first step, so that a sequence can begin the schedule anew.
  func takeBack() { lastEpoch -= 1 }

  // MARK: Stepping

  /// Sets the rates of the next epoch. Call it after the optimizer's step.
  public final func step() { checked { () throws(ArrayError) in try advance() } }

  /// The throwing form of `step()`: some schedules have an end.
  public func advance() throws(ArrayError) {
    stepCount += 1
    try update()
  }

  /// Sets the rates of a given epoch and goes on from there; by the closed form where the schedule has one, else from the present
  /// rates. In PyTorch this is `step(epoch)`, deprecated but for `CosineAnnealingWarmRestarts`.
  public final func step(epoch: Int) { checked { () throws(ArrayError) in try advance(to: epoch) } }

  /// The throwing form of `step(epoch:)`: schedules made of others take no epoch.
  public func advance(to epoch: Int) throws(ArrayError) {
    stepCount += 1
    try update(to: epoch)
  }

  /// The first step, made by the initialiser.
  final func begin() {
    stepCount = 0
    isInitial = true
    step()
    isInitial = false
  }

  /// Moves to the next epoch, or to a given one, and sets its rates.
  final func update(to epoch: Int? = nil) throws(ArrayError) {
    lastEpoch = epoch ?? lastEpoch + 1
    if epoch != nil, let values = try closedForm() { return try set(values) }
    try set(try rates())
  }

  final func set(_ values: [Double]) throws(ArrayError) {
    try requireGroups(values.count)
    optimizer.learningRates = values
    lastLR = values
  }

  /// Throws unless the optimizer has as many groups as the schedule has values for. A schedule that goes from the first rates has them
  /// for the groups that were there when it began; one that changes the present rates goes on with groups that were added later.
  final func requireGroups(_ count: Int) throws(ArrayError) {
    try require(
      count == optimizer.groups.count,
      .value(
        "\(Swift.type(of: self)): the schedule has rates for \(count) parameter groups, the optimizer has \(optimizer.groups.count); add the groups before the schedule is made"
      ))
  }

  /// The groups' rates as they are.
  final var presentLRs: [Double] { optimizer.learningRates }

  /// Each group's rate times a number.
  final func scaled(by factor: Double) -> [Double] { presentLRs.map { $0 * factor } }

  // MARK: State

  /// All that changes with the steps, to continue later with a schedule made with the same options.
  public var stateDictionary: [String: OptionValue] {
    var state: [String: OptionValue] = [:]
    state["last_epoch"] = .integer(lastEpoch)
    state["_step_count"] = .integer(stepCount)
    state["base_lrs"] = .reals(baseLRs)
    state["_last_lr"] = .reals(lastLR)
    return state
  }

  /// Goes on from a saved state. The optimizer's own state is to be loaded beside it. Stops when an entry is missing.
  public func loadStateDictionary(_ state: [String: OptionValue]) {
    lastEpoch = Int(entry("last_epoch", state))
    stepCount = Int(entry("_step_count", state))
    baseLRs = list("base_lrs", state)
    lastLR = list("_last_lr", state)
  }

  final func entry(_ name: String, _ state: [String: OptionValue]) -> Double {
    guard let number = state[name]?.number else { missing(name) }
    return number
  }
  final func list(_ name: String, _ state: [String: OptionValue]) -> [Double] {
    guard case .reals(let values)? = state[name] else { missing(name) }
    return values
  }
  private func missing(_ name: String) -> Never {
    stop(.value("\(Swift.type(of: self)): the state to load has no '\(name)'"))
  }
}

/// A number for all parameter groups, or one for each: `0.1`, `[0.1, 0.01]`.
public enum PerGroup: Sendable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral
{
  case all(Double)
  case each([Double])

  public init(floatLiteral value: Double) { self = .all(value) }
  public init(integerLiteral value: Int) { self = .all(Double(value)) }
  public init(arrayLiteral elements: Double...) { self = .each(elements) }

  /// The number of each group. Throws with PyTorch's words when there are more or fewer.
  func values(_ name: String, _ optimizer: Optimizer) throws(ArrayError) -> [Double] {
    let count = optimizer.groups.count
    switch self {
    case .all(let value): return Array(repeating: value, count: count)
    case .each(let values):
      try require(
        values.count == count,
        .value(
          "\(name) must have the same length as optimizer.param_groups. \(name) has \(values.count) values, param_groups has \(count)."
        ))
      return values
    }
  }
}
