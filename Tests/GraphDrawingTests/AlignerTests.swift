import GraphDrawing
import Testing

@Suite struct `What graphs lead to and start from` {
  @Test(arguments: [true, false])
  func `A result that only one has is listed, whichever it is`(isFirst: Bool) {
    let both = calculation(.leaf("w"), .op("n", "neg", "w"), results: ["n": "loss", "w": "next w"])
    let one = calculation(.leaf("w"), .op("n", "neg", "w"), results: ["n": "loss"])
    let expected = ["w w same", "n n same"]
    #expect(
      isFirst
        ? rows(both, one) == expected + ["w – different"] : rows(one, both) == expected + ["– w different"])
  }

  @Test func `Where one drawing does not say what results are for, the first of each are compared`() {
    let said = calculation(
      .leaf("w"), .op("n", "neg", "w"), .op("e", "exp", "w"), results: ["n": "loss", "e": "next w"])
    let unsaid = calculation(
      .leaf("w"), .op("n", "neg", "w"), .op("s", "sin", "w"), results: ["n": nil, "s": "loss"])
    #expect(rows(said, unsaid) == ["w w same", "n n same", "e – single", "– s single"])
    #expect(rows(unsaid, said) == ["w w same", "n n same", "s – single", "– e single"])
  }

  @Test func `Graphs without a result cannot be compared`() {
    let empty = calculation(.leaf("w"), results: [:])
    let alignment = GraphAlignment(empty, empty)
    #expect(!alignment.isSame)
    #expect(alignment.rows.first?.reason == "graphs without a result cannot be compared")
  }

  @Test func `What is learned has no equal in what is given, under the same name or another`() {
    let learned = calculation(.leaf("w", bits: "W"), .op("n", "neg", "w", bits: "N"), results: ["n": "loss"])
    let given = calculation(.data("w", bits: "W"), .op("n", "neg", "w", bits: "N"), results: ["n": "loss"])
    let renamed = calculation(.leaf("v", bits: "W"), .op("n", "neg", "v", bits: "N"), results: ["n": "loss"])
    #expect(rows(learned, given) == ["w w different", "n n follows"])
    #expect(rows(given, learned) == ["w w different", "n n follows"])
    #expect(rows(learned, renamed) == ["w v different", "n n follows"])
    #expect(reasons(learned, renamed) == ["a variable that is learned has no equal"])
  }

  @Test func `Copies are looked through, and are not listed where only one graph has them`() {
    let direct = calculation(.leaf("w"), .data("x"), .op("a", "add", "w", "x"), results: ["a": "loss"])
    let copied = calculation(
      .leaf("w"), .data("x"), .op("wide", "broadcast_to", "w"), .op("unused", "expand", "x"),
      .op("a", "add", "wide", "x"), results: ["a": "loss"])
    #expect(rows(direct, copied) == ["w w same", "x x same", "a a same"])
  }

  @Test func `A circle ends, and is not the same as anything`() {
    let circle = calculation(
      .leaf("w"), .op("a", "add", "w", "b"), .op("b", "add", "a", "w"), results: ["b": "loss"])
    #expect(rows(circle, circle) == ["w w same", "a a follows", "b b follows"])
    let copies = calculation(.op("a", "identity", "b"), .op("b", "identity", "a"), results: ["b": "loss"])
    #expect(GraphAlignment(copies, circle).isSame == false)
  }
}

@Suite struct `Chains of thirty thousand operations` {
  /// x ← x + c, again and again; every second time c + x where it is `turned`.
  private func chain(turned: Bool = false, last: String = "neg") -> GraphDrawing {
    let length = 30_000
    var drawing = GraphDrawing(name: "chain", title: "")
    var value = drawing.add(.init(.leaf, "w"))
    let c = drawing.add(.init(.data, "c"))
    for step in 0..<length {
      let sum = drawing.add(.init(.operation, "add", facts: [.init(.label, "add_\(step)")]))
      let operands = turned && step % 2 == 1 ? [c, value] : [value, c]
      for (port, operand) in operands.enumerated() { drawing.edges.append(.init(operand, sum, port: port)) }
      value = sum
    }
    let end = drawing.add(.init(.operation, last, facts: [.init(.label, "end")]))
    let root = drawing.add(.init(.root, "loss", facts: [.init(.purpose, "loss")]))
    drawing.edges += [.init(value, end), .init(end, root)]
    return drawing
  }

