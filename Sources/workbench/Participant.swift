import Experiment
import Foundation

/// A program that takes part in a comparison.
struct Participant: Sendable {
  /// How it is called in messages, and in the tables unless its trace has a name.
  var name: String
  /// What to run, before `--problem` and `--trace` are added.
  var command: Command
  /// Whether the program's name for itself, in its trace, replaces `name`.
  var takesNameFromTrace = false
  /// How many threads it was told to use; nil where it chooses itself.
  var threads: Int?

  enum Command: Sendable {
    /// An executable with leading arguments.
    case executable(path: String, arguments: [String])
    /// A line for the shell.
    case shell(String)
  }

  /// What may be named beside the approaches: one of them carried out in another way.
  static let nativeGraph = Execution(.native).label(ChapterSection.staticGraph.approach)

  /// What may be named: the approaches, and `nativeGraph` behind the one it belongs to.
  static let approachNames = ChapterSection.all.map(\.approach).flatMap { name in
    name == ChapterSection.staticGraph.approach ? [name, nativeGraph] : [name]
  }

  /// Whether a program of that name can be told how many threads to use.
  static func choosesThreads(_ name: String) -> Bool {
    [ChapterSection.staticGraph.approach, nativeGraph].contains(name)
  }

  /// One of the five approaches, or `nativeGraph`, found beside the running executable. Throws an unavailable failure if it is
  /// not there.
  static func approach(
    _ name: String, mistake: Mistake? = nil, threads: Int? = nil, timing: Double? = nil
  ) throws(Failure) -> Participant {
    let execution = Execution(name == nativeGraph ? .native : .interpreted, threads: threads ?? 1)
    let name = name == nativeGraph ? ChapterSection.staticGraph.approach : name
    let path = Installation.executableDirectory.appendingPathComponent(name).path
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw .unavailable("\(name) is not built: there is no \(path); swift build makes it")
    }
    var arguments = execution.arguments
    if let mistake { arguments += ["--mistake", mistake.rawValue] }
    if let timing { arguments += ["--timing", "\(timing)"] }
    return Participant(
      name: execution.label(name), command: .executable(path: path, arguments: arguments),
      threads: threads)
  }

  /// Any other program, as a line for the shell.
  static func command(_ line: String) throws(Failure) -> Participant {
    guard !line.allSatisfy(\.isWhitespace) else { throw .usage("--with needs a command; it is empty") }
    return Participant(name: line, command: .shell(line), takesNameFromTrace: true)
  }
}

/// Where the project's files are, seen from the running program.
enum Installation {
  /// The directory of the running executable, links resolved.
  static let executableDirectory: URL = {
    let path =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    return URL(fileURLWithPath: path).resolvingSymlinksInPath().deletingLastPathComponent()
  }()

  /// A file or folder of the project, looked for from the executable's and the working directory upward; nil
  /// if it is in none of them.
  static func find(_ relativePath: String) -> URL? {
    let starts = [executableDirectory, URL(fileURLWithPath: FileManager.default.currentDirectoryPath)]
    for start in starts {
      var folder = start.standardizedFileURL
      while true {
        let candidate = folder.appendingPathComponent(relativePath)
        if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
        if folder.path == "/" { break }
        folder.deleteLastPathComponent()
      }
    }
    return nil
  }
}
