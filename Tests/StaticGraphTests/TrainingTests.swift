import StaticGraph
import Testing

@Suite struct `Optimizers that add nodes` {
  /// Σ v² over a float64 variable.
  private func problem() -> (Graph, Symbol, Symbol) {
    let graph = Graph()
    let v = graph.variable(array([1, 2]), name: "v")
    return (graph, v, v.square().sum())
  }

  @Test func `gradient descent counts its steps`() throws {
    let (graph, v, loss) = problem()
    let step = graph.globalStep()
    let train = GradientDescentOptimizer(learningRate: 0.25).minimize(loss, globalStep: step)
    let session = Session(graph)
    try session.run(graph.initializer())
    for _ in 0..<3 { try session.run(train) }
    // w ← w − ¼·2w: halved three times.
    #expect(numbers(try session.run(v)) == [0.125, 0.25])
    #expect(try session.run(step).item(as: Int64.self) == 3)
    #expect(graph.globalStep() == step)
  }

  @Test func `a rate may be calculated from the step`() throws {
    let (graph, v, loss) = problem()
    let step = graph.globalStep()
    let rate = 0.5 / (step.to(.float64) + 1)
    let train = GradientDescentOptimizer(learningRate: .symbol(rate)).minimize(loss, globalStep: step)
    let session = Session(graph)
    try session.run(graph.initializer())
    try session.run(train)
    #expect(numbers(try session.run(v)) == [0, 0])
  }

  // The names are those of `tf.compat.v1.train` in TensorFlow 2.21.
  @Test func `keep their state in variables named after those they train`() {
    let (graph, v, loss) = problem()
    graph.scope("anywhere") {
      _ = AdamOptimizer().minimize(loss)
      _ = MomentumOptimizer(learningRate: 0.1, momentum: 0.9).minimize(loss)
    }
    var names = graph.variables.map(\.name)
    #expect(
      names == ["v", "anywhere/beta1_power", "anywhere/beta2_power", "v/Adam", "v/Adam_1", "v/Momentum"])
    _ = AdamOptimizer().minimize(loss)
    _ = RMSPropOptimizer(learningRate: 0.1, momentum: 0.5, centered: true).minimize(loss)
    _ = RMSPropOptimizer(learningRate: 0.1).minimize(loss)
    names = graph.variables.map(\.name)
    #expect(
      names[6...] == [
        "beta1_power", "beta2_power", "v/Adam_2", "v/Adam_3", "v/RMSProp", "v/RMSProp_1", "v/RMSProp_2",
        "v/RMSProp_3", "v/RMSProp_4",
      ])
    #expect(graph.trainableVariables == [v])
  }

  // TensorFlow's slots `rms`, `mg` and `momentum` after one step are `w/RMSProp`, `w/RMSProp_1` and `w/RMSProp_2`.
  @Test func `keep the mean gradient before the velocity`() throws {
    let (graph, _, loss) = problem()
    let train = RMSPropOptimizer(learningRate: 0.125, momentum: 0.5, centered: true).minimize(loss)
    let session = Session(graph)
    try session.run(graph.initializer())
    try session.run(train)
    let expected = [
      [1.3000000715255737, 2.5000003576278687], [0.20000004768371582, 0.40000009536743164],
      [0.22271769694913174, 0.3268602055744212],
    ]
    let values = try session.run(["v/RMSProp", "v/RMSProp_1", "v/RMSProp_2"]).map(numbers)
    for (value, expected) in zip(values.joined(), expected.joined()) { #expect(abs(value - expected) < 1e-6) }
  }

  @Test func `give the node that trains their own name, or another`() throws {
    let (graph, _, loss) = problem()
    let nodes = graph.scope("any") {
      [
        AdamOptimizer().minimize(loss, globalStep: graph.globalStep()),
        AdamOptimizer().minimize(loss, name: "up"), AdagradOptimizer(learningRate: 0.1).minimize(loss),
        AdamOptimizer().minimize(loss, globalStep: graph.globalStep()),
      ]
    }
    #expect(nodes.map(\.name) == ["any/Adam", "any/up", "any/Adagrad", "any/Adam_1"])
    #expect(graph.globalStep().name == "global_step")
    #expect(graph.variables.filter { $0.dtype == .int64 }.count == 1)
    let session = Session(graph)
    try session.run(graph.initializer())
    _ = try session.run("any/Adam")
    #expect(try session.run("global_step").item(as: Int64.self) == 1)
  }

  @Test func `refuse a loss that no variable has an influence on`() {
    let graph = Graph()
    let loss = graph.constant(1.0, .float64, name: "loss")
    let descent = GradientDescentOptimizer(learningRate: 0.1)
    #expect(
      buildError { () throws(ArrayError) in try descent.minimizing(loss) }?.contains(
        "there is no variable to train") == true)
    _ = graph.variable(array([1]), name: "v")
    #expect(
      buildError { () throws(ArrayError) in try descent.minimizing(loss) }?.contains(
        "none of the variables v has an influence on 'loss'") == true)
  }

  @Test func `Adam's first step is the rate against the gradient's sign`() throws {
    let (graph, v, loss) = problem()
    let train = AdamOptimizer(learningRate: 0.1, epsilon: 1e-300).minimize(loss)
    let session = Session(graph)
    try session.run(graph.initializer())
    try session.run(train)
    // m / √v = (1 − β₁) g / √((1 − β₂) g²), corrected by exactly that: ±1.
    for (value, expected) in zip(numbers(try session.run(v)), [0.9, 1.9]) {
      #expect(abs(value - expected) < 1e-12)
    }
  }
}