  @Test func `are the same with operands exchanged`() {
    let alignment = GraphAlignment(chain(), chain(turned: true))
    #expect(alignment.isSame)
    // All sums, w, c and the last operation.
    #expect(alignment.rows.count == 30_003)
  }

  @Test func `part where they part`() {
    let alignment = GraphAlignment(chain(), chain(last: "exp"))
    #expect(!alignment.isSame)
    #expect(alignment.rows.filter { $0.verdict == .different }.map(\.reason) == ["neg here, exp there"])
  }

  @Test func `are written as text and as a drawing's source`() {
    #expect(chain().text.split(separator: "\n").count >= 30_000)
    #expect(chain().dot.split(separator: "\n").count >= 90_000)
  }
}

@Suite struct `Types and values over one another` {
  private func value(_ facts: GraphDrawing.Fact...) -> GraphDrawing {
    var drawing = calculation(.leaf("w"), .op("n", "neg", "w"), results: ["n": "loss"])
    drawing.nodes[1].facts += facts
    return drawing
  }

  @Test(arguments: [
    ("float32 [100, 1]", "float32 [100, 1]", true), ("float32 [100, 1]", "float32[?, 1]", true),
    ("float32[?, 2]", "float32[3, ?]", true), ("float32[?, 2]", "float32 [3, 1]", false),
    ("float32 [3]", "float32 [1, 3]", true), ("float32 [1, 1, 3]", "float32 [3]", true),
    ("float32 [3]", "float32 [3, 1]", false), ("float32 [2, 3]", "float32 [3]", false),
    ("float32 []", "float32 [1, 1]", true), ("float32 []", "float32 [2]", false),
    ("float32", "float32 [2, 3]", true), ("float32", "float64 [2, 3]", false),
  ])
  func `Open sizes fit any, and so do sizes of 1 in front that one lacks`(
    one: String, other: String, fits: Bool
  ) {
    for (a, b) in [(one, other), (other, one)] {
      let expected = fits ? [] : ["\(a) here, \(b) there"]
      #expect(reasons(value(.init(.type, a)), value(.init(.type, b))) == expected)
    }
  }

  @Test func `Shown values count only where bits are not known`() {
    let same = GraphDrawing.Fact(.bits, "N")
    #expect(reasons(value(.init(.value, "1."), same), value(.init(.value, "1.0"), same)) == [])
    #expect(
      reasons(value(.init(.value, "1."), same), value(.init(.value, "2."))) == [
        "the value is 1. here, 2. there"
      ])
  }

  @Test func `Other gradients part them`() {
    var (a, b) = (value(), value())
    a.nodes[1].flow = .init("∂z/∂n", "1.")
    #expect(reasons(a, b) == [], "shown on one side only")
    b.nodes[1].flow = .init("∂z/∂n", "2.")
    #expect(reasons(a, b) == ["the gradient is 1. here, 2. there"])
  }
}

@Suite struct `Operands over one another` {
  @Test func `An operation with more inputs is another, and what it shares is found by value`() {
    let two = calculation(
      .leaf("w", bits: "W"), .data("x", bits: "X"), .op("c", "concat", "x", "w", bits: "C"),
      results: ["c": "loss"])
    let three = calculation(
      .leaf("w", bits: "W"), .data("x", bits: "X"), .data("y", bits: "Y"),
      .op("c", "concat", "x", "w", "y", bits: "C"), results: ["c": "loss"])
    #expect(reasons(two, three) == ["2 inputs here, 3 there"])
    #expect(rows(two, three) == ["x x same", "w w same", "c c different", "– y single"])
  }

