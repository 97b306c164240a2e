import ArgumentParser
import Foundation

/// Runs files of conformance cases and reports what passes.
@main
struct ConformanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Run conformance cases and report how many pass.",
    discussion: """
      Each file holds one case per line as JSON. Failing cases are named with expected and actual values, then \
      the score is given per family and operation.

      Exit status: 0 all pass, 1 some fail, 64 wrong usage, 65 a line does not follow the format, 66 a file \
      cannot be read.
      """)

  @Argument(
    help: ArgumentHelp("The files to run.", valueName: "file"), completion: .file(extensions: ["jsonl"]))
  var files: [String]

  @Flag(help: "List only the operations that fail.")
  var failuresOnly = false

  @Option(
    help: ArgumentHelp(
      "Run only the cases about this operation, such as torch.rand or rand.", valueName: "name"))
  var operation: String?

  @Option(help: ArgumentHelp("Name at most this many failing cases.", valueName: "n"))
  var maxFailures: Int?

  func validate() throws {
    if let maxFailures, maxFailures < 0 {
      throw ValidationError("--max-failures is \(maxFailures); it must be zero or more.")
    }
  }

  func run() throws {
    var board = Scoreboard(operation: operation)
    var unreadable = false
    var malformed = false
    for path in files {
      let file: CaseFile
      do {
        file = try CaseFile(path: path)
      } catch let error as CaseFile.Unreadable {
        complain("\(path): cannot be read: \(error.reason)")
        unreadable = true
        continue
      }
      if file.lines.isEmpty {
        complain("\(path): holds no case")
        malformed = true
      }
      for line in file.lines {
        switch line {
        case .failure(let line):
          complain("\(line.location): \(line.reason)")
          malformed = true
        case .success(let testCase):
          switch board.run(testCase) {
          case .passed, .skipped: break
          case .malformed(let reason):
            complain("\(testCase.location): \(testCase.id): \(reason)")
            malformed = true
          case .failed(let reason):
            if board.failures <= maxFailures ?? .max {
              say("FAIL \(testCase.kind) \(testCase.id) (\(testCase.location))\n     \(reason)\n")
            }
          }
        }
      }
    }
    if let operation, board.total == 0, !unreadable, !malformed {
      complain("no case is about \"\(operation)\"")
      throw ExitCode(65)
    }
    if let maxFailures, board.failures > maxFailures {
      say("… and \(board.failures - maxFailures) more failing cases\n")
    }
    say(board.table(failuresOnly: failuresOnly))
    if unreadable { throw ExitCode(66) }
    if malformed { throw ExitCode(65) }
    if board.failures > 0 { throw ExitCode(1) }
  }

  /// Writes to standard output at once, so that nothing is lost should a case bring the process down.
  private func say(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
  }

  private func complain(_ text: String) {
    FileHandle.standardError.write(Data("conformance: \(text)\n".utf8))
  }
}
