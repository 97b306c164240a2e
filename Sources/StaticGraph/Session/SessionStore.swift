import RandomStreams

/// What a session keeps from run to run: variables' values and the places reached in random streams. Guarded by the session's lock.
final class SessionStore {
  /// The place of one variable. Plans hold on to it, so that a run need not look it up.
  final class Variable {
    /// The value, in storage that nobody else holds; nil before the first assignment.
    var value: NDArray?
  }

  private var variables: [Int: Variable] = [:]
  private var streams: [Int: TensorFlowRandomOperation] = [:]

  /// The place of the variable with this node number.
  func variable(_ node: Int) -> Variable {
    if let known = variables[node] { return known }
    let new = Variable()
    variables[node] = new
    return new
  }

  /// The next values of the random node with this number.
  func draw(_ node: Int, _ source: RandomSource) -> NDArray {
    var stream = streams[node] ?? source.stream()
    defer { streams[node] = stream }
    return source.draw(from: &stream)
  }
}