  @Test func `Operands of another operation are aligned by value, in whatever order`() {
    func product(_ title: String, _ left: String, _ right: String) -> GraphDrawing {
      calculation(
        .leaf("w", bits: "W"), .data("x", bits: "X"), .op("p", title, left, right, bits: "P"),
        results: ["p": "loss"])
    }
    let (mm, mul) = (product("mm", "x", "w"), product("mul", "w", "x"))
    #expect(rows(mm, mul) == ["x x same", "w w same", "p p different"])
    #expect(reasons(mm, mul) == ["mm here, mul there"])
  }

  @Test func `Variables that have the same values are told apart by name`() {
    func both(_ title: String, _ left: String, _ right: String) -> GraphDrawing {
      calculation(
        .leaf("w", bits: "0"), .leaf("b", bits: "0"), .op("p", title, left, right, bits: "P"),
        results: ["p": "loss"])
    }
    let expected = ["b b same", "w w same", "p p different"]
    #expect(rows(both("mm", "b", "w"), both("mul", "w", "b")) == expected)
  }

  @Test func `Operands that are learned find each other by name, under other operations, too`() {
    func one(_ title: String, _ variable: Item) -> GraphDrawing {
      calculation(variable, .op("p", title, "w", bits: "P"), results: ["p": "loss"])
    }
    let learned = one("neg", .leaf("w", bits: "W"))
    #expect(
      reasons(learned, one("abs", .leaf("w", bits: "V"))) == [
        "the variable has other values", "neg here, abs there",
      ])
    #expect(
      rows(learned, one("abs", .data("w", bits: "W"))) == ["p p different", "w – single", "– w single"])
  }

  @Test func `Factors find each other by structure, whose own order does not matter either`() {
    func products(_ first: (String, String), _ second: (String, String)) -> GraphDrawing {
      calculation(
        .leaf("t"), .leaf("u"), .leaf("v"), .op("p", "mul", first.0, first.1),
        .op("q", "mul", second.0, second.1), .op("s", "add", "p", "q"), results: ["s": "loss"])
    }
    let alignment = GraphAlignment(products(("u", "v"), ("t", "u")), products(("u", "t"), ("v", "u")))
    #expect(alignment.isSame && alignment.rows.allSatisfy { $0.verdict == .same }, "\(alignment.rows)")
  }

  @Test func `Summands that bits tell apart find each other by them`() {
    func sum(_ left: String, _ right: String, _ names: (String, String)) -> GraphDrawing {
      calculation(
        .data(names.0, bits: "A"), .data(names.1, bits: "B"), .op("s", "add", left, right, bits: "S"),
        results: ["s": "loss"])
    }
    let expected = ["a c equal", "b d equal", "s s same"]
    #expect(rows(sum("a", "b", ("a", "b")), sum("d", "c", ("c", "d"))) == expected)
  }

  @Test func `Summands given by name may be swapped, too`() {
    func sum(_ left: String, _ right: String) -> GraphDrawing {
      calculation(.data("x"), .data("y"), .op("s", "add", left, right), results: ["s": "loss"])
    }
    #expect(rows(sum("x", "y"), sum("y", "x")) == ["x x same", "y y same", "s s same"])
  }

  @Test func `Summands that have partners already keep them`() {
    func sum(_ left: String, _ right: String, _ x: String, _ y: String) -> GraphDrawing {
      calculation(
        .leaf("w"), .data(x), .data(y), .op("d", "sub", x, y), .op("e", "mul", "w", "d"),
        .op("s", "add", left, right), .op("r", "sub", "e", "s"), results: ["r": "loss"])
    }
    let alignment = GraphAlignment(sum("x", "y", "x", "y"), sum("c2", "c1", "c1", "c2"))
    #expect(alignment.isSame, "\(alignment.rows)")
  }

  @Test func `An operand that already is the same as another has no second partner`() {
    let twice = calculation(
      .leaf("w"), .op("e", "exp", "w"), .op("s", "sub", "e", "e"), results: ["s": "loss"])
    let once = calculation(
      .leaf("w"), .op("e", "exp", "w"), .op("f", "exp", "w"), .op("s", "sub", "e", "f"),
      results: ["s": "loss"])
    let reason = "one of them is already the same as exp(w)"
    #expect(reasons(twice, once) == [reason])
    #expect(reasons(once, twice) == [reason])
  }
}

