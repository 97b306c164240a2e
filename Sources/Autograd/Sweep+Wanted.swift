import Operations

// Hooks that replace gradients on their way, and gradients that a call asks for.

extension Sweep {
  mutating func runHooks(_ node: Node, _ gradient: inout NDArray?) throws(ArrayError) {
    guard let hooks = node.hooks else { return }
    if hooks.watchesResults {
      gradient = try runBefore(node, hooks, gradient.map { Tensor($0) })?.array
    }
    if let array = gradient { gradient = try hooks.run(Tensor(array), 0, createsGraph).array }
    let others = notes(node) { $0.others }
    guard let others else { return }
    for (index, array) in others.arrays {
      others.arrays[index] = try hooks.run(Tensor(array), index, createsGraph).array
    }
  }

  /// Lets the hooks that run before the rule replace the gradients of the results.
  private mutating func runBefore(
    _ node: Node, _ hooks: NodeHooks, _ first: Tensor?
  ) throws(ArrayError) -> Tensor? {
    let replaced = try hooks.runBefore(allGradients(node, first), createsGraph)
    guard let others = notes(node, { $0.others }) else { return replaced[0] }
    for index in 1..<replaced.count {
      if createsGraph {
        others.tensors[index] = replaced[index]
      } else {
        others.arrays[index] = replaced[index]?.array
      }
    }
    return replaced[0]
  }

  mutating func runHooks(_ node: Node, _ gradient: inout Tensor?) throws(ArrayError) {
    guard let hooks = node.hooks else { return }
    if hooks.watchesResults { gradient = try runBefore(node, hooks, gradient) }
    if let tensor = gradient { gradient = try hooks.run(tensor, 0, createsGraph) }
    let others = notes(node) { $0.others }
    guard let others else { return }
    for (index, tensor) in others.tensors {
      others.tensors[index] = try hooks.run(tensor, index, createsGraph)
    }
  }

  /// Keeps what is wanted of this node's gradients; true when nothing behind it is.
  mutating func take(
    _ wanted: WantedGradients, _ node: Node, _ gradient: NDArray?
  ) throws(ArrayError) -> Bool {
    try take(wanted, node, first: gradient.map { Tensor($0) }) { others, index in
      others.arrays[index].map { Tensor($0) }
    }
  }

  mutating func take(
    _ wanted: WantedGradients, _ node: Node, _ gradient: Tensor?
  ) throws(ArrayError) -> Bool {
    try take(wanted, node, first: gradient) { others, index in others.tensors[index] }
  }

  private mutating func take(
    _ wanted: WantedGradients, _ node: Node, first: Tensor?, _ other: (OtherGradients, Int) -> Tensor?
  ) throws(ArrayError) -> Bool {
    let (others, isNeeded, leadsOn) = notes(node) { ($0.others, $0.isNeeded, $0.leadsOn) }
    if isNeeded {
      try wanted.collect(node) { index in
        index == 0 ? first : others.flatMap { other($0, index) }
      }
    }
    if node.isAccumulator { return !isNeeded || !wanted.accumulates }
    if !leadsOn {
      // As in PyTorch the node of a tensor that `backward` accumulates in runs itself, though nothing behind it is needed.
      if isNeeded && wanted.accumulates {
        try node.checkSaved()
        if !retainsGraph { node.releaseSaved() }
      }
      passNothing(node)
      return true
    }
    return false
  }
}

/// The gradients a call asks for: `grad` collects them, `backward` with `inputs` accumulates in just these leaves.
@usableFromInline final class WantedGradients {
  /// Whether leaves add them to their `grad` instead of handing them out.
  let accumulates: Bool
  private var places: [ObjectIdentifier: [(index: Int, position: Int)]] = [:]
  private(set) var results: [Tensor?]

  init(_ targets: [Edge], accumulates: Bool) {
    self.accumulates = accumulates
    results = [Tensor?](repeating: nil, count: targets.count)
    for (position, target) in targets.enumerated() {
      places[ObjectIdentifier(target.node), default: []].append((target.index, position))
    }
  }

  func contains(_ node: Node) -> Bool { places[ObjectIdentifier(node)] != nil }

  /// Keeps the gradients that are asked for. One whose elements are the same memory is written out, so that it can be changed in place.
  func collect(_ node: Node, _ gradient: (Int) -> Tensor?) throws(ArrayError) {
    if accumulates { return }
    for place in places[ObjectIdentifier(node)] ?? [] {
      var result = gradient(place.index)
      if let given = result, given.array.hasOverlappingElements {
        result = Tensor(
          try given.array.clone(), node: given.currentNode, outputIndex: Int(given.outputIndex))
      }
      results[place.position] = result
    }
  }
}
