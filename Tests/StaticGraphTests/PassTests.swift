import StaticGraph
import Testing

@Suite struct `Passes over a program` {
  /// Which passes keep bits, by name.
  private static let names = Passes.standard.names

  @Test(arguments: 0..<60)
  func `give the bits of the plain interpreter, in every combination`(seed: Int) throws {
    let graph = RandomGraph(seed: UInt64(seed))
    let expected = try graph.outcome(.none)
    let count = 1 << Self.names.count
    // All combinations for a few graphs, a spread of them for the others.
    let combinations =
      seed < 4 ? Array(0..<count) : [0, count - 1] + (0..<6).map { (seed * 7919 + $0 * 613) % count }
    for combination in combinations {
      let off = Self.names.enumerated().filter { combination & (1 << $0.offset) != 0 }.map(\.element)
      let outcome = try graph.outcome(.standard.without(off))
      let differing = outcome.indices.filter { outcome[$0] != expected[$0] }
      #expect(differing.isEmpty, "without \(off)")
    }
  }

  @Test(arguments: [400_000, 400_007])
  func `give the same bits on any number of threads`(count: Int) throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [nil])
    let y = (x * 3 + 1).sin()
    let fetches = [y.sum(), (y * x).sum(), y]
    let data = array((0..<count).map { Double($0) * 1e-3 })
    let expected = try Session(graph, passes: .none).run(fetches, feeding: [x: data]).map(bits)
    for threads in [1, 2, 3] {
      #expect(try Session(graph, threads: threads).run(fetches, feeding: [x: data]).map(bits) == expected)
    }
  }

  private func program(_ fetches: [Symbol], _ feeds: Feeds, _ passes: Passes = .standard) throws -> Program {
    try Session(fetches[0].graph, passes: passes).explain(fetches, feeding: feeds).program
  }

  private func operations(_ program: Program) -> [String] {
    program.steps.flatMap { step in
      if case .fused(let kernel) = step.kind { return kernel.steps.map(\.operationName) }
      return step.isLeaf ? [] : [step.operationName]
    }
  }

  @Test func `fold what depends on constants only`() throws {
    let graph = Graph()
    let c = graph.constant(array([1, 2]))
    let folded = try program([(c * 2 + 1).exp()], Feeds(), Passes([ConstantFolding()]))
    #expect(operations(folded).isEmpty)
  }

  @Test func `calculate a common subexpression once`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [2])
    let y = x.exp() * 2 + x.exp() * 2
    let shared = try program([y], [x: array([1, 2])], Passes([CommonSubexpressions()]))
    #expect(operations(shared) == ["exp", "mul", "add"])
    let different = try program(
      [x.sum([0]) + x.sum([0], keepDim: true)], [x: array([1, 2])], Passes([CommonSubexpressions()]))
    #expect(operations(different).filter { $0 == "sum" }.count == 2)
  }

  @Test func `drop what changes nothing, and nothing else`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [2])
    let same = try program([-(-(x * 1 / 1 - 0))], [x: array([1, 2])], .standard)
    #expect(operations(same).isEmpty)
    let ones = try program([x * graph.constant(array([1]))], [x: array([1, 2])], .standard)
    #expect(operations(ones).isEmpty)
    // −0 + 0 is 0, so this addition stays.
    let zero = try program([x + 0], [x: array([1, 2])], .standard)
    #expect(operations(zero) == ["add"])
    #expect(numbers(try Session(graph).run(x + 0, feeding: [x: array([-0.0, 1])]))[0].sign == .plus)
  }

  @Test func `regroup only when asked to`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [2])
    let y = x * 3 * 7 + 0
    #expect(operations(try program([y], [x: array([1, 2])], .standard)) == ["mul", "mul", "add"])
    #expect(operations(try program([y], [x: array([1, 2])], .fast)) == ["mul"])
    #expect(numbers(try Session(graph, passes: .fast).run(y, feeding: [x: array([1, 2])])) == [21, 42])
  }

  @Test func `join an elementwise chain and the sums at its end into one kernel`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [nil, 1])
    let r = x.square() * 3 - 1
    let feeds: Feeds = [x: array([1, 2, 3], [3, 1])]
    let fused = try program([r.square().sum(), r.sum()], feeds)
    #expect(fused.steps.filter { !$0.isLeaf }.count == 1)
    #expect(operations(fused) == ["square", "mul", "sub", "square", "sum", "sum"])
    let roots = try program([(x.pow(0.5) * x.pow(-0.5)).sum()], feeds)
    #expect(roots.steps.filter { !$0.isLeaf }.count == 1)
  }

  @Test func `keep every rounding where two steps are done in one pass`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [nil])
    let y = graph.placeholder(.float64, shape: [nil])
    let third = 1.0 / 3
    let (w, b) = (graph.constant(array([1.1])), graph.constant(array([-0.3])))
    let fetches = [
      x * y + third, x * y - third, third - x * y, y - x * y, x.square() + y, (x + y) * third, (x - y) * y,
      third - (x + y), x * third * y, (third - x) * y, x - y - third, y - (x - third), x * 3 * third,
      x * third + 0.7 - y, 0.7 + third * x + y, y - (x * w + b), y * (w * x + b), x * w + y - x,
    ]
    let feeds: Feeds = [
      x: array((0..<700).map { Double($0) * 0.1 }), y: array((0..<700).map { 1 / Double($0 + 1) }),
    ]
    let expected = try Session(graph, passes: .none).run(fetches, feeding: feeds).map(bits)
    for (index, fetch) in fetches.enumerated() {
      #expect(try bits(Session(graph).run(fetch, feeding: feeds)) == expected[index], "\(fetch.name)")
    }
  }

  @Test(arguments: [5, 300, 1500], [DType.float32, .float64])
  func `keep every rounding of sums that are added up in one pass`(count: Int, dtype: DType) throws {
    let graph = Graph()
    let x = graph.placeholder(dtype, shape: [nil])
    let y = graph.placeholder(dtype, shape: [nil])
    let r = x - y
    let feeds: Feeds = [
      x: try array((0..<count).map { Double($0) * 0.1 }).converted(to: dtype),
      y: try array((0..<count).map { 1 / Double($0 + 1) }).converted(to: dtype),
    ]
    for fetches in [
      [r.sum(), (r * y).sum()], [(x * r).sum(), r.sum(), x.sum()], [x.sum(), x.square().sum()],
      [x.sum(), (x * y).sum(), y.sum(), (y * x).sum()],
    ] {
      let expected = try Session(graph, passes: .none).run(fetches, feeding: feeds).map(bits)
      #expect(try Session(graph).run(fetches, feeding: feeds).map(bits) == expected)
    }
  }

  @Test(arguments: [5, 130, 1500, 2000], [DType.float32, .float64])
  func `keep every rounding of values that are summed as they are calculated`(count: Int, dtype: DType) throws
  {
    let graph = Graph()
    let (x, y) = (graph.placeholder(dtype, shape: [nil]), graph.placeholder(dtype, shape: [nil]))
    let w = graph.constant(try array([1.1], []).converted(to: dtype))
    let third = 1.0 / 3
    let e = x.exp()
    // Each is one operation, a pair, or a straight line and an operation on it.
    let values = [
      x + y, y - x, x * y, x.square(), x * third, third - x, x - third, x + third - y, (x + w) * third,
      (x * w + third) - y, y - (x * w + third), (x * third + 0.7) * y, x * third * w, (x - third) * y, -x,
    ]
    let feeds: Feeds = [
      x: try array((0..<count).map { Double($0 - 2) * 0.1 }).converted(to: dtype),
      y: try array((0..<count).map { 1 / Double($0 + 1) }).converted(to: dtype),
    ]
    for value in values {
      // Sums of what comes out alone, and of its products with what comes before, with it, and after; it is read again behind them.
      for sums in [
        [value.sum()], [value.square().sum(), value], [(value * e).sum(), value.exp()],
        [value.sum(), (value * e).sum(), (value + e).square()], [value.sum(), (e * value).sum(), e.sum()],
        [(value * (value + e)).sum(), value.sum()], [(value * x).sum(), value.square().sum()],
        [value.square().sum(), value.sum()], [value.square().sum(), (value * e).sum(), value.sum()],
        [value.square().sum(), (value * third).sum(), (value * third * y).sum()],
        [value.square().sum(), (w * value).sum(), (e * (w * value)).sum(), w * value],
        [
          (value * e).sum(), (value * x).sum(), value.square().sum(), value.sum(),
          value.sum([0], keepDim: true),
        ],
      ] {
        let expected = try Session(graph, passes: .none).run(sums, feeding: feeds).map(bits)
        #expect(try Session(graph).run(sums, feeding: feeds).map(bits) == expected, "\(value.name)")
      }
    }
  }

  @Test func `plan memory so that values share it`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [nil])
    var y = x
    for _ in 0..<6 { y = y.cumsum(0) }
    let explanation = try Session(graph).explain(
      [y], feeding: [x: array([Double](repeating: 1, count: 1024))])
    #expect(explanation.buffers?.unplannedBytes == 6 * 8192)
    #expect(explanation.buffers?.peakBytes == 2 * 8192)
    // Each place begins at a multiple of 64 bytes, planned or not.
    let short = try Session(graph).explain([y], feeding: [x: array([1, 2, 3])])
    #expect(short.buffers?.unplannedBytes == 6 * 64)
    #expect(short.buffers?.peakBytes == 2 * 64)
  }

  @Test func `fold constants of up to 65 536 elements`() throws {
    for (count, names) in [(65_536, []), (65_537, ["cumsum"])] {
      let graph = Graph()
      let c = graph.constant(array((0..<count).map(Double.init)))
      #expect(operations(try program([c.cumsum(0)], Feeds(), Passes([ConstantFolding()]))) == names)
    }
  }

  @Test func `are listed by name and switched off by name`() {
    #expect(
      Passes.standard.names == [
        "shape resolution", "constant folding", "simplification", "common subexpressions", "pruning",
        "fusion",
        "buffer planning",
      ])
    #expect(Passes.standard.without("fusion", "buffer planning").names.count == 5)
    #expect(Passes.none.names.isEmpty)
    #expect(Passes.fast.rewrites.filter { !$0.keepsBits }.map(\.name) == ["reassociation"])
    #expect(Passes.standard.rewrites.filter { !$0.keepsBits }.isEmpty)
  }

  @Test func `write numbers with the fewest digits that mean the same, and keep their bits`() throws {
    let graph = Graph()
    let single = graph.placeholder(.float32, shape: [nil])
    let double = graph.placeholder(.float64, shape: [nil])
    let tenth = graph.constant(try array([0.1]).converted(to: .float32))
    let data = array([1, 2.5, 1e20, 3])
    let feeds: Feeds = [single: try data.converted(to: .float32), double: data]
    #expect(try program([tenth * single], feeds).description.contains(" {left=0.1}"))
    #expect(try program([tenth * double], feeds).description.contains("0.10000000149011612"))
    for fetch in [tenth * single, tenth * double, single / tenth] {
      let expected = try Session(graph, passes: .none).run(fetch, feeding: feeds)
      #expect(try bits(Session(graph).run(fetch, feeding: feeds)) == bits(expected))
    }
  }

  @Test func `are explained stage by stage`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [nil], name: "x")
    let explanation = try Session(graph).explain([(x * 2).sum()], feeding: [x: array([1, 2])])
    #expect(explanation.stages.map(\.name) == ["lowered"] + Passes.standard.rewrites.map(\.name))
    #expect(explanation.program.description.contains("kernel("))

  }
}
