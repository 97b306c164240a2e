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
  @usableFromInline let retainsGraph: Bool
  let usesNodes: Bool
  private let epoch: Int
  private var table: [ObjectIdentifier: SweepNotesBox] = [:]
  var waiting = NodeList()
  /// The latest of what is ready.
  var next: Unmanaged<Node>?
  /// While a node's rule runs that a hook wants to see: the gradients it has delivered.
  var captured: [Tensor?]?
  /// The gradients wanted, where not all leaves accumulate theirs.
  @usableFromInline let wanted: WantedGradients?

  init(retainsGraph: Bool, createsGraph: Bool, wanted: WantedGradients?) {
    self.retainsGraph = retainsGraph
    self.createsGraph = createsGraph
    self.wanted = wanted
    let number = ck_sweep_try_begin()
    usesNodes = number != 0
    epoch = usesNodes ? Int(truncatingIfNeeded: number) : 1
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

  @inline(__always) mutating func notes<Result>(
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
    let epoch = epoch
    if usesNodes {
      var next: Unmanaged<Node>? = .passUnretained(root)
      while let node = next {
        next = nil
        node._withUnsafeGuaranteedRef { node in
          node.forEachEdge { edge in
            if edge.notes.epoch == epoch {
              edge.notes.dependencies &+= 1
              return
            }
            edge.notes.begin(epoch)
            edge.notes.dependencies = 1
            if edge.isAccumulator { return }
            if next == nil { next = .passUnretained(edge) } else { stack.push(edge) }
          }
        }
        if next == nil { next = stack.pop() }
      }
    } else {
      stack.push(root)
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

  /// Whether a gradient has to be calculated for this input.
  @inlinable mutating func needs(_ node: Node, _ input: Int) -> Bool {
    wanted == nil ? node.hasEdge(input) : isWanted(node, input)
  }

  @usableFromInline mutating func isWanted(_ node: Node, _ input: Int) -> Bool {
    guard let edge = node.edge(input) else { return false }
    return isNeeded(edge)
  }

  // MARK: During: gradients arrive

  /// Hands on the gradient of an input of `node`; nil where the rule has none.
  @usableFromInline mutating func deliver(
    _ gradient: consuming NDArray?, _ node: Node, _ input: Int
  ) throws(ArrayError) {
    var gradient = gradient
    if usesNodes, captured == nil, node.many == nil {
      let passed =
        switch input {
        case 0: pass(&gradient, node.edge0, node.edgeIndex.0)
        case 1: pass(&gradient, node.edge1, node.edgeIndex.1)
        default: pass(&gradient, node.edge2, node.edgeIndex.2)
        }
      if passed { return }
    }
    try deliverSlowly(gradient, node, input)
  }

  /// The case of a first gradient for the first result of a node, without a detour; false, and nothing done, in others.
  @inline(__always) private mutating func pass(
    _ gradient: inout NDArray?, _ edge: Unmanaged<Node>?, _ index: UInt16
  ) -> Bool {
    guard let edge else { return true }
    if index != 0 { return false }
    let isReady: Bool? = edge._withUnsafeGuaranteedRef { edge in
      guard edge.notes.array == nil, gradient?.hasType(edge.output) == true else { return nil }
      edge.notes.array = gradient.take()
      edge.notes.dependencies &-= 1
      return edge.notes.dependencies == 0
    }
    guard let isReady else { return false }
    if isReady { makeReady(edge) }
    return true
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

  mutating func arriveNothing(_ target: Node) {
    let isReady = notes(target) { notes in
      notes.dependencies &-= 1
      return notes.dependencies == 0
    }
    if isReady { makeReady(target) }
  }

  @inline(__always) private mutating func makeReady(_ node: Node) {
    makeReady(Unmanaged.passUnretained(node))
  }

  private mutating func makeReady(_ node: Unmanaged<Node>) {
    guard let latest = next else {
      next = node
      return
    }
    let isLater = node.sequenceNumber > latest.sequenceNumber
    waiting.insert(isLater ? latest : node)
    if isLater { next = node }
  }
}
