import Foundation
import Testing

@testable import conformance

/// The lines of one of the project's copies of the case files.
func caseLines(_ name: String) throws -> [ConformanceCase] {
  let url = try #require(Bundle.module.url(forResource: name, withExtension: "jsonl", subdirectory: "Cases"))
  return try CaseFile(path: url.path).lines.map { try $0.get() }
}

@Suite struct `The random family` {
  @Test func `all cases of the project's copy pass`() throws {
    var board = Scoreboard()
    for testCase in try caseLines("random") {
      let outcome = board.run(testCase)
      #expect(outcome == .passed, "\(testCase.id)")
    }
    #expect(board.total == 170)
    #expect(board.failures == 0)
  }

  private func outcome(_ text: String) throws -> Scoreboard.Outcome {
    var board = Scoreboard()
    return board.run(try ConformanceCase(line: ArraySlice(text.utf8), location: "here:1"))
  }

  private func numpy(_ call: String) throws -> Scoreboard.Outcome {
    try outcome(#"{"id":"x","kind":"random","generator":"numpy.RandomState","seed":0,"calls":[\#(call)]}"#)
  }

  @Test func `a value that is off by one unit in the last place fails and is named`() throws {
    let call =
      #"{"method":"rand","arguments":{"dims":[1]},"expected":{"dtype":"float64","shape":[1],"data":[VALUE]}}"#
    #expect(try numpy(call.replacing("VALUE", with: "0.5488135039273248")) == .passed)
    let altered = try numpy(call.replacing("VALUE", with: "\((0.5488135039273248).nextUp)"))
    guard case .failed(let reason) = altered else {
      Issue.record("an altered value gave \(altered)")
      return
    }
    #expect(
      reason.contains("call 1, rand")
        && reason.contains("at [0]: expected 0.5488135039273249, got 0.5488135039273248"))
  }

  @Test func `a wrong shape or type fails`() throws {
    let call = #"{"method":"permutation","arguments":{"n":1},"expected":EXPECTED}"#
    func expecting(_ tensor: String) throws -> Scoreboard.Outcome {
      try numpy(call.replacing("EXPECTED", with: tensor))
    }
    #expect(try expecting(#"{"dtype":"int64","shape":[1],"data":[0]}"#) == .passed)
    #expect(try expecting(#"{"dtype":"int64","shape":[1,1],"data":[0]}"#) != .passed)
    #expect(try expecting(#"{"dtype":"int32","shape":[1],"data":[0]}"#) != .passed)
    #expect(try expecting(#"{"dtype":"int64","shape":[1],"data":[1]}"#) != .passed)
  }

  @Test func `unknown methods, generators, operations and kinds fail by name`() throws {
    func reason(_ text: String) throws -> String {
      if case .failed(let reason) = try outcome(text) { return reason }
      return ""
    }
    let tensor = #"{"dtype":"float64","shape":[],"data":[0]}"#
    let calls = #""seed":0,"calls":[{"method":"frobnicate","arguments":{},"expected":\#(tensor)}]"#
    #expect(
      try reason(#"{"id":"x","kind":"random","generator":"torch",\#(calls)}"#).contains("torch.frobnicate"))
    #expect(
      try reason(#"{"id":"x","kind":"random","generator":"numpy.RandomState",\#(calls)}"#)
        .contains("numpy.RandomState.frobnicate"))
    #expect(try reason(#"{"id":"x","kind":"random","generator":"dice",\#(calls)}"#).contains("dice"))
    let operation = #"{"op":"frobnicate","arguments":{"shape":[],"op_seed":null},"seeds":[1,2]}"#
    #expect(
      try reason(
        #"{"id":"x","kind":"random","generator":"tensorflow","ops":[\#(operation)],"runs":[{"fetches":[0],"expected":[\#(tensor)]}]}"#
      ).contains("tensorflow.frobnicate"))
    #expect(try reason(#"{"id":"x","kind":"mystery"}"#).contains("mystery"))
  }

  @Test func `seeds that do not follow from graph and operation fail`() throws {
    let line = try #require(caseLines("random").first { $0.id.hasPrefix("tensorflow-random_uniform") })
    guard case .object(var json) = line.json else { return }
    json["graph_seed"] = .integer(77)
    var board = Scoreboard()
    guard
      case .failed(let reason) = board.run(
        ConformanceCase(id: line.id, kind: line.kind, json: .object(json), location: ""))
    else {
      Issue.record("another graph seed passed")
      return
    }
    #expect(reason.contains("expected the seeds"))
  }

