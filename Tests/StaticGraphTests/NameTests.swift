import StaticGraph
import Testing

/// Expected values: TensorFlow 2.21, `tf.compat.v1`: the same names asked for in the same order.
@Suite struct `Names of nodes` {
  @Test func `are made unique as in TensorFlow, scopes and nodes together`() {
    let graph = Graph()
    var names: [String] = []
    func node(_ name: String) { names.append(graph.constant(1.0, name: name).name) }
    func scope(_ name: String, _ body: () -> Void) { graph.scope(name, body) }
    node("a")
    node("a")
    scope("s") {
      node("a")
      node("a")
      scope("s") { node("a") }
      scope("s") {
        node("a")
        node("b")
      }
      node("s")
    }
    scope("s") { node("a") }
    for name in ["s", "s_1", "a_1", "a", "a_1_1", "a_1"] { node(name) }
    scope("a") { node("a") }
    scope("s_1") { node("a") }
    scope("p/q") { node("a") }
    scope("p") {
      node("q")
      scope("q") { node("a") }
    }
    node("p/q")
    node("s/a")
    scope("s") { node("b") }
    #expect(
      names == [
        "a", "a_1", "s/a", "s/a_1", "s/s/a", "s/s_1/a", "s/s_1/b", "s/s_2", "s_1/a", "s_2", "s_1_1", "a_1_1",
        "a_2",
        "a_1_1_1", "a_1_2", "a_3/a", "s_1_2/a", "p/q/a", "p/q_1", "p/q_2/a", "p/q_3", "s/a_2", "s_3/b",
      ])
    #expect(Set(graph.nodes.map(\.name)).count == graph.nodeCount)
  }

  @Test func `that differ in upper and lower case only are told apart by a number`() {
    let graph = Graph()
    let names = ["A", "a", "a", "A_1"].map { graph.constant(1.0, name: $0).name }
    #expect(names == ["A", "a_1", "a_2", "A_1_1"])
    #expect(graph.scope("S") { graph.constant(1.0, name: "x").name } == "S/x")
    #expect(graph.scope("s") { graph.constant(1.0, name: "x").name } == "s_1/x")
  }

  @Test func `go on in a scope that is asked for in full, and outside of all`() {
    let graph = Graph()
    var names: [String] = []
    func node(_ name: String) { names.append(graph.constant(1.0, name: name).name) }
    let first = graph.scope("s") { name in
      node("x")
      return name
    }
    graph.scope("s/") {
      node("x")
      node("y")
    }
    let second = graph.scope("s") { name in
      node("x")
      return name
    }
    graph.scope("o") {
      graph.scope(first) { node("z") }
      graph.scope("") { (name: String) in
        names.append(name)
        node("z")
      }
      graph.scope("") { node("z") }
      node("q/r")
    }
    // A node may have its scope's name.
    names.append(graph.group([], name: second).name)
    #expect(
      names == ["s/x", "s/x_1", "s/y", "s_1/x", "s/z", "", "z", "z_1", "o/q/r", "s_1"])
    #expect([first, second] == ["s/", "s_1/"])
  }

  @Test func `taken as they are cannot be another node's`() async {
    await #expect(processExitsWith: .failure) {
      let graph = Graph()
      _ = graph.constant(1.0, name: "a")
      _ = graph.group([], name: "a/")
    }
  }

  @Test func `lead back to their values`() {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [4, 2], name: "x")
    let parts = x.split(2, dim: 0)
    #expect(parts.map(\.name) == ["split", "split:1"])
    #expect(graph.symbol(named: "split:1") == parts[1])
    #expect(graph.symbol(named: "split:0") == parts[0])
    #expect(graph.symbol(named: "split:2") == nil)
    #expect(graph.symbol(named: "x:-1") == nil)
    let all = graph.group(parts, name: "all")
    #expect(graph.symbol(named: "all") == all)
    #expect(graph.symbol(named: "all:0") == nil)
  }

  @Test func `of gradients lie in their own scope, and their line is the caller's`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [2], name: "x")
    let before = graph.nodeCount
    let line = #line
    _ = graph.gradients(of: x.square(), withRespectTo: [x])
    let made = graph.nodes[(before + 1)...]
    #expect(made.allSatisfy { $0.name.hasPrefix("gradients/") })
    #expect(made.allSatisfy { $0.origin.text == "StaticGraphTests/NameTests.swift:\(line + 1)" })
  }
}
