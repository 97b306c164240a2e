/// Schedules one after the other: at each milestone the next takes over, from its own epoch 0.
///
/// As in PyTorch a schedule that takes over begins with its closed form, thus from the first rate and not from where the one before ended.
public final class SequentialLR: LRScheduler {
  let schedulers: [LRScheduler]
  let milestones: [Int]

  /// Begins with the first schedule. Stops unless all belong to this optimizer and there is one milestone fewer than schedules.
  public init(
    _ optimizer: Optimizer, schedulers: [LRScheduler], milestones: [Int], lastEpoch: Int = -1
  ) {
    checked { () throws(ArrayError) in try Self.check(optimizer, schedulers, milestones) }
    self.schedulers = schedulers
    self.milestones = milestones
    super.init(combining: optimizer, lastEpoch: lastEpoch + 1)
    optimizer.learningRates = baseLRs
    takeBack()
    let first = schedulers[milestones.count { $0 <= 0 }]
    first.begin()
    lastLR = first.lastLR
  }

  static func check(
    _ optimizer: Optimizer, _ schedulers: [LRScheduler], _ milestones: [Int]
  ) throws(ArrayError) {
    try requireOne(schedulers, optimizer, "SequentialLR", "expects at least one scheduler")
    try require(
      milestones.count == schedulers.count - 1,
      .value(
        "SequentialLR: Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, but got number of schedulers \(schedulers.count) and the number of milestones to be equal to \(milestones.count)"
      ))
    if let index = optimizer.initialLearningRates.firstIndex(of: nil) {
      throw .value(
        "SequentialLR: param 'initial_lr' is not specified in param_groups[\(index)]; add the groups before the schedules are made"
      )
    }
  }

  /// Undoes the first step that each schedule made when it was begun.
  override func takeBack() { for scheduler in schedulers { scheduler.takeBack() } }

  public override func advance() throws(ArrayError) {
    lastEpoch += 1
    let index = milestones.count { $0 <= lastEpoch }
    let scheduler = schedulers[index]
    if index > 0 && milestones[index - 1] == lastEpoch {
      try scheduler.update(to: 0)
    } else {
      try scheduler.advance()
    }
    lastLR = scheduler.lastLR
  }
  public override func advance(to epoch: Int) throws(ArrayError) { throw noEpoch("SequentialLR") }

  /// The entries of the schedules stand under `_schedulers.0.` and so on.
  public override var stateDictionary: [String: OptionValue] { combinedState(schedulers) }
  public override func loadStateDictionary(_ state: [String: OptionValue]) {
    super.loadStateDictionary(state)
    loadCombined(schedulers, state)
  }
}

/// Schedules that all act in each step, one on the result of the other.
public final class ChainedScheduler: LRScheduler {
  let schedulers: [LRScheduler]

  /// Chains schedules that were begun. Stops unless there is one and all belong to one optimizer.
  public init(_ schedulers: [LRScheduler]) {
    checked { () throws(ArrayError) in try Self.check(schedulers) }
    self.schedulers = schedulers
    super.init(combining: schedulers[0].optimizer, lastEpoch: 0)
    lastLR = presentLRs
  }

  static func check(_ schedulers: [LRScheduler]) throws(ArrayError) {
    try requireOne(
      schedulers, schedulers.first?.optimizer, "ChainedScheduler",
      "expects at least one scheduler to be chained")
  }

  override func takeBack() { for scheduler in schedulers { scheduler.takeBack() } }

  public override func advance() throws(ArrayError) {
    lastEpoch += 1
    for scheduler in schedulers { try scheduler.advance() }
    lastLR = presentLRs
  }
  public override func advance(to epoch: Int) throws(ArrayError) { throw noEpoch("ChainedScheduler") }

  /// The entries of the schedules stand under `_schedulers.0.` and so on.
  public override var stateDictionary: [String: OptionValue] { combinedState(schedulers) }
  public override func loadStateDictionary(_ state: [String: OptionValue]) {
    super.loadStateDictionary(state)
    loadCombined(schedulers, state)
  }
}

extension LRScheduler {
  /// Throws unless there are schedules and all belong to the optimizer.
  fileprivate static func requireOne(
    _ schedulers: [LRScheduler], _ optimizer: Optimizer?, _ name: String, _ need: String
  ) throws(ArrayError) {
    try require(!schedulers.isEmpty, .value("\(name): \(need), but got no scheduler."))
    for (index, scheduler) in schedulers.enumerated() where scheduler.optimizer !== optimizer {
      throw .value(
        "\(name): expects all schedulers to belong to the same optimizer, but got scheduler \(Swift.type(of: scheduler)) at index \(index), which is different from the first's or the given one."
      )
    }
  }

  /// The error of a step to a given epoch, which schedules made of others do not take.
  fileprivate func noEpoch(_ name: String) -> ArrayError {
    .type("\(name): step() takes 1 positional argument but 2 were given; step the schedules it is made of")
  }

  fileprivate func combinedState(_ schedulers: [LRScheduler]) -> [String: OptionValue] {
    var state: [String: OptionValue] = [:]
    state["last_epoch"] = .integer(lastEpoch)
    state["_step_count"] = .integer(stepCount)
    state["base_lrs"] = .reals(baseLRs)
    state["_last_lr"] = .reals(lastLR)
    for (index, scheduler) in schedulers.enumerated() {
      for (name, value) in scheduler.stateDictionary { state["_schedulers.\(index).\(name)"] = value }
    }
    return state
  }

  fileprivate func loadCombined(_ schedulers: [LRScheduler], _ state: [String: OptionValue]) {
    for (index, scheduler) in schedulers.enumerated() {
      let prefix = "_schedulers.\(index)."
      var part: [String: OptionValue] = [:]
      for (name, value) in state where name.hasPrefix(prefix) {
        part[String(name.dropFirst(prefix.count))] = value
      }
      scheduler.loadStateDictionary(part)
    }
  }
}