  @Test func `a call that the library refuses fails without stopping the run`() throws {
    let tensor = #"{"dtype":"float64","shape":[],"data":[0]}"#
    for (method, arguments) in [
      ("normal", #"{"scale":-1}"#), ("randint", #"{"low":3,"high":3}"#), ("choice", #"{"a":0}"#),
      ("randint", #"{"low":0,"high":300,"dtype":"uint8"}"#), ("choice", #"{"a":2,"size":3,"replace":false}"#),
      ("uniform", #"{"low":"-Infinity","high":0}"#), ("permutation", #"{"n":-1}"#),
    ] {
      let outcome = try numpy(#"{"method":"\#(method)","arguments":\#(arguments),"expected":\#(tensor)}"#)
      guard case .failed = outcome else {
        Issue.record("\(method) \(arguments): \(outcome)")
        continue
      }
    }
  }

  @Test func `a case without its parts is malformed`() throws {
    for text in [
      #"{"id":"x","kind":"random"}"#, #"{"id":"x","kind":"random","generator":"torch","calls":[]}"#,
      #"{"id":"x","kind":"random","generator":"torch","seed":1,"calls":[{"method":"rand"}]}"#,
    ] {
      guard case .malformed = try outcome(text) else {
        Issue.record("\(text) is not malformed")
        continue
      }
    }
  }
}

@Suite struct `The score` {
  private struct Fake: FamilyRunner {
    let kinds: Set = ["fake"]
    func operations(of testCase: ConformanceCase) throws -> [String] {
      try testCase.json.entry("ops").elements("ops").map { try $0.text("op") }
    }
    func run(_ testCase: ConformanceCase) throws {
      if testCase.json["fails"] != nil { throw CaseFailure("as asked") }
    }
  }

  private func board(operation: String? = nil) throws -> Scoreboard {
    var board = Scoreboard(families: [Fake()], operation: operation)
    for text in [
      #"{"id":"a","kind":"fake","ops":["x.p","x.p"]}"#,
      #"{"id":"b","kind":"fake","ops":["x.p","x.q"],"fails":true}"#,
      #"{"id":"c","kind":"fake","ops":["x.r"]}"#,
    ] {
      _ = board.run(try ConformanceCase(line: ArraySlice(text.utf8), location: ""))
    }
    return board
  }

  @Test func `each case counts once per family and once per operation`() throws {
    let board = try board()
    #expect(board.total == 3 && board.failures == 1)
    #expect(
      board.table(failuresOnly: false) == """
        fake   2 of 3 pass, 1 fail
          x.p  1 of 2 pass, 1 fail
          x.q  0 of 1 pass, 1 fail
          x.r  1 of 1 pass

        """)
    #expect(!board.table(failuresOnly: true).contains("x.r"))
  }

  @Test(arguments: ["x.q", "q"]) func `one operation can be run alone`(name: String) throws {
    let board = try board(operation: name)
    #expect(board.total == 1 && board.failures == 1)
  }
}

@Suite struct `The command` {
  /// Runs the command in this process and gives its exit code.
  private func exitCode(_ arguments: [String]) -> Int32 {
    do {
      var command = try ConformanceCommand.parseAsRoot(arguments)
      try command.run()
      return 0
    } catch {
      return ConformanceCommand.exitCode(for: error).rawValue
    }
  }

  private func withFile(_ text: String, _ body: (String) -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appending(
      path: "conformance-\(UUID().uuidString).jsonl"
    ).path
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    body(path)
  }

  @Test func `exit codes tell failure, usage, malformed and unreadable files apart`() throws {
    #expect(exitCode([]) == 64)
    #expect(exitCode(["--wrong", "x"]) == 64)
    #expect(exitCode(["--max-failures", "-1", "x"]) == 64)
    #expect(exitCode(["/nowhere/at/all.jsonl"]) == 66)
    #expect(exitCode(["/"]) == 66)
    let random = try #require(
      Bundle.module.url(forResource: "random", withExtension: "jsonl", subdirectory: "Cases"))
    #expect(exitCode(["--operation", "randperm", random.path]) == 0)
    #expect(exitCode(["--operation", "no-such-operation", random.path]) == 65)
    try withFile("{\"id\":\"x\",\"kind\":\"mystery\"}\n\n") { #expect(exitCode([$0]) == 1) }
    try withFile("{\"id\":\"x\"}\n") { #expect(exitCode([$0]) == 65) }
    try withFile("not json\n") { #expect(exitCode([$0]) == 65) }
    try withFile("\n") { #expect(exitCode([$0]) == 65) }
  }
}
