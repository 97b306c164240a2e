import StaticGraph
import Testing

@Suite struct `A graph under construction` {
  @Test func `calculates nothing and infers dtypes and shapes`() {
    let graph = Graph()
    let x = graph.placeholder(.float32, shape: [nil, 3], name: "x")
    let w = graph.constant(NDArray([Float](repeating: 1, count: 6), shape: [3, 2]), name: "w")
    let y = x.matmul(w)
    #expect(y.staticType.description == "float32[?, 2]")
    #expect(y.sum().staticType.description == "float32[]")
    #expect((y.sum([0], keepDim: true)).staticType.description == "float32[1, 2]")
    #expect(graph.placeholder(.int32).staticShape == nil)
  }

  @Test func `knows no rank where a size decides it`() {
    let graph = Graph()
    let x = graph.placeholder(.float32, shape: [1, nil, 1])
    #expect(x.squeeze().staticShape == nil)
    #expect(graph.placeholder(.float32, shape: [1, 3, 1]).squeeze().staticShape == [3])
  }

  @Test func `gives every node a name of its own, within its scopes`() {
    let graph = Graph()
    let names = graph.scope("layer") {
      [
        graph.constant(1, name: "c"), graph.constant(2, name: "c"),
        graph.scope("inner") { graph.constant(3, name: "c") },
      ]
    }.map(\.name)
    #expect(names == ["layer/c", "layer/c_1", "layer/inner/c"])
    #expect(graph.scope("layer") { graph.constant(1, name: "c") }.name == "layer_1/c")
    #expect(graph.constant(1, name: "c").name == "c")
    #expect(graph.symbol(named: "layer/c_1")?.name == "layer/c_1")
    #expect(graph.symbol(named: "nobody") == nil)
  }

  @Test func `refuses what cannot fit, naming the operands and the line`() {
    let graph = Graph()
    let a = graph.placeholder(.float64, shape: [nil, 3], name: "a")
    let b = graph.placeholder(.float64, shape: [2, nil], name: "b")
    let c = graph.placeholder(.float64, shape: [nil, 2])
    let message = buildError { () throws(ArrayError) in try Symbol.apply(broadcasting: Mul(), a, c) }
    #expect(message?.contains("mul: ") == true)
    let product = buildError { () throws(ArrayError) in try Symbol.apply(MM(), a, b) }
    #expect(product?.contains("node 'mm' of a: float64[?, 3], b: float64[2, ?]") == true)
  }

  @Test func `says which line made what it refuses, also inside a task`() async {
    let graph = Graph()
    let a = graph.placeholder(.float64, shape: [2, 3])
    let line = #line
    let message = buildError { () throws(ArrayError) in try Symbol.apply(MM(), a, a) }
    #expect(message?.contains("made at StaticGraphTests/GraphTests.swift:\(line + 1))") == true)
    let inTask = await Task { buildError { () throws(ArrayError) in try Symbol.apply(MM(), a, a) } }.value
    #expect(inTask?.contains("made at StaticGraphTests/GraphTests.swift:\(line + 3))") == true)
  }

  @Test func `says the same line again, and another one for another call`() {
    let a = Graph().placeholder(.float64, shape: [2, 3])
    let line = #line
    let messages = (0..<2).map { _ in buildError { () throws(ArrayError) in try Symbol.apply(MM(), a, a) } }
    let other = buildError { () throws(ArrayError) in try Symbol.apply(MM(), a, a) }
    #expect(messages.allSatisfy { $0?.contains("GraphTests.swift:\(line + 1))") == true })
    #expect(other?.contains("GraphTests.swift:\(line + 2))") == true)
  }

  @Test func `takes what a user's extension or a closure inside the library does for the user's line`() {
    let graph = Graph()
    let a = graph.placeholder(.float64, shape: [2, 3])
    let line = #line
    let inScope = graph.scope("layer") {
      buildError { () throws(ArrayError) in try Symbol.apply(MM(), a, a) }
    }
    #expect(inScope?.contains("GraphTests.swift:\(line + 2))") == true)
    let inExtension = buildError { () throws(ArrayError) in try a.timesItself() }
    #expect(inExtension?.contains("GraphTests.swift:\(Symbol.lineOfProduct))") == true)
  }

  @Test func `keeps the line of operators and of composed operations`() {
    let a = Graph().placeholder(.float64, shape: [2, 3])
    let line = #line
    let product = a * a
    let mean = a.softplus()
    #expect(product.node.origin.text == "StaticGraphTests/GraphTests.swift:\(line + 1)")
    #expect(mean.node.origin.text == "StaticGraphTests/GraphTests.swift:\(line + 2)")
  }

  @Test func `refuses assignments of another dtype or shape, and to what is no variable`() {
    let graph = Graph()
    let v = graph.variable(array([1, 2]), name: "v")
    let other = graph.constant(array([1, 2, 3]), name: "three")
    #expect(
      buildError { () throws(ArrayError) in try v.assigning(.set, other) }?.contains(
        "variable 'v' has shape [2], but 'three' has [3]") == true)
    #expect(
      buildError { () throws(ArrayError) in try v.assigning(.set, v.to(.float32)) }?.contains(
        "is float64, but 'to' is float32") == true)
    #expect(
      buildError { () throws(ArrayError) in try other.assigning(.set, v) }?.contains(
        "'three' is not a variable") == true)
  }

  @Test func `stops with the line when a convenient form is misused`() async {
    await #expect(processExitsWith: .failure) {
      let graph = Graph()
      let v = graph.variable(NDArray([1.0, 2.0]), name: "v")
      v.assign(graph.constant(NDArray([1.0, 2.0, 3.0])))
    }
    await #expect(processExitsWith: .failure) {
      _ = Graph().placeholder(.float32, shape: [2]) + Graph().placeholder(.float32, shape: [2])
    }
  }

  @Test func `a node that is a group has no value to calculate with`() {
    let graph = Graph()
    let group = graph.group([graph.constant(1.0)])
    #expect(
      buildError { () throws(ArrayError) in try Symbol.apply(Exp(), group) }?.contains("'group' is a group")
        == true)
  }
}

extension Symbol {
  fileprivate static let lineOfProduct = #line + 2
  fileprivate func timesItself() throws(ArrayError) -> Symbol {
    try Symbol.apply(MM(), self, self)
  }
}
