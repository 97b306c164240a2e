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

  @Test func `Data of another name is assumed to be the same where its bits are not known`() {
    let alignment = GraphAlignment(graph(), graph(data: "c1"))
    #expect(alignment.isSame)
    #expect(alignment.rows.first { $0.second == "c1" }?.verdict == .assumed)
  }
}

/// A step that learns w from x: the loss f(w, x), its gradient g(f, x), and the update of w, which may be recorded or not.
private struct StepDrawing {
  var loss = "mul"
  var gradient = "sub"
  var isRecorded = true
  var swapsResults = false
  var data = "x"
  /// Bits by node, to be put in place of those that both graphs have.
  var bits: [String: String] = [:]
  var knowsBits = true

  var drawing: GraphDrawing {
    var drawing = GraphDrawing(name: "step", title: "")
    func node(
      _ role: GraphDrawing.Role, _ title: String, _ name: String, _ facts: [GraphDrawing.Fact] = []
    ) -> Int {
      let known = knowsBits ? [GraphDrawing.Fact(.bits, bits[name] ?? name)] : []
      return drawing.add(.init(role, title, facts: facts + known))
    }
    let w = node(.leaf, "w", "w")
    let x = node(.data, data, "x")
    let loss = node(.operation, loss, "loss")
    let gradient = node(.operation, gradient, "gradient")
    var ends = [(loss, "loss"), (gradient, "gradient of w")]
    drawing.edges = [
      .init(w, loss, port: 0), .init(x, loss, port: 1), .init(loss, gradient, port: 0),
      .init(x, gradient, port: 1),
    ]
    if isRecorded {
      let scaled = node(.operation, "mul", "scaled", [.init(.parameter, "left=0.1")])
      let next = node(.operation, "sub", "next")
      drawing.edges += [.init(gradient, scaled), .init(w, next, port: 0), .init(scaled, next, port: 1)]
      ends.append((next, "next w"))
    } else {
      let update = node(.operation, "update", "next", [.init(.unrecorded, "in place")])
      drawing.edges += [.init(w, update, port: 0), .init(gradient, update, port: 1)]
      ends.append((update, "next w"))
    }
    for (end, purpose) in swapsResults ? [ends[1], ends[0], ends[2]] : ends {
      let root = drawing.add(.init(.root, purpose, facts: [.init(.purpose, purpose)]))
      drawing.edges.append(.init(end, root))
    }
    return drawing
  }
}

@Suite struct `Two steps over one another` {
  private func aligned(_ a: StepDrawing, _ b: StepDrawing) -> GraphAlignment {
    GraphAlignment(a.drawing, b.drawing)
  }

  private func verdict(_ alignment: GraphAlignment, _ name: String) -> GraphAlignment.Verdict? {
    alignment.rows.first { $0.first == name || $0.second == name }?.verdict
  }

  @Test func `Results find each other by what they are for, in whatever order`() {
    let alignment = aligned(StepDrawing(), StepDrawing(swapsResults: true))
    #expect(alignment.isSame && alignment.rows.allSatisfy { $0.verdict == .same && $0.hasSameBits == true })
    #expect(alignment.rows.map(\.operation) == ["leaf", "data", "mul", "sub", "mul", "sub"])
  }

  @Test func `Equal operations with other values are not the same`() {
    let alignment = aligned(StepDrawing(), StepDrawing(bits: ["gradient": "other"]))
    #expect(!alignment.isSame)
    let parted = alignment.rows.filter { $0.verdict == .different }
    #expect(parted.map(\.reason) == ["the same operation on the same operands gives other values"])
  }

  @Test func `What is made of something that parts follows it, and is no place of its own`() {
    let alignment = aligned(StepDrawing(), StepDrawing(loss: "mm"))
    #expect(!alignment.isSame)
    #expect(alignment.rows.filter { $0.verdict == .different }.map(\.reason) == ["mul here, mm there"])
    #expect(alignment.rows.filter { $0.verdict == .different }.allSatisfy { $0.hasSameBits == true })
    #expect(verdict(alignment, "w") == .same, "operands are aligned by their bits")
    #expect(alignment.rows.filter { $0.verdict == .follows }.count == 3)
  }

  @Test func `Data given under another name are the same only if their bits are`() {
    #expect(verdict(aligned(StepDrawing(), StepDrawing(data: "c1")), "c1") == .equal)
    let other = aligned(StepDrawing(), StepDrawing(data: "c1", bits: ["x": "other"]))
    #expect(!other.isSame && verdict(other, "c1") == .different)
  }

  @Test(arguments: [true, false])
  func `An update that is not recorded is compared by where it starts and what it leaves`(isFirst: Bool) {
    func alignment(_ unrecorded: StepDrawing) -> GraphAlignment {
      isFirst ? aligned(unrecorded, StepDrawing()) : aligned(StepDrawing(), unrecorded)
    }
    let same = alignment(StepDrawing(isRecorded: false))
    #expect(same.isSame)
    let update = same.rows.first { $0.verdict == .equal }
    #expect(update?.reason == "not recorded; it leaves the bits of sub(w, mul(gradient of w, left=0.1))")
    #expect(!same.rows.contains { $0.verdict == .single }, "what it is equal to is not listed again")
    #expect(!alignment(StepDrawing(isRecorded: false, bits: ["next": "other"])).isSame)
    #expect(!alignment(StepDrawing(gradient: "add", isRecorded: false)).isSame)
  }

  @Test func `Without bits kinds and operands decide, and an update is assumed`() {
    let alignment = aligned(StepDrawing(knowsBits: false), StepDrawing(isRecorded: false, knowsBits: false))
    #expect(alignment.isSame)
    #expect(alignment.rows.last { $0.operation == "sub" }?.verdict == .assumed)
  }

  @Test func `A result that only one has parts them`() {
    var lacking = StepDrawing().drawing
    lacking.nodes.removeLast()
    lacking.edges.removeLast()
    let alignment = GraphAlignment(StepDrawing().drawing, lacking)
    #expect(!alignment.isSame)
    #expect(alignment.rows.contains { $0.reason == "only one of the graphs has this result" })
  }

  @Test func `Changes of shape that leave the elements as they are calculate nothing`() {
    var moved = StepDrawing().drawing
    // x goes through a transposition on its way into the loss.
    let t = moved.add(.init(.operation, "t", facts: [.init(.bits, "x")]))
    moved.edges[1].to = t
    moved.edges[1].port = nil
    moved.edges.append(.init(t, 2, port: 1))
    #expect(GraphAlignment(StepDrawing().drawing, moved).isSame)
    moved.nodes[t].facts = [.init(.bits, "x, in another order")]
    #expect(!GraphAlignment(StepDrawing().drawing, moved).isSame)
  }
}
