import Operations

/// The values of all variables of a recorded graph, in full: those that the recording kept, and what its operations give when they run again
/// on them.
///
/// An input that was not kept, because no derivative reads it, is looked for among the tensors that have a name: it is the one with which
/// the operation gives the result that was kept.
struct TapeValues {
  /// Per variable its value; nil where it is not to be had.
  private(set) var arrays: [NDArray?]
  /// The names found for inputs that were not kept.
  private(set) var names: [Int: String] = [:]

  /// The values behind what `reader`, which keeps arrays, has read.
  init(_ reader: GraphReader) {
    arrays = reader.arrays
    let graph = reader.graph
    for (position, operation) in graph.operations.enumerated() {
      let node = reader.nodes[position]
      let missing = operation.inputs.filter { arrays[$0] == nil }
      if missing.count == 1, operation.outputs.count == 1, let result = arrays[operation.outputs[0]] {
        find(missing[0], of: node, operation.inputs, result, reader)
      }
      guard let results = run(node, operation.inputs) else { continue }
      for output in operation.outputs where arrays[output] == nil {
        arrays[output] = results[graph.variables[output].output]
      }
    }
  }

  private mutating func find(
    _ input: Int, of node: Node, _ inputs: [Int], _ result: NDArray, _ reader: GraphReader
  ) {
    let variable = reader.graph.variables[input]
    for (name, tensor) in reader.namedConstants
    where tensor.dtype == variable.dtype && tensor.shape == variable.shape {
      arrays[input] = tensor.array
      if let outcome = run(node, inputs)?.first, outcome.fingerprint == result.fingerprint {
        names[input] = name
        return
      }
    }
    arrays[input] = nil
  }

  /// What the node's operation gives on these variables; nil when an input is missing, or it refuses.
  private func run(_ node: Node, _ variables: [Int]) -> [NDArray]? {
    // Indices and masks are no variables of the graph: those that the recording kept.
    var inputs = (0..<node.inputCount).map { node.savedInput($0)?.array }
    for (input, variable) in zip(node.gradientEntries.compactMap(\.self), variables) {
      inputs[input] = arrays[variable]
    }
    let values = inputs.compactMap(\.self)
    guard values.count == inputs.count else { return nil }
    return try? node.operation?.results(values)
  }
}

extension Operation {
  /// The results for these inputs, whatever the arity.
  fileprivate func results(_ inputs: [NDArray]) throws(ArrayError) -> [NDArray] {
    switch self {
    case let unary as any UnaryOperation: [try unary.forward(inputs[0])]
    case let elementwise as any ElementwiseBinary: [try elementwise.forward(spreading: inputs[0], inputs[1])]
    case let binary as any BinaryOperation: [try binary.forward(inputs[0], inputs[1])]
    case let ternary as any TernaryOperation: [try ternary.forward(inputs[0], inputs[1], inputs[2])]
    case let variadic as any VariadicOperation: try variadic.forward(inputs)
    default: throw .type("\(Self.name): is of no arity that can be run")
    }
  }
}
