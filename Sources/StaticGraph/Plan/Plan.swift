/// A program made ready to run, again and again, for feeds of known types.
final class Plan: Sendable {
  private let interpreter: Interpreter

  init(_ program: Program, _ nodes: [Node]) {
    interpreter = Interpreter(program: program, nodes: nodes)
  }

  /// Runs the program: returns the fetched values and sets the variables that are assigned to. A run that fails sets none.
  func run(feeds: [NDArray], store: SessionStore) throws(SessionError) -> [NDArray] {
    try checkInitialized(store)
    let outcome = try interpreter.run(feeds: feeds, store: store)
    for (commit, value) in zip(interpreter.program.commits, outcome.commits) {
      store.variable(commit.variable).value = value
    }
    return outcome.fetches.map { $0 ?? Plan.nothing }
  }

  private func checkInitialized(_ store: SessionStore) throws(SessionError) {
    for step in interpreter.program.steps {
      if case .state(let variable) = step.kind, store.variable(variable).value == nil {
        throw SessionError(
          .uninitializedVariable,
          "variable '\(step.name)' has no value in this session; run the graph's initializer() first")
      }
    }
  }

  /// What a node without a value gives.
  static let nothing = checked { () throws(ArrayError) in try NDArray(uninitialized: [0], .bool) }
}
