import StaticGraph
import Testing

/// Expected values: TensorFlow 2.21, `tf.compat.v1`, `set_random_seed(42)`, the nodes in this order.
@Suite struct `Random nodes` {
  @Test func `draw TensorFlow's seeded numbers`() throws {
    let graph = Graph()
    graph.seed = 42
    let a = graph.random(.uniform(low: 0, high: 1), shape: [3])
    let b = graph.random(.normal(mean: 0, deviation: 1), shape: [3], seed: 7)
    let c = graph.random(.truncatedNormal(mean: 0, deviation: 2), shape: [2])
    let d = graph.random(.uniform(low: -1, high: 1), shape: [2], .float64)
    let w = graph.variable(shape: [2, 3], initializer: .glorotUniform(), name: "w")
    let session = Session(graph)
    let values = try session.run([a, b, c])
    #expect(values[0].toArray(of: Float.self) == [0.8354591, 0.9162973, 0.49464953])
    #expect(near(values[1], [-0.45274156, -0.30040753, -0.07882862]))
    #expect(near(values[2], [-2.999894, -2.484099]))
    #expect(near(try session.run(d), [0.80500511, 0.88933314]))
    #expect(near(try session.run(a), [0.3661809, 0.01545334, 0.6758038]))
    try session.run(graph.initializer())
    #expect(
      near(
        try session.run(w),
        [
          0.30212295055389404, -0.7438539266586304, -0.6713916063308716, -0.5415862798690796,
          -0.395866334438324, -0.7925927042961121,
        ]))
    // Another session has the stream from its beginning.
    #expect(try Session(graph).run(a).toArray(of: Float.self) == [0.8354591, 0.9162973, 0.49464953])
  }

  /// Within float32's last places.
  private func near(_ array: NDArray, _ expected: [Double]) -> Bool {
    zip(numbers(array), expected).allSatisfy { abs($0 - $1) <= 3e-7 * (1 + abs($1)) }
  }

  @Test func `without any seed differ from session to session`() throws {
    let graph = Graph()
    let a = graph.random(.uniform(low: 0, high: 1), shape: [8])
    #expect(bits(try Session(graph).run(a)) != bits(try Session(graph).run(a)))
  }

  @Test func `are drawn once a run, however often they are read`() throws {
    let graph = Graph()
    let a = graph.random(.normal(mean: 0, deviation: 1), shape: [4])
    #expect(numbers(try Session(graph).run(a - a)) == [0, 0, 0, 0])
  }

  @Test func `of integers are refused`() async {
    await #expect(processExitsWith: .failure) {
      _ = Graph().random(.uniform(low: 0, high: 9), shape: [2], .int32)
    }
  }

  /// The first two elements of each, by graph seed and seed of the node.
  @Test func `draw TensorFlow's initial values, whatever has a seed`() throws {
    let expected: [(Int?, Int?, DType, [[Double]])] = [
      (
        nil, 3, .float32,
        [
          [0.16078818, 0.08007872], [2.6233242, -1.2571566], [-0.46916896, -1.4392891],
          [-0.24772531, -0.30666715], [-0.101133436, -0.12519634], [-0.17516822, -0.2168464], [-0.3916881],
        ]
      ),
      (
        nil, 3, .float64,
        [
          [-0.7136943860350573, 1.4451110535479135], [-3.478302521513175, 2.2226639323423654],
          [-1.9945756303782938, -0.5693340169144087], [-0.8863570575317121, 0.6902115245008871],
          [-0.3618537534779013, 0.2817776749359438], [-0.6267490859332283, 0.48805324942768213],
          [-1.4014535609825558],
        ]
      ),
      (
        7, nil, .float32,
        [
          [1.2611856, -0.7661872], [-0.5816108, 2.744066], [-1.7358408, -1.3082278],
          [-0.21670562, -0.26983243], [-0.27252495, 0.03483802], [0.56844723, -0.7712387], [0.8518611],
        ]
      ),
      (
        7, nil, .float64,
        [
          [-0.910513639014563, 1.0114195413337668], [-1.2392639649097914, 0.6582972686426055],
          [-0.16950435628106997, -0.8461266239761307], [-0.6381994027084359, -0.05621184987380179],
          [0.05586902506819408, -0.1105384902255947], [0.6745954583182685, -0.2236785832862228],
          [1.6187387275227794],
        ]
      ),
      (
        7, 3, .float32,
        [
          [0.20326364, 0.13051677], [2.3894076, -1.4335814], [-0.5276481, -1.4833953],
          [-0.21670562, -0.26983243], [-0.088469684, -0.11015862], [-0.153234, -0.19080031], [-0.3426416],
        ]
      ),
      (
        7, 3, .float64,
        [
          [-0.37389052262433475, 0.42302875456256217], [1.068279586969425, -2.994538157448697],
          [-0.8579301032576437, -1.8736345393621743], [-0.6381994027084359, -0.05621184987380179],
          [-0.2605438151307774, -0.022948391614790842], [-0.4512751254043393, -0.03974778022880543],
          [-1.009081856958845],
        ]
      ),
    ]
    for (graphSeed, seed, dtype, values) in expected {
      let graph = Graph()
      graph.seed = graphSeed
      let made: [(VariableInitializer, Shape)] = [
        (.uniform(low: -1, high: 2, seed: seed), [2]), (.normal(mean: 0.5, deviation: 2, seed: seed), [2]),
        (.truncatedNormal(mean: -1, deviation: 0.5, seed: seed), [2]), (.glorotUniform(seed: seed), [2, 3]),
        (.glorotUniform(seed: seed), [2, 3, 1, 4]), (.glorotUniform(seed: seed), [5]),
        (.glorotUniform(seed: seed), []),
      ]
      let variables = made.map { graph.variable(shape: $0.1, dtype, initializer: $0.0) }
      let session = Session(graph)
      try session.run(graph.initializer())
      for (variable, values) in zip(try session.run(variables), values) {
        let tolerance = dtype == .float32 ? 1e-6 : 1e-14
        for (value, expected) in zip(numbers(variable), values) {
          #expect(abs(value - expected) <= tolerance * (1 + abs(expected)), "\(variable.shape) of \(dtype)")
        }
      }
    }
  }

  @Test func `fill with plain numbers`() throws {
    let graph = Graph()
    let made = [VariableInitializer.zeros, .ones, .constant(2.5)].map {
      graph.variable(shape: [2], .float64, initializer: $0)
    }
    let session = Session(graph)
    try session.run(graph.initializer())
    #expect(try session.run(made).map(numbers) == [[0, 0], [1, 1], [2.5, 2.5]])
  }

  @Test func `go on in a copy where the session's stream stands, each by itself`() throws {
    let graph = Graph()
    graph.seed = 42
    let a = graph.random(.uniform(low: 0, high: 1), shape: [3])
    let session = Session(graph)
    for passes in [Passes.standard, .none] {
      let other = Session(graph, passes: passes)
      #expect(bits(try other.run(a)) == bits(try Session(graph).run(a)))
      #expect(bits(try other.run(a * 1)) != bits(try Session(graph).run(a)))
    }
    // Drawn though nothing of it is asked for: the shape is all that is read.
    let shaped = graph.constant(2.0, .float32).broadcast(to: .symbol(a))
    try session.run(shaped)
    let plain = Session(graph, passes: .none)
    try plain.run(shaped)
    #expect(bits(try session.run(a)) == bits(try plain.run(a)))
  }
}
