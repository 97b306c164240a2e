import Experiment
import Figures
import Foundation
import GraphDrawing
import Plotting

/// What is done with a static graph, for the reader at a terminal and as files.
struct GraphPlanView {
  let plan: GraphPlan
  let title: String
  let problem: Problem
  let style: Style

  private var heading: [String] {
    let off =
      plan.switchedOff.isEmpty ? [] : ["Switched off: \(plan.switchedOff.joined(separator: ", "))."]
    return [style.strong(title)] + problem.summary.wrapped() + off.flatMap { $0.wrapped() } + [""]
  }

  // MARK: Passes

  /// A table of the passes, what each changed, and the program that is left.
  var passes: String {
    var table = TextTable([
      ("", .right), ("pass", .left), ("nodes", .right), ("launches", .right), ("bytes", .right),
    ])
    for (position, stage) in plan.stages.enumerated() {
      table.add([
        "\(position)", stage.name, "\(stage.nodes)", "\(stage.launches)", stage.bytes.map { "\($0)" } ?? "?",
      ])
    }
    let meanings = [
      "nodes: what is fed and kept, and every calculation. launches: how often a run goes over memory.",
      "bytes: what the calculated values take, those that never leave a kernel not counted.",
    ].flatMap { $0.wrapped() }.map(style.faint)
    let changes = plan.stages.enumerated().flatMap { position, stage -> [String] in
      let lines = position > 0 && stage.changes.isEmpty ? ["changes nothing here"] : stage.changes
      return ["", style.strong("\(position) \(stage.name): \(stage.summary)")]
        + lines.flatMap { "  \($0)".wrapped(indent: "    ") }
    }
    let listing = plan.stages.last?.listing ?? ""
    return
      (heading + table.lines(style) + meanings + changes + [
        "", style.strong("The program that runs"), listing,
      ])
      .joined(separator: "\n")
  }

  // MARK: Code

  /// Prints the code, or writes it to a file that ends in `.c`.
  func showCode(_ output: String?, _ format: GraphStep.Format?) throws {
    if let format { throw Failure.usage("--emit c prints C; give it without --format \(format)") }
    let dtype = problem.dtype == .float64 ? "float64" : "float32"
    let code =
      "// \(title), \(problem.points) points, \(dtype): what Session(compile: .native) compiles and loads.\n"
      + plan.code
    guard let output else { return try Terminal.print(code) }
    if GraphStep.isSpecial(output) { return try Files.write(code, to: output) }
    let file = URL(fileURLWithPath: output)
    guard file.pathExtension == "c" else {
      throw Failure.usage("--output is \(output); a file for --emit c ends in .c")
    }
    let files = FigureFiles(
      folder: file.deletingLastPathComponent().absoluteURL,
      name: file.deletingPathExtension().lastPathComponent, kind: .c)
    let made = try FigureDrawing.translatingErrors {
      _ = try files.picturesToDraw([])
      return try Workshop.use(in: files.folder) { workshop in
        let here = FigureFiles(folder: workshop, name: files.name, kind: .c)
        try Workshop.write(here.sealed(code, pictures: []), to: here.file("c"))
        return try files.moveIn(from: workshop, pictures: [])
      }
    }
    for file in made { try Terminal.print(file.relativeToWorkingDirectory) }
  }

  // MARK: Timeline

  /// Prints the table, or draws the figure.
  func showTimeline(as format: GraphStep.Format, _ output: String?) throws {
    if format == .text, output == nil { return try Terminal.print(timeline) }
    guard let picture = FigureFormat(rawValue: format.rawValue) else {
      throw Failure.usage("--timeline is a table in the terminal or a figure: .svg, .png or .pdf")
    }
    let file = output.map { URL(fileURLWithPath: $0) }
    let entry = FigureCatalog.entry(named: "timeline")!
    let drawn = try FigureDrawing.translatingErrors {
      var figure = try entry.make(FigureInputs(timeline: plan.timeline))
      figure.title = Label("One run of \(title)")
      figure.name = file?.deletingPathExtension().lastPathComponent ?? figure.name
      return try FigureRenderer().render(
        figure, as: [picture],
        into: file?.deletingLastPathComponent() ?? URL(fileURLWithPath: "figures"))
    }
    for file in drawn.files where file.pathExtension == format.ending {
      try Terminal.print(file.relativeToWorkingDirectory)
    }
  }

  /// When each step of a run began, how long it took and what it made.
  private var timeline: String {
    var table = TextTable([
      ("node", .left), ("operation", .left), ("kernel", .right), ("at µs", .right), ("takes µs", .right),
      ("share", .right), ("bytes", .right),
    ])
    let total = plan.timeline.map(\.duration).reduce(0, +)
    for span in plan.timeline {
      table.add([
        span.name, span.operation, span.kernel.map { "\($0 + 1)" } ?? "", microseconds(span.start),
        microseconds(span.duration),
        String(format: "%.0f %%", 100 * Double(span.duration) / Double(max(total, 1))),
        span.bytes == 0 ? "view" : "\(span.bytes)",
      ])
    }
    let made = plan.timeline.map(\.bytes).reduce(0, +)
    let sum = "\(plan.timeline.count) steps, \(microseconds(total)) µs, \(made) bytes made."
    let remark =
      "Each step by the plain interpreter, the median of 21 runs. Steps of one kernel are done in one pass over memory when the plan runs, which is faster."
    return (heading + table.lines(style) + ["", sum] + remark.wrapped().map(style.faint))
      .joined(separator: "\n")
  }

  private func microseconds(_ nanoseconds: Int) -> String {
    String(format: "%.3f", Double(nanoseconds) / 1000)
  }
}
