import ArgumentParser
import Experiment
import Foundation

/// `workbench lesson`: the chapter's sections that can be run.
struct Lesson: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the chapter's sections that can be run, or run one.",
    discussion:
      "A section is named by its number, as in \"workbench lesson 2.6\", or by its program; one part of a lesson by the part's number, \"workbench lesson 2.4.5\"."
  )

  @Argument(help: ArgumentHelp("Which section; none lists them.", valueName: "section"))
  var section: [String] = []

  func run() async throws {
    guard !section.isEmpty else {
      try Terminal.print(LessonSection.list(Style(isOn: Terminal.usesColour)))
      return
    }
    switch try LessonSection.named(section.joined(separator: " ")).play {
    case .command(var command): try await command.run()
    case .program(let name): try Lesson.become(name)
    case .lesson(let name, let part): try Lesson.become(name, part.map { [$0] } ?? [])
    }
  }

  /// Turns this process into the program, so that its output, its exit status and Ctrl-C are its own.
  private static func become(_ name: String, _ arguments: [String] = []) throws(Failure) -> Never {
    guard case .executable(let path, _) = try Participant.approach(name).command else {
      fatalError("Lesson: the approach \(name) has no executable")
    }
    var arguments: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    execv(path, &arguments)
    throw .unavailable("\(path): cannot be started: \(Files.systemReason())")
  }
}

/// One section of the chapter that can be run.
struct LessonSection {
  /// What running it means.
  enum Play {
    /// A command of the workbench itself.
    case command(any AsyncParsableCommand)
    /// The program of an approach.
    case program(String)
    /// A lesson's program: the whole, or the part with this number.
    case lesson(String, part: String? = nil)
  }

  /// How it is called on the command line: `2.6`.
  var name: String
  /// Another word for it: the program's name, or the workbench's command.
  var program: String
  var title: String
  var play: Play

  /// All of them, in the chapter's order.
  static var all: [LessonSection] {
    let approaches = ChapterSection.all.map { section in
      LessonSection(
        name: section.approach == ChapterSection.nnOptim.approach ? "\(section.number) nn" : section.number,
        program: section.approach, title: section.title, play: .program(section.approach))
    }
    let doctor = LessonSection(
      name: "2.2", program: "workbench doctor", title: "Installation and a check that it works",
      play: .command(Doctor.whole))
    let lessons = [
      LessonSection(
        name: "2.4", program: "numpy-and-tensor", title: "NumPy and Tensor", play: .lesson("numpy-and-tensor")
      ),
      LessonSection(
        name: "2.5", program: "autograd-rules", title: "Tensor and autograd", play: .lesson("autograd-rules")),
    ]
    let compare = LessonSection(
      name: "2.9", program: "workbench compare", title: "Summary: all approaches side by side",
      play: .command(Compare.whole))
    let beyond =
      approaches.firstIndex { $0.name == ChapterSection.compiledAutodiff.number } ?? approaches.endIndex
    return [doctor] + lessons + approaches[..<beyond] + [compare] + approaches[beyond...]
  }

  /// The section with that number or program, or the lesson with the part of that number. Throws a usage failure that lists what there is.
  static func named(_ name: String) throws(Failure) -> LessonSection {
    let all = LessonSection.all
    if let section = all.first(where: { $0.name == name || $0.program == name }) { return section }
    for var section in all where name.hasPrefix(section.name + ".") {
      guard case .lesson(let program, _) = section.play else { continue }
      section.play = .lesson(program, part: name)
      return section
    }
    throw .usage("there is no lesson \"\(name)\"; there are \(all.map(\.name).joined(separator: ", "))")
  }

  /// The list as it is printed.
  static func list(_ style: Style) -> String {
    var table = TextTable([("section", .left), ("title", .left), ("program", .left)])
    for section in all { table.add([section.name, section.title, section.program]) }
    return
      (table.lines(style) + [
        "", "workbench lesson 2.6 runs section 2.6, workbench lesson 2.4.5 one part of 2.4.",
      ]).joined(separator: "\n")
  }
}

extension AsyncParsableCommand {
  /// The command as it is without arguments.
  fileprivate static var whole: Self {
    // A command all of whose arguments have defaults parses an empty command line.
    do { return try parse([]) } catch { fatalError("\(Self.self) cannot run without arguments: \(error)") }
  }
}
