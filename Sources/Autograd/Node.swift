import CKernels
import Operations

/// One recorded operation: where its gradient goes, and what its derivative rule reads. PyTorch's `grad_fn`.
///
/// A node knows its inputs' nodes, not the tensors: a tensor that is changed in place moves to a new node, while the old one
/// stays what it was. Values are kept only where the rule reads them, with the version of their storage, so that a later
/// change in place is noticed. Releasing a graph of any depth takes no stack; its nodes of one or two operands, unless a parameter of theirs
/// is an array, serve the next operations of their types on the thread.
public class Node: @unchecked Sendable {
  /// Calculates the inputs' gradients on plain arrays and delivers them. Made where the operation's type is known, so that it is
  /// compiled for that type.
  @usableFromInline typealias Rule = (Node, consuming NDArray, inout Sweep) throws(ArrayError) -> Void

  @usableFromInline final let rule: Rule
  /// The order in which operations were recorded on their thread; later ones have larger numbers.
  @inlinable public final var sequenceNumber: UInt64 { number }
  @exclusivity(unchecked) @usableFromInline final var number: UInt64
  @usableFromInline final let count: UInt16
  @usableFromInline final let isAccumulator: Bool
  /// Whether it can serve again when nobody holds it any more: what its subclass adds holds no arrays.
  @usableFromInline final let isReusable: Bool
  /// Whether some value was kept, and whether what was kept is still there.
  @exclusivity(unchecked) @usableFromInline final var keepsValues = false
  @exclusivity(unchecked) @usableFromInline final var isFreed = false
  /// Whether it holds no other nodes any more.
  @exclusivity(unchecked) fileprivate final var hasLetGo = false

  // Where the gradients of up to three inputs go; nil where none is needed. Held (`connect` retains, `letGo` releases), but by hand: a
  // sweep reads them without counting references.
  @exclusivity(unchecked) @usableFromInline final var edge0: Unmanaged<Node>?
  @exclusivity(unchecked) @usableFromInline final var edge1: Unmanaged<Node>?
  @exclusivity(unchecked) @usableFromInline final var edge2: Unmanaged<Node>?
  @exclusivity(unchecked) @usableFromInline final var edgeIndex: (UInt16, UInt16, UInt16) = (0, 0, 0)

  // What the rule reads.
  @exclusivity(unchecked) @usableFromInline final var heldInput0 = Held<Tensor>()
  @exclusivity(unchecked) @usableFromInline final var heldInput1 = Held<Tensor>()
  @exclusivity(unchecked) @usableFromInline final var heldInput2 = Held<Tensor>()
  @exclusivity(unchecked) @usableFromInline final var heldResult = Held<Tensor>()
  @exclusivity(unchecked) @usableFromInline final var versions: (UInt32, UInt32, UInt32, UInt32) = (
    0, 0, 0, 0
  )
  @exclusivity(unchecked) @usableFromInline final var output: ArrayType

  /// All of the above for nodes with more inputs or several outputs, which do not use the fields.
  @usableFromInline final let many: ManyInputs?
  @exclusivity(unchecked) final var hooks: NodeHooks?
  @exclusivity(unchecked) final var notes = SweepNotes()

  /// A node without edges; the caller sets those that are needed.
  @usableFromInline init(
    rule: @escaping Rule, sequenceNumber: UInt64, count: Int, output: ArrayType, isAccumulator: Bool,
    many: ManyInputs?, isReusable: Bool = false
  ) {
    self.rule = rule
    number = sequenceNumber
    self.count = UInt16(truncatingIfNeeded: count)
    self.isAccumulator = isAccumulator
    self.isReusable = isReusable
    self.output = output
    self.many = many
  }

  deinit { if !hasLetGo { releaseGraph() } }

  // MARK: For subclasses

  /// PyTorch's name for the node: `MulBackward0`.
  public var name: String { "Node" }
  /// The operation whose derivative this is; nil for the accumulator of a leaf.
  public var operation: (any Operation)? { nil }
  /// The dtype and shape of an input.
  @usableFromInline func inputType(_ input: Int) -> ArrayType { output }
  /// Calculates the inputs' gradients on plain arrays and delivers them where gradients came for other results than the first.
  func deliverArraysWithoutFirst(_ sweep: inout Sweep) throws(ArrayError) {
    try rule(self, try NDArray(full: output.shape, 0, output.dtype), &sweep)
  }
  /// Calculates the inputs' gradients as tensors that remember how they were made, and delivers them.
  func deliverTensors(_ gradient: Tensor?, _ sweep: inout Sweep) throws(ArrayError) {}
}

