extension Graph {
  /// The graph as text, a line per node: name, operation, inputs, type, control inputs after a bar.
  public var listing: String {
    let nodes = nodes
    return nodes.map { node in
      let inputs = node.inputs.map { port in
        port.output == 0 ? nodes[port.node].name : "\(nodes[port.node].name):\(port.output)"
      }
      let parameters = node.parameters.isEmpty ? "" : " {\(node.parameters)}"
      let types = node.outputs.isEmpty ? "" : " : " + node.outputs.map(\.description).joined(separator: ", ")
      let control =
        node.controlInputs.isEmpty
        ? "" : " | after " + node.controlInputs.map { nodes[$0].name }.joined(separator: ", ")
      return
        "\(node.name) = \(node.operationName)(\(inputs.joined(separator: ", ")))\(parameters)\(types)\(control)\n"
    }.joined()
  }
}

extension Node {
  /// The operation's parameters in one line.
  var parameters: String {
    guard case .operation(let operation) = kind else { return "" }
    return operation.attributes.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
  }
}
