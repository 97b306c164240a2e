import CKernels
import Operations

/// One backward pass over a graph: every node runs once, when all gradients of its results have come, later ones first.
///
/// The notes (gradients to come, sums so far) are kept in the nodes, so that a pass over a small graph allocates nothing but
/// gradients. Only one sweep of the process may do so at a time; others, in other threads or inside a hook, keep a table of
/// their own. Source: the engine of PyTorch (`torch/csrc/autograd/engine.cpp`), whose order of execution it follows.
public struct Sweep: ~Copyable {
  /// Whether the gradients are themselves recorded.
  @usableFromInline let createsGraph: Bool
  private let retainsGraph: Bool
  private let usesNodes: Bool
  private let epoch: Int
  private var table: [ObjectIdentifier: SweepNotesBox] = [:]
  private var waiting = NodeList()
  /// The latest of what is ready.
  private var next: Unmanaged<Node>?
  /// While a node's rule runs that a hook wants to see: the gradients it has delivered.
  private var captured: [Tensor?]?
  /// The gradients wanted, where not all leaves accumulate theirs.
  @usableFromInline let wanted: WantedGradients?

  private nonisolated(unsafe) static var lastEpoch = 0

  init(retainsGraph: Bool, createsGraph: Bool, wanted: WantedGradients?) {
    self.retainsGraph = retainsGraph
    self.createsGraph = createsGraph
    self.wanted = wanted
    usesNodes = ck_sweep_try_begin() != 0
    if usesNodes {
      Sweep.lastEpoch &+= 1
      epoch = Sweep.lastEpoch
    } else {
      epoch = 1
    }
  }

  deinit { if usesNodes { ck_sweep_end() } }

  @inline(__always) private mutating func withNotes<Result>(
    _ node: Node, _ body: (inout SweepNotes) throws(ArrayError) -> Result
  ) throws(ArrayError) -> Result {
    if usesNodes { return try body(&node.notes) }
    let key = ObjectIdentifier(node)
    if let box = table[key] { return try body(&box.notes) }
    let box = SweepNotesBox()
    table[key] = box
    return try body(&box.notes)
  }

  @inline(__always) private mutating func notes<Result>(
    _ node: Node, _ body: (inout SweepNotes) -> Result
  ) -> Result {
    if usesNodes { return body(&node.notes) }
    let key = ObjectIdentifier(node)
    if let box = table[key] { return body(&box.notes) }
    let box = SweepNotesBox()
    table[key] = box
    return body(&box.notes)
  }

  // MARK: Before: counting

  /// Counts how many gradients each node behind `root` will get; `root` itself gets one from outside.
  mutating func addRoot(_ root: Node) {
    if !count(root) { return }
    if wanted != nil { return markNeeded(root) }
    if root.isAccumulator { return }
    var stack = NodeList()
    stack.push(root)
    let epoch = epoch
    if usesNodes {
      while let node = stack.pop() {
        node._withUnsafeGuaranteedRef { node in
          node.forEachEdge { edge in
            if edge.notes.epoch == epoch {
              edge.notes.dependencies &+= 1
            } else {
              edge.notes.begin(epoch)
              edge.notes.dependencies = 1
              if !edge.isAccumulator { stack.push(edge) }
            }
          }
        }
      }
    } else {
      while let node = stack.pop()?.takeUnretainedValue() {
        for input in 0..<node.inputCount {
          if let edge = node.edge(input), count(edge), !edge.isAccumulator { stack.push(edge) }
        }
      }
    }
  }

  /// One more gradient will come to `node`; true when it is seen for the first time.
  private mutating func count(_ node: Node) -> Bool {
    let epoch = epoch
    return notes(node) { notes in
      let isNew = notes.epoch != epoch
      if isNew { notes.begin(epoch) }
      notes.dependencies += 1
      return isNew
    }
  }

  /// As the counting above, in an order that comes back to each node after everything behind it, to mark what leads to a wanted gradient.
  private mutating func markNeeded(_ root: Node) {
    var path: [(node: Node, input: Int)] = [(root, 0)]
    setNeeded(root, leadsOn: false)
    while let (node, input) = path.last {
      if input == node.inputCount {
        path.removeLast()
        if let parent = path.last?.node, isNeeded(node) { setNeeded(parent, leadsOn: true) }
        continue
      }
      path[path.count - 1].input += 1
      guard let edge = node.edge(input) else { continue }
      if count(edge) {
        setNeeded(edge, leadsOn: false)
        if !edge.isAccumulator {
          path.append((edge, 0))
          continue
        }
      }
      if isNeeded(edge) { setNeeded(node, leadsOn: true) }
    }
  }

