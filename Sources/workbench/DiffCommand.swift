import ArgumentParser
import Experiment
import Foundation

/// `workbench diff`: two traces side by side from the first step that differs.
struct Diff: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show two approaches or two saved traces side by side, from the first step that differs.",
    discussion: """
      Each of the two is the name of an approach or a trace file. Exit status: 0 no step differs, 1 some do, 64, 65 and 69 as for \
      compare.
      """)

  @Argument(help: ArgumentHelp("An approach or a trace file.", valueName: "a"))
  var first: String

  @Argument(help: ArgumentHelp("Another.", valueName: "b"))
  var second: String

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Begin at this step instead.", valueName: "n"))
  var step: Int?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("How many steps to show.", valueName: "n"))
  var count = 3

  @Option(help: "Plant a mistake into hand-gradients.")
  var mistake: Mistake?

  @OptionGroup(title: "The problem")
  var options: ProblemOptions

  @Option(
    help: ArgumentHelp(
      "The problem's file; with it the cause can be found for saved traces, too.", valueName: "file"))
  var problem: String?

  func run() async throws {
    // A value that is only read from here on.
    nonisolated(unsafe) let command = self
    let differs = try await Interruption.guarding { try await command.show() }
    if differs { throw ExitCode(Failure.Kind.disagreement.rawValue) }
  }
}

extension Diff {
  /// Prints the two side by side; returns whether anything differs.
  private func show() async throws -> Bool {
    guard count > 0 else { throw Failure.usage("--count is \(count); at least 1 is needed") }
    if let step, step < 1 { throw Failure.usage("--step is \(step); steps are counted from 1") }
    let approaches = Participant.approachNames
    let names = [first, second]
    guard mistake == nil || names.contains("hand-gradients") else {
      throw Failure.usage("--mistake is planted into hand-gradients, which is not shown")
    }
    // Saved traces are read first: they may say which problem the others have to solve.
    var traces = [Trace?](repeating: nil, count: 2)
    for (index, name) in names.enumerated() where !approaches.contains(name) {
      guard FileManager.default.fileExists(atPath: name) else {
        throw Failure.usage(
          "\"\(name)\" is neither a trace file nor an approach; the approaches are \(approaches.joined(separator: ", "))"
        )
      }
      traces[index] = try Trace(contentsOf: name)
    }
    let problem = try problemOf(zip(names, traces).compactMap { name, trace in trace.map { (name, $0) } })
    if let problem {
      let unsolved = traces.indices.filter { traces[$0] == nil }
      let answers = try await solve(problem, unsolved.map { names[$0] })
      for (index, answer) in zip(unsolved, answers) { traces[index] = answer }
    }
    guard var a = traces[0], var b = traces[1] else {
      throw Failure.usage(
        "an approach needs the trace's problem to be compared with it: give it with --problem")
    }
    guard a.fingerprint == b.fingerprint else {
      throw Failure.badData(
        "\(second): answers another problem (\(b.fingerprint)) than \(first) (\(a.fingerprint)); only answers to one can be compared"
      )
    }
    if a.approach == b.approach { (a.approach, b.approach) = first == second ? ("a", "b") : (first, second) }
    let view = TraceDiff(first: a, second: b, problem: problem, style: Style(isOn: Terminal.usesColour))
    try Terminal.print(try view.text(from: step, count: count))
    return view.firstDifferentStep != nil
  }

  /// The problem: the one named or described; else the one that lies with a saved trace; else, if nothing is
  /// a saved trace, the default.
  private func problemOf(_ saved: [(name: String, trace: Trace)]) throws(Failure) -> Problem? {
    if let problem {
      guard options.isEmpty else {
        throw .usage("--problem brings the whole problem; give it without the options that describe one")
      }
      let loaded = try Problem(contentsOf: problem)
      for (name, trace) in saved { try trace.validate(against: loaded, source: name) }
      return loaded
    }
    guard let (name, trace) = saved.first else { return try options.problem(defaults: .handGradients) }
    let described = try options.problem(defaults: .handGradients)
    if described.fingerprint == trace.fingerprint { return described }
    guard options.isEmpty else {
      throw .badData(
        "\(name): answers another problem (\(trace.fingerprint)) than the options describe (\(described.fingerprint))"
      )
    }
    let folder = URL(fileURLWithPath: name).deletingLastPathComponent()
    for candidate in [folder, folder.deletingLastPathComponent()] {
      let path = candidate.appendingPathComponent("problem.json").path
      if let problem = try? Problem(contentsOf: path), problem.fingerprint == trace.fingerprint {
        return problem
      }
    }
    return nil
  }

  private func solve(_ problem: Problem, _ names: [String]) async throws -> [Trace] {
    guard !names.isEmpty else { return [] }
    let workspace = try Workspace(output: nil)
    defer { workspace.remove() }
    try problem.write(to: workspace.path("problem.json"))
    var planted = mistake
    let participants = try names.map { name in
      defer { if name == "hand-gradients" { planted = nil } }
      return try Participant.approach(name, mistake: name == "hand-gradients" ? planted : nil, timing: 0)
    }
    let contest = try await Contest.hold(
      participants, problem: problem, problemPath: workspace.path("problem.json"), workspace: workspace,
      timeLimit: .seconds(600))
    if let dropout = contest.dropouts.first { throw dropout.failure }
    return contest.traces
  }
}
