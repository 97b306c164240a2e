/// Runs a program step by step, each operation by its own `forward`. The reference for all faster ways; also the one
/// that can run programs whose shapes depend on values.
struct Interpreter {
  let program: Program
  let nodes: [Node]

  /// Called with each step and the values it has set, for a run's timeline; those inside kernels one by one, with the kernel's place among
  /// the kernels.
  typealias Observer = (_ step: Program.Step, _ results: [NDArray], _ kernel: Int?) -> Void

  /// The fetched values and the variables' next values, all with storage of their own.
  func run(
    feeds: [NDArray], store: SessionStore, observing observer: Observer? = nil
  ) throws(SessionError) -> (fetches: [NDArray?], commits: [NDArray]) {
    var values = [NDArray?](repeating: nil, count: program.values.count)
    var kernels = 0
    for step in program.steps {
      switch step.kind {
      case .feed(let index): values[step.results[0]] = feeds[index]
      case .constant(let array): values[step.results[0]] = array
      case .state(let variable): values[step.results[0]] = store.variable(variable).value
      case .random(let source): values[step.results[0]] = store.draw(step.node, source)
      case .operation(let operation): try run(operation, step, &values)
      case .fused(let kernel):
        for step in kernel.steps {
          if let operation = step.operation { try run(operation, step, &values) }
          observer?(step, step.results.map { values[$0]! }, kernels)
        }
        kernels += 1
        continue
      }
      observer?(step, step.results.map { values[$0]! }, nil)
    }
    return outcome(values)
  }

  private func run(
    _ operation: any StaticOperation, _ step: Program.Step, _ values: inout [NDArray?]
  ) throws(SessionError) {
    do {
      let results = try operation.run(step.inputs.map { values[$0]! })
      for (id, array) in zip(step.results, results) { values[id] = array }
    } catch {
      throw SessionError.calculation(
        error, nodes[step.node], step.inputs.map { StaticType(values[$0]!.dtype, values[$0]!.shape) })
    }
  }

  /// What is handed out is copied, once for each place.
  private func outcome(_ values: [NDArray?]) -> (fetches: [NDArray?], commits: [NDArray]) {
    func copy(_ id: Int) -> NDArray { checked { () throws(ArrayError) in try values[id]!.clone() } }
    return (program.fetches.map { $0.map(copy) }, program.commits.map { copy($0.value) })
  }
}
