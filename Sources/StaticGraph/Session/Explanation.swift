/// What a session does with some fetches before it runs them: the program after each pass, and where its values lie.
public struct Explanation: Sendable {
  /// The program after one pass.
  public struct Stage: Sendable {
    /// The pass; `lowered` for the program before all passes.
    public let name: String
    /// What the pass does.
    public let summary: String
    /// The program after it.
    public let program: Program
  }

  /// The stages in order.
  public let stages: [Stage]
  /// Where the values lie; nil when memory is not planned, or cannot be.
  public let buffers: BufferPlan?

  /// The program that runs.
  public var program: Program { stages[stages.count - 1].program }
}

/// What a run took, step by step.
public struct Timeline: Sendable {
  /// One step.
  public struct Entry: Sendable {
    /// The name of the node it comes from.
    public let name: String
    /// What it did.
    public let operation: String
    /// When it began, in nanoseconds from the run's beginning.
    public let start: Int
    /// How long it took, in nanoseconds.
    public let duration: Int
    /// The size of what it made; 0 for a view of what was there.
    public let bytes: Int
    /// Which of the plan's kernels it belongs to, counted from 0; nil when it stands alone.
    public let kernel: Int?
    /// Whether it calculates nothing: a feed, a constant, a variable, random numbers.
    public let isLeaf: Bool
  }

  /// The steps in the order in which they ran.
  public let entries: [Entry]
  /// The time from the first step's beginning to the last one's end, in nanoseconds.
  public var total: Int { entries.last.map { $0.start + $0.duration } ?? 0 }
}

extension Session {
  /// The passes' work on the program for these fetches and feeds. Nothing is run.
  public func explain(_ fetches: [Symbol], feeding feeds: Feeds = Feeds()) throws(SessionError) -> Explanation
  {
    let feeds = try resolved(feeds)
    let lowered = try lowered(try fetches.symbols(in: graph), feeds)
    let summaries =
      ["what the fetches need, in an order in which it can run"] + options.passes.rewrites.map(\.summary)
    let stages = zip(options.passes.stages(of: lowered), summaries).map { stage, summary in
      Explanation.Stage(name: stage.name, summary: summary, program: stage.program)
    }
    let program = stages[stages.count - 1].program
    let buffers =
      options.passes.planBuffers && program.isStatic
      ? BufferPlan(program, aliases: Layouts(program).aliases) : nil
    return Explanation(stages: stages, buffers: buffers)
  }

  /// Runs once, step by step, and tells what each step took. The steps are those of the plan, those inside kernels one by one; the time is
  /// that of the plain interpreter, which asks for memory at each.
  public func timeline(
    _ fetches: [Symbol], feeding feeds: Feeds = Feeds()
  ) throws(SessionError) -> (values: [NDArray], timeline: Timeline) {
    let clock = ContinuousClock()
    let beginning = clock.now
    var last = 0
    var entries: [Timeline.Entry] = []
    let values = try observe(fetches, feeding: feeds) { step, arrays, kernel in
      // Long steps would wait for those behind them.
      synchronize()
      let now = Int((clock.now - beginning) / .nanoseconds(1))
      // The first step is only reached when the run is prepared.
      if entries.isEmpty { last = now }
      let isView = step.isLeaf || step.operation?.isView ?? false
      let bytes = isView ? 0 : arrays.reduce(0) { $0 + $1.count * $1.dtype.byteSize }
      entries.append(
        Timeline.Entry(
          name: step.name, operation: step.operationName, start: last, duration: now - last, bytes: bytes,
          kernel: kernel, isLeaf: step.isLeaf))
      last = now
    }.values
    return (values, Timeline(entries: entries))
  }

  /// Runs once by the plain interpreter, telling `observer` of each step of the plan, and gives the program with the fetched values.
  func observe(
    _ fetches: [Symbol], feeding feeds: Feeds, _ observer: Interpreter.Observer
  ) throws(SessionError) -> (values: [NDArray], program: Program) {
    let feeds = try resolved(feeds)
    let plan = try plan(try fetches.symbols(in: graph), feeds)
    let arrays = feeds.map { Session.rowByRow($0.value) }
    return try withoutActuallyEscaping(observer) { observer throws(SessionError) in
      try state.withLock { state throws(SessionError) in
        var results: [NDArray] = []
        try plan.interpret(arrays, state.store, &results, observer)
        return (results, plan.program)
      }
    }
  }
}
