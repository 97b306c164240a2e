import Testing

@testable import conformance

@Suite struct `The repr family` {
  @Test func `all cases of the project's copy pass`() throws {
    var board = Scoreboard()
    for testCase in try caseLines("repr") {
      let outcome = board.run(testCase)
      #expect(outcome == .passed, "\(testCase.id)")
    }
    #expect(board.total == 492)
    #expect(board.failures == 0)
  }

  private func outcome(_ rest: String) throws -> Scoreboard.Outcome {
    var board = Scoreboard()
    let text = #"{"id":"x","kind":"repr",\#(rest)}"#
    return board.run(try ConformanceCase(line: ArraySlice(text.utf8), location: "here:1"))
  }

  private func fails(_ rest: String, naming words: String) throws -> Bool {
    if case .failed(let reason) = try outcome(rest) { return reason.contains(words) }
    return false
  }

  private let source = #""source":{"dtype":"float32","shape":[2],"data":[1.0,2.5]}"#

  @Test func `another text fails with both`() throws {
    #expect(try outcome(#""library":"torch",\#(source),"str":"tensor([1.0000, 2.5000])""#) == .passed)
    #expect(try fails(#""library":"torch",\#(source),"str":"tensor([1.0, 2.5])""#, naming: "[1.0, 2.5]"))
    let numpy = #""library":"numpy",\#(source),"repr":"array([1. , 2.5], dtype=float32)""#
    #expect(try outcome(#"\#(numpy),"str":"[1.  2.5]""#) == .passed)
    #expect(try fails(#"\#(numpy),"str":"[1. 2.5]""#, naming: "[1.  2.5]"))
  }

  @Test func `what the tensor would record is shown by recording it`() throws {
    let torch = #""library":"torch",\#(source)"#
    #expect(
      try outcome(#"\#(torch),"requires_grad":true,"str":"tensor([1.0000, 2.5000], requires_grad=True)""#)
        == .passed)
    #expect(
      try outcome(
        #"\#(torch),"grad_fn":"NegBackward0","str":"tensor([-1.0000, -2.5000], grad_fn=<NegBackward0>)""#)
        == .passed)
  }

  @Test func `unknown libraries and nodes and impossible shapes fail by name`() throws {
    #expect(try fails(#""library":"abacus",\#(source),"str":"""#, naming: "abacus"))
    #expect(
      try fails(#""library":"torch",\#(source),"grad_fn":"OddBackward0","str":"""#, naming: "OddBackward0"))
    let deep = #"{"arange":1,"dtype":"int64","reshape":[1,1,1,1,1,1,1,1,1]}"#
    #expect(try fails(#""library":"torch","source":\#(deep),"str":"""#, naming: "9 dimensions"))
  }
}
