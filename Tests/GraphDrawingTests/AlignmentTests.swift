import GraphDrawing
import Testing

/// `w · x - y`, or `x · w - y`, or with another operation or parameter in the place of `sub`.
private func graph(
  swapped: Bool = false, last: String = "sub", parameter: String? = nil, data: String = "x",
  type: String = "float32 [3]", value: String? = nil
) -> GraphDrawing {
  var drawing = GraphDrawing(name: "forward", title: "w x - y")
  let w = drawing.add(.init(.leaf, "w", facts: value.map { [.init(.value, $0)] } ?? []))
  let x = drawing.add(.init(.data, data))
  let y = drawing.add(.init(.data, "y"))
  let mul = drawing.add(.init(.operation, "mul", facts: [.init(.type, type)]))
  let end = drawing.add(.init(.operation, last, facts: parameter.map { [.init(.parameter, $0)] } ?? []))
  let root = drawing.add(.init(.root, "z"))
  drawing.edges = [
    .init(w, mul, port: swapped ? 1 : 0), .init(x, mul, port: swapped ? 0 : 1),
    .init(mul, end, port: 0), .init(y, end, port: 1), .init(end, root),
  ]
  return drawing
}

@Suite struct `Two graphs over one another` {
  @Test func `A graph is the same calculation as itself, every row`() {
    let alignment = GraphAlignment(graph(), graph())
    #expect(alignment.isSame)
    #expect(alignment.rows.map(\.operation) == ["leaf", "data", "mul", "data", "sub"])
    #expect(alignment.rows.allSatisfy { $0.verdict == .same })
  }

  @Test func `A product may have its factors swapped, a difference not`() {
    #expect(GraphAlignment(graph(), graph(swapped: true)).isSame)
    var reversed = graph()
    reversed.edges[2].port = 1
    reversed.edges[3].port = 0
    #expect(!GraphAlignment(graph(), reversed).isSame)
  }

  @Test(arguments: [
    (graph(last: "add"), "sub here, add there"),
    (graph(parameter: "alpha=2"), "no parameter here, alpha=2 there"),
    (graph(type: "float64 [3]"), "float32 [3] here, float64 [3] there"),
    (graph(type: "float32 [4]"), "float32 [3] here, float32 [4] there"),
    (graph(value: "2."), "the value is 1. here, 2. there"),
  ])
  func `What parts them is said`(other: GraphDrawing, reason: String) {
    let alignment = GraphAlignment(graph(value: "1."), other)
    #expect(!alignment.isSame)
    #expect(alignment.rows.filter { $0.verdict == .different }.map(\.reason) == [reason])
  }

  @Test func `Sizes not known fit any`() {
    #expect(GraphAlignment(graph(), graph(type: "float32[?]")).isSame)
  }

  @Test func `Data of another name is assumed to be the same`() {
    let alignment = GraphAlignment(graph(), graph(data: "c1"))
    #expect(alignment.isSame)
    #expect(alignment.rows.first { $0.second == "c1" }?.verdict == .assumed)
  }
}
