import StaticGraph
import Testing

/// Expected values: TensorFlow 2.21, `tf.compat.v1.train`, five steps on Σ (w·x − 1)² from w = [1, −2, 0.5] with x = [0.5, 1.5, −1], the
/// rate 0.1, or `inverse_time_decay(0.1, global_step, 1, 0.5)`.
@Suite struct `Five steps of every optimizer` {
  private static func optimizers(_ rate: Rate) -> [any GraphOptimizer] {
    [
      GradientDescentOptimizer(learningRate: rate), MomentumOptimizer(learningRate: rate, momentum: 0.7),
      MomentumOptimizer(learningRate: rate, momentum: 0.7, useNesterov: true),
      AdamOptimizer(learningRate: rate, beta1: 0.8, beta2: 0.95, epsilon: 1e-4),
      RMSPropOptimizer(learningRate: rate, decay: 0.8, momentum: 0.5, epsilon: 1e-3),
      RMSPropOptimizer(learningRate: rate, decay: 0.8, epsilon: 1e-3, centered: true),
      AdagradOptimizer(learningRate: rate, initialAccumulatorValue: 0.3),
    ]
  }

  private static let float32Decaying: [[Double]] = [
    [1.1371568, 0.11208702, -0.19628802],
    [1.2417134, 1.2690399, -0.68038005],
    [1.2940956, 1.0063809, -0.78767866],
    [1.2869439, -1.7108728, 0.21173179],
    [1.2763072, -1.154136, -0.22852159],
    [1.1714426, -1.3900214, -0.009235058],
    [1.1542671, -1.7918326, 0.2961088],
  ]
  private static let float32Constant: [[Double]] = [
    [1.226219, 0.53245753, -0.50848],
    [1.451969, 1.5589373, -1.34575],
    [1.5046686, 0.82764995, -1.2124758],
    [1.4885209, -1.5031389, 0.006418705],
    [1.4347378, -0.7858462, -0.5297301],
    [1.2944764, -1.0179628, -0.3012808],
    [1.2396443, -1.6843654, 0.19309294],
  ]
  private static let float64Decaying: [[Double]] = [
    [1.1371569612605956, 0.11208702393949746, -0.19628801220544176],
    [1.241713335507693, 1.2690399855784325, -0.6803800049614408],
    [1.2940956297013722, 1.00638093798975, -0.7876786565375509],
    [1.286943900291749, -1.710872771474107, 0.21173180708774025],
    [1.2763071521334566, -1.1541359752132538, -0.22852158104229192],
    [1.1714424978355629, -1.3900213741239762, -0.009235059741888561],
    [1.1542671431026004, -1.791832519688823, 0.2961088246549103],
  ]
  private static let float64Constant: [[Double]] = [
    [1.2262190655342722, 0.5324575081812961, -0.5084800091552734],
    [1.4519690618318923, 1.558937441139483, -1.3457499869577587],
    [1.5046684871381548, 0.8276499626577594, -1.2124757874948824],
    [1.488520822148576, -1.5031390490109964, 0.006418682096934719],
    [1.434737798154383, -0.7858461909690667, -0.5297300672079887],
    [1.2944763246647903, -1.0179627498450676, -0.30128078777748357],
    [1.2396443203576386, -1.6843654820135798, 0.19309293326917518],
  ]

  /// Where w stands after five steps of the optimizer with this number, and the step that was counted.
  private func trained(_ number: Int, _ dtype: DType, decaying: Bool) throws -> (w: [Double], step: Int64) {
    let graph = Graph()
    let w = graph.variable(try array([1, -2, 0.5]).converted(to: dtype), name: "w")
    let x = graph.constant(try array([0.5, 1.5, -1]).converted(to: dtype))
    let step = graph.globalStep()
    let rate: Rate = decaying ? .symbol(0.1 / (step.to(.float32) * 0.5 + 1)) : 0.1
    var optimizer = Self.optimizers(rate)[number]
    optimizer.precision = .float32
    let train = try optimizer.minimizing((w * x - 1).square().sum(), globalStep: step)
    let session = Session(graph)
    try session.run(graph.initializer())
    let run = try session.prepare([train])
    for _ in 0..<5 { try run.run() }
    return (numbers(try session.run(w)), try session.run(step).item())
  }

