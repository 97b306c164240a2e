import Experiment
import Foundation
import GraphDrawing
import Plotting
import Subprocess

/// Pictures of graphs, made by Graphviz's `dot`.
enum Graphviz {
  /// The program: what the environment variable `DOT` names, else `dot`.
  private static let program =
    ProcessInfo.processInfo.environment["DOT"].flatMap { $0.isEmpty ? nil : $0 } ?? "dot"
  private static let timeLimit = Duration.seconds(60)
  /// Graphviz lays out some thousands of nodes in that time; beyond, nobody could read the picture.
  private static let mostNodes = 2000

  /// Draws `drawing` as `name.svg` and so on in `folder`, beside `name.dot`, of which `dot` makes it again; endings are `svg`,
  /// `png`, `pdf`, `json` and `txt`. Everything appears together when it is complete; what the workbench did not make stays.
  /// Returns the pictures. Throws a failure.
  static func draw(_ drawing: GraphDrawing, as endings: [String], into folder: URL) async throws -> [URL] {
    let files = FigureFiles(folder: folder.absoluteURL, name: drawing.name, kind: .graphviz)
    return try await FigureDrawing.translatingErrorsLater {
      let all = try files.picturesToDraw(endings)
      var contents: [(ending: String, data: Data)] = []
      for ending in all { contents.append((ending, try await content(of: drawing, as: ending))) }
      return try Workshop.use(in: files.folder) { workshop in
        let here = FigureFiles(folder: workshop, name: drawing.name, kind: .graphviz)
        try Workshop.write(here.sealed(drawing.dot, pictures: all), to: here.file("dot"))
        for (ending, data) in contents { try data.write(to: here.file(ending)) }
        let made = try files.moveIn(from: workshop, pictures: all)
        return made.filter { endings.contains($0.pathExtension) || endings.isEmpty }
      }
    }
  }

  /// The drawing in one of its forms. Throws a failure.
  static func content(of drawing: GraphDrawing, as ending: String) async throws -> Data {
    switch ending {
    case "json": Data(try GraphDrawing.json([drawing]).utf8)
    case "txt": Data(drawing.text.utf8)
    case "dot": Data(drawing.dot.utf8)
    default: try await picture(of: drawing, as: FigureFormat(rawValue: ending)!)
    }
  }

  private static func picture(of drawing: GraphDrawing, as format: FigureFormat) async throws -> Data {
    guard drawing.nodes.count <= mostNodes else {
      throw Failure.badData(
        "\(drawing.name): a picture of \(drawing.nodes.count) nodes could not be read, at most \(mostNodes) are drawn; use the formats text, dot or json"
      )
    }
    if format != .svg { try checkFonts(drawing) }
    let resolution = format == .png ? ["-Gdpi=144"] : []
    let type = format == .svg ? "svg" : "\(format.rawValue):cairo"
    let (status, output, errors) = try await run(["-T\(type)"] + resolution, input: drawing.dot)
    let remark = errors.split(whereSeparator: \.isNewline).first.map { ": \($0)" } ?? ""
    guard status.isSuccess else { throw Failure.unavailable("dot cannot draw \(drawing.name)\(remark)") }
    if let fault = format.fault(in: [UInt8](output)) {
      throw Failure.unavailable(
        "dot reported no error, but the \(format.rawValue) of \(drawing.name) \(fault)\(remark)")
    }
    return output
  }

  private static func run(
    _ arguments: [String], input: String
  ) async throws -> (TerminationStatus, Data, String) {
    let executable: Executable = program.contains("/") ? .path(.init(program)) : .name(program)
    var options = PlatformOptions()
    options.processGroupID = 0
    options.teardownSequence = [
      .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(500))
    ]
    let platformOptions = options
    return try await withThrowingTaskGroup(of: (TerminationStatus, Data, String)?.self) { group in
      group.addTask {
        do {
          let result = try await Subprocess.run(
            executable, arguments: Arguments(arguments), platformOptions: platformOptions,
            input: .string(input),
            output: .bytes(limit: 1 << 28), error: .string(limit: 1 << 20))
          return (result.terminationStatus, Data(result.standardOutput), result.standardError)
        } catch is SubprocessError {
          try Task.checkCancellation()
          throw Failure.unavailable(
            "cannot start Graphviz ('\(program)'); install it with \(DoctorProbe.install("graphviz")), or name it in DOT"
          )
        }
      }
      group.addTask {
        try await Task.sleep(for: timeLimit)
        return nil
      }
      defer { group.cancelAll() }
      guard let answer = try await group.next()! else {
        throw Failure.unavailable("dot gave no picture within \(timeLimit.formatted) and was ended")
      }
      return answer
    }
  }

  /// Refuses Chinese text where no font has its characters: dot would draw boxes and report success.
  private static func checkFonts(_ drawing: GraphDrawing) throws {
    let texts =
      [drawing.title, drawing.subtitle] + drawing.clusters.map(\.title)
      + drawing.nodes.flatMap { node in [node.title] + node.facts.map(\.value) }
    guard let text = texts.first(where: Fonts.needsChinese), Fonts.chineseFamilies().isEmpty else { return }
    throw PlottingError.fontMissing(figure: drawing.name, text: text)
  }
}
