import ArgumentParser
import Experiment
import Foundation

/// `workbench compare`: every approach solves one problem; every step of every pair is compared.
struct Compare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let programs solve one problem and compare every step of every pair.",
    discussion: """
      What the options leave open is as in section 2.6 of the chapter: 100 points, 800 steps. \
      Exit status: 0 all agree, 1 they do not or a run diverges, 64 the command line cannot be obeyed, 65 bad data, 69 something needed is \
      missing or a program fails. The static graph also runs as machine code, by the name "static-graph native". A program of your own takes part with --with "COMMAND"; chapters/CONTRACT.md says how.
      """)

  @Argument(
    help: ArgumentHelp(
      "Which approaches; all that offer the optimizer if none is named.", valueName: "approach"))
  var approaches: [String] = []

  @Option(
    name: .customLong("with"),
    help: ArgumentHelp("Let this program take part; may be given several times.", valueName: "command"))
  var commands: [String] = []

  @Flag(help: "Let NumPy, PyTorch and TensorFlow take part, those that are installed.")
  var withPeers = false

  @Option(help: "Plant a mistake into hand-gradients.")
  var mistake: Mistake?

  @OptionGroup(title: "The problem")
  var options: ProblemOptions

  @Option(help: ArgumentHelp("Take the problem from this file instead.", valueName: "file"))
  var problem: String?

  @Option(help: "What to print.")
  var format = OutputFormat.text

  @Option(
    help: ArgumentHelp("Keep problem, traces, comparison and figures in this folder.", valueName: "folder"))
  var output: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("How long each program may take.", valueName: "seconds"))
  var timeLimit = 300.0

  enum OutputFormat: String, CaseIterable, ExpressibleByArgument { case text, json, csv }

  func run() async throws {
    // A value that is only read from here on.
    nonisolated(unsafe) let command = self
    let status = try await Interruption.guarding { try await command.compare() }
    if let status { throw ExitCode(status.rawValue) }
  }

  /// Compares and prints; returns what the exit status must say, nil if all is well.
  private func compare() async throws -> Failure.Kind? {
    guard timeLimit > 0, timeLimit <= 1e6 else {
      throw Failure.usage("--time-limit is \(timeLimit); a number of seconds above 0 is needed")
    }
    let problem = try chosenProblem()
    let participants = try chosenParticipants(for: problem)
    let workspace = try Workspace(output: output)
    defer { workspace.remove() }
    try problem.write(to: workspace.path("problem.json"))

    let contest = try await Contest.hold(
      participants, problem: problem, problemPath: workspace.path("problem.json"), workspace: workspace,
      timeLimit: .seconds(timeLimit))
    guard !contest.traces.isEmpty else {
      for dropout in contest.dropouts.dropLast() { note(dropout.failure.message) }
      throw contest.dropouts.last?.failure ?? Failure.usage("nobody takes part")
    }
    let report = Report(problem: problem, traces: contest.traces)
    let files = ReportFiles(report: report, dropouts: contest.dropouts)
    let plain = ReportText(report: report, dropouts: contest.dropouts, style: Style(isOn: false)).text + "\n"
    if output != nil {
      try Files.write(plain, to: workspace.path("comparison.txt"))
      try Files.write(try files.json, to: workspace.path("comparison.json"))
      try Files.write(files.csv, to: workspace.path("comparison.csv"))
      let columns = FileManager.default.fileExists(atPath: workspace.path("problem.json.columns"))
      try workspace.publish(
        ["problem.json"] + (columns ? ["problem.json.columns"] : []) + contest.traceFiles
          + ["comparison.txt", "comparison.json", "comparison.csv"])
    }
    switch format {
    case .text where Terminal.usesColour:
      try Terminal.print(
        ReportText(report: report, dropouts: contest.dropouts, style: Style(isOn: true)).text)
    case .text: try Terminal.print(plain)
    case .json: try Terminal.print(try files.json)
    case .csv: try Terminal.print(files.csv)
    }
    for trace in contest.traces {
      for message in trace.notes { note("\(trace.approach): \(message)") }
    }
    for dropout in contest.dropouts { note(dropout.failure.message) }
    let drawingFailure = try output.flatMap { try draw(problem, contest.traces, into: $0) }
    return report.isAgreement ? contest.dropouts.first?.failure.kind ?? drawingFailure : .disagreement
  }

  /// Draws the comparing figures beside the kept files. What was compared stays valid when that fails: says why, and returns
  /// what the exit status must say.
  private func draw(_ problem: Problem, _ traces: [Trace], into output: String) throws -> Failure.Kind? {
    let folder = URL(fileURLWithPath: output).appendingPathComponent("figures")
    do {
      for remark in try FigureDrawing.drawComparison(problem, traces, into: folder) { note(remark) }
      return nil
    } catch let failure as Failure {
      note(failure.message)
      return failure.kind
    }
  }

  private func note(_ message: String) {
    FileHandle.standardError.write(Data("workbench: \(message)\n".utf8))
  }

  private func chosenProblem() throws(Failure) -> Problem {
    guard let problem else { return try options.problem(defaults: .handGradients) }
    guard options.isEmpty else {
      throw .usage("--problem brings the whole problem; give it without the options that describe one")
    }
    return try Problem(contentsOf: problem)
  }

  private func chosenParticipants(for problem: Problem) throws(Failure) -> [Participant] {
    let known = Participant.approachNames
    for name in approaches where !known.contains(name) {
      throw .usage("there is no approach \"\(name)\"; there are \(known.joined(separator: ", "))")
    }
    let wanted = ChapterSection.all.filter { section in
      approaches.isEmpty || approaches.contains(section.approach)
        || section.approach == ChapterSection.staticGraph.approach
          && approaches.contains(Participant.nativeGraph)
    }
    let refusals = wanted.compactMap { section in
      section.refusal(of: problem).map { "\(section.approach) \($0)" }
    }
    if !approaches.isEmpty, let refusal = refusals.first { throw .usage(refusal) }
    let able = wanted.filter { $0.refusal(of: problem) == nil }.map(\.approach)
    let names = approaches.isEmpty ? able : approaches
    guard mistake == nil || names.contains("hand-gradients") else {
      throw .usage("--mistake is planted into hand-gradients, which does not take part")
    }
    for refusal in refusals { note(refusal) }
    var participants = [Participant]()
    for name in names {
      participants.append(try .approach(name, mistake: name == "hand-gradients" ? mistake : nil))
    }
    for command in commands { participants.append(try .command(command)) }
    if withPeers {
      let (found, missing) = try Peers.available(offering: problem.optimizer)
      participants += found
      for message in missing { note(message) }
    }
    return participants
  }
}