@Suite struct `Saved variables` {
  private func graph(_ shift: Double = 0) -> (Graph, Symbol, Symbol) {
    let graph = Graph()
    let w = graph.scope("layer") { graph.variable(array([1, 2, 3].map { $0 + shift }), name: "w") }
    let n = graph.variable(NDArray([Int32(7)]), name: "n", trainable: false)
    return (graph, w, n)
  }

  private func withFile(_ body: (String) throws -> Void) rethrows {
    let path = "\(temporaryDirectory)/static-graph-\(UInt64.random(in: 0 ... .max)).npz"
    defer { removeFile(path) }
    try body(path)
  }

  @Test func `come back by name in another session`() throws {
    try withFile { path in
      let (graph, w, n) = graph()
      let session = Session(graph)
      try session.run(graph.initializer())
      try session.run(w.assignAdd(graph.constant(array([1, 1, 1]))))
      try session.save(to: path)
      let (other, otherW, otherN) = self.graph(100)
      let restored = Session(other)
      try restored.restore(from: path)
      #expect(numbers(try restored.run(otherW)) == [2, 3, 4])
      #expect(try restored.run(otherN).item(as: Int32.self) == 7)
      #expect(try Npz.read(path).names == [w.name, n.name])
    }
  }

  @Test func `that are missing or do not fit change nothing`() throws {
    try withFile { path in
      let (graph, w, _) = graph()
      let session = Session(graph)
      try session.run(graph.initializer())
      #expect(
        sessionError { () throws(SessionError) in try session.restore(from: path) }?.kind == .savedVariables)
      try Npz.write(["n": NDArray([Int32(1)]), w.name: array([9, 9])], to: path)
      let misfit = sessionError { () throws(SessionError) in try session.restore(from: path) }
      #expect(misfit?.message.contains("has 'layer/w' as float64[2], but the variable is float64[3]") == true)
      #expect(numbers(try session.run(w)) == [1, 2, 3])
      #expect(try session.run("n").item(as: Int32.self) == 7)
    }
  }

  @Test func `need values to be saved`() {
    withFile { path in
      let (graph, _, _) = graph()
      #expect(
        sessionError { () throws(SessionError) in try Session(graph).save(to: path) }?.kind
          == .uninitializedVariable)
    }
  }
}
