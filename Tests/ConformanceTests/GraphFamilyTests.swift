import Testing

@testable import conformance

/// What TensorFlow does otherwise than PyTorch. All expected values and refusals are TensorFlow 2.21's.
@Suite struct `The graph family` {
  /// The outcome of a case with these nodes and whatever else it has.
  private func outcome(_ nodes: [String], _ rest: String) throws -> Scoreboard.Outcome {
    let text = #"{"id":"x","kind":"graph","nodes":[\#(nodes.joined(separator: ","))],\#(rest)}"#
    var board = Scoreboard()
    return board.run(try ConformanceCase(line: ArraySlice(text.utf8), location: "here:1"))
  }

  private func placeholder(_ name: String, _ dtype: String, _ shape: String) -> String {
    #"{"name":"\#(name)","op":"placeholder","dtype":"\#(dtype)","shape":\#(shape)}"#
  }

  private func node(_ name: String, _ op: String, _ inputs: String..., attributes: String = "{}") -> String {
    let list = inputs.map { "\"\($0)\"" }.joined(separator: ",")
    return #"{"name":"\#(name)","op":"\#(op)","inputs":[\#(list)],"attributes":\#(attributes)}"#
  }

  private func gradient(_ name: String, of y: String, by x: String) -> String {
    #"{"name":["\#(name)"],"op":"gradients","inputs":["\#(y)"],"xs":["\#(x)"],"none":[false]}"#
  }

  private func tensor(_ dtype: String, _ shape: [Int], _ data: String) -> String {
    #"{"dtype":"\#(dtype)","shape":\#(shape),"data":[\#(data)]}"#
  }

  /// One run that feeds `x` and fetches `y`.
  private func run(_ x: String, _ expected: String) -> String {
    #""runs":[{"feeds":{"x":\#(x)},"fetches":["y"],"expected":[\#(expected)]}]"#
  }

  private let failing = #""error":"InvalidArgument","message":"""#

  @Test(arguments: [
    ("exp", "int32"), ("log", "int64"), ("sqrt", "int32"), ("tanh", "int64"), ("sigmoid", "bool"),
    ("square", "bool"), ("negative", "bool"), ("relu", "bool"), ("abs", "bool"), ("reduce_sum", "bool"),
    ("reduce_mean", "bool"), ("reduce_max", "bool"), ("add", "bool"), ("matmul", "bool"), ("pow", "bool"),
  ])
  func `operations that are not for a dtype are refused while building`(
    operation: String, dtype: String
  ) throws {
    let takesTwo = ["add", "matmul", "pow"].contains(operation)
    let last = takesTwo ? node("y", operation, "x", "x") : node("y", operation, "x")
    let refused = #""build_error":{"error":"TypeError"}"#
    #expect(try outcome([placeholder("x", dtype, "[2,2]"), last], refused) == .passed)
  }

  @Test(arguments: [
    ("reduce_sum", "0"), ("reduce_max", "-1"), ("reduce_mean", "[0]"), ("squeeze", "[0]"), ("concat", "0"),
  ])
  func `a value without dimensions has no dimension 0`(operation: String, axis: String) throws {
    let attributes = #"{"axis":\#(axis)}"#
    let isConcat = operation == "concat"
    let last =
      isConcat
      ? node("y", operation, "x", "x", attributes: attributes)
      : node("y", operation, "x", attributes: attributes)
    let refused = #""build_error":{"error":"ValueError"}"#
    #expect(try outcome([placeholder("x", "float64", "[]"), last], refused) == .passed)
    let fed = tensor("float64", [], "1.0")
    let runs = #""runs":[{"feeds":{"x":\#(fed)},"fetches":["y"],\#(failing)}]"#
    #expect(try outcome([placeholder("x", "float64", "null"), last], runs) == .passed)
    let result = isConcat ? tensor("float64", [2], "2.0,2.0") : tensor("float64", [], "2.0")
    let row = run(tensor("float64", [1], "2.0"), result)
    #expect(try outcome([placeholder("x", "float64", "null"), last], row) == .passed)
  }

