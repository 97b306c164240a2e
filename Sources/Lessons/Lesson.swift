import ArgumentParser
import Experiment
import Foundation

/// A lesson that is a program: its parts are played one by one, all of them or those named on the command line.
public protocol Lesson {
  /// The program's name.
  static var program: String { get }
  /// The section's number: `2.4`.
  static var number: String { get }
  /// The section's title.
  static var title: String { get }
  /// The parts in the chapter's order.
  static var parts: [any LessonPart.Type] { get }
}

extension Lesson {
  /// Runs the lesson as a program.
  public static func main() { CommandLineTool.run(LessonProgram<Self>.self) }

  /// The parts with these numbers, in this order; all when there are none. Throws a usage failure that lists the parts there are.
  static func parts(numbered numbers: [String]) throws(Failure) -> [any LessonPart.Type] {
    var chosen: [any LessonPart.Type] = []
    for number in numbers where number != Self.number {
      guard let part = parts.first(where: { $0.number == number }) else {
        let known = parts.map { $0.number }.joined(separator: ", ")
        throw .usage("there is no part \"\(number)\" in lesson \(Self.number); there are \(known)")
      }
      chosen.append(part)
    }
    return chosen.isEmpty ? parts : chosen
  }
}

extension LessonPart {
  /// What the part shows.
  public static func played() throws -> [Page.Block] {
    let page = Page()
    try Self(page: page).play()
    return page.blocks
  }
}

/// The command line that every lesson has.
struct LessonProgram<Played: Lesson>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Played.program,
      abstract: "\(Played.number): \(Played.title).",
      discussion: "Without arguments the whole lesson is played; with part numbers, those parts.")
  }

  @Argument(help: ArgumentHelp("Which parts, by number.", valueName: "part"))
  var numbers: [String] = []

  @Flag(help: "List the parts.")
  var list = false

  func run() throws {
    if list {
      for part in Played.parts { try write("\(part.number)  \(part.title)\n") }
      return
    }
    let form = PageText(width: LessonProgram.width, isColoured: LessonProgram.usesColour)
    for (index, part) in try Played.parts(numbered: numbers).enumerated() {
      let text = form.text(number: part.number, title: part.title, try part.played())
      try write(index == 0 ? text : "\n\n" + text)
    }
  }

  private func write(_ text: String) throws(Failure) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      throw .unavailable("standard output: cannot be written: \(Files.systemReason())")
    }
  }

  /// 80 columns, or a narrower terminal's.
  private static var width: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return min(80, max(40, Int(size.ws_col)))
  }

  /// Whether standard output is a terminal that wants colour (https://no-color.org).
  private static var usesColour: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty
      && environment["TERM"] != "dumb"
  }
}
