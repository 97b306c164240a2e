public import GraphDrawing

extension Graph {
  /// The graph as a drawing: all of it, or what `fetches` need. Placeholders, constants and variables are circles, calculations boxes,
  /// name scopes frames; the fetches end in circles of their own. Nothing is run, so only constants show values.
  public func drawing(
    of fetches: [Symbol]? = nil, name: String = "graph", title: String,
    direction: GraphDrawing.Direction = .automatic
  ) -> GraphDrawing {
    for fetch in fetches ?? [] { checkOwn(fetch, "drawing") }
    var sketch = GraphSketch(nodes, GraphDrawing(name: name, title: title, direction: direction))
    sketch.draw(fetches ?? [], isWhole: fetches == nil)
    return sketch.drawing
  }
}

/// Draws nodes one by one.
private struct GraphSketch {
  private let nodes: [Node]
  private(set) var drawing: GraphDrawing
  private var positions: [Int: Int] = [:]

  init(_ nodes: [Node], _ drawing: GraphDrawing) {
    self.nodes = nodes
    self.drawing = drawing
  }

  mutating func draw(_ fetches: [Symbol], isWhole: Bool) {
    var isNeeded = [Bool](repeating: isWhole, count: nodes.count)
    var stack = fetches.map(\.port.node)
    while let id = stack.popLast() {
      if isNeeded[id] { continue }
      isNeeded[id] = true
      // A variable has its value from the session; what it starts with belongs to the initializer.
      if case .variable = nodes[id].kind { continue }
      stack += nodes[id].inputs.map(\.node) + nodes[id].controlInputs
    }
    for node in nodes where isNeeded[node.id] {
      positions[node.id] = drawing.add(drawn(node))
      connect(node)
    }
    for fetch in fetches {
      let source = positions[fetch.port.node]!
      guard fetch.hasValue, drawing.nodes[source].role == .operation else { continue }
      let root = drawing.add(
        GraphDrawing.Node(
          .root, fetch.name, facts: [GraphDrawing.Fact(.type, fetch.staticType.description)],
          cluster: drawing.nodes[source].cluster))
      drawing.edges.append(GraphDrawing.Edge(source, root, port: port(fetch.port)))
    }
  }

  private mutating func drawn(_ node: Node) -> GraphDrawing.Node {
    let parts = node.name.split(separator: "/").map(String.init)
    let cluster = drawing.frame(parts.dropLast())
    let own = parts.last ?? node.name
    let type = node.outputs.map { GraphDrawing.Fact(.type, $0.description) }
    switch node.kind {
    case .placeholder, .random: return GraphDrawing.Node(.data, own, facts: type, cluster: cluster)
    case .constant(let array):
      return GraphDrawing.Node(
        .data, own, facts: type + [GraphDrawing.Fact(.value, array.brief)], cluster: cluster)
    case .variable: return GraphDrawing.Node(.leaf, own, facts: type, cluster: cluster)
    case .operation(let operation):
      let parameters = operation.attributes.map { GraphDrawing.Fact(.parameter, "\($0.name)=\($0.value)") }
      return box(node, own, parameters + type, cluster)
    case .read, .assign, .group: return box(node, own, type, cluster)
    }
  }

  /// A box with what it does, and its own name where that says more.
  private func box(
    _ node: Node, _ own: String, _ facts: [GraphDrawing.Fact], _ cluster: Int?
  ) -> GraphDrawing.Node {
    let label = own == node.operationName ? [] : [GraphDrawing.Fact(.label, own)]
    return GraphDrawing.Node(.operation, node.operationName, facts: label + facts, cluster: cluster)
  }

  private mutating func connect(_ node: Node) {
    guard let position = positions[node.id] else { return }
    for (argument, input) in node.inputs.enumerated() {
      guard let source = positions[input.node] else { continue }
      let number = node.inputs.count > 1 ? argument : nil
      drawing.edges.append(GraphDrawing.Edge(source, position, port: number))
    }
    for id in node.controlInputs {
      guard let source = positions[id] else { continue }
      drawing.edges.append(GraphDrawing.Edge(source, position, kind: .control))
    }
  }

  private func port(_ port: Port) -> Int? { nodes[port.node].outputs.count > 1 ? port.output : nil }
}
