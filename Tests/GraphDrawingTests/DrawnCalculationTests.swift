import GraphDrawing
import Testing

/// `neg(w)`, with what is between and around it.
private func negative(of input: String = "w", _ items: Item..., facts: [GraphDrawing.Fact] = [])
  -> GraphDrawing
{
  calculation(
    [.leaf("w", bits: "W"), Item.op("n", "neg", input, facts: facts)] + items, results: ["n": "loss"])
}

@Suite struct `A drawing as a calculation` {
  @Test func `Arrows that only say what waits for what are no operands`() {
    var waiting = negative(.data("x"))
    waiting.edges.append(.init(2, 1, kind: .control))
    waiting.edges.append(.init(1, 0, kind: .back))
    #expect(rows(negative(), waiting) == ["w w same", "n n same", "– x single"])
  }

  @Test(arguments: ["right=1", "right=1.0"])
  func `A first power is looked through, a product with 1 not`(parameter: String) {
    func through(_ title: String) -> GraphDrawing {
      negative(of: "p", .op("p", title, "w", bits: "W", facts: [.init(.parameter, parameter)]))
    }
    #expect(rows(negative(), through("pow")) == ["w w same", "n n same"])
    #expect(rows(negative(), through("mul")).prefix(2) == ["w p different", "n n follows"])
  }

  @Test func `Data that a drawing has twice is one, if its type is, too; what is learned is not`() {
    func sum(_ left: Item, _ right: Item) -> GraphDrawing {
      calculation(left, right, .op("s", "sub", left.name, right.name), results: ["s": "loss"])
    }
    let vector = GraphDrawing.Fact(.type, "float32 [2]")
    let row = GraphDrawing.Fact(.type, "float32 [1, 2]")
    let twice = sum(.data("c", bits: "C", vector), .data("d", bits: "C", vector))
    #expect(rows(twice, twice) == ["c c same", "s s same"])
    let two = sum(.data("c", bits: "C", vector), .data("d", bits: "C", row))
    #expect(rows(two, two) == ["c c same", "d d same", "s s same"])
    let learned = sum(.leaf("u", bits: "C", vector), .leaf("v", bits: "C", vector))
    #expect(rows(learned, learned) == ["u u same", "v v same", "s s same"])
  }

  @Test func `A value is called by the first variable it makes, in its frames; a variable by itself`() {
    var made = negative(.inner("a", of: "n"), .inner("b", of: "n"))
    let frame = made.frame(["layer", "inner"])
    made.nodes[2].cluster = frame
    #expect(rows(made, negative()) == ["w w same", "layer/inner/a n same"])
    var passed = calculation(.leaf("w"), results: ["w": "loss"])
    passed.nodes[1].title = "result"
    #expect(rows(passed, calculation(.leaf("w"), results: ["w": "loss"])) == ["w w same"])
  }

  @Test func `What is known of the variable is known of the operation that makes it`() {
    func made(_ facts: GraphDrawing.Fact..., flow: GraphDrawing.Flow? = nil) -> GraphDrawing {
      var drawing = negative(.inner("a", of: "n"))
      drawing.nodes[2].facts = facts
      drawing.nodes[2].flow = flow
      return drawing
    }
    #expect(
      reasons(made(.init(.type, "float32 [2]")), made(.init(.type, "float32 [3]"))) == [
        "float32 [2] here, float32 [3] there"
      ])
    #expect(
      reasons(made(flow: .init("∂z/∂a", "1.")), made(flow: .init("∂z/∂a", "2."))) == [
        "the gradient is 1. here, 2. there"
      ])
  }

  @Test func `Parameters are the same in any order, and the type says the shape`() {
    func with(_ parameters: String...) -> GraphDrawing {
      negative(facts: parameters.map { .init(.parameter, $0) })
    }
    #expect(reasons(with("dim=1", "keepdim=true"), with("keepdim=true", "dim=1")) == [])
    #expect(reasons(with("shape=[?, 1]", "dim=1"), with("dim=1", "shape=[3, 1]")) == [])
    #expect(reasons(with("dim=1"), with("dim=0")) == ["dim=1 here, dim=0 there"])
  }

  @Test func `A name that is a learned variable's on the other side is no other data's`() {
    func product(_ data: String, _ others: Item...) -> GraphDrawing {
      calculation(
        [.leaf("w"), .data(data), .op("m", "mul", "w", data)] + others, results: ["m": "loss"])
    }
    #expect(reasons(product("x"), product("c", .leaf("x"))) == ["x here, c there"])
    #expect(reasons(product("x"), product("c")) == [])
  }

  @Test func `How a value is calculated is said to a limited depth`() {
    var items: [Item] = [.leaf("w", bits: "W"), .data("x", bits: "X")]
    for depth in 1...10 {
      items.append(.op("\(depth)", "neg", depth == 1 ? "x" : "\(depth - 1)", bits: "\(depth)"))
    }
    let product: Item = .op("m", "mul", "w", "10", bits: "M")
    let calculated = calculation(items + [product], results: ["m": "loss"])
    let given = calculation(
      .leaf("w", bits: "W"), .data("10", bits: "10"), product, results: ["m": "loss"])
    let reason = GraphAlignment(given, calculated).rows.first { $0.verdict == .equal }?.reason
    #expect(reason?.hasPrefix("10 is neg(neg(neg(") == true && reason?.contains("neg(…)") == true)
  }
}
