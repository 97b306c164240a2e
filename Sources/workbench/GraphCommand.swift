import ArgumentParser
import Experiment
import Foundation
import GraphDrawing
import Plotting

/// `workbench graph`: the graph of an approach's own training step.
struct GraphCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph",
    abstract: "Draw the graph of one of an approach's steps.",
    discussion: """
      The approach is run up to that step and draws what it really recorded (tensor-autograd, nn-optim) or built \
      (static-graph). Circles are variables, boxes operations. A static graph also shows what is done with it before it \
      runs (--passes), the code of its kernels (--emit c) and what a run takes (--timeline). Without other options the \
      problem is that of the approach's section.
      """,
    subcommands: [GraphStep.self, GraphDiff.self], defaultSubcommand: GraphStep.self)
}

/// `workbench graph APPROACH`.
struct GraphStep: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step", abstract: "Draw one step of an approach (what \"workbench graph APPROACH\" does).")

  /// What is drawn of the step.
  enum Phase: String, ExpressibleByArgument, CaseIterable {
    /// How the loss is calculated.
    case forward
    /// How the gradients are.
    case backward
    /// All of it, gradients and updates as operations like any other.
    case step
  }

  /// A language in which the kernels can be written.
  enum Emission: String, ExpressibleByArgument, CaseIterable {
    case c
  }

  /// How a graph is shown.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, dot, json, svg, png, pdf

    /// How the file's name ends.
    var ending: String { self == .text ? "txt" : rawValue }
    /// Whether it can be read in a terminal.
    var isText: Bool { [.text, .dot, .json].contains(self) }
  }

  @Argument(
    help: ArgumentHelp("Whose step: tensor-autograd, nn-optim or static-graph.", valueName: "approach"))
  var approach: String

  @Option(
    help:
      "What to draw: forward, backward with the gradients, or the whole step with gradients and updates as operations."
  )
  var phase = Phase.forward

  @Option(help: ArgumentHelp("Which step, from 1.", valueName: "n"))
  var step = 1

  @Flag(help: "One picture for each step of the backward pass, numbered.")
  var frames = false

  @Flag(help: "What each pass makes of a static graph: a listing, or a numbered picture for each.")
  var passes = false

  @Option(help: "Print the code of a static graph's kernels: c.")
  var emit: Emission?

  @Flag(help: "What each step of one run of a static graph takes: a table, or a figure.")
  var timeline = false

  @Option(
    help: ArgumentHelp(
      "Switch a pass off, in what --passes, --emit and --timeline show; may be given several times; \"all\" for all.",
      valueName: "pass"))
  var without: [String] = []

  @Option(help: "text, dot, json, svg, png or pdf; the ending of --output, or else text, if not given.")
  var format: Format?

  @Option(
    help: ArgumentHelp(
      "The file to write; graphs of text go to the terminal if not given.", valueName: "file"))
  var output: String?

  @OptionGroup(title: "The problem")
  var options: ProblemOptions

  func run() async throws {
    nonisolated(unsafe) let command = self
    try await Interruption.guarding { try await command.show() }
  }

  private func show() async throws {
    let wishes = [
      passes ? "--passes" : nil, emit.map { "--emit \($0)" }, timeline ? "--timeline" : nil,
    ].compactMap { $0 }
    if let wish = wishes.first {
      guard wishes.count == 1, !frames, phase == .forward else {
        throw Failure.usage("\(wish) shows one thing; give it without --phase, --frames and \(others(wish))")
      }
      return try await showPlan(wish)
    }
    guard without.isEmpty else {
      throw Failure.usage("--without switches a pass off; give --passes, --emit or --timeline, too")
    }
    try await draw(try await chosenDrawings(), as: try chosenFormat())
  }

  private func others(_ wish: String) -> String {
    ["--passes", "--emit", "--timeline"].filter { !wish.hasPrefix($0) }.joined(separator: " and ")
  }

  /// Prints drawings or writes each to a file, whose name is the drawing's or, with --output, that of the file with the drawing's number.
  private func draw(_ drawings: [GraphDrawing], as format: Format) async throws {
    guard let output else {
      guard format.isText else {
        let folder = URL(fileURLWithPath: "figures")
        for drawing in drawings { try await Self.write(drawing, format, into: folder) }
        return
      }
      let text =
        switch format {
        case .json: try GraphDrawing.json(drawings)
        case .dot: drawings.map(\.dot).joined(separator: "\n")
        default: drawings.map(\.text).joined(separator: "\n")
        }
      return try Terminal.print(text)
    }
    if Self.isSpecial(output) {
      for drawing in drawings {
        try Files.write(try await Graphviz.content(of: drawing, as: format.ending), to: output)
      }
      return
    }
    let file = URL(fileURLWithPath: output)
    let stem = file.deletingPathExtension().lastPathComponent
    for var drawing in drawings {
      let number = drawing.name.split(separator: "-").last.flatMap { Int($0) }
      drawing.name = number.map { frames || passes ? "\(stem)-\($0)" : stem } ?? stem
      try await Self.write(drawing, format, into: file.deletingLastPathComponent())
    }
  }

  private static func write(_ drawing: GraphDrawing, _ format: Format, into folder: URL) async throws {
    let endings = format == .dot ? [] : [format.ending]
    for file in try await Graphviz.draw(drawing, as: endings, into: folder) {
      try Terminal.print(file.relativeToWorkingDirectory)
    }
  }

  /// Whether a path leads to a device or a pipe, which cannot be replaced by a file.
  static func isSpecial(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  }

  // MARK: What is shown

  /// The section of the approach, and the problem it is to solve up to the step.
  private func chosenProblem() throws(Failure) -> (section: ChapterSection, problem: Problem) {
    guard let section = ChapterSection.all.first(where: { $0.approach == approach }) else {
      let known = ChapterSection.all.map(\.approach).joined(separator: ", ")
      throw .usage("there is no approach \"\(approach)\"; there are \(known)")
    }
    guard section.hasGraph else {
      throw .usage(
        "\(approach) has no graph that could be drawn; \(ChapterSection.withGraph.joined(separator: ", ")) have one"
      )
    }
    let problem = try options.problem(defaults: section)
    guard (1...max(1, problem.steps)).contains(step) else {
      throw .usage("--step is \(step); the problem has the steps 1 to \(problem.steps)")
    }
    return (section, problem)
  }

  private func chosenDrawings() async throws -> [GraphDrawing] {
    let problem = try chosenProblem().problem
    guard !frames || phase == .backward else {
      throw Failure.usage("--frames shows the backward pass step by step; give --phase backward, too")
    }
    let drawings = try await GraphSource(approach: approach, problem: problem, step: step).drawings()
    let chosen = drawings.filter {
      frames ? $0.name.hasPrefix("\(Phase.backward)-") : $0.name == phase.rawValue
    }
    guard !chosen.isEmpty else {
      throw Failure.usage(
        "\(approach) does not go through its graph step by step: --frames has nothing to show")
    }
    return chosen.map { drawing in
      var drawing = drawing
      drawing.title += ", \(phase)"
      if output == nil { drawing.name = "\(approach)-\(step)-\(drawing.name)" }
      return drawing
    }
  }

  private func showPlan(_ wish: String) async throws {
    let (section, problem) = try chosenProblem()
    guard section.hasPlan else {
      throw Failure.usage(
        "\(wish): \(approach) calculates while it builds its graph, so nothing is done with it before it runs; \(ChapterSection.withPlan.joined(separator: ", ")) has a plan"
      )
    }
    let source = GraphSource(approach: approach, problem: problem, step: step)
    var plan = try await source.plan(without: [])
    let off = without.contains("all") ? plan.passNames : without
    for pass in off where !plan.passNames.contains(pass) {
      throw Failure.usage(
        "--without: there is no pass \"\(pass)\"; there are \(plan.passNames.joined(separator: ", "))")
    }
    if !off.isEmpty { plan = try await source.plan(without: off) }
    let view = GraphPlanView(
      plan: plan, title: "\(approach), step \(step)", problem: problem,
      style: Style(isOn: Terminal.usesColour))
    if emit != nil { return try view.showCode(output, format) }
    let format = try chosenFormat()
    if output == nil, format == .json { return try Terminal.print(try plan.json) }
    if timeline { return try view.showTimeline(as: format, output) }
    if output == nil, format == .text { return try Terminal.print(view.passes) }
    try await draw(
      plan.stages.map { stage in
        var drawing = stage.drawing
        if output == nil { drawing.name = "\(approach)-\(step)-\(drawing.name)" }
        return drawing
      }, as: format)
  }

  private func chosenFormat() throws -> Format {
    if let format {
      if let output, !Self.isSpecial(output) {
        let ending = URL(fileURLWithPath: output).pathExtension
        guard ending == format.ending else {
          throw Failure.usage(
            "--output is \(output); a file for --format \(format) ends in .\(format.ending)")
        }
      }
      return format
    }
    guard let output, !Self.isSpecial(output) else { return .text }
    let ending = URL(fileURLWithPath: output).pathExtension
    guard let format = Format.allCases.first(where: { $0.ending == ending }) else {
      let endings = Format.allCases.map { ".\($0.ending)" }.joined(separator: ", ")
      throw Failure.usage("--output is \(output); a graph's file ends in one of \(endings)")
    }
    return format
  }
}