// MARK: Looking at a node

/// Where a gradient goes: an input's node, and which of its outputs the input is.
public struct Edge: Sendable {
  /// The node.
  public let node: Node
  /// Which output of the node's operation.
  public let index: Int
}

extension Node {
  /// The number of inputs of the operation.
  public final var inputCount: Int { many?.inputs.count ?? Int(count) }
  /// The number of results of the operation.
  public final var outputCount: Int { many?.outputs.count ?? 1 }

  /// Per input that can have a gradient where that goes, nil where none is needed. As in PyTorch indices and masks do not count, and a
  /// number that stands for an operand does.
  public final var nextFunctions: [Edge?] {
    gradientEntries.map { entry in
      entry.flatMap { input in edge(input).map { Edge(node: $0, index: edgeIndex(of: input)) } }
    }
  }

  /// Per entry of `nextFunctions` its input; nil for a number.
  final var gradientEntries: [Int?] { operation?.gradientEntries(inputCount) ?? Array(0..<inputCount) }

  /// The dtype and shape of a result.
  final func outputType(_ index: Int) -> ArrayType { many?.outputs[index] ?? output }

  /// The node that an input's gradient goes to.
  @inlinable final func edge(_ input: Int) -> Node? {
    if let many { return many.edges[input] }
    return (input == 0 ? edge0 : input == 1 ? edge1 : edge2)?.takeUnretainedValue()
  }

  /// Whether an input's gradient goes anywhere.
  @inlinable @inline(__always) final func hasEdge(_ input: Int) -> Bool {
    if let many { return many.edges[input] != nil }
    return (input == 0 ? edge0 : input == 1 ? edge1 : edge2) != nil
  }

  final func edgeIndex(of input: Int) -> Int {
    if let many { return many.indices[input] }
    return Int(input == 0 ? edgeIndex.0 : input == 1 ? edgeIndex.1 : edgeIndex.2)
  }

  /// The value kept of an input, if any.
  @inlinable public final func savedInput(_ input: Int) -> Tensor? {
    if let many { return many.saved[input] }
    return (input == 0 ? heldInput0 : input == 1 ? heldInput1 : heldInput2).object
  }

  /// The elements of the value kept of an input, if any.
  @inlinable final func savedArray(_ input: Int) -> NDArray? {
    if let many { return many.saved[input]?.array }
    return (input == 0 ? heldInput0 : input == 1 ? heldInput1 : heldInput2).map { $0.array }
  }

  /// The value kept of a result, if any.
  @inlinable public final func savedOutput(_ index: Int = 0) -> Tensor? {
    if let many { return index < many.results.count ? many.results[index] : nil }
    return heldResult.object
  }

  private func savedVersion(_ input: Int) -> UInt32 {
    if let many { return many.versions[input] }
    return input == 0 ? versions.0 : input == 1 ? versions.1 : versions.2
  }

  /// Visits the nodes that inputs' gradients go to.
  @inline(__always) final func forEachEdge(_ body: (Node) -> Void) {
    if let many {
      for case let edge? in many.edges { body(edge) }
    } else {
      edge0?._withUnsafeGuaranteedRef { body($0) }
      edge1?._withUnsafeGuaranteedRef { body($0) }
      edge2?._withUnsafeGuaranteedRef { body($0) }
    }
  }
}

/// Edges, kept values and types of a node with any number of inputs or outputs.
@usableFromInline final class ManyInputs {
  @exclusivity(unchecked) @usableFromInline var edges: [Node?]
  var indices: [Int]
  let inputs: [ArrayType]
  let outputs: [ArrayType]
  @usableFromInline var saved: [Tensor?]
  var versions: [UInt32]
  @usableFromInline var results: [Tensor] = []
  var resultVersions: [UInt32] = []

  init(inputs: [ArrayType], outputs: [ArrayType]) {
    self.inputs = inputs
    self.outputs = outputs
    edges = [Node?](repeating: nil, count: inputs.count)
    indices = [Int](repeating: 0, count: inputs.count)
    saved = [Tensor?](repeating: nil, count: inputs.count)
    versions = [UInt32](repeating: 0, count: inputs.count)
  }
}