  @Test func `values of any rank are transposed, and so are their gradients`() throws {
    let nodes = [
      placeholder("x", "float64", "null"), node("t", "transpose", "x"), node("q", "square", "t"),
      gradient("g", of: "q", by: "x"), node("y", "concat", "t", "g", attributes: #"{"axis":0}"#),
    ]
    let runs = run(
      tensor("float64", [2, 2], "1.0,2.0,3.0,4.0"),
      tensor("float64", [4, 2], "1.0,3.0,2.0,4.0,2.0,4.0,6.0,8.0"))
    #expect(try outcome(nodes, runs) == .passed)
  }

  @Test func `second derivatives of relu and abs are zero, not absent`() throws {
    for (operation, first) in [("relu", #"0.0,0.0,1.0"#), ("abs", #""NaN",-1.0,1.0"#)] {
      let nodes = [
        placeholder("x", "float64", "[3]"), node("r", operation, "x"), gradient("g", of: "r", by: "x"),
        gradient("h", of: "g", by: "x"), node("y", "concat", "g", "h", attributes: #"{"axis":0}"#),
      ]
      let runs = run(
        tensor("float64", [3], #""NaN",-2.0,3.0"#), tensor("float64", [6], first + ",0.0,0.0,0.0"))
      #expect(try outcome(nodes, runs) == .passed, "\(operation)")
    }
  }

  @Test func `slopes where the gradient is 0, the result fed, or each element alone the largest`() throws {
    func first(_ operation: String, _ attributes: String = "{}") -> [String] {
      [
        placeholder("x", "float64", "[3]"), placeholder("s", "float64", "[3]"),
        node("r", operation, "x", attributes: attributes), node("p", "multiply", "r", "s"),
        gradient("y", of: "p", by: "x"),
      ]
    }
    func run(_ feeds: [String: String], _ expected: String) -> String {
      let fed = feeds.map { #""\#($0)":\#(tensor("float64", [3], $1))"# }.joined(separator: ",")
      return
        #""runs":[{"feeds":{\#(fed)},"fetches":["y"],"expected":[\#(tensor("float64", [3], expected))]}]"#
    }
    let roots = run(["x": "-1.0,0.0,4.0", "s": "0.0,0.0,2.0"], "0.0,0.0,0.5")
    #expect(try outcome(first("sqrt"), roots) == .passed)
    let ramps = run(["x": "1.0,1.0,1.0", "s": "1.0,1.0,1.0", "r": "-2.0,0.0,3.0"], "0.0,0.0,1.0")
    #expect(try outcome(first("relu"), ramps) == .passed)
    let largest = run(["x": #"1.0,"NaN",2.0"#, "s": "5.0,1.0,3.0"], #"5.0,"NaN",3.0"#)
    #expect(try outcome(first("reduce_max", #"{"axis":[]}"#), largest) == .passed)
  }

  @Test func `the derivative of a root's slope by the gradient knows no exception at 0`() throws {
    let nodes = [
      placeholder("x", "float64", "[2]"), placeholder("s", "float64", "[2]"), node("r", "sqrt", "x"),
      #"{"name":["g"],"op":"gradients","inputs":["r"],"xs":["x"],"grad_ys":["s"],"none":[false]}"#,
      gradient("y", of: "g", by: "s"),
    ]
    let feeds = #""x":\#(tensor("float64", [2], "4.0,1.0")),"s":\#(tensor("float64", [2], "0.0,3.0"))"#
    let expected = tensor("float64", [2], "0.25,0.5")
    let runs = #""runs":[{"feeds":{\#(feeds)},"fetches":["y"],"expected":[\#(expected)]}]"#
    #expect(try outcome(nodes, runs) == .passed)
  }

  @Test func `gradients of what is refused here fail the runs that need them, and no others`() throws {
    let nodes = [
      placeholder("x", "float64", "[2,3]"), node("t", "transpose", "x", attributes: #"{"perm":[0,-2]}"#),
      gradient("g", of: "t", by: "x"), node("y", "relu", "g"),
    ]
    let x = tensor("float64", [2, 3], "1.0,2.0,3.0,4.0,5.0,6.0")
    let runs = #""runs":[{"feeds":{"x":\#(x)},"fetches":["y"],\#(failing)}]"#
    #expect(try outcome(nodes, runs) == .passed)
  }

  @Test func `the slope of a power has TensorFlow's slope by the exponent, also below 0`() throws {
    // The derivative by y of y·x^(y−1): x^(y−1) there, since x is not above 0.
    let nodes = [
      placeholder("x", "float64", "[2]"), placeholder("e", "float64", "[2]"), node("p", "pow", "x", "e"),
      gradient("g", of: "p", by: "x"), gradient("y", of: "g", by: "e"),
    ]
    let feeds = #""x":\#(tensor("float64", [2], "-2.0,1.0")),"e":\#(tensor("float64", [2], "3.0,2.0"))"#
    let expected = tensor("float64", [2], "4.0,1.0")
    let runs = #""runs":[{"feeds":{\#(feeds)},"fetches":["y"],"expected":[\#(expected)]}]"#
    #expect(try outcome(nodes, runs) == .passed)
  }

  @Test func `what an assignment gives is read where it is used, after the control inputs there`() throws {
    let one = tensor("float64", [], "1.0")
    let nodes = [
      #"{"name":"v","op":"variable","initial":\#(tensor("float64", [], "3.0"))}"#,
      #"{"name":"one","op":"constant","value":\#(one)}"#,
      node("a", "assign_add", "v", "one"),
      #"{"name":"b","op":"assign_add","inputs":["v","v"],"control_inputs":["a"]}"#,
      node("now", "square", "a"),
      #"{"name":"late","op":"square","inputs":["a"],"control_inputs":["b"]}"#,
      #"{"name":"init","op":"global_variables_initializer"}"#,
    ]
    let runs =
      #""runs":[{"fetches":["init"],"expected":[null]},{"fetches":["now"],"expected":[\#(tensor("float64", [], "16.0"))]},{"fetches":["late"],"expected":[\#(tensor("float64", [], "100.0"))]}]"#
    #expect(try outcome(nodes, runs) == .passed)
  }

  @Test func `integers have no negative powers`() throws {
    let nodes = [placeholder("x", "int32", "[2]"), node("y", "pow", "x", "x")]
    #expect(try outcome(nodes, run(tensor("int32", [2], "3,0"), tensor("int32", [2], "27,1"))) == .passed)
    let runs = #""runs":[{"feeds":{"x":\#(tensor("int32", [2], "3,-1"))},"fetches":["y"],\#(failing)}]"#
    #expect(try outcome(nodes, runs) == .passed)
  }

  @Test func `the largest of nothing is the smallest number`() throws {
    for (dtype, lowest) in [
      ("float64", "\"-Infinity\""), ("int32", "-2147483648"), ("int64", "-9223372036854775808"),
    ] {
      let nodes = [
        placeholder("x", dtype, "[null,2]"), node("y", "reduce_max", "x", attributes: #"{"axis":0}"#),
      ]
      let runs = run(tensor(dtype, [0, 2], ""), tensor(dtype, [2], "\(lowest),\(lowest)"))
      #expect(try outcome(nodes, runs) == .passed, "\(dtype)")
    }
  }

  @Test func `means of integers are exact and cut off`() throws {
    for (dtype, data, mean) in [
      ("int32", "-7,2,0,0", "-1"), ("int32", "2147483647,2147483647,5", "1431655766"),
      ("int64", "9007199254740993,9007199254740993", "9007199254740993"), ("int64", "-1,0", "0"),
    ] {
      let nodes = [placeholder("x", dtype, "[null]"), node("y", "reduce_mean", "x")]
      let count = data.split(separator: ",").count
      #expect(try outcome(nodes, run(tensor(dtype, [count], data), tensor(dtype, [], mean))) == .passed)
    }
  }

  @Test func `a concatenation of one value is that value, whatever its dimensions`() throws {
    let nodes = [
      placeholder("x", "float64", "[]"), node("y", "concat", "x", attributes: #"{"axis":7}"#),
    ]
    let two = tensor("float64", [], "2.0")
    #expect(try outcome(nodes, run(two, two)) == .passed)
  }

  @Test func `a conversion to the dtype it has is the value itself`() throws {
    let nodes = [
      placeholder("x", "float64", "[1]"), node("c", "cast", "x", attributes: #"{"dtype":"float64"}"#),
      node("y", "square", "x"),
    ]
    let runs =
      #""runs":[{"feeds":{"c":\#(tensor("float64", [1], "3.0"))},"fetches":["y"],"expected":[\#(tensor("float64", [1], "9.0"))]}]"#
    #expect(try outcome(nodes, runs) == .passed)
  }

  @Test func `a wrong value, an error that does not come and a refusal that does not come fail`() throws {
    let nodes = [placeholder("x", "int32", "[2]"), node("y", "square", "x")]
    let fed = tensor("int32", [2], "3,0")
    #expect(try outcome(nodes, run(fed, tensor("int32", [2], "9,0"))) == .passed)
    #expect(try outcome(nodes, run(fed, tensor("int32", [2], "9,1"))) != .passed)
    #expect(try outcome(nodes, #""runs":[{"feeds":{"x":\#(fed)},"fetches":["y"],\#(failing)}]"#) != .passed)
    #expect(try outcome(nodes, #""build_error":{"error":"ValueError"}"#) != .passed)
  }
}
