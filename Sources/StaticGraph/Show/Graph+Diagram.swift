extension Graph {
  /// The graph as a picture: all of it, or what `fetches` need.
  public func diagram(of fetches: [Symbol]? = nil, title: String = "graph") -> Diagram {
    let nodes = nodes
    var diagram = Diagram(title: title)
    for node in shown(nodes, fetches) {
      let scope = node.name.split(separator: "/").dropLast().map(String.init)
      let name = node.name.split(separator: "/").last.map(String.init) ?? node.name
      let type = node.outputs.first?.description ?? ""
      switch node.kind {
      case .placeholder, .constant, .variable:
        diagram.nodes.append(
          Diagram.Node(id: node.name, label: name, detail: type, kind: node.diagramKind, scope: scope))
      default:
        diagram.nodes.append(
          Diagram.Node(
            id: node.name + ".op", label: node.operationName, detail: node.parameters, kind: node.diagramKind,
            scope: scope))
        for (output, type) in node.outputs.enumerated() {
          let id = output == 0 ? node.name : "\(node.name):\(output)"
          let label = output == 0 ? name : "\(name):\(output)"
          diagram.nodes.append(
            Diagram.Node(id: id, label: label, detail: type.description, kind: .value, scope: scope))
          diagram.edges.append(Diagram.Edge(from: node.name + ".op", to: id, isControl: false))
        }
      }
      let isLeaf = node.diagramKind.isValue
      for port in node.inputs where !isLeaf {
        let source = port.output == 0 ? nodes[port.node].name : "\(nodes[port.node].name):\(port.output)"
        diagram.edges.append(Diagram.Edge(from: source, to: node.name + ".op", isControl: false))
      }
      for id in node.controlInputs where !isLeaf {
        let source = nodes[id].outputs.isEmpty ? nodes[id].name + ".op" : nodes[id].name
        diagram.edges.append(Diagram.Edge(from: source, to: node.name + ".op", isControl: true))
      }
    }
    return diagram
  }

  private func shown(_ nodes: [Node], _ fetches: [Symbol]?) -> [Node] {
    guard let fetches else { return nodes }
    var isShown = [Bool](repeating: false, count: nodes.count)
    var stack = fetches.map(\.port.node)
    while let id = stack.popLast() {
      if isShown[id] { continue }
      isShown[id] = true
      if case .variable = nodes[id].kind { continue }
      stack += nodes[id].inputs.map(\.node) + nodes[id].controlInputs
    }
    return nodes.filter { isShown[$0.id] }
  }

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
  /// How it is drawn.
  var diagramKind: Diagram.Kind {
    switch kind {
    case .placeholder: .placeholder
    case .constant: .constant
    case .variable: .variable
    case .random, .read, .operation: .operation
    case .assign: .assignment
    case .group: .group
    }
  }

  /// The operation's parameters in one line.
  var parameters: String {
    guard case .operation(let operation) = kind else { return "" }
    return operation.attributes.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
  }
}