  private mutating func setNeeded(_ node: Node, leadsOn: Bool) {
    let isWanted = wanted?.contains(node) ?? true
    notes(node) { notes in
      notes.leadsOn = leadsOn
      notes.isNeeded = leadsOn || isWanted
    }
  }

  private mutating func isNeeded(_ node: Node) -> Bool { notes(node) { $0.isNeeded } }

  /// Whether a gradient has to be calculated for this edge.
  @inlinable mutating func needs(_ edge: Node?) -> Bool {
    guard let edge else { return false }
    return wanted == nil || isWanted(edge)
  }

  @usableFromInline mutating func isWanted(_ edge: Node) -> Bool { isNeeded(edge) }

  // MARK: During: gradients arrive

  /// Hands on the gradient of an input of `node`; nil where the rule has none.
  @usableFromInline mutating func deliver(
    _ gradient: consuming NDArray?, _ node: Node, _ input: Int
  ) throws(ArrayError) {
    guard usesNodes, captured == nil, node.many == nil else {
      return try deliverSlowly(gradient, node, input)
    }
    switch input {
    case 0: if let edge = node.edge0 { try pass(gradient, node, input, to: edge, node.edgeIndex.0) }
    case 1: if let edge = node.edge1 { try pass(gradient, node, input, to: edge, node.edgeIndex.1) }
    default: if let edge = node.edge2 { try pass(gradient, node, input, to: edge, node.edgeIndex.2) }
    }
  }

  /// The case of a first gradient for the first result of a node, without a detour.
  @inline(__always) private mutating func pass(
    _ gradient: consuming NDArray?, _ node: Node, _ input: Int, to edge: Node, _ index: UInt16
  ) throws(ArrayError) {
    guard let gradient, index == 0, edge.notes.array == nil else {
      return try deliverSlowly(gradient, node, input)
    }
    if gradient.dtype != edge.output.dtype || gradient.shape != edge.output.shape {
      throw Sweep.wrongGradient(node, input, gradient.type, edge.output)
    }
    edge.notes.array = gradient
    edge.notes.dependencies &-= 1
    if edge.notes.dependencies == 0 { makeReady(edge) }
  }

  private mutating func deliverSlowly(
    _ gradient: consuming NDArray?, _ node: Node, _ input: Int
  ) throws(ArrayError) {
    guard let target = node.edge(input) else { return }
    if captured != nil {
      captured![input] = gradient.map { Tensor($0) }
      return
    }
    if let gradient {
      let index = node.edgeIndex(of: input)
      let type = index == 0 ? target.output : target.outputType(index)
      if gradient.dtype != type.dtype || gradient.shape != type.shape {
        throw Sweep.wrongGradient(node, input, gradient.type, type)
      }
      try arrive(gradient, target, index)
    } else {
      arriveNothing(target)
    }
  }

  /// As above for a gradient that remembers how it was made.
  mutating func deliver(_ gradient: Tensor?, _ node: Node, _ input: Int) throws(ArrayError) {
    guard let target = node.edge(input) else { return }
    if captured != nil {
      captured![input] = gradient
      return
    }
    if let gradient {
      let index = node.edgeIndex(of: input)
      let type = target.outputType(index)
      if gradient.dtype != type.dtype || gradient.shape != type.shape {
        throw Sweep.wrongGradient(node, input, gradient.array.type, type)
      }
      try arrive(gradient, target, index)
    } else {
      arriveNothing(target)
    }
  }

  private static func wrongGradient(_ node: Node, _ input: Int, _ given: ArrayType, _ needed: ArrayType)
    -> ArrayError
  {
    .runtime(
      "\(node.name): the derivative rule returned an invalid gradient for argument \(input): got \(given.dtype) \(given.shape) but expected \(needed.dtype) \(needed.shape), the dtype and shape of the argument"
    )
  }

