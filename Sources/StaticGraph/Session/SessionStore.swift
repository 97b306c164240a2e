import RandomStreams

/// What a session keeps from run to run: variables' values and the places reached in random streams. Guarded by the session's lock.
final class SessionStore: @unchecked Sendable {
  /// The place of one variable. Plans hold on to it, so that a run need not look it up.
  final class Variable {
    /// Where the value lies, once and for all, so that plans can hold on to it; nil before a plan has asked for it.
    private var memory: NDArray?
    /// Whether a value was assigned.
    var isInitialized = false

    /// The value; nil before the first assignment.
    var value: NDArray? { isInitialized ? memory : nil }

    /// Where the value lies, or will lie.
    func place(_ type: ArrayType) -> NDArray {
      if let memory { return memory }
      let new = checked { () throws(ArrayError) in try NDArray(uninitialized: type.shape, type.dtype) }
      memory = new
      return new
    }

    /// Assigns a value.
    func set(_ array: NDArray) {
      place(array.type).write(from: array)
      isInitialized = true
    }

    /// Whether `array` shows this variable's memory.
    func holds(_ array: NDArray) -> Bool { memory?.sharesStorage(with: array) ?? false }
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

  /// Everything kept, as values of its own.
  struct Kept: @unchecked Sendable {
    fileprivate var variables: [Int: NDArray] = [:]
    fileprivate var streams: [Int: TensorFlowRandomOperation] = [:]
  }

  /// What is kept now; the elements are copied.
  var kept: Kept {
    let values = variables.compactMapValues { variable in
      variable.value.map { value in checked { () throws(ArrayError) in try value.clone() } }
    }
    return Kept(variables: values, streams: streams)
  }

  /// Goes on from what another store has kept.
  func keep(_ kept: Kept) {
    for (node, value) in kept.variables { variable(node).set(value) }
    streams = kept.streams
  }
}
