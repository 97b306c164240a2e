import ArgumentParser
import Experiment
import Foundation
import GraphDrawing

/// `workbench graph diff A B`: whether two graphs are the same calculation.
struct GraphDiff: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Lay two graphs over one another: the same calculation, or where they part.",
    discussion: """
      Each of the two is the name of an approach or a file that "workbench graph --format json" wrote. Compared is how the loss \
      is calculated. Without other options both solve the problem of the second one's section. Exit status: 0 the same calculation, 1 not, 64, 65 and 69 as for compare.
      """)

  /// How the comparison is shown.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Argument(help: ArgumentHelp("An approach or a graph's JSON file.", valueName: "a"))
  var first: String

  @Argument(help: ArgumentHelp("Another.", valueName: "b"))
  var second: String

  @Option(help: ArgumentHelp("Which step, from 1.", valueName: "n"))
  var step = 1

  @Option(help: "text or json.")
  var format = Format.text

  @OptionGroup(title: "The problem")
  var options: ProblemOptions

  func run() async throws {
    // A value that is only read from here on.
    nonisolated(unsafe) let command = self
    let isSame = try await Interruption.guarding { try await command.show() }
    if !isSame { throw ExitCode(Failure.Kind.disagreement.rawValue) }
  }

  private func show() async throws -> Bool {
    // One problem for both: that of the second one's section.
    let sections = [first, second].compactMap { name in ChapterSection.all.first { $0.approach == name } }
    let problem = try options.problem(defaults: sections.last ?? .handGradients)
    guard (1...max(1, problem.steps)).contains(step) else {
      throw Failure.usage("--step is \(step); the problem has the steps 1 to \(problem.steps)")
    }
    let alignment = GraphAlignment(try await graph(first, problem), try await graph(second, problem))
    switch format {
    case .text: try Terminal.print(text(alignment))
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try Terminal.print(String(decoding: try encoder.encode(alignment), as: UTF8.self))
    }
    return alignment.isSame
  }

  /// The forward graph of an approach's step, or the first graph of a file.
  private func graph(_ name: String, _ problem: Problem) async throws -> GraphDrawing {
    let drawings: [GraphDrawing]
    if ChapterSection.withGraph.contains(name) {
      drawings = try await GraphSource(approach: name, problem: problem, step: step).drawings()
    } else {
      guard FileManager.default.fileExists(atPath: name) else {
        throw Failure.usage(
          "\"\(name)\" is neither a graph's file nor an approach with a graph; those are \(ChapterSection.withGraph.joined(separator: ", "))"
        )
      }
      do {
        drawings = try GraphDrawing.drawings(json: try Files.read(name))
      } catch let error as DrawingFileError {
        throw Failure.badData("\(name): the graph \(error.reason)")
      }
    }
    let forward = drawings.first { $0.name == GraphStep.Phase.forward.rawValue } ?? drawings.first
    guard let forward else { throw Failure.badData("\(name): has no graph in it") }
    return forward
  }

  // MARK: Text

  private func text(_ alignment: GraphAlignment) -> String {
    let style = Style(isOn: Terminal.usesColour)
    var table = TextTable([
      ("operation", .left), ("a", .left), ("b", .left), ("shapes", .left), ("same", .left),
    ])
    for row in alignment.rows {
      let fields = [row.operation, row.first ?? "", row.second ?? "", shapes(row), mark(row)]
      switch row.verdict {
      case .different: table.add(fields, paint: style.bad)
      case .single: table.add(fields, paint: style.faint)
      case .same, .assumed: table.add(fields)
      }
    }
    let names = ["a  \(first)", "b  \(second)", ""]
    return (names + table.lines(style) + [""] + conclusion(alignment, style)).joined(separator: "\n")
  }

  /// The shapes, once if they are written the same way.
  private func shapes(_ row: GraphAlignment.Row) -> String {
    var seen = Set<String>()
    let shapes = row.types.map { type in String(type.drop { $0 != "[" }).filter { $0 != " " } }
    return shapes.filter { !$0.isEmpty && seen.insert($0).inserted }.joined(separator: " ")
  }

  private func mark(_ row: GraphAlignment.Row) -> String {
    switch row.verdict {
    case .same: "yes"
    case .assumed: "assumed"
    case .different: "no"
    case .single: row.first == nil ? "only b" : "only a"
    }
  }

  private func conclusion(_ alignment: GraphAlignment, _ style: Style) -> [String] {
    let parted = alignment.rows.filter { $0.verdict == .different }
    guard parted.isEmpty else {
      return [style.bad("Not the same calculation. They part at")]
        + parted.flatMap { "\($0.first ?? "nothing") and \($0.second ?? "nothing"): \($0.reason)".wrapped() }
    }
    let assumed = alignment.rows.filter { $0.verdict == .assumed }.map {
      "\($0.first ?? "") is \($0.second ?? "")"
    }
    let condition = assumed.isEmpty ? "." : ", provided that of the data \(assumed.joined(separator: ", "))."
    return "The same calculation\(condition)".wrapped().map(style.good)
  }
}
