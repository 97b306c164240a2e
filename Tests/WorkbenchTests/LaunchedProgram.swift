import Foundation
import Subprocess

@testable import workbench

/// A program that was run to its end.
struct LaunchedProgram: Sendable {
  var status: Int32
  var output: String
  var errors: String

  /// The lines of standard error, without those that a slow machine shows of what is going on.
  var errorLines: [Substring] { errors.split(separator: "\n").filter { !$0.hasSuffix(" …") } }

  /// Runs a program, a path, and waits for it. `environment` is added to this process's; nil takes a variable away.
  static func run(
    _ path: String, _ arguments: [String] = [], environment: [String: String?] = [:], in folder: URL? = nil
  ) async throws -> LaunchedProgram {
    let values = environment.map { (Environment.Key(rawValue: $0.key)!, $0.value) }
    let result = try await Subprocess.run(
      .path(.init(path)), arguments: Arguments(arguments),
      environment: .inherit.updating(Dictionary(uniqueKeysWithValues: values)),
      workingDirectory: folder.map { .init($0.path) }, output: .string(limit: 1 << 22),
      error: .string(limit: 1 << 22))
    let status: Int32 =
      switch result.terminationStatus {
      case .exited(let code): code
      case .signaled(let signal): 128 + signal
      }
    return LaunchedProgram(status: status, output: result.standardOutput, errors: result.standardError)
  }

  /// Runs the workbench.
  static func workbench(
    _ arguments: String..., environment: [String: String?] = [:], in folder: URL? = nil
  ) async throws -> LaunchedProgram {
    try await run(builtProgram("workbench"), arguments, environment: environment, in: folder)
  }

  /// Runs a line for the shell, in which `workbench` and the approaches are in the PATH.
  static func shell(
    _ line: String, environment: [String: String?] = [:], in folder: URL? = nil
  ) async throws -> LaunchedProgram {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let built = Installation.executableDirectory.path
    return try await run(
      "/bin/sh", ["-c", line], environment: environment.merging(["PATH": "\(built):\(path)"]) { a, _ in a },
      in: folder)
  }
}

/// The path of an executable of this package.
func builtProgram(_ name: String) -> String {
  Installation.executableDirectory.appendingPathComponent(name).path
}

/// A folder that is removed when the test is over.
final class ScratchFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "workbench-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// Writes a file, with the folders above it.
  func write(_ text: String, to name: String) throws {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  /// The names in a folder below this one, sorted; empty if there is none.
  func names(in name: String = "") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path(name))) ?? []).sorted()
  }
}

/// The folder of the package.
let packageFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()
