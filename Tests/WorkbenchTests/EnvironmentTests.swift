import Foundation
import Testing

@testable import workbench

/// What programs that the workbench starts find in their environment.
@Suite struct `The environment of a program` {
  /// Whether the shell finds the variable of OpenBLAS's threads so.
  private func finds(_ value: String, _ command: (String) -> Participant.Command) async throws {
    let line = "test \"${OPENBLAS_NUM_THREADS-none}\" = '\(value)'"
    try await ProgramRun.finish(
      Participant(name: "test", command: command(line)), arguments: [], timeLimit: .seconds(60))
  }

  @Test func `has no workers of OpenBLAS beside one of ours that is measured`() async throws {
    try await finds("1") { .executable(path: "/bin/sh", arguments: ["-c", $0]) }
  }

  @Test func `leaves their number to a program of somebody else`() async throws {
    let own = ProcessInfo.processInfo.environment["OPENBLAS_NUM_THREADS"] ?? "none"
    try await finds(own) { .shell($0) }
  }
}