  /// Adds a gradient of result `index` of `target`, which becomes ready with the last one.
  mutating func arrive(_ gradient: consuming NDArray, _ target: Node, _ index: Int) throws(ArrayError) {
    let gradient = gradient
    let isReady = try withNotes(target) { notes throws(ArrayError) in
      try notes.add(gradient, index)
      notes.dependencies &-= 1
      return notes.dependencies == 0
    }
    if isReady { makeReady(target) }
  }

  mutating func arrive(_ gradient: Tensor, _ target: Node, _ index: Int) throws(ArrayError) {
    let isReady = try withNotes(target) { notes throws(ArrayError) in
      try notes.add(gradient, index)
      notes.dependencies &-= 1
      return notes.dependencies == 0
    }
    if isReady { makeReady(target) }
  }

  private mutating func arriveNothing(_ target: Node) {
    let isReady = notes(target) { notes in
      notes.dependencies &-= 1
      return notes.dependencies == 0
    }
    if isReady { makeReady(target) }
  }

  private mutating func makeReady(_ node: Node) {
    guard let latest = next else {
      next = Unmanaged.passUnretained(node)
      return
    }
    let isLater = latest._withUnsafeGuaranteedRef { node.sequenceNumber > $0.sequenceNumber }
    if isLater {
      latest._withUnsafeGuaranteedRef { waiting.insert($0) }
      next = Unmanaged.passUnretained(node)
    } else {
      waiting.insert(node)
    }
  }

  // MARK: Running

  /// Runs everything that is or becomes ready.
  mutating func run() throws(ArrayError) {
    while let node = next {
      next = waiting.takeLatest()
      try execute(node.takeUnretainedValue())
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
      if node.isAccumulator {
        return try unsafeDowncast(node, to: AccumulateGrad.self).accumulate(gradient)
      }
      if node.keepsValues { try node.checkSaved() }
      try node.rule(node, gradient, &self)
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
      try node.rule(node, try NDArray(full: node.output.shape, 0, node.output.dtype), &self)
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
  private mutating func allGradients(_ node: Node, _ first: Tensor?) -> [Tensor?] {
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
  private mutating func passNothing(_ node: Node) {
    for input in 0..<node.inputCount {
      if let edge = node.edge(input) { arriveNothing(edge) }
    }
  }

  /// The gradients of all results of `node`.
  @usableFromInline mutating func takeArrays(_ node: Node, first: NDArray) -> [NDArray?] {
    let others = notes(node) { $0.others.take() }
    return (0..<node.outputCount).map { $0 == 0 ? first : others?.arrays[$0] }
  }

  mutating func takeTensors(_ node: Node, first: Tensor?) -> [Tensor?] {
    let others = notes(node) { $0.others.take() }
    return (0..<node.outputCount).map { $0 == 0 ? first : others?.tensors[$0] }
  }

  // MARK: Hooks and wanted gradients

  private mutating func runHooks(_ node: Node, _ gradient: inout NDArray?) throws(ArrayError) {
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

  private mutating func runHooks(_ node: Node, _ gradient: inout Tensor?) throws(ArrayError) {
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
  private mutating func take(
    _ wanted: WantedGradients, _ node: Node, _ gradient: NDArray?
  ) throws(ArrayError) -> Bool {
    try take(wanted, node, first: gradient.map { Tensor($0) }) { others, index in
      others.arrays[index].map { Tensor($0) }
    }
  }

  private mutating func take(
    _ wanted: WantedGradients, _ node: Node, _ gradient: Tensor?
  ) throws(ArrayError) -> Bool {
    try take(wanted, node, first: gradient) { others, index in others.tensors[index] }
  }

  private mutating func take(
    _ wanted: WantedGradients, _ node: Node, first: Tensor?, _ other: (OtherGradients, Int) -> Tensor?
  ) throws(ArrayError) -> Bool {
    let (others, isNeeded, leadsOn) = notes(node) { ($0.others, $0.isNeeded, $0.leadsOn) }
    if isNeeded {
      wanted.collect(node) { index in
        index == 0 ? first : others.flatMap { other($0, index) }
      }
    }
    if node.isAccumulator { return !isNeeded || !wanted.accumulates }
    if !leadsOn {
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

  func collect(_ node: Node, _ gradient: (Int) -> Tensor?) {
    if accumulates { return }
    for place in places[ObjectIdentifier(node)] ?? [] { results[place.position] = gradient(place.index) }
  }
}