@Suite struct `One operation over several` {
  /// A loss in one operation, of a prediction and a target.
  private func whole(_ results: KeyValuePairs<String, String?> = ["l": "loss"]) -> GraphDrawing {
    calculation(
      .leaf("w", bits: "W"), .data("y", bits: "Y"), .op("p", "exp", "w", bits: "P"),
      .op("l", "mse_loss", "p", "y", bits: "L"), results: results)
  }

  @Test func `What one operation reads is found behind the several that the other side takes`() {
    let parts = calculation(
      .leaf("w", bits: "W"), .data("y", bits: "Y"), .op("p", "exp", "w", bits: "P"),
      .op("d", "sub", "p", "y", bits: "D"), .op("q", "square", "d", bits: "Q"),
      .op("l", "mean", "q", bits: "L"), results: ["l": "loss"])
    let shared = ["w w same", "p p same", "y y same", "l l different"]
    #expect(rows(whole(), parts) == shared + ["– d single", "– q single"])
    #expect(rows(parts, whole()) == shared + ["d – single", "q – single"])
  }

  @Test func `Operands that have a partner already keep it`() {
    // r has the bits of p and lies nearer, but p is a result of its own.
    let results: KeyValuePairs<String, String?> = ["p": "prediction", "l": "loss"]
    let parts = calculation(
      .leaf("w", bits: "W"), .data("y", bits: "Y"), .op("p", "exp", "w", bits: "P"),
      .op("r", "abs", "p", bits: "P"), .op("d", "sub", "r", "y", bits: "D"), .op("l", "mean", "d", bits: "L"),
      results: results)
    let direct = calculation(
      .leaf("w", bits: "W"), .data("y", bits: "Y"), .op("p", "exp", "w", bits: "P"),
      .op("r", "abs", "p", bits: "P"), .op("l", "l1_loss", "r", "y", bits: "L"), results: results)
    let shared = ["w w same", "p p same", "y y same", "l l different"]
    #expect(rows(whole(results), parts) == shared + ["– r single", "– d single"])
    #expect(rows(parts, whole(results)) == shared + ["r – single", "d – single"])
    #expect(rows(whole(results), direct) == shared + ["– r single"])
    #expect(rows(direct, whole(results)) == shared + ["r – single"])
  }

  @Test func `Values of another role behind it are none of its operands`() {
    // c has the bits of p, but is given, and p is calculated from what is learned.
    let one = calculation(
      .leaf("w", bits: "W"), .data("c", bits: "P"), .op("l", "norm", "w", "c", bits: "L"),
      results: ["l": "loss"])
    let several = calculation(
      .leaf("w", bits: "W"), .op("p", "exp", "w", bits: "P"), .op("s", "square", "p", bits: "S"),
      .op("l", "sum", "s", bits: "L"), results: ["l": "loss"])
    let shared = ["w w same", "l l different"]
    #expect(rows(one, several) == shared + ["c – single", "– p single", "– s single"])
    #expect(rows(several, one) == shared + ["p – single", "s – single", "– c single"])
  }

  @Test func `The nearest of several with the same bits is taken`() {
    let one = calculation(
      .leaf("w", bits: "W"), .op("r", "relu", "w", bits: "P"), .op("l", "loss", "r", bits: "L"),
      results: ["l": "loss"])
    // far lies three operations behind l, near two; far comes first in whatever else decides.
    let several = calculation(
      .leaf("w", bits: "W"), .op("far", "abs", "w", bits: "P"), .op("near", "relu", "w", bits: "P"),
      .op("s", "sin", "far", bits: "S"), .op("c", "cos", "s", bits: "C"), .op("t", "tan", "near", bits: "T"),
      .op("l", "sub", "c", "t", bits: "L"), results: ["l": "loss"])
    #expect(rows(one, several).prefix(3) == ["w w same", "r near same", "l l different"])
    #expect(rows(several, one).prefix(3) == ["w w same", "near r same", "l l different"])
  }
}

