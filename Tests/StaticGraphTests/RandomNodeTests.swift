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
}
