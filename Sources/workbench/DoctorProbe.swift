import Foundation
import Subprocess

/// Runs small programs to see whether they are there and work.
enum DoctorProbe {
  /// What a program answered.
  struct Answer: Sendable {
    var succeeded: Bool
    var output: String
    var errors: String

    /// The first line that says something, of the output, or else of the errors.
    var firstLine: String? {
      (output + "\n" + errors).split(whereSeparator: \.isNewline)
        .map { $0.trimmingCharacters(in: .whitespaces) }.first { !$0.isEmpty }
    }
  }

  /// Runs a program, a path or a name looked up in PATH; nil if it cannot be started or does not end in time.
  static func run(
    _ program: String, _ arguments: [String] = [], timeLimit: Duration = .seconds(60)
  ) async -> Answer? {
    var options = PlatformOptions()
    options.processGroupID = 0
    options.teardownSequence = [
      .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(500))
    ]
    let platformOptions = options
    let executable: Executable = program.contains("/") ? .path(.init(program)) : .name(program)
    return await withTaskGroup(of: Answer?.self) { group in
      group.addTask {
        guard
          let result = try? await Subprocess.run(
            executable, arguments: Arguments(arguments), platformOptions: platformOptions, input: .none,
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        else { return nil }
        return Answer(
          succeeded: result.terminationStatus.isSuccess, output: result.standardOutput,
          errors: result.standardError)
      }
      group.addTask {
        try? await Task.sleep(for: timeLimit)
        return nil
      }
      let first = await group.next()!
      group.cancelAll()
      return first
    }
  }

  /// Runs `body` with a new folder and removes it afterwards. Throws what `body` throws, or why there is no folder.
  static func withFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "workbench-doctor-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
  }

  /// The command that installs Debian packages: with `sudo` unless this is root.
  static func install(_ packages: String...) -> String {
    (getuid() == 0 ? "" : "sudo ") + "apt-get install -y " + packages.joined(separator: " ")
  }

  /// The installed version of a Debian package; nil where it, or dpkg, is missing.
  static func packageVersion(_ package: String) async -> String? {
    let answer = await run("dpkg-query", ["-W", "-f", "${Version}", package])
    guard let answer, answer.succeeded, !answer.output.isEmpty else { return nil }
    return answer.output
  }
}

extension Duration {
  /// As a trial reports it: `12 ms`, `1.4 s`.
  var brief: String {
    let milliseconds = self / .milliseconds(1)
    return milliseconds < 1000
      ? "\(Int(milliseconds.rounded(.up))) ms" : String(format: "%.1f s", milliseconds / 1000)
  }
}
