import StaticGraph
import Testing

/// Calculations on which a pass may go wrong, each run by the plain interpreter and with passes: the bits must be the same.
@Suite struct `Passes at their edges` {
  private let graph = Graph()

  private func double(_ shape: [Int?]) -> Symbol { graph.placeholder(.float64, shape: shape) }

  /// Every pass alone, every one left out, all, and all where memory is not planned.
  private static var variants: [Passes] {
    let all = Passes.standard
    return [all, all.without(BufferPlan.passName)] + all.rewrites.map { Passes([$0]) }
      + all.rewrites.map { all.without($0.name) }
  }

  private func expectSameBits(_ fetches: [Symbol], _ feeds: Feeds = Feeds()) throws {
    let expected = try Session(graph, passes: .none).run(fetches, feeding: feeds).map(bits)
    for passes in Self.variants {
      let values = try Session(graph, passes: passes).run(fetches, feeding: feeds).map(bits)
      for (index, fetch) in fetches.enumerated() {
        #expect(values[index] == expected[index], "\(fetch.name) with \(passes.names)")
      }
    }
  }

  /// −0, 0, NaN, infinities, the largest and the smallest number.
  private static let hard = array([
    -0.0, 0, .nan, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 1.5, -3,
  ])

  @Test func `numbers that are nearly neutral are not taken for it`() throws {
    let x = double([nil])
    let (zero, minusZero) = (graph.constant(array([0])), graph.constant(array([-0.0])))
    try expectSameBits(
      [
        x + zero, x + minusZero, zero + x, minusZero + x, x - zero, x - minusZero, zero - x, minusZero - x,
        x * 1, 1 * x, x / 1, 1 / x, x * 0, x - x, x / 4, x / 3, x / 1e300, x / 0x1p1000, x / 0x1p-1000, 4 / x,
        -(-x), x * x, x * -1, x - 0.0, x - -0.0, x + 0.0, x + -0.0,
      ], [x: Self.hard])
  }

  @Test func `NaN and numbers that float32 rounds stay constants`() throws {
    let (x, s) = (double([nil]), graph.placeholder(.float32, shape: [nil]))
    let data = try Self.hard.converted(to: .float32)
    let third = graph.constant(try array([1.0 / 3]).converted(to: .float32))
    try expectSameBits(
      [
        x * graph.constant(array([.nan])), x.maximum(graph.constant(array([.nan]))), s * third, third - s,
        s / third, x * third, s * graph.constant(array([0.1])), s.add(0.1), s.div(3), s.div(4),
        s / 0x1p130, s / 0x1p-130,
      ], [x: Self.hard, s: data])
  }

