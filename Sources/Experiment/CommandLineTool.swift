import ArgumentParser
import Foundation

/// Runs a command and ends the process: one line on standard error for whatever goes wrong, with the exit
/// status that fits.
public enum CommandLineTool {
  /// Parses the process's arguments, runs the command and, if that fails, exits with the failure's status.
  public static func run(_ command: (some ParsableCommand).Type) {
    do {
      var parsed = try command.parseAsRoot()
      try parsed.run()
    } catch {
      exit(reporting: error, of: command)
    }
  }

  /// The same for a root command with asynchronous subcommands.
  public static func run(_ command: (some AsyncParsableCommand).Type) async {
    do {
      var parsed = try command.parseAsRoot()
      if var asynchronous = parsed as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try parsed.run()
      }
    } catch {
      exit(reporting: error, of: command)
    }
  }

  private static func exit(reporting error: any Error, of command: (some ParsableCommand).Type) -> Never {
    if let failure = error as? Failure {
      if failure.kind != .closedPipe { report(failure.message, of: command) }
      Foundation.exit(failure.kind.rawValue)
    }
    let status = command.exitCode(for: error)
    if status.isSuccess {
      print(command.fullMessage(for: error))
    } else if !(error is ExitCode) {
      let name = command._commandName
      report("\(command.message(for: error)) (\(name) --help shows what is possible)", of: command)
    }
    Foundation.exit(status.rawValue)
  }

  /// One line on standard error, behind the command's name.
  static func report(_ message: String, of command: (some ParsableCommand).Type) {
    let line = message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    FileHandle.standardError.write(Data("\(command._commandName): \(line)\n".utf8))
  }
}