@Suite struct `Data over one another` {
  /// `w · c - c`, of a c that is given.
  private let given = calculation(
    .leaf("w", bits: "W"), .data("c", bits: "C"), .op("m", "mul", "w", "c", bits: "M"),
    .op("s", "sub", "m", "c", bits: "S"), results: ["s": "loss"])

  @Test
  func `What is given on one side and calculated on the other is listed once, with what it is equal to`() {
    let calculated = calculation(
      .leaf("w", bits: "W"), .data("x", bits: "X"), .op("q", "square", "x", bits: "Q"),
      .op("c", "neg", "q", bits: "C"), .op("m", "mul", "w", "c", bits: "M"),
      .op("s", "sub", "m", "c", bits: "S"), results: ["s": "loss"])
    #expect(rows(given, calculated) == ["w w same", "c c equal", "m m same", "s s same"])
    #expect(rows(calculated, given) == ["w w same", "c c equal", "m m same", "s s same"])
    #expect(GraphAlignment(given, calculated).rows[1].reason == "c is neg(square(x))")
    #expect(GraphAlignment(calculated, given).rows[1].reason == "neg(square(x)) is c")
  }

  @Test func `Data may be given once and calculated twice`() {
    func twice(_ bits: String) -> GraphDrawing {
      calculation(
        .leaf("w", bits: "W"), .data("x", bits: "X"), .op("c", "square", "x", bits: "C"),
        .op("d", "mul", "x", "x", bits: bits), .op("m", "mul", "w", "c", bits: "M"),
        .op("s", "sub", "m", "d", bits: "S"), results: ["s": "loss"])
    }
    #expect(rows(given, twice("C")) == ["w w same", "c c equal", "m m same", "s s same"])
    #expect(rows(twice("C"), given) == ["w w same", "c c equal", "m m same", "s s same"])
    #expect(reasons(given, twice("D")) == ["one of them is already the same as square(x)"])
    #expect(reasons(twice("D"), given) == ["one of them is already the same as square(x)"])
  }

  @Test func `Without bits a name that both use is the same thing, and no other`() {
    func difference(_ left: String, _ right: String) -> GraphDrawing {
      calculation(
        .leaf("w"), .data(left), .data(right), .op("m", "mul", "w", left), .op("s", "sub", "m", right),
        results: ["s": "loss"])
    }
    #expect(reasons(difference("x", "y"), difference("y", "x")) == ["x here, y there", "y here, x there"])
    #expect(reasons(difference("x", "y"), difference("y", "c")) == ["x here, y there", "y here, c there"])
    #expect(reasons(difference("y", "c"), difference("x", "y")) == ["y here, x there", "c here, y there"])
    #expect(
      rows(difference("x", "y"), difference("c1", "c2")) == [
        "w w same", "x c1 assumed", "m m same", "y c2 assumed", "s s same",
      ])
  }

  @Test func `Without bits the same shown value is the same data under any name`() {
    func scaled(_ name: String, _ facts: GraphDrawing.Fact...) -> GraphDrawing {
      var drawing = calculation(.leaf("w"), .data(name), .op("m", "mul", "w", name), results: ["m": "loss"])
      drawing.nodes[1].facts = facts
      return drawing
    }
    let two = GraphDrawing.Fact(.value, "2.")
    #expect(rows(scaled("rate", two), scaled("c1", two)) == ["w w same", "rate c1 same", "m m same"])
    #expect(rows(scaled("rate", two), scaled("c1")) == ["w w same", "rate c1 assumed", "m m same"])
    #expect(rows(scaled("rate"), scaled("c1", two)) == ["w w same", "rate c1 assumed", "m m same"])
  }
}

@Suite struct `Updates that are not recorded` {
  /// A gradient g of w, and an update n of w from both.
  private func step(
    _ update: Item..., gradient: String = "exp", results: KeyValuePairs<String, String?>? = nil
  ) -> GraphDrawing {
    let items: [Item] = [
      .leaf("w", bits: "W"), .leaf("v", bits: "V"), .data("c", bits: "R"),
      .op("g", gradient, "w", bits: "G"),
    ]
    return calculation(items + update, results: results ?? ["g": "gradient of w", "n": "next w"])
  }

