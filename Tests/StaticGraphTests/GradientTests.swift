import StaticGraph
import Testing

@Suite struct `Gradients of a graph` {
  @Test func `are nodes that a session runs like any other`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [nil], name: "x")
    let y = (x.square() * x).sum()
    let first = graph.gradients(of: y, withRespectTo: [x])[0]
    let second = graph.gradients(of: first, withRespectTo: [x])[0]
    let session = Session(graph)
    #expect(numbers(try session.run(first, feeding: [x: array([1, 2, -3])])) == [3, 12, 27])
    #expect(numbers(try session.run(second, feeding: [x: array([1, 2, -3])])) == [6, 12, -18])
  }

  @Test func `are summed over broadcast dimensions, whatever sizes are fed`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [nil, 2])
    let b = graph.placeholder(.float64)
    let gradient = graph.gradients(of: (x * b).sum(), withRespectTo: [b])[0]
    let session = Session(graph)
    let data = array([1, 2, 3, 4, 5, 6], [3, 2])
    #expect(numbers(try session.run(gradient, feeding: [x: data, b: array([1, 1])])) == [9, 12])
    #expect(numbers(try session.run(gradient, feeding: [x: data, b: array([2], [])])) == [21])
  }

  @Test func `stop at stopGradient, and are absent where nothing is joined`() {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [2], name: "x")
    let u = graph.placeholder(.float64, shape: [2], name: "u")
    let z = x.square() * u.stopGradient()
    let found = graph.gradientsWhereConnected(of: [z], withRespectTo: [x, u])
    #expect(found[0] != nil)
    #expect(found[1] == nil)
  }

  @Test func `do not pass what has no derivative`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [2], name: "x")
    let whole = x.to(.int64).to(.float64)
    let found = graph.gradientsWhereConnected(of: [whole * 2], withRespectTo: [x])
    #expect(found[0] == nil)
    let both = graph.gradients(of: (whole * x).sum(), withRespectTo: [x])[0]
    #expect(numbers(try Session(graph).run(both, feeding: [x: array([1.5, -2.5])])) == [1, -2])
  }

  @Test func `start from the seeds that are given`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [2], name: "x")
    let seed = graph.constant(array([10, 100]))
    let gradient = graph.gradients(of: [x.square()], withRespectTo: [x], seeds: [seed])[0]
    #expect(numbers(try Session(graph).run(gradient, feeding: [x: array([1, 2])])) == [20, 400])
    #expect(
      buildError { () throws(ArrayError) in
        try graph.differentiating([x], [x], [graph.constant(array([1, 2, 3]), name: "long")])
      }?.contains("the seed 'long: float64[3]' does not fit") == true)
  }

  /// TensorFlow 2.21: gₓ = 2·(v + 1) for v = [1, 2], and none for what is added.
  @Test func `of what an assignment gives are those of the variable, not of the value assigned`() throws {
    let graph = Graph()
    let v = graph.variable(array([1, 2]), name: "v")
    let one = graph.constant(array([1, 1]))
    let y = v.assignAdd(one).square()
    let found = graph.gradientsWhereConnected(of: [y], withRespectTo: [v, one])
    let session = Session(graph)
    try session.run(graph.initializer())
    #expect(numbers(try session.run(try #require(found[0]))) == [4, 6])
    #expect(found[1] == nil)
  }

  /// The values are TensorFlow 2.21's.
  @Test func `are not their seeds: feeding or differentiating by them leaves the seeds`() throws {
    let graph = Graph()
    let y = graph.placeholder(.float64, shape: [2], name: "x").exp()
    let seed = graph.placeholder(.float64, shape: [2], name: "seed")
    let gradient = graph.gradients(of: [y], withRespectTo: [y], seeds: [seed])[0]
    let product = gradient * seed
    let slope = graph.gradients(of: product, withRespectTo: [gradient])[0]
    let values = try Session(graph).run(
      [gradient, seed, product, slope], feeding: [seed: array([3, 4]), gradient: array([10, 20])])
    #expect(values.map(numbers) == [[10, 20], [3, 4], [30, 80], [3, 4]])
  }

  @Test func `of integers are refused`() {
    let graph = Graph()
    let n = graph.placeholder(.int32, shape: [2], name: "n")
    #expect(
      buildError { () throws(ArrayError) in try graph.differentiating([n], [n]) }?.contains(
        "'n' is int32; only floating values have gradients") == true)
  }

  @Test func `add up over all ys, in whatever order ys and xs are given`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [2], name: "x")
    let early = x * 2
    let middle = early.square()
    let late = middle * x
    let feeds: Feeds = [x: array([1, 3])]
    let session = Session(graph)
    // Σ (4x³ + 4x² + 2x): 12x² + 8x + 2.
    for ys in [[early, middle, late], [late, middle, early], [middle, late, early]] {
      let found = graph.gradients(of: ys, withRespectTo: [x])
      #expect(numbers(try session.run(found[0], feeding: feeds)) == [22, 134])
    }
    // By early: 1 + 2·early + x·2·early.
    for xs in [[x, early], [early, x]] {
      let found = graph.gradients(of: [late, middle, early], withRespectTo: xs)
      let values = try session.run(found, feeding: feeds).map(numbers)
      #expect(values[xs[0] == x ? 0 : 1] == [22, 134])
      #expect(values[xs[0] == x ? 1 : 0] == [9, 49])
    }
    #expect(
      numbers(try session.run(graph.gradients(of: x, withRespectTo: [x])[0], feeding: feeds)) == [1, 1])
  }

  @Test func `flow through reads of a variable, and not through what has none`() throws {
    let graph = Graph()
    let v = graph.variable(array([3]), name: "v")
    let raised = v.assignAdd(graph.constant(array([1])))
    let read = graph.controlDependencies([raised]) { v.read() }
    let y = read.square() + v.stopGradient().square() + v.to(.int32).to(.float64) + raised
    let found = graph.gradients(of: y, withRespectTo: [v])[0]
    let session = Session(graph)
    try session.run(graph.initializer())
    // 2·read, read after the assignment, and 1 from the assignment's own reading; nothing from the rest. TensorFlow 2.21 gives 9, too.
    #expect(numbers(try session.run(found)) == [9])
    let by = graph.gradientsWhereConnected(of: [y], withRespectTo: [raised, v.to(.int32)])
    #expect(by[0] != nil && by[1] == nil)
  }

  @Test func `go to each of several results on its own`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [4], name: "x")
    let parts = x.split(2, dim: 0)
    let found = graph.gradients(of: parts[1].square().sum(), withRespectTo: [x, parts[1]])
    let values = try Session(graph).run(found, feeding: [x: array([1, 2, 3, 4])]).map(numbers)
    #expect(values == [[0, 0, 6, 8], [6, 8]])
    let both = graph.gradients(of: (parts[0] * 10 + parts[1]).sum(), withRespectTo: [x])[0]
    #expect(numbers(try Session(graph).run(both, feeding: [x: array([1, 2, 3, 4])])) == [10, 10, 1, 1])
  }

  @Test func `need a seed for each y, or none`() {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [2], name: "x")
    let seed = graph.constant(array([1, 1]))
    let short = buildError { () throws(ArrayError) in try graph.differentiating([x, x], [x], [seed]) }
    #expect(short == "gradients: 1 seeds for 2 values; one each is needed")
    let single = graph.constant(1.0, .float32, name: "single")
    let other = buildError { () throws(ArrayError) in try graph.differentiating([x], [x], [single]) }
    #expect(other?.contains("the seed 'single: float32[]' does not fit") == true)
    let group = graph.group([x], name: "g")
    #expect(
      buildError { () throws(ArrayError) in try graph.differentiating([x], [group]) }
        == "gradients: 'g' is a group, which has no value")
  }

  /// A rule that gives a gradient of another dtype than its input's.
  private struct Careless: UnaryOperation {
    static let name = "careless"
    func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { x }
    func forward(_ x: NDArray) throws(ArrayError) -> NDArray { x }
    func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient.to(.float32) }
  }

  @Test func `of another dtype than the value's are refused, naming the rule`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [2], name: "x")
    let y = try Symbol.apply(Careless(), x)
    let message = buildError { () throws(ArrayError) in try graph.differentiating([y], [x]) }
    #expect(
      message?.contains("the derivative of 'careless' (node 'careless') gives float32[2] for input 0") == true
    )
  }
}
