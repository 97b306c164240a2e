import ArgumentParser
import GraphDrawing

/// The command line that every approach has.
struct ApproachCommand<Solver: Approach>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Solver.section.approach,
      abstract: "\(Solver.section.number): \(Solver.section.title).",
      discussion: """
        Without arguments: the section with the book's set-up, beside what the book prints. With --problem and --trace: \
        exactly that problem, every step written down. With other options: the problem they describe.
        """)
  }

  @Option(help: ArgumentHelp("Solve the problem in this file.", valueName: "file"))
  var problem: String?

  @Option(help: ArgumentHelp("Write every step to this file.", valueName: "file"))
  var trace: String?

  @OptionGroup(title: "The problem")
  var options: ProblemOptions

  @Option(help: Solver.plantsMistakes ? "Make a mistake on purpose." : .hidden)
  var mistake: Mistake?

  @Option(
    help: Solver.offersExecution
      ? "How the steps are carried out: interpreted, or native, by machine code made for them." : .hidden)
  var compile: Execution.Way?

  @Option(
    parsing: .unconditional,
    help: Solver.offersExecution
      ? ArgumentHelp("How many threads may be used; 1 if not given.", valueName: "n") : .hidden)
  var threads: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How long to measure the time per step; 0 leaves it out.", valueName: "seconds"))
  var timing = 0.1

  @Option(
    help: Solver.section.hasGraph
      ? ArgumentHelp(
        "Write the graph of one step to this file, as JSON, and do nothing else.", valueName: "file")
      : .hidden)
  var graph: String?

  @Option(
    help: Solver.section.hasPlan
      ? ArgumentHelp(
        "Write what is done with the graph of one step to this file, as JSON, and do nothing else.",
        valueName: "file")
      : .hidden)
  var plan: String?

  @Option(
    help: Solver.section.hasPlan
      ? ArgumentHelp("Without this pass; may be given several times.", valueName: "pass") : .hidden)
  var without: [String] = []

  @Option(help: Solver.section.hasGraph ? ArgumentHelp("Which step's graph.", valueName: "n") : .hidden)
  var step: Int?

  func run() throws {
    try checkPasses()
    if let graph { return try drawGraph(to: graph) }
    if let plan { return try showPlan(in: plan) }
    guard step == nil else { throw Failure.usage("--step says whose graph is written; give --graph, too") }
    guard timing >= 0, timing <= 3600 else {
      throw Failure.usage("--timing is \(timing); between 0 and 3600 seconds are needed")
    }
    guard mistake == nil || Solver.plantsMistakes else {
      throw Failure.usage("--mistake: \(Solver.section.approach) makes none on purpose; hand-gradients does")
    }
    let execution = try chosenExecution()
    if problem == nil, trace == nil, mistake == nil, options.isEmpty {
      let problem = try Solver.section.problem()
      let (trace, outcome) = try Solver.solve(problem, execution: execution, timing: .zero)
      warn(trace.notes)
      try StandardOutput.print(
        SectionReport(section: Solver.section, problem: problem, trace: trace, outcome: outcome).text)
      return
    }
    let chosen = try chosenProblem()
    if let refusal = Solver.section.refusal(of: chosen) { throw Failure.usage(refusal) }
    let (solved, outcome) = try Solver.solve(
      chosen, mistake: mistake, execution: execution, timing: .seconds(timing))
    warn(solved.notes)
    if let trace { try solved.write(to: trace) }
    if problem == nil {
      try StandardOutput.print(RunReport(problem: chosen, trace: solved, outcome: outcome).text)
    }
  }

  private func checkPasses() throws(Failure) {
    guard without.isEmpty || graph == nil else {
      throw .usage("--without switches a pass of a plan off; give --plan instead of --graph")
    }
    for pass in without where !Solver.passNames.contains(pass) {
      throw .usage(
        Solver.passNames.isEmpty
          ? "--without: \(Solver.section.approach) has no plan; \(ChapterSection.withPlan.joined(separator: ", ")) has one"
          : "--without: there is no pass \"\(pass)\"; there are \(Solver.passNames.joined(separator: ", "))")
    }
  }

  private func chosenExecution() throws(Failure) -> Execution {
    guard Solver.offersExecution || compile == nil && threads == nil else {
      throw .usage("--compile and --threads: \(Solver.section.approach) has no choice; static-graph has one")
    }
    let threads = threads ?? 1
    guard (1...256).contains(threads) else {
      throw .usage("--threads is \(threads); between 1 and 256 are needed")
    }
    return Execution(compile ?? .interpreted, threads: threads, without: without)
  }

  private func warn(_ notes: [String]) {
    for note in notes { CommandLineTool.report(note, of: Self.self) }
  }

  private func drawGraph(to path: String) throws {
    guard plan == nil else { throw Failure.usage("--graph and --plan write two files; give one of them") }
    guard Solver.section.hasGraph else {
      throw Failure.usage(
        "--graph: \(Solver.section.approach) has no graph that could be drawn; \(ChapterSection.withGraph.joined(separator: ", ")) have one"
      )
    }
    let (graph, title) = try shownGraph("--graph writes a graph")
    let drawings = try graph.drawings(title: title)
    try Files.write(try GraphDrawing.json(drawings), to: path)
  }

  private func showPlan(in path: String) throws {
    let (graph, title) = try shownGraph("--plan writes a plan")
    guard let graph = graph as? any PlannedGraph else {
      throw Failure.usage(
        "--plan: \(Solver.section.approach) calculates while it builds its graph; \(ChapterSection.withPlan.joined(separator: ", ")) has a plan"
      )
    }
    try Files.write(try graph.plan(title: title, without: without).json, to: path)
  }

  /// Runs up to the step that is asked for. Throws a failure if it is not reached.
  private func shownGraph(_ what: String) throws -> (graph: any DrawnGraph, title: String) {
    guard trace == nil, mistake == nil, compile == nil, threads == nil else {
      throw Failure.usage(
        "\(what) and nothing else; give it without --trace, --mistake, --compile and --threads")
    }
    let (name, problem, step) = (Solver.section.approach, try chosenProblem(), step ?? 1)
    guard (1...max(1, problem.steps)).contains(step) else {
      throw Failure.usage("--step is \(step); the problem has the steps 1 to \(problem.steps)")
    }
    let run = Run(recording: problem, graphOf: step)
    _ = try Solver.train(run)
    guard let graph = run.shownGraph else {
      throw Failure.badData("\(name): step \(step) is not reached; step \(run.recorded.count) is not finite")
    }
    return (graph, "\(name), step \(step)")
  }

  private func chosenProblem() throws(Failure) -> Problem {
    guard let problem else { return try options.problem(defaults: Solver.section) }
    guard options.isEmpty else {
      throw .usage("--problem brings the whole problem; give it without the options that describe one")
    }
    return try Problem(contentsOf: problem)
  }
}
