import Experiment
import StaticGraph

/// 2.8: the calculation is written down first, as a graph; a session carries it out.
///
/// Model   ŷ = w x² + b, residual r = ŷ − y
/// Loss    L = ½ Σ r²   or   L = 1/n Σ r²
/// The derivatives are nodes of the same graph, made by `gradients`; the updates are assignments to variables:
/// w ← w − η ∂L/∂w, b ← b − η ∂L/∂b, or those of an optimizer.
@main
struct StaticGraphApproach: Approach {
  static let section = ChapterSection.staticGraph
  static let offersExecution = true
  static let passNames = Passes.standard.names

  static func train(_ run: Run) throws -> Outcome {
    let problem = run.problem
    let dtype: DType = problem.dtype == .float64 ? .float64 : .float32

    // MARK: Data
    let column: Shape = [problem.points, 1]
    let xs = try NDArray(copying: problem.x, shape: column).converted(to: dtype)
    let ys = try NDArray(copying: problem.y, shape: column).converted(to: dtype)

    // Nothing is calculated from here to the session: only the graph grows.
    let graph = Graph()
    let x = graph.placeholder(dtype, shape: [nil, 1], name: "x")
    let y = graph.placeholder(dtype, shape: [nil, 1], name: "y")

    // MARK: Start values
    let w = graph.variable(try NDArray([problem.w0]).converted(to: dtype), name: "w")
    let b = graph.variable(try NDArray([problem.b0]).converted(to: dtype), name: "b")
    let learningRate = problem.learningRate

    // MARK: Training step
    let residual = w * x.square() + b - y
    let loss =
      switch problem.loss {
      case .sum: 0.5 * residual.square().sum()
      case .mean: residual.square().mean()
      }
    let gradients = graph.gradients(of: loss, withRespectTo: [w, b])
    let (dw, db) = (gradients[0], gradients[1])
    let (newW, newB) =
      switch problem.optimizer {
      case .gradientDescent: (w.assign(w - learningRate * dw), b.assign(b - learningRate * db))
      case let other: updates(by: other, learningRate, of: (w, b), along: (dw, db))
      }

    let execution = run.execution
    let session = Session(
      graph, passes: .standard.without(execution.without), threads: execution.threads,
      compile: execution.way == .native ? .native : .interpreted)
    try session.run(graph.initializer())
    try session.run(startingAtZero(problem.optimizer, in: graph))
    let feeds: Feeds = [x: xs, y: ys]
    let step = try session.prepare([loss, dw, db, newW, newB], feeding: feeds)
    for _ in run.steps {
      run.show(
        graph: StepGraph(
          loss: loss, learning: [w, b], gradients: gradients, updates: [newW, newB], in: session,
          feeding: feeds))
      let now = try step.run()
      run.record(
        loss: now[0].double, dw: now[1].double, db: now[2].double, w: now[3].double, b: now[4].double)
    }

    for message in session.compilation.messages { run.note(message) }

    // MARK: Result
    let result = try session.run([w, b])
    return Outcome(w: "\(result[0])", b: "\(result[1])")
  }
}

extension NDArray {
  /// The only element.
  fileprivate var double: Double { item(as: Double.self) }
}
