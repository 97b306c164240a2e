/// A program made ready to run, again and again, for feeds of known types. Guarded by its session's lock.
final class Plan: @unchecked Sendable {
  private let interpreter: Interpreter
  private let compiled: CompiledPlan?

  /// The plan for a program after all passes.
  init(
    _ program: Program, _ nodes: [Node], _ options: PlanOptions, _ report: inout CompilationReport
  ) throws(SessionError) {
    interpreter = Interpreter(program: program, nodes: nodes)
    compiled = options.passes.planBuffers ? try CompiledPlan(program, nodes, threads: options.threads) : nil
    if let settings = options.compilation.settings { compiled?.compile(settings, &report) }
  }

  /// The program that runs.
  var program: Program { interpreter.program }
  /// Where its values lie, when their places were planned.
  var buffers: BufferPlan? { compiled?.buffers }

  /// Runs the program, puts the fetched values into the run's results and sets the variables that are assigned to. A run that fails sets none.
  @inline(__always)
  func run(_ feeds: [NDArray], _ run: RunState, _ store: SessionStore) throws(SessionError) {
    if let binding = run.binding {
      try binding.run(&run.results, store)
    } else {
      try runUnbound(feeds, run, store)
    }
  }

  @inline(never)
  private func runUnbound(_ feeds: [NDArray], _ run: RunState, _ store: SessionStore) throws(SessionError) {
    guard let compiled else { return try interpret(feeds, store, &run.results, nil) }
    if run.results.isEmpty {
      run.results = [NDArray](repeating: Plan.nothing, count: program.fetches.count)
    }
    let binding = try compiled.binding(feeds, store)
    if run.keepsFeeds { run.binding = binding }
    try binding.run(&run.results, store)
  }

  /// As `run`, step by step, telling `observer` of each.
  func interpret(
    _ feeds: [NDArray], _ store: SessionStore, _ results: inout [NDArray], _ observer: Interpreter.Observer?
  ) throws(SessionError) {
    for step in program.steps {
      if case .state(let variable) = step.kind, !store.variable(variable).isInitialized {
        throw .uninitialized(step.name)
      }
    }
    let outcome = try interpreter.run(feeds: feeds, store: store, observing: observer)
    for (commit, value) in zip(program.commits, outcome.commits) {
      store.variable(commit.variable).set(value)
    }
    results = outcome.fetches.map { $0 ?? Plan.nothing }
  }

  /// What a node without a value gives.
  static let nothing = checked { () throws(ArrayError) in try NDArray(uninitialized: [0], .bool) }
}

/// How a session makes its plans.
struct PlanOptions: Sendable {
  var passes: Passes
  var threads: Int
  var compilation: Compilation
}
