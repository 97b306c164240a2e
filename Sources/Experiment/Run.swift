public import GraphDrawing

/// One pass through a problem by one approach: it hands out the steps, takes down what each of them found,
/// and keeps the time.
///
/// An approach loops over `steps` and calls `record` at the end of each. The workbench lets it run twice:
/// once to record every step, and once, for a short while, against the clock; in the second pass `record`
/// evaluates none of its arguments, so that reading values out of tensors or sessions is not part of the
/// time.
public final class Run {
  /// The problem to solve.
  public let problem: Problem
  /// The mistake to make on purpose, if any.
  public let mistake: Mistake?
  /// How the steps are to be carried out, for approaches that offer a choice.
  public let execution: Execution
  @usableFromInline let isRecording: Bool
  /// What was recorded.
  private(set) var recorded: [Step] = []
  /// What the approach has to say beside its steps.
  private(set) var notes: [String] = []
  /// The step, from 1, whose graph is to be drawn, if any; the pass ends with it.
  @usableFromInline let graphStep: Int?
  private var graph: (any DrawnGraph)?
  /// The graph of that step, once the step is over.
  private(set) var shownGraph: (any DrawnGraph)?
  private var clock: BatchClock

  /// A pass that records every step, or all up to the one whose graph is to be drawn.
  init(
    recording problem: Problem, mistake: Mistake? = nil, execution: Execution = Execution(),
    graphOf graphStep: Int? = nil
  ) {
    self.problem = problem
    self.mistake = mistake
    self.execution = execution
    self.graphStep = graphStep
    isRecording = true
    clock = BatchClock(budget: .zero)
    recorded.reserveCapacity(problem.steps)
  }

  /// A pass that makes as many steps as `budget` allows (a few at least) and measures them.
  init(
    timing problem: Problem, mistake: Mistake? = nil, execution: Execution = Execution(), budget: Duration
  ) {
    self.problem = problem
    self.mistake = mistake
    self.execution = execution
    graphStep = nil
    isRecording = false
    clock = BatchClock(budget: budget)
  }

  /// The median time of one step, from a timed pass; nil before it, or after a pass that recorded.
  var microsecondsPerStep: Double? { clock.median }

  /// The steps to make.
  @inlinable public var steps: Steps { Steps(run: self) }

  /// Takes down one step: the loss and the gradients before the update, the parameters after it.
  @inlinable public func record<Scalar: BinaryFloatingPoint>(
    loss: @autoclosure () -> Scalar, dw: @autoclosure () -> Scalar, db: @autoclosure () -> Scalar,
    w: @autoclosure () -> Scalar, b: @autoclosure () -> Scalar
  ) {
    if isRecording {
      append(Step(loss: Double(loss()), dw: Double(dw()), db: Double(db()), w: Double(w()), b: Double(b())))
    }
  }

  @usableFromInline func append(_ step: Step) {
    recorded.append(step)
    if let graph { shownGraph = graph }
    graph = nil
  }

  /// Tells who runs the program something it should know, in one line: that it got less than it asked for.
  public func note(_ message: String) { notes.append(message) }

  /// Shows the graph of the present step; to be called after the loss is calculated and before the gradients are. `graph` is only
  /// evaluated when the graph of this step was asked for.
  @inlinable public func show(graph: @autoclosure () -> any DrawnGraph) {
    if graphStep != nil { showIfAsked(graph) }
  }

  @usableFromInline func showIfAsked(_ graph: () -> any DrawnGraph) {
    if recorded.count + 1 == graphStep { self.graph = graph() }
  }

  /// How many steps may be made without asking again; zero when the pass is over.
  @usableFromInline func nextBatch() -> Int {
    guard isRecording else { return clock.nextBatch() }
    // A run that is no longer finite has nothing more to say.
    return recorded.count < graphStep ?? problem.steps && recorded.last?.isFinite != false ? 1 : 0
  }

  /// The numbers of the steps, from 1.
  public struct Steps: Sequence, IteratorProtocol {
    @usableFromInline let run: Run
    @usableFromInline var left = 0
    @usableFromInline var number = 0

    @inlinable init(run: Run) { self.run = run }

    @inlinable public mutating func next() -> Int? {
      if left == 0 {
        left = run.nextBatch()
        if left == 0 { return nil }
      }
      left -= 1
      number += 1
      return number
    }
  }
}

/// Measures batches of steps: one step to warm up, then batches that double until one takes long enough to be
/// told from the clock's grain, then as many of that size as the budget allows. The median batch counts: what
/// else the machine does meanwhile makes some batches slower, none faster.
private struct BatchClock {
  private static let longEnough = Duration.milliseconds(1)
  private static let mostBatches = 1001

  let budget: Duration
  private var batch = 0
  private var isCalibrated = false
  private var start: ContinuousClock.Instant?
  private var batchStart: ContinuousClock.Instant?
  private var times: [Double] = []

  init(budget: Duration) { self.budget = budget }

  var median: Double? {
    guard !times.isEmpty else { return nil }
    let sorted = times.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  mutating func nextBatch() -> Int {
    let now = ContinuousClock.now
    defer { batchStart = ContinuousClock.now }
    guard let start, let batchStart else {
      self.start = now
      batch = 1
      return batch
    }
    let elapsed = now - batchStart
    if !isCalibrated {
      // The first batch is the warm-up and never counts.
      isCalibrated = elapsed >= BatchClock.longEnough
      if !isCalibrated { batch *= 2 }
      return batch
    }
    times.append(elapsed / .microseconds(1) / Double(batch))
    return now - start < budget && times.count < BatchClock.mostBatches ? batch : 0
  }
}
