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
      Each of the two is the name of an approach or a file that "workbench graph --format json" wrote. Compared is the whole \
      step: how the loss is calculated, the gradients, and what becomes of w and b; two operations are the same if they are of \
      the same kind, have the same operands and give the same values, bit for bit. Of files with another phase in them that \
      phase is compared. Without other options both solve the problem of the later of their sections. \
      Exit status: 0 the same calculation, 1 not, 64, 65 and 69 as for compare.
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
    // One problem for both, whichever is named first.
    let sections = ChapterSection.all.filter { [first, second].contains($0.approach) }
    let problem = try options.problem(defaults: sections.last ?? .handGradients)
    guard (1...max(1, problem.steps)).contains(step) else {
      throw Failure.usage("--step is \(step); the problem has the steps 1 to \(problem.steps)")
    }
    let (ones, others) = (try await graphs(first, problem), try await graphs(second, problem))
    let phase = [GraphStep.Phase.step, .forward].map(\.rawValue).first { name in
      ones.contains { $0.name == name } && others.contains { $0.name == name }
    }
    func chosen(_ drawings: [GraphDrawing]) -> GraphDrawing {
      drawings.first { $0.name == phase } ?? drawings[0]
    }
    let alignment = GraphAlignment(chosen(ones), chosen(others))
    switch format {
    case .text: try Terminal.print(text(alignment))
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try Terminal.print(String(decoding: try encoder.encode(alignment), as: UTF8.self))
    }
    return alignment.isSame
  }

  /// The graphs of an approach's step, or those of a file: at least one.
  private func graphs(_ name: String, _ problem: Problem) async throws -> [GraphDrawing] {
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
    guard !drawings.isEmpty else { throw Failure.badData("\(name): has no graph in it") }
    return drawings
  }

  // MARK: Text

  private func text(_ alignment: GraphAlignment) -> String {
    let style = Style(isOn: Terminal.usesColour)
    var table = TextTable([
      ("operation", .left), ("a", .left), ("b", .left), ("shapes", .left), ("same", .left),
    ])
    for row in alignment.rows {
      let fields = [
        row.operation, Self.short(row.first ?? ""), Self.short(row.second ?? ""), shapes(row), mark(row),
      ]
      switch row.verdict {
      case .different: table.add(fields, paint: style.bad)
      case .follows: table.add(fields, paint: style.warning)
      case .single: table.add(fields, paint: style.faint)
      case .same, .equal, .assumed: table.add(fields)
      }
    }
    let names = ["a  \(first)", "b  \(second)", ""]
    return (names + table.lines(style) + [""] + conclusion(alignment, style)).joined(separator: "\n")
  }

  /// A name that fits into a column: its end tells it from others.
  private static func short(_ name: String) -> String {
    name.count > 23 ? "…" + name.suffix(22) : name
  }

  /// The shapes, once if they are the same but for sizes of 1.
  private func shapes(_ row: GraphAlignment.Row) -> String {
    let shapes = row.types.map { type in String(type.drop { $0 != "[" }).filter { $0 != " " } }
    let sizes = shapes.map { shape in shape.split { "[,]".contains($0) }.filter { $0 != "1" } }
    let isOne = Set(sizes).count == 1 && !shapes.contains("")
    return isOne ? shapes[0] : shapes.filter { !$0.isEmpty }.joined(separator: " ")
  }

  private func mark(_ row: GraphAlignment.Row) -> String {
    switch row.verdict {
    case .same: "yes"
    case .equal: "bits"
    case .assumed: "assumed"
    case .follows: row.hasSameBits == true ? "follows, same bits" : "follows"
    case .different: row.hasSameBits == true ? "no, same bits" : "no"
    case .single: row.first == nil ? "only b" : "only a"
    }
  }

  private func conclusion(_ alignment: GraphAlignment, _ style: Style) -> [String] {
    func rows(_ verdict: GraphAlignment.Verdict) -> [GraphAlignment.Row] {
      alignment.rows.filter { $0.verdict == verdict }
    }
    let equals = rows(.equal).map { row in
      let name = row.reason.hasPrefix("not") ? "\(row.operation) \(row.first ?? ""): " : ""
      return "  " + name + row.reason
    }
    let others =
      equals.isEmpty
      ? []
      : ["", "bits: given or not recorded on a side, and the same values bit for bit."].map(style.faint)
        + equals.flatMap { $0.wrapped(indent: "    ") }
    guard alignment.isSame else {
      let parted = rows(.different).flatMap { row in
        "  \(row.first ?? "nothing") and \(row.second ?? "nothing"): \(row.reason)\(values(row))"
          .wrapped(indent: "    ")
      }
      let followers = rows(.follows).count
      let consequence =
        followers == 0
        ? []
        : "\(followers) more are the same kind of operation on operands that part there (follows).".wrapped()
      let places =
        parted.isEmpty
        ? ["  an update that one side does not record and the other starts from more values"] : parted
      return [style.bad("Not the same calculation. They part at")] + places + consequence + others
    }
    let assumed = rows(.assumed).map(\.reason)
    let condition =
      assumed.isEmpty
      ? alignment.rows.contains { $0.hasSameBits == nil && $0.verdict == .same }
        ? ", so far as kinds and operands tell: values are not known on both sides."
        : ": the same operations on the same operands, with the same values bit for bit."
      : ", provided that of the data \(assumed.joined(separator: ", "))."
    return "The same calculation\(condition)".wrapped().map(style.good) + others
  }

  /// What is known of the values of two things that are not the same.
  private func values(_ row: GraphAlignment.Row) -> String {
    switch row.hasSameBits {
    case true?: "; the same values bit for bit"
    case false? where row.reason.contains("values"): ""
    case false?: "; other values"
    case nil: ""
    }
  }
}