  @Test func `integers are not treated as if they were real`() throws {
    let n = graph.placeholder(.int32, shape: [nil])
    let two = graph.constant(NDArray([Int32(2)]))
    let feeds: Feeds = [n: NDArray([Int32(7), -7, .max, .min, 0])]
    try expectSameBits(
      [
        n * n, n * 1, n * 1.0, n + 0.0, n - 0.0, n / 1, n * two, -(-n), n.sum(), (n * n).sum(),
        n.to(.int64).sum(),
      ],
      feeds)
    // Only on request are reals regrouped, and integers never.
    #expect(
      try Session(graph, passes: .fast).run([n - n, n * 3 * 5, -n * 3], feeding: feeds).map(bits)
        == Session(graph, passes: .none).run([n - n, n * 3 * 5, -n * 3], feeding: feeds).map(bits))
  }

  @Test func `sums go through their operand in the order in which it lies`() throws {
    let x = double([nil, nil])
    let t = x.t()
    let data = array((0..<300).map { 1 / Double($0 + 1) }, [12, 25])
    try expectSameBits(
      [
        t.sum(), (t * 1).sum(), (-(-t)).sum(), t.to(.float64).sum(), t.t().sum(), (t * t).sum(),
        t.square().sum(),
        t.reshape(-1).sum(), t.reshape([25, 12]).sum([0]), (t * 1).sum([0]), t.t().t(), t.mean(), t.mean([0]),
        x.mean([0, 1], keepDim: true), x.mean([1]), (t + x.t()).sum(), (t * t.sum([0])).sum(),
        t.permute([1, 0]), try Symbol.apply(Clone(), t).sum(), try Symbol.apply(Clone(), t).mean(),
      ], [x: data])
  }

  @Test func `elements are read in whatever steps a view takes through memory`() throws {
    let x = double([4, 6])
    let column = x.select(1, 2)
    try expectSameBits(
      [
        column.exp(), column.square().sum(), (column * 2 - 1).sum(), x.diagonal().exp(),
        column.unsqueeze(1).broadcast(to: .known([4, 5])).exp(), column.reshape([2, 2]).exp(),
        column.unsqueeze(0).broadcast(to: .known([3, 4])).sum([1]),
      ],
      [x: array((0..<24).map { 1 / Double($0 + 1) }, [4, 6])])
  }

  @Test func `permutations are undone only by their inverse`() throws {
    let x = double([2, 3, 4])
    let data = array((0..<24).map(Double.init), [2, 3, 4])
    try expectSameBits(
      [
        x.permute([1, 2, 0]).permute([1, 2, 0]), x.permute([1, 2, 0]).permute([2, 0, 1]),
        x.permute([1, 2, 0]).permute([-1, 0, 1]), x.permute([1, 2, 0]).permute([2, 0, 1]).sum([0]),
      ], [x: data])
  }

  @Test func `what differs in one parameter, shape or operand is not calculated once`() throws {
    let x = double([2, 3])
    let (a, b) = (graph.constant(array([2])), graph.constant(array([2], [1, 1])))
    let long = graph.constant(array([1, 2, 3]))
    let other = graph.constant(array([1, 2, 4]))
    let (first, second) = (x.sum([0], keepDim: true), x.sum([1], keepDim: true))
    let parts = x.split(1, dim: 1)
    let again = x.split(1, dim: 1)
    try expectSameBits(
      [
        x.add(0.5) * x.add(-0.5), x.sum([0]), x.sum([0], keepDim: true), first + second, a * 2, b * 2, a + b,
        long * x, other * x, parts[0] - again[2], parts[1] * again[1], x.clamp(min: 1) + x.clamp(min: -1),
        x.cumsum(0) - x.cumsum(1), graph.constant(array([0.0])) / x, graph.constant(array([-0.0])) / x,
      ], [x: array([0, 1, -2, 3, 5, -8], [2, 3])])
  }

  /// An operation with an array among its parameters.
  private struct Shifted: UnaryOperation {
    static let name = "shifted"
    let shift: NDArray

    func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { x }
    func forward(_ x: NDArray) throws(ArrayError) -> NDArray { try Add().forward(x, shift) }
    func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient }
  }

  @Test func `what differs in an array it holds is not calculated once`() throws {
    let x = double([2])
    let (a, b) = (Shifted(shift: array([1, 2])), Shifted(shift: array([10, 20])))
    let product = try Symbol.apply(a, x) * Symbol.apply(b, x)
    try expectSameBits([product], [x: array([1, 2])])
    #expect(numbers(try Session(graph).run(product, feeding: [x: array([1, 2])])) == [22, 88])
  }

  @Test func `a constant that repeats one number is folded with what does not`() throws {
    let x = double([3])
    let (two, c) = (graph.constant(array([2])), graph.constant(array([1, 2, 3])))
    try expectSameBits([(two + c) * x, (c + two) * x, (two * c - two) * x], [x: array([1, 10, 100])])
    let repeated = graph.constant(array([1.0 / 3])).broadcast(to: .known([300, 2])) * 1.1
    try expectSameBits(
      [repeated.sum([0]), repeated.sum([1]), repeated.sum(), repeated.cumsum(0), repeated.t().sum([0])])
  }

  @Test func `sizes that only values decide are not taken for equal`() throws {
    let (x, least, most) = (double([4]), double([]), double([]))
    let (few, many) = (x.maskedSelect(x.gt(least)), x.maskedSelect(x.gt(most)))
    let sums = [few + many, many * few, graph.gradients(of: (few * many).sum(), withRespectTo: [x])[0]]
    try expectSameBits(sums, [x: array([1, 2, 3, 4]), least: array([3.5], []), most: array([1.5], [])])
  }

  @Test func `constants of every kind are folded into what they were`() throws {
    let x = double([nil, 2])
    let one = graph.constant(array([3], [1, 1]))
    let wide = graph.constant(array([2.5], [1]).expanded(to: [40, 2]))
    let ramp = graph.constant(array([1, 2]))
    let big = graph.constant(array([0.5], [1]).expanded(to: [70_000]))
    let failing = graph.constant(NDArray([Int64(1)])).div(
      graph.constant(NDArray([Int64(0)])), rounding: .floor)
    try expectSameBits(
      [
        wide * 2 + x, (wide * ramp) + x, wide.sum(), (wide + 1).sum([0]), wide * 2, one * 2 * x,
        (one + ramp) * x,
        (big * 3).sum(), big * 3 + 1, ramp.t().reshape([2, 1]) + x.sum(), (ramp * ramp).sum() * x,
      ], [x: array((0..<80).map { Double($0) / 7 }, [40, 2])])
    #expect(sessionError { () throws(SessionError) in try Session(graph).run(failing) }?.kind == .calculation)
  }

  @Test func `kernels take what has their shape, and sums of all of it`() throws {
    let (x, row, cell) = (double([nil, nil]), double([nil]), double([]))
    let feeds: Feeds = [
      x: array((0..<1400).map { Double($0 % 37) / 8 - 2 }, [200, 7]),
      row: array((0..<7).map { Double($0) - 3 }),
      cell: array([0.75], []),
    ]
    let y = x * 2 + row
    try expectSameBits(
      [
        y.sum([0]), y.sum([1]), y.sum(), y.sum([0, 1], keepDim: true), y.reshape([1400]) + 1,
        y.reshape([7, 200]) * x.t(), y.t().exp() + 1, (y - y.sum()).square().sum(), cell.sum() * 2,
        (cell * 3).sum(),
        y.gt(0).where(y, row * x), y.gt(0).sum(), y.to(.float32).sum(), y.to(.float32) * 2, y.to(.int32) + 1,
        y.maximum(cell) - y, x * row * row.reshape([1, 7]) * cell, x * x.sum([1], keepDim: true) - cell,
      ], feeds)
    try expectSameBits((1...20).map { (x * Double($0)).sum() }, feeds)
    let empty: Feeds = [x: array([], [0, 7]), row: array([0, 0, 0, 0, 0, 0, 0])]
    try expectSameBits([y, y.sum(), y.sum([0]), y.square().sum()], empty)
  }

  @Test func `tiles of types of different sizes do not share a place`() throws {
    let x = double([nil])
    let mask = x.gt(0)
    let single = x.to(.float32) * 2
    let both = single.to(.float64) + x
    try expectSameBits(
      [
        mask.where(x, -x) + both, (mask.logicalNot().where(both, x) * single.to(.float64)).sum(), mask,
        single,
        both.gt(x).where(single, -single), (x.gt(1).to(.float64) + x.lt(-1).to(.float64)) * both,
      ], [x: array((0..<1500).map { Double($0 % 11) - 5 })])
  }

  @Test func `results, assignments and views of one memory do not overwrite each other`() throws {
    let x = double([4, 4])
    let data = array((0..<16).map { Double($0) }, [4, 4])
    let a = x.cumsum(0)
    let t = a.t()
    let late = a.cumsum(1).cumsum(0).cumsum(1).cumsum(0)
    try expectSameBits([t, late, a, t.cumsum(0), late.t().reshape(-1), a.reshape(-1).cumsum(0)], [x: data])
    try expectSameBits([t, late], [x: data])
    try expectSameBits([a.reshape([2, 8]), late], [x: data])
    let v = graph.variable(data, name: "v")
    let w = graph.variable(array([0, 0, 0, 0], [4]), name: "w")
    let turned = graph.group([v.assign(v.t()), w.assign(v.sum([0]))])
    for passes in Self.variants {
      let session = Session(graph, passes: passes)
      try session.run(graph.initializer())
      try session.run(turned)
      #expect(numbers(try session.run(v)) == (0..<16).map { Double($0 % 4 * 4 + $0 / 4) })
      #expect(numbers(try session.run(w)) == [24, 28, 32, 36])
    }
  }
}

