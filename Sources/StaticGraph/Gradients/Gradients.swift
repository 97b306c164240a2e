extension Graph {
  /// ∂(Σ ys)/∂xs: for each x the gradient of the sum of all elements of all `ys`, as ordinary nodes of the graph.
  ///
  /// The nodes from the ys back to the xs are visited in reverse order of making; each adds the nodes of its derivative rule,
  /// which is the one that eager tensors use. Since they are ordinary nodes, gradients have gradients.
  /// Stops, naming it, when an x has no influence on the ys; `gradientsWhereConnected` gives nil there.
  ///
  /// - Parameter seeds: for each y the gradient to start from, of y's shape; ones where absent.
  public func gradients(
    of ys: [Symbol], withRespectTo xs: [Symbol], seeds: [Symbol?]? = nil, name: String = "gradients",
    fileID: String = #fileID, line: Int = #line
  ) -> [Symbol] {
    let found = gradientsWhereConnected(
      of: ys, withRespectTo: xs, seeds: seeds, name: name, fileID: fileID, line: line)
    return zip(xs, found).map { x, gradient in
      guard let gradient else {
        let targets = ys.map(\.name).joined(separator: ", ")
        stop(
          .value(
            "gradients: '\(x.name)' has no influence on \(targets), at \(fileID):\(line); leave it out, or ask gradientsWhereConnected"
          ))
      }
      return gradient
    }
  }

  /// ∂(Σ y)/∂xs.
  public func gradients(
    of y: Symbol, withRespectTo xs: [Symbol], name: String = "gradients", fileID: String = #fileID,
    line: Int = #line
  ) -> [Symbol] {
    gradients(of: [y], withRespectTo: xs, name: name, fileID: fileID, line: line)
  }

  /// As `gradients`, with nil for each x that no differentiable path joins to the ys.
  public func gradientsWhereConnected(
    of ys: [Symbol], withRespectTo xs: [Symbol], seeds: [Symbol?]? = nil, name: String = "gradients",
    fileID: String = #fileID, line: Int = #line
  ) -> [Symbol?] {
    checked { () throws(ArrayError) in
      try attributing(to: SourceLocation(fileID, line)) { () throws(ArrayError) in
        try differentiating(ys, xs, seeds, name: name)
      }
    }
  }

  /// The throwing form of `gradientsWhereConnected`.
  public func differentiating(
    _ ys: [Symbol], _ xs: [Symbol], _ seeds: [Symbol?]? = nil, name: String = "gradients"
  ) throws(ArrayError) -> [Symbol?] {
    for symbol in ys + xs {
      checkOwn(symbol, "gradients")
      try require(symbol.hasValue, .type("gradients: '\(symbol.name)' is a group, which has no value"))
    }
    if let seeds {
      try require(
        seeds.count == ys.count,
        .value("gradients: \(seeds.count) seeds for \(ys.count) values; one each is needed"))
    }
    for y in ys {
      try require(
        y.dtype.isFloatingPoint,
        .type("gradients: '\(y.name)' is \(y.dtype); only floating values have gradients"))
    }
    return try withScope(name) { _ throws(ArrayError) in
      var sweep = Sweep(self, ys, xs)
      for (index, y) in ys.enumerated() {
        guard let seed = seeds?[index] else {
          try sweep.add(try ones(like: y), to: y.port)
          continue
        }
        try require(
          seed.dtype == y.dtype && fits(seed.staticShape, y.staticShape),
          .value("gradients: the seed '\(seed)' does not fit '\(y)'; dtype and shape must be equal"))
        // A node of its own, so that feeding or differentiating by the gradient is not doing so by the seed.
        let own = try seed.ensuring(y.staticShape)
        try sweep.add(own == seed ? seed.identity() : own, to: y.port)
      }
      return try sweep.run(xs)
    }
  }

  private func fits(_ a: Shape?, _ b: Shape?) -> Bool {
    guard let a, let b else { return true }
    return a.agrees(with: b)
  }

  /// Ones of the shape that `y` has or will have.
  private func ones(like y: Symbol) throws(ArrayError) -> Symbol {
    let one = try recordConstant(try NDArray(scalar: 1, y.dtype), name: "one", at: nil)
    return y.staticShape?.rank == 0 ? one : try Symbol.apply(BroadcastTo(), one, shape: y.shapeReference)
  }

  /// `scope` for bodies that throw array errors.
  func withScope<Result>(
    _ name: String, _ body: (_ name: String) throws(ArrayError) -> Result
  ) throws(ArrayError) -> Result {
    try scope(name) { name in Swift.Result { () throws(ArrayError) in try body(name) } }.get()
  }
}

