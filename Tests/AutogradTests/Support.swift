import Autograd
import Testing

/// The message of the error that `body` throws; nil (and a failed test) when it throws none.
func message(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws(ArrayError) -> Void
) -> String? {
  do {
    try body()
    Issue.record("expected an error", sourceLocation: sourceLocation)
    return nil
  } catch {
    return error.message
  }
}

/// Float64 values of a tensor, nil for none.
func values(_ tensor: Tensor?) -> [Double]? { tensor?.toArray(of: Double.self) }

/// A float64 leaf that requires a gradient.
func leaf(_ values: [Double], _ shape: Shape? = nil) -> Tensor {
  tensor(values, shape: shape ?? [values.count], requiresGrad: true)
}

/// The first result of the operation of this name.
func called(_ name: String, _ inputs: [Tensor?], _ attributes: [String: Attribute] = [:]) -> Tensor {
  try! OperationTable.call(name, inputs, attributes, constant: { Tensor($0) })[0]
}

/// What an operation records, written as PyTorch's `next_functions` lead from node to node: `MmBackward0(x, TBackward0(w))`, where a name is
/// a leaf's and `-` an entry that leads nowhere.
struct Recording {
  private var names: [ObjectIdentifier: String] = [:]

  init(_ leaves: KeyValuePairs<String, Tensor>) {
    for (name, leaf) in leaves {
      if let node = leaf.neg().gradFn?.nextFunctions[0]?.node { names[ObjectIdentifier(node)] = name }
    }
  }

  /// Compares what tensors recorded with the texts beside them.
  func expect(_ cases: [(Tensor, String)], sourceLocation: SourceLocation = #_sourceLocation) {
    for (tensor, text) in cases { #expect(self.text(tensor) == text, sourceLocation: sourceLocation) }
  }

  private func text(_ tensor: Tensor) -> String {
    guard let node = tensor.gradFn else { return "none" }
    return text(node, tensor.outputNumber)
  }

  private func text(_ node: Node, _ index: Int) -> String {
    if let name = names[ObjectIdentifier(node)] { return name }
    let inputs = node.nextFunctions.map { $0.map { text($0.node, $0.index) } ?? "-" }
    return "\(node.name)(\(inputs.joined(separator: ",")))" + (index == 0 ? "" : "#\(index)")
  }
}