/// Expected values: the same sums with real numbers, which these regroupings are right for.
@Suite struct `Regrouping on request` {
  private func near(_ array: NDArray, _ expected: [Double]) -> Bool {
    let values = numbers(array)
    return values.count == expected.count
      && zip(values, expected).allSatisfy { abs($0 - $1) <= 1e-13 * (1 + abs($1)) }
  }

  @Test func `keeps what the calculations mean`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [3])
    let y = graph.placeholder(.float64, shape: [3])
    let scaled = x * 3
    let cases: [(Symbol, [Double])] = [
      (x * 3 * 7, [21, 42, 84]), (x * 3 / 7, [3.0 / 7, 6.0 / 7, 12.0 / 7]),
      (x / 3, [1.0 / 3, 2.0 / 3, 4.0 / 3]),
      (x / 0, [.infinity, .infinity, .infinity]), (-(x * 3), [-3, -6, -12]), (-x * 5, [-5, -10, -20]),
      (x - x, [0, 0, 0]), (x - y, [-9, -8, -6]), (x + 0, [1, 2, 4]), (x - 0, [1, 2, 4]),
      (0 - x, [-1, -2, -4]),
      (3 / x, [3, 1.5, 0.75]), ((x * 3).sum(), [21]), ((x * 3).sum([0], keepDim: true), [21]),
      (scaled.sum() + scaled.square().sum(), [21 + 9 + 36 + 144]), ((-x).sum(), [-7]), ((x / 7).sum(), [1]),
    ]
    let feeds: Feeds = [x: array([1, 2, 4]), y: array([10, 10, 10])]
    for (fetch, expected) in cases {
      let value = try Session(graph, passes: .fast).run(fetch, feeding: feeds)
      #expect(
        near(value, expected) || numbers(value) == expected,
        "\(fetch.name): \(numbers(value)), not \(expected)")
    }
    let both = try Session(graph, passes: .fast).run([scaled, scaled.sum()], feeding: feeds)
    #expect(numbers(both[0]) == [3, 6, 12] && numbers(both[1]) == [21])
  }

  @Test func `keeps dtypes and shapes`() throws {
    let graph = Graph()
    let n = graph.placeholder(.int32, shape: [2])
    let s = graph.placeholder(.float32, shape: [2])
    let row = graph.placeholder(.float64, shape: [1, 2])
    let fetches = [
      n * 0.5 * 4, n * 4 * 0.5, (n * 0.5).sum(), n.to(.float64) * 2 * 3, s.to(.float64) * 2 * 3,
      (row.broadcast(to: .known([3, 2])) * 2).sum(), n + 0.0,
    ]
    let feeds: Feeds = [
      n: NDArray([Int32(3), 1 << 30]), s: try array([0.5, 0.25]).converted(to: .float32),
      row: array([1, 2], [1, 2]),
    ]
    let plain = try Session(graph, passes: .none).run(fetches, feeding: feeds)
    let fast = try Session(graph, passes: .fast).run(fetches, feeding: feeds)
    #expect(fast.map(bits) == plain.map(bits))
  }
}