/// One reverse sweep over the part of the graph between the xs and the ys.
private struct Sweep {
  let graph: Graph
  let nodes: [Node]
  /// Whether a node's results depend on an x in a differentiable way.
  private var depends: [Bool]
  private var gradients: [Port: Symbol] = [:]
  private var first = Int.max
  private var last = -1

  init(_ graph: Graph, _ ys: [Symbol], _ xs: [Symbol]) {
    self.graph = graph
    nodes = graph.nodes
    depends = [Bool](repeating: false, count: nodes.count)
    for x in xs {
      depends[x.port.node] = true
      first = min(first, x.port.node)
    }
    last = ys.map(\.port.node).max() ?? -1
    if first > last { return }
    for id in first...last where !depends[id] {
      depends[id] = passesGradients(nodes[id]) && nodes[id].inputs.contains { carries($0) }
    }
  }

  /// Whether gradients can flow from a node's results to its inputs.
  private func passesGradients(_ node: Node) -> Bool {
    switch node.kind {
    case .operation(let operation): operation.isDifferentiable
    case .read, .assign: true
    case .placeholder, .constant, .variable, .random, .group: false
    }
  }

  /// Whether a gradient may be sent to this value at all.
  private func carries(_ port: Port) -> Bool {
    port.node < depends.count && depends[port.node]
      && nodes[port.node].outputs[port.output].dtype.isFloatingPoint
  }

  /// Adds a contribution to a value's gradient. All have that value's shape: what is known of one is known of the others.
  mutating func add(_ gradient: Symbol, to port: Port) throws(ArrayError) {
    guard let sum = gradients[port] else {
      gradients[port] = gradient
      return
    }
    gradients[port] = try Symbol.apply(
      Add(), try sum.ensuring(gradient.staticShape), try gradient.ensuring(sum.staticShape))
  }

  mutating func run(_ xs: [Symbol]) throws(ArrayError) -> [Symbol?] {
    var id = last
    while id >= first {
      let node = nodes[id]
      id -= 1
      guard depends[node.id], passesGradients(node) else { continue }
      let results = node.outputs.indices.map { gradients[Port(node: node.id, output: $0)] }
      guard results.contains(where: { $0 != nil }) else { continue }
      let contributions = contributions(node, results)
      for (index, contribution) in contributions.enumerated() {
        guard let contribution, carries(node.inputs[index]) else { continue }
        try check(contribution, node, index)
        let shape = nodes[node.inputs[index].node].outputs[node.inputs[index].output].shape
        try add(try contribution.ensuring(shape), to: node.inputs[index])
      }
    }
    return xs.map { gradients[$0.port] }
  }

  private func contributions(_ node: Node, _ results: [Symbol?]) -> [Symbol?] {
    let inputs = node.inputs.map { Symbol(graph, nodes[$0.node], $0.output) }
    let needed = node.inputs.map(carries)
    // What a read and an assignment give is the variable as it is then; the value assigned has no part in it.
    guard case .operation(let operation) = node.kind else { return [results[0]] }
    guard needed.contains(true) else { return [] }
    return operation.gradients(results, NodeContext(graph: graph, node: node, inputs: inputs, needed: needed))
  }

  /// Refuses a gradient that cannot belong to its input: a wrong derivative rule.
  private func check(_ gradient: Symbol, _ node: Node, _ index: Int) throws(ArrayError) {
    let input = nodes[node.inputs[index].node].outputs[node.inputs[index].output]
    var agrees = gradient.dtype == input.dtype
    if let a = gradient.staticShape, let b = input.shape { agrees = agrees && a.agrees(with: b) }
    try require(
      agrees,
      .runtime(
        "gradients: the derivative of '\(node.operationName)' (node '\(node.name)') gives \(gradient.staticType) for input \(index), which is \(input)"
      ))
  }
}
