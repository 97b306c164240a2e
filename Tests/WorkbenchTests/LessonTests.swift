import Foundation
import Testing

@testable import workbench

@Suite struct `The lessons` {
  @Test func `The list has every section that can be run, in the chapter's order`() async throws {
    let launched = try await LaunchedProgram.workbench("lesson")
    #expect(launched.status == 0)
    let rows = launched.output.split(separator: "\n").dropFirst(2).dropLast()
    #expect(
      rows.map { $0.prefix(8).trimmingCharacters(in: .whitespaces) } == [
        "2.2", "2.4", "2.5", "2.6", "2.7", "2.7 nn", "2.8", "2.9", "beyond",
      ])
  }

  @Test func `A section is run by its number, and by its program`() async throws {
    let byNumber = try await LaunchedProgram.workbench("lesson", "2.6")
    #expect(byNumber.status == 0)
    #expect(byNumber.output.contains("2.989276194731742"), "NumPy's w of section 2.6")
    #expect(try await LaunchedProgram.workbench("lesson", "hand-gradients").output == byNumber.output)
  }

  @Test func `A lesson is run as a whole or part by part`() async throws {
    let whole = try await LaunchedProgram.workbench("lesson", "2.4")
    #expect(whole.status == 0)
    let part = try await LaunchedProgram.workbench("lesson", "2.4.1")
    #expect(part.status == 0)
    #expect(part.output.hasPrefix("2.4.1  "))
    #expect(whole.output.hasPrefix(part.output))
    #expect(try await LaunchedProgram.workbench("lesson", "numpy-and-tensor").output == whole.output)
  }

  @Test func `A part that is not there is a usage error that lists the parts there are`() async throws {
    let launched = try await LaunchedProgram.workbench("lesson", "2.4.99")
    #expect(launched.status == 64)
    #expect(
      launched.errors.hasPrefix(
        "numpy-and-tensor: there is no part \"2.4.99\" in lesson 2.4; there are 2.4.1"))
    #expect(launched.output.isEmpty)
  }

  @Test func `The lesson's exit status is that of its program`() async throws {
    // A full disk under standard output: the program fails, and so does the lesson.
    let path = Installation.executableDirectory.appendingPathComponent("workbench").path
    let launched = try await LaunchedProgram.run(
      "/bin/sh", ["-c", "\"$1\" lesson 2.6 > /dev/full", "sh", path])
    let program = Installation.executableDirectory.appendingPathComponent("hand-gradients").path
    let direct = try await LaunchedProgram.run("/bin/sh", ["-c", "\"$1\" > /dev/full", "sh", program])
    #expect(launched.status == direct.status)
    #expect(launched.errors == direct.errors)
  }

  @Test func `An unknown section is a usage error that lists the known ones`() async throws {
    let launched = try await LaunchedProgram.workbench("lesson", "2.77")
    #expect(launched.status == 64)
    #expect(
      launched.errors
        == "workbench: there is no lesson \"2.77\"; there are 2.2, 2.4, 2.5, 2.6, 2.7, 2.7 nn, 2.8, 2.9, beyond\n"
    )
  }
}