  private func inPlace(_ bits: String? = "N", gradient: String = "exp") -> GraphDrawing {
    step(.update("n", "w", "g", bits: bits), gradient: gradient)
  }

  private func recorded(_ bits: String? = "N", rate: String = "c", gradient: String = "exp") -> GraphDrawing {
    step(
      .op("d", "mul", "g", rate, bits: "D"), .op("n", "sub", "w", "d", bits: bits), gradient: gradient)
  }

  private func verdict(_ a: GraphDrawing, _ b: GraphDrawing) -> GraphAlignment.Verdict? {
    GraphAlignment(a, b).rows.first { $0.first == "n" && $0.second == "n" }?.verdict
  }

  @Test func `It is equal to what starts from the same values and leaves the same bits, constants aside`() {
    #expect(verdict(inPlace(), recorded()) == .equal)
    #expect(verdict(recorded(), inPlace()) == .equal)
    #expect(reasons(inPlace("other"), recorded()) == ["the update leaves other values"])
    #expect(reasons(recorded(), inPlace("other")) == ["the update leaves other values"])
    #expect(verdict(inPlace(nil), recorded()) == .assumed)
    #expect(verdict(recorded(nil), inPlace()) == .assumed)
  }

  @Test func `A constant of it may be used elsewhere, too`() {
    // The rate is what the gradient is multiplied with.
    func both(_ update: Item...) -> GraphDrawing {
      let items: [Item] = [
        .leaf("w", bits: "W"), .data("c", bits: "R"), .op("g", "mul", "w", "c", bits: "G"),
      ]
      return calculation(items + update, results: ["g": "gradient of w", "n": "next w"])
    }
    let inPlace = both(.update("n", "w", "g", bits: "N"))
    let recorded = both(.op("d", "mul", "g", "c", bits: "D"), .op("n", "sub", "w", "d", bits: "N"))
    #expect(verdict(inPlace, recorded) == .equal)
    #expect(verdict(recorded, inPlace) == .equal)
    // Data it is given is a start like any other.
    let reading = both(.update("n", "w", "g", "c", bits: "N"))
    #expect(verdict(reading, recorded) == .equal)
    #expect(verdict(recorded, reading) == .equal)
  }

  @Test func `One that starts from more or from less follows, whatever it leaves`() {
    for bits in ["N", "other", nil] {
      let more = recorded(bits, rate: "v")
      #expect(verdict(inPlace(), more) == .follows)
      #expect(verdict(more, inPlace()) == .follows)
      let less = step(.op("n", "neg", "w", bits: bits))
      #expect(verdict(inPlace(), less) == .follows)
      #expect(verdict(less, inPlace()) == .follows)
    }
  }

  @Test func `One that starts from what parts follows, whatever it leaves`() {
    for bits in ["N", "other", nil] {
      #expect(verdict(inPlace(), recorded(bits, gradient: "neg")) == .follows)
      #expect(verdict(recorded(bits, gradient: "neg"), inPlace()) == .follows)
      #expect(verdict(inPlace(bits, gradient: "neg"), inPlace()) == .follows)
    }
  }

  @Test func `Two that are not recorded are equal by their starts and bits`() {
    #expect(verdict(inPlace(), inPlace()) == .equal)
    #expect(verdict(inPlace(), inPlace("other")) == .different)
    #expect(verdict(inPlace(nil), inPlace()) == .assumed)
    let more = step(.update("n", "w", "g", "v", bits: "N"))
    #expect(verdict(inPlace(), more) == .follows)
    #expect(verdict(more, inPlace()) == .follows)
  }

  @Test func `What nothing has led to yet, such as a velocity, is a start too`() {
    let inPlace = step(.update("n", "w", "g", "v", bits: "N"))
    let recorded = step(.op("d", "add", "g", "v", bits: "D"), .op("n", "sub", "w", "d", bits: "N"))
    #expect(rows(inPlace, recorded).prefix(4) == ["w w same", "g g same", "v v same", "n n equal"])
    #expect(rows(recorded, inPlace).prefix(4) == ["w w same", "g g same", "v v same", "n n equal"])
  }
}