// MARK: Kept values

extension Node {
  /// Throws when what the rule reads has been freed by an earlier sweep, or changed or detached in place since it was kept.
  final func checkSaved() throws(ArrayError) {
    if !keepsValues { return }
    if isFreed { throw freedError() }
    if many == nil {
      let first = heldInput0.map { $0.version == versions.0 && !$0.isCutOff } ?? true
      let second = heldInput1.map { $0.version == versions.1 && !$0.isCutOff } ?? true
      let third = heldInput2.map { $0.version == versions.2 && !$0.isCutOff } ?? true
      if first && second && third && heldResult.map({ $0.version == versions.3 }) ?? true { return }
    }
    for input in 0..<inputCount {
      guard let tensor = savedInput(input) else { continue }
      if tensor.array.version != savedVersion(input) {
        throw modifiedError("argument \(input)", tensor, savedVersion(input), source(input))
      }
      if tensor.isCutOff, tensor.node == nil, let edge = edge(input), !edge.isAccumulator {
        throw .runtime(
          "\(name): Trying to use a saved tensor that has been detached in-place, i.e. with .detach_(). This is not supported, please use out-of-place `.detach()` instead"
        )
      }
    }
    if let tensor = heldResult.object, tensor.array.version != versions.3 {
      throw modifiedError("its result", tensor, versions.3, "output 0 of \(operationTitle)")
    }
    guard let many else { return }
    for (index, tensor) in many.results.enumerated() where tensor.array.version != many.resultVersions[index]
    {
      throw modifiedError(
        "its result", tensor, many.resultVersions[index], "output \(index) of \(operationTitle)")
    }
  }

  /// `Mul` for `MulBackward0`.
  private var operationTitle: String { name.hasSuffix("Backward0") ? String(name.dropLast(9)) : name }

  private func source(_ input: Int) -> String? {
    guard let node = edge(input), !node.isAccumulator else { return nil }
    return "output \(edgeIndex(of: input)) of \(node.operationTitle)"
  }

  final func freedError() -> ArrayError {
    .runtime(
      "\(name): Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call backward() or grad(). Pass retainGraph: true to the first call if you need to backward through the graph a second time."
    )
  }

  final func modifiedError(_ what: String, _ tensor: Tensor, _ expected: UInt32, _ source: String?)
    -> ArrayError
  {
    let origin = source.map { ", which is \($0)," } ?? ""
    return .runtime(
      "\(name): one of the variables needed for gradient computation has been modified by an inplace operation: \(what), [torch.\(tensor.dtype.scalarTypeName)Tensor \(tensor.shape)]\(origin) is at version \(tensor.array.version); expected version \(expected) instead. Change a clone() of it, or change it after backward()."
    )
  }

  /// Lets go of the value kept of one input, for a rule that reads it for the last time.
  @usableFromInline final func letGoOfInput(_ input: Int) {
    isFreed = true
    if let many {
      many.saved[input] = nil
      return
    }
    switch input {
    case 0: heldInput0.letGo()
    case 1: heldInput1.letGo()
    default: heldInput2.letGo()
    }
  }

  /// Lets go of what was kept; a later sweep that needs it is an error.
  final func releaseSaved() {
    if !keepsValues { return }
    isFreed = true
    heldInput0.letGo()
    heldInput1.letGo()
    heldInput2.letGo()
    heldResult.letGo()
    if let many {
      for index in many.saved.indices { many.saved[index] = nil }
      many.results = []
    }
  }
}

// MARK: Releasing a graph

extension Node {
  /// Gives a reference up. Where it was the last, the node lets go of what only it holds, and so on, in a loop: a chain of a million nodes
  /// must not recurse. What can serve again is kept.
  @usableFromInline static func letGo(of reference: Unmanaged<Node>) {
    if !reference.isLast() { return reference.release() }
    letGo(reference, [])
  }

  /// What `deinit` does.
  fileprivate final func releaseGraph() {
    var next: Unmanaged<Node>?
    var more: [Unmanaged<Node>] = []
    letGo(&next, &more)
    if let next { Node.letGo(next, more) }
  }

  /// As above for references that are the last to their nodes.
  private static func letGo(_ first: Unmanaged<Node>, _ others: consuming [Unmanaged<Node>]) {
    var more = others
    var next: Unmanaged<Node>? = first
    while let reference = next {
      next = more.popLast()
      let isKept = reference._withUnsafeGuaranteedRef { node in
        node.letGo(&next, &more)
        return node.retire()
      }
      if !isKept { reference.release() }
    }
  }

