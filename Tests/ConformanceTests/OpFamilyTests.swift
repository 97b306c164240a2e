import Testing

@testable import conformance

@Suite struct `The op family` {
  @Test func `all cases of the project's copy pass`() throws {
    var board = Scoreboard()
    for testCase in try caseLines("ops") {
      let outcome = board.run(testCase)
      #expect(outcome == .passed, "\(testCase.id)")
    }
    #expect(board.total == 3950)
    #expect(board.failures == 0)
  }

  private func outcome(_ rest: String) throws -> Scoreboard.Outcome {
    var board = Scoreboard()
    let text = #"{"id":"x","kind":"op",\#(rest)}"#
    return board.run(try ConformanceCase(line: ArraySlice(text.utf8), location: "here:1"))
  }

  private func fails(_ rest: String, naming words: String) throws -> Bool {
    if case .failed(let reason) = try outcome(rest) { return reason.contains(words) }
    return false
  }

  /// x² at x = 3 with cotangent 2: value 9, gradient 12; with direction 5 the gradient of 5·2·2x is 20, that for the cotangent 30.
  private func square(
    value: String = "9.0", gradient: String = "12.0", twice: String = "20.0", cotangent: String = "30.0"
  ) -> String {
    func number(_ text: String) -> String { #"{"dtype":"float64","shape":[1],"data":[\#(text)]}"# }
    return #"""
      "op":"square","inputs":[\#(number("3.0"))],"attributes":{},"expected":[\#(number(value))],
      "cotangents":[\#(number("2.0"))],"gradients":[\#(number(gradient))],
      "second_order":{"cotangents":[\#(number("5.0"))],"gradients":[\#(number(twice))],
      "cotangent_gradients":[\#(number(cotangent))]}
      """#
  }

  @Test func `a wrong value, gradient or second-order gradient fails and is named`() throws {
    #expect(try outcome(square()) == .passed)
    #expect(try fails(square(value: "9.00000001"), naming: "result: at [0]: expected 9.00000001, got 9.0"))
    #expect(try outcome(square(value: "9.000000001")) == .passed)
    #expect(try fails(square(gradient: "12.1"), naming: "gradient of input 0: at [0]: expected 12.1"))
    #expect(try fails(square(twice: "20.1"), naming: "second-order gradient of input 0"))
    #expect(try fails(square(cotangent: "30.1"), naming: "second-order gradient of cotangent 0"))
  }

  @Test func `no second-order gradient counts as zero, and as nothing else`() throws {
    func linear(_ twice: String) -> String {
      square(value: "-3.0", gradient: "-2.0", twice: twice, cotangent: "-5.0").replacing(
        "square", with: "neg")
    }
    #expect(try outcome(linear("0.0")) == .passed)
    #expect(try fails(linear("0.1"), naming: "got none"))
  }

  @Test func `an input with strides is built in its memory`() throws {
    func viewed(_ strides: String) -> String {
      #"""
      "op":"view","inputs":[{"dtype":"float32","shape":[2,2],"strides":\#(strides),"offset":0,"storage":[1,2,3,4]}],
      "attributes":{"size":[4]},"expected":[{"dtype":"float32","shape":[4],"data":[1,2,3,4]}]
      """#
    }
    #expect(try outcome(viewed("[2,1]")) == .passed)
    #expect(try fails(viewed("[1,2]"), naming: "view size is not compatible"))
  }

  @Test func `another dtype, shape or number of results fails`() throws {
    func added(_ expected: String) -> String {
      #"""
      "op":"add","inputs":[{"dtype":"int32","shape":[1],"data":[1]}],"attributes":{"other":{"int":1}},
      "expected":[\#(expected)]
      """#
    }
    #expect(try outcome(added(#"{"dtype":"int32","shape":[1],"data":[2]}"#)) == .passed)
    #expect(try fails(added(#"{"dtype":"int64","shape":[1],"data":[2]}"#), naming: "dtype"))
    #expect(try fails(added(#"{"dtype":"int32","shape":[],"data":[2]}"#), naming: "shape"))
    #expect(try fails(added(""), naming: "expected 0 results, got 1"))
  }

  @Test func `unknown operations and arguments fail by name`() throws {
    #expect(
      try fails(#""op":"frobnicate","inputs":[],"attributes":{},"expected":[]"#, naming: "frobnicate"))
    #expect(
      try fails(
        #""op":"zeros","inputs":[],"attributes":{"size":[1],"colour":3},"expected":[]"#, naming: "colour"))
  }

  @Test func `a case that contradicts itself is malformed`() throws {
    let tensor = #"{"dtype":"float64","shape":[1],"data":[1]}"#
    let results = #""op":"exp","inputs":[\#(tensor)],"attributes":{},"expected":[\#(tensor)]"#
    for rest in [
      #""op":"exp""#, results + #","cotangents":[]"#, results + #","cotangents":[\#(tensor)]"#,
      #""op":"add","inputs":[\#(tensor)],"attributes":{"other":{"complex":1}},"expected":[\#(tensor)]"#,
      #""op":"getitem","inputs":[\#(tensor)],"attributes":{"index":["?"]},"expected":[\#(tensor)]"#,
    ] {
      guard case .malformed = try outcome(rest) else {
        Issue.record("\(rest) is not malformed")
        continue
      }
    }
  }
}

@Suite struct `The error family` {
  @Test func `all calls of the project's copy are refused`() throws {
    var board = Scoreboard()
    for testCase in try caseLines("errors") where testCase.json["steps"] == nil {
      let outcome = board.run(testCase)
      #expect(outcome == .passed, "\(testCase.id)")
    }
    #expect(board.total == 262)
    #expect(board.failures == 0)
  }

  @Test func `a call that works fails the case and shows its result`() throws {
    var board = Scoreboard()
    let text = #"""
      {"id":"x","kind":"error","op":"exp","inputs":[{"dtype":"float64","shape":[2],"data":[1,2]}],"attributes":{},
      "error":"RuntimeError","message":"no exponentials today"}
      """#
    let outcome = board.run(try ConformanceCase(line: ArraySlice(text.utf8), location: "here:1"))
    guard case .failed(let reason) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(reason.contains("no exponentials today") && reason.contains("[2]"))
  }
}
