/// A program made ready to run, again and again, for feeds of known types.
final class Plan: Sendable {
  private let interpreter: Interpreter

  init(_ program: Program, _ nodes: [Node]) {
    interpreter = Interpreter(program: program, nodes: nodes)
  }

  /// Runs the program: returns the fetched values and sets the variables that are assigned to. A run that fails sets none.
  func run(feeds: [NDArray], variables: inout [Int: NDArray]) throws(SessionError) -> [NDArray] {
    try checkInitialized(variables)
    let outcome = try interpreter.run(feeds: feeds) { variables[$0] }
    for (commit, value) in zip(interpreter.program.commits, outcome.commits) {
      variables[commit.variable] = value
    }
    return outcome.fetches.map { $0 ?? Plan.nothing }
  }

  private func checkInitialized(_ variables: [Int: NDArray]) throws(SessionError) {
    for step in interpreter.program.steps {
      if case .state(let variable) = step.kind, variables[variable] == nil {
        throw SessionError(
          .uninitializedVariable,
          "variable '\(step.name)' has no value in this session; run the graph's initializer() first")
      }
    }
  }

  /// What a node without a value gives.
  static let nothing = checked { () throws(ArrayError) in try NDArray(uninitialized: [0], .bool) }
}