  private func letGo(_ next: inout Unmanaged<Node>?, _ more: inout [Unmanaged<Node>]) {
    hasLetGo = true
    Node.letGo(&edge0, &next, &more)
    Node.letGo(&edge1, &next, &more)
    Node.letGo(&edge2, &next, &more)
    Node.letGo(&heldInput0, &next, &more)
    Node.letGo(&heldInput1, &next, &more)
    Node.letGo(&heldInput2, &next, &more)
    heldResult.letGo()
    guard let many else { return }
    for index in many.edges.indices {
      var edge = many.edges[index].take().map { Unmanaged.passRetained($0) }
      Node.letGo(&edge, &next, &more)
    }
    for index in many.saved.indices {
      var saved = Held(many.saved[index].take())
      Node.letGo(&saved, &next, &more)
    }
  }

  @inline(__always) private static func letGo(
    _ field: inout Unmanaged<Node>?, _ next: inout Unmanaged<Node>?, _ more: inout [Unmanaged<Node>]
  ) {
    guard let edge = field else { return }
    field = nil
    if !edge.isLast() { return edge.release() }
    if next == nil { next = edge } else { more.append(edge) }
  }

  @inline(__always) private static func letGo(
    _ field: inout Held<Tensor>, _ next: inout Unmanaged<Node>?, _ more: inout [Unmanaged<Node>]
  ) {
    guard let tensor = field.take() else { return }
    if tensor.isLast() {
      tensor._withUnsafeGuaranteedRef { tensor in
        var node = tensor.heldNode.take()
        letGo(&node, &next, &more)
        guard let base = tensor.heldBase.take() else { return }
        if base.isLast() {
          var node = base._withUnsafeGuaranteedRef { $0.heldNode.take() }
          letGo(&node, &next, &more)
        }
        base.release()
      }
    }
    tensor.release()
  }
}

// MARK: Serving again

extension Node {
  /// Puts this node, which has let go of everything, with the last reference to it, on the thread's list for its type; false where it does not.
  private func retire() -> Bool {
    guard isReusable, hooks == nil, notes.isEmpty, !isReferencedWeakly, ck_keeps_spares() != 0 else {
      return false
    }
    let kind = unsafeBitCast(type(of: self) as AnyClass, to: UnsafeRawPointer.self)
    guard let spares = ck_spares_of_kind(kind) else { return false }
    if spares.pointee.kind != kind {
      guard spares.pointee.first == nil else { return false }
      spares.pointee.kind = kind
    }
    guard spares.pointee.count < CK_SPARE_LIMIT else { return false }
    // The next one is an edge, so that what ends a thread's list ends it as a graph.
    edge0 = spares.pointee.first.map { Unmanaged.fromOpaque($0) }
    hasLetGo = false
    spares.pointee.first = Unmanaged.passUnretained(self).toOpaque()
    spares.pointee.count &+= 1
    return true
  }

  /// Whether somebody waits for its end.
  private var isReferencedWeakly: Bool { _getWeakRetainCount(self) > 1 }

  /// A node of this very type that served before, with the fields of `Node` but the output's type as they are in a new one.
  @inlinable @inline(__always) static func spare<Kind: Node>(of type: Kind.Type) -> Unmanaged<Kind>? {
    let kind = unsafeBitCast(type as AnyClass, to: UnsafeRawPointer.self)
    guard let spares = ck_spares_of_kind(kind), spares.pointee.kind == kind,
      let first = spares.pointee.first
    else { return nil }
    let reference = Unmanaged<Kind>.fromOpaque(first)
    reference._withUnsafeGuaranteedRef { node in
      spares.pointee.first = node.edge0?.toOpaque()
      spares.pointee.count &-= 1
      node.edge0 = nil
      node.keepsValues = false
      node.isFreed = false
    }
    return reference
  }
}

extension NDArray {
  /// The number of in-place changes of the storage, as it is kept beside saved values.
  @inlinable var version: UInt32 { UInt32(truncatingIfNeeded: storage.version) }
}

extension Tensor {
  /// The number of in-place changes of the storage, as it is kept beside saved values.
  @inlinable @inline(__always) var version: UInt32 { UInt32(truncatingIfNeeded: elements.version) }
}
