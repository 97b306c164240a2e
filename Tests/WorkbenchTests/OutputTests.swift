import Experiment
import Foundation
import Testing

@testable import workbench

@Suite struct `The output folder` {
  private func compare(_ arguments: String..., environment: [String: String?] = [:], in folder: ScratchFolder)
    async throws -> LaunchedProgram
  {
    try await LaunchedProgram.run(
      builtProgram("workbench"), ["compare", "hand-gradients", "--steps", "3"] + arguments,
      environment: environment,
      in: folder.url)
  }

  @Test func `May be used again`() async throws {
    let folder = try ScratchFolder()
    #expect(try await compare("--output", "kept", in: folder).status == 0)
    #expect(try await compare("--output", "kept", "--seed", "7", in: folder).status == 0)
    #expect(try Problem(contentsOf: folder.path("kept/problem.json")).recipe?.seed == 7)
  }

  @Test func `May hold other things, which stay`() async throws {
    let folder = try ScratchFolder()
    try folder.write("mine", to: "kept/notes.txt")
    try folder.write("mine", to: "kept/traces/other.tsv")
    #expect(try await compare("--output", "kept", in: folder).status == 0)
    #expect(try String(contentsOfFile: folder.path("kept/notes.txt"), encoding: .utf8) == "mine")
    #expect(folder.names(in: "kept/traces") == ["hand-gradients.tsv", "other.tsv"])
  }

  @Test(arguments: ["problem.json", "comparison.csv", "traces/hand-gradients.tsv"])
  func `A file in it that the workbench did not make is never replaced`(name: String) async throws {
    let folder = try ScratchFolder()
    try folder.write("mine", to: "kept/\(name)")
    let launched = try await compare("--output", "kept", in: folder)
    #expect(launched.status == 69)
    #expect(launched.output == "")
    #expect(launched.errorLines.count == 1)
    #expect(
      launched.errors.contains(
        "kept/\(name): exists and was not made by the workbench; choose another folder"))
    #expect(try String(contentsOfFile: folder.path("kept/\(name)"), encoding: .utf8) == "mine")
    #expect(folder.names(in: "kept") == [String(name.prefix { $0 != "/" })], "and nothing else is made")
  }

  @Test func `Without gnuplot the comparison is kept, and what is missing said`() async throws {
    let folder = try ScratchFolder()
    let launched = try await compare("--output", "kept", environment: ["GNUPLOT": "/nonexistent"], in: folder)
    #expect(launched.status == 69)
    #expect(launched.output.contains("It obeys the formulas in every step."))
    #expect(launched.errorLines.count == 1)
    #expect(launched.errors.contains("cannot start gnuplot ('/nonexistent')"))
    #expect(
      folder.names(in: "kept") == [
        ".workbench", "comparison.csv", "comparison.json", "comparison.txt", "problem.json", "traces",
      ])
  }

  @Test(arguments: ["exit 1", "kill -KILL $$", "read line; exit 0"])
  func `A gnuplot that dies leaves no half a picture`(body: String) async throws {
    let folder = try ScratchFolder()
    try folder.write("#!/bin/sh\n\(body)\n", to: "gnuplot")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path("gnuplot"))
    let launched = try await compare(
      "--output", "kept", environment: ["GNUPLOT": folder.path("gnuplot")], in: folder)
    #expect(launched.status == 69)
    #expect(launched.errorLines.count == 1, "\(launched.errors)")
    #expect(launched.errors.contains("gnuplot"))
    #expect(folder.names(in: "kept/figures").filter { $0.hasSuffix(".svg") || $0.hasPrefix(".") } == [])
  }

  // MARK: Standard output

  @Test(arguments: [
    "compare hand-gradients --steps 3", "compare hand-gradients --steps 3 --format json", "lesson",
  ])
  func `A full disk under standard output is said`(arguments: String) async throws {
    let folder = try ScratchFolder()
    let launched = try await LaunchedProgram.shell(
      "workbench \(arguments) > /dev/full", environment: ["TMPDIR": folder.path("")], in: folder.url)
    #expect(launched.status == 69)
    #expect(
      launched.errorLines == ["workbench: standard output: cannot be written: No space left on device"])
    #expect(folder.names() == [])
  }

  @Test func `A closed pipe ends it quietly and leaves nothing half done`() async throws {
    let folder = try ScratchFolder()
    try folder.write("", to: "tmp/x")
    let launched = try await LaunchedProgram.shell(
      "{ workbench compare hand-gradients --steps 3 --output kept; echo $? > status; } | true; sleep 0.2; while ! [ -s status ]; do sleep 0.1; done",
      environment: ["TMPDIR": folder.path("tmp")], in: folder.url)
    #expect(launched.errorLines.isEmpty, "\(launched.errors)")
    #expect(try String(contentsOfFile: folder.path("status"), encoding: .utf8) == "141\n")
    #expect(folder.names(in: "tmp") == ["x"])
    #expect(folder.names(in: "kept").allSatisfy { !$0.hasPrefix(".partial") })
    #expect(folder.names(in: "kept").contains("problem.json"))
  }

  @Test func `An approach says where its trace cannot go`() async throws {
    let folder = try ScratchFolder()
    for (path, reason) in [
      ("/dev/full", "No space left on device"), ("none/t.tsv", "No such file or directory"),
    ] {
      let launched = try await LaunchedProgram.run(
        builtProgram("hand-gradients"), ["--steps", "3", "--trace", path], in: folder.url)
      #expect(launched.status == 69)
      #expect(launched.errors == "hand-gradients: \(path): cannot be written: \(reason)\n")
    }
    #expect(folder.names() == [])
  }
}