  private func expect(
    _ expected: [[Double]], _ dtype: DType, decaying: Bool, within tolerance: Double
  ) throws {
    for (number, values) in expected.enumerated() {
      let (w, step) = try trained(number, dtype, decaying: decaying)
      #expect(step == 5)
      for (value, expected) in zip(w, values) {
        #expect(
          abs(value - expected) <= tolerance * (1 + abs(expected)),
          "optimizer \(number): \(value), not \(expected)")
      }
    }
  }

  @Test func `ends where TensorFlow's does, in float32`() throws {
    try expect(Self.float32Constant, .float32, decaying: false, within: 3e-7)
    try expect(Self.float32Decaying, .float32, decaying: true, within: 3e-7)
  }

  @Test func `ends where TensorFlow's does, in float64 with rates in float32`() throws {
    try expect(Self.float64Constant, .float64, decaying: false, within: 1e-14)
    try expect(Self.float64Decaying, .float64, decaying: true, within: 1e-14)
  }

  @Test func `refuses what cannot be trained`() {
    let graph = Graph()
    let (v, c) = (graph.variable(array([1]), name: "v"), graph.constant(array([2]), name: "c"))
    let n = graph.variable(NDArray([Int32(1)]), name: "n", trainable: false)
    let descent = GradientDescentOptimizer(learningRate: 0.1)
    let loss = (v * c).sum()
    func refusal(_ variables: [Symbol]) -> String? {
      buildError { () throws(ArrayError) in try descent.minimizing(loss, variables: variables) }
    }
    #expect(refusal([c]) == "GradientDescent: 'c' is not a variable")
    #expect(refusal([n])?.contains("none of the variables n has an influence") == true)
    let negative = AdagradOptimizer(learningRate: 0.1, initialAccumulatorValue: 0)
    #expect(
      buildError { () throws(ArrayError) in try negative.minimizing(loss) }
        == "Adagrad: the initial accumulator value is 0.0; it must be positive")
  }

  @Test func `trains what may be trained, and nothing else`() throws {
    let graph = Graph()
    let (v, fixed) = (
      graph.variable(array([1]), name: "v"), graph.variable(array([2]), name: "f", trainable: false)
    )
    let step = graph.globalStep()
    let train = graph.scope("outer") {
      MomentumOptimizer(learningRate: 0.5, momentum: 0).minimize((v * fixed).sum(), globalStep: step)
    }
    let after = graph.scope("later") { graph.constant(1.0) }
    #expect(after.name == "later/constant")
    #expect(graph.trainableVariables.map(\.name) == ["v"])
    let session = Session(graph)
    try session.run(graph.initializer())
    try session.run(train)
    #expect(try session.run([v, fixed]).map(numbers) == [[0], [2]])
  }

  @Test func `keeps one power of each rate for all variables`() throws {
    let graph = Graph()
    let variables = ["v", "u"].map { graph.variable(array([1]), name: $0) }
    let train = AdamOptimizer(beta1: 0.5, beta2: 0.25).minimize((variables[0] * variables[1]).sum())
    #expect(
      graph.variables.map(\.name) == [
        "v", "u", "beta1_power", "beta2_power", "v/Adam", "v/Adam_1", "u/Adam", "u/Adam_1",
      ])
    let session = Session(graph)
    try session.run(graph.initializer())
    for _ in 0..<2 { try session.run(train) }
    // β after two steps: β³, since it begins with β.
    let powers: [NDArray] = try session.run(["beta1_power", "beta2_power"])
    #expect(powers.map(numbers) == [[0.125], [0.015625]])
  }

  @Test func `applies gradients that the caller has made, where they fit`() async throws {
    let graph = Graph()
    let (v, u) = (graph.variable(array([1]), name: "v"), graph.variable(array([2]), name: "u"))
    let train = GradientDescentOptimizer(learningRate: 0.5).apply([(graph.constant(array([4])), v), (nil, u)])
    let session = Session(graph)
    try session.run(graph.initializer())
    try session.run(train)
    #expect(try session.run([v, u]).map(numbers) == [[-1], [2]])
    await #expect(processExitsWith: .failure) {
      let graph = Graph()
      let v = graph.variable(array([1]), name: "v")
      GradientDescentOptimizer(learningRate: 0.5).apply([(graph.constant(1.0, .float32), v)])
    }
  }
}
