import Operations

// Running: nodes in the order in which they become ready, later ones first.

extension Sweep {
  /// Runs everything that is or becomes ready.
  mutating func run() throws(ArrayError) {
    while let node = next {
      next = waiting.count == 0 ? nil : waiting.takeLatest()
      // The graph holds its nodes while its root is held.
      let failure: ArrayError? = node._withUnsafeGuaranteedRef { node in
        do throws(ArrayError) {
          try execute(node)
          return nil
        } catch {
          return error
        }
      }
      if let failure { throw failure }
    }
  }

  private mutating func execute(_ node: Node) throws(ArrayError) {
    if createsGraph {
      try executeTensors(node)
    } else {
      try executeArrays(node)
    }
  }

  private mutating func executeArrays(_ node: Node) throws(ArrayError) {
    if usesNodes && node.hooks == nil && wanted == nil, let gradient = node.notes.array.take() {
      // Handed on without a reference here, which would keep the rule from writing over it.
      if node.isAccumulator {
        return try unsafeDowncast(node, to: AccumulateGrad.self).accumulate(consume gradient)
      }
      if node.keepsValues { try node.checkSaved() }
      try node.rule(node, consume gradient, &self)
      if node.keepsValues && !retainsGraph { node.releaseSaved() }
      return
    }
    var gradient = notes(node) { $0.array.take() }
    if node.hooks != nil || wanted != nil {
      try runHooks(node, &gradient)
      if let wanted, try take(wanted, node, gradient) { return }
      if let hooks = node.hooks, hooks.watchesRule {
        return try executeWatched(node, hooks, gradient.map { Tensor($0) })
      }
    }
    if node.isAccumulator {
      if let gradient { try unsafeDowncast(node, to: AccumulateGrad.self).accumulate(gradient) }
      return
    }
    try node.checkSaved()
    try runRule(node, gradient)
    if !retainsGraph { node.releaseSaved() }
  }

  private mutating func runRule(_ node: Node, _ gradient: NDArray?) throws(ArrayError) {
    if let gradient {
      try node.rule(node, gradient, &self)
    } else if hasOtherGradients(node) {
      try node.deliverArraysWithoutFirst(&self)
    } else {
      passNothing(node)
    }
  }

  /// Runs a node whose hooks want to see what its rule calculates.
  private mutating func executeWatched(
    _ node: Node, _ hooks: NodeHooks, _ gradient: Tensor?
  ) throws(ArrayError) {
    let results = allGradients(node, gradient)
    if results.allSatisfy({ $0 == nil }) { return passNothing(node) }
    if node.isAccumulator {
      let leaf = unsafeDowncast(node, to: AccumulateGrad.self)
      if let gradient {
        if createsGraph { try leaf.accumulate(gradient) } else { try leaf.accumulate(gradient.array) }
      }
      _ = try hooks.runAfter([], of: results, createsGraph)
      return
    }
    try node.checkSaved()
    captured = [Tensor?](repeating: nil, count: node.inputCount)
    if createsGraph {
      try node.deliverTensors(gradient, &self)
    } else {
      try runRule(node, gradient?.array)
    }
    let calculated = captured ?? []
    captured = nil
    let gradients = try hooks.runAfter(calculated, of: results, createsGraph)
    for (input, gradient) in gradients.enumerated() {
      if createsGraph {
        try deliver(gradient, node, input)
      } else {
        try deliver(gradient?.array, node, input)
      }
    }
    if !retainsGraph { node.releaseSaved() }
  }

  /// The gradients of all results of a node, which keeps them.
  mutating func allGradients(_ node: Node, _ first: Tensor?) -> [Tensor?] {
    let others = notes(node) { $0.others }
    return (0..<node.outputCount).map { index in
      index == 0 ? first : others?.tensors[index] ?? others?.arrays[index].map { Tensor($0) }
    }
  }

  private mutating func executeTensors(_ node: Node) throws(ArrayError) {
    var gradient = notes(node) { $0.tensor.take() }
    if node.hooks != nil || wanted != nil {
      try runHooks(node, &gradient)
      if let wanted, try take(wanted, node, gradient) { return }
      if let hooks = node.hooks, hooks.watchesRule { return try executeWatched(node, hooks, gradient) }
    }
    if node.isAccumulator {
      if let gradient { try unsafeDowncast(node, to: AccumulateGrad.self).accumulate(gradient) }
      return
    }
    try node.checkSaved()
    if gradient != nil || hasOtherGradients(node) {
      try node.deliverTensors(gradient, &self)
    } else {
      passNothing(node)
    }
    if !retainsGraph { node.releaseSaved() }
  }

  private mutating func hasOtherGradients(_ node: Node) -> Bool { notes(node) { $0.others != nil } }

  /// No gradient came: none goes on.
  mutating func passNothing(_ node: Node) {
    for input in 0..<node.inputCount {
      if let edge = node.edge(input) { arriveNothing(edge) }
    }
  }

  /// The gradients of all results of `node`.
  @usableFromInline mutating func takeArrays(_ node: Node, first: NDArray?) -> [NDArray?] {
    let others = notes(node) { $0.others.take() }
    return (0..<node.outputCount).map { $0 == 0 ? first : others?.arrays[$0] }
  }

  mutating func takeTensors(_ node: Node, first: Tensor?) -> [Tensor?] {
    let others = notes(node) { $0.others.take() }
    return (0..<node.outputCount).map { $0 == 0 ? first : others?.tensors[$0] }
  }
}
