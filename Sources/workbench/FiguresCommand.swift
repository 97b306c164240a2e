import ArgumentParser
import Experiment
import Figures
import Foundation
import Plotting

/// `workbench figures`: runs the approaches and draws what they did.
struct FiguresCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figures",
    abstract: "Run the approaches and draw the chapter's figures.",
    discussion: """
      Each figure comes with its script and its numbers: gnuplot NAME.gp draws it again, and of the graphs of 2.5 \
      dot -Tsvg -O NAME.dot. The figures of 2.6 to 2.8 have \
      the book's set-up; the comparing ones have the problem that the options describe.
      """)

  @Argument(
    help: ArgumentHelp(
      "Which figures, by name or section; if none is named, all that show the same each time they are drawn.",
      valueName: "name"))
  var names: [String] = []

  @Option(help: "The picture format: svg, png or pdf; may be given several times. svg if not given.")
  var format: [FigureFormat] = []

  @Option(help: ArgumentHelp("The folder for the files; figures if not given.", valueName: "folder"))
  var output: String?

  @Flag(help: "Draw in the terminal, with characters; makes no files unless --output is given.")
  var show = false

  @Flag(help: "List the figures and what they show.")
  var list = false

  @OptionGroup(title: "The problem of the comparing figures")
  var options: ProblemOptions

  @Option(
    parsing: .unconditional, help: ArgumentHelp("How long each program may take.", valueName: "seconds"))
  var timeLimit = 300.0

  func run() async throws {
    if list {
      try Terminal.print(Self.listing(Style(isOn: Terminal.usesColour)))
      return
    }
    // A value that is only read from here on.
    nonisolated(unsafe) let command = self
    try await Interruption.guarding { try await command.draw() }
  }

  private func draw() async throws {
    guard timeLimit > 0, timeLimit <= 1e6 else {
      throw Failure.usage("--time-limit is \(timeLimit); a number of seconds above 0 is needed")
    }
    let (entries, graphs) = try chosenEntries()
    let comparison = try options.problem(defaults: .handGradients)
    let workspace = try Workspace(output: nil)
    defer { workspace.remove() }

    let source = FigureSource(workspace: workspace, timeLimit: .seconds(timeLimit))
    let inputs = try await source.inputs(for: entries, comparing: comparison)
    if show {
      for drawing in graphs.flatMap({ $0.make() }) { try Terminal.print(drawing.text) }
      try Self.show(entries, inputs)
    }
    if output != nil || !show {
      let folder = URL(fileURLWithPath: output ?? "figures")
      let formats = format.isEmpty ? [.svg] : format
      var files = [URL]()
      for drawing in graphs.flatMap({ $0.make() }) {
        files += try await Graphviz.draw(drawing, as: formats.map(\.rawValue), into: folder)
      }
      files += try FigureDrawing.draw(entries, inputs, as: formats, into: folder)
      for file in files { try Terminal.print(file.relativeToWorkingDirectory) }
    }
  }

  /// The figures that are named, plots and graphs; all that are reproducible when none is.
  private func chosenEntries() throws(Failure) -> ([FigureCatalog.Entry], [GraphFigures.Entry]) {
    if names.isEmpty { return (FigureCatalog.reproducible, GraphFigures.all) }
    let known =
      GraphFigures.all.map { ($0.name, $0.section) } + FigureCatalog.all.map { ($0.name, $0.section) }
    for name in names where !known.contains(where: { $0.0 == name || $0.1 == name }) {
      throw .usage("there is no figure \"\(name)\"; there are \(known.map(\.0).joined(separator: ", "))")
    }
    return (
      FigureCatalog.all.filter { names.contains($0.name) || names.contains($0.section) },
      GraphFigures.all.filter { names.contains($0.name) || names.contains($0.section) }
    )
  }

  private static func show(_ entries: [FigureCatalog.Entry], _ inputs: FigureInputs) throws {
    let renderer = FigureRenderer()
    for entry in entries {
      let plot = try FigureDrawing.translatingErrors {
        try renderer.textPlot(try entry.make(inputs), columns: max(60, min(Terminal.width, 120)), rows: 30)
      }
      try Terminal.print(plot)
    }
  }

  private static func listing(_ style: Style) -> String {
    var table = TextTable([("name", .left), ("section", .left), ("shows", .left)])
    for entry in GraphFigures.all { table.add([entry.name, entry.section, entry.title]) }
    for entry in FigureCatalog.all { table.add([entry.name, entry.section, entry.title]) }
    return table.lines(style).joined(separator: "\n")
  }
}

extension FigureFormat: ExpressibleByArgument {}

extension URL {
  /// The path, without the working directory before it.
  var relativeToWorkingDirectory: String {
    let path = standardizedFileURL.path
    let prefix = FileManager.default.currentDirectoryPath + "/"
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
  }
}
