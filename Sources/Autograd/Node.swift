import CKernels
import Operations

/// One recorded operation: where its gradient goes, and what its derivative rule reads. PyTorch's `grad_fn`.
///
/// A node knows its inputs' nodes, not the tensors: a tensor that is changed in place moves to a new node, while the old one
/// stays what it was. Values are kept only where the rule reads them, with the version of their storage, so that a later
/// change in place is noticed. Releasing a graph of any depth takes no stack.
public class Node: @unchecked Sendable {
  /// Calculates the inputs' gradients on plain arrays and delivers them. Made where the operation's type is known, so that it is
  /// compiled for that type.
  @usableFromInline typealias Rule = (Node, consuming NDArray, inout Sweep) throws(ArrayError) -> Void

  @usableFromInline final let rule: Rule
  /// The order in which operations were recorded on their thread; later ones have larger numbers.
  public final let sequenceNumber: UInt64
  @usableFromInline final let count: UInt16
  @usableFromInline final let isAccumulator: Bool
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
  @exclusivity(unchecked) @usableFromInline final var saved0: Tensor?
  @exclusivity(unchecked) @usableFromInline final var saved1: Tensor?
  @exclusivity(unchecked) @usableFromInline final var saved2: Tensor?
  @exclusivity(unchecked) @usableFromInline final var savedResult: Tensor?
  @exclusivity(unchecked) @usableFromInline final var versions: (UInt32, UInt32, UInt32, UInt32) = (
    0, 0, 0, 0
  )
  @usableFromInline final let output: ArrayType

  /// All of the above for nodes with more inputs or several outputs, which do not use the fields.
  @usableFromInline final let many: ManyInputs?
  @exclusivity(unchecked) final var hooks: NodeHooks?
  @exclusivity(unchecked) final var notes = SweepNotes()

  /// A node without edges; the caller sets those that are needed.
  @usableFromInline init(
    rule: @escaping Rule, sequenceNumber: UInt64, count: Int, output: ArrayType, isAccumulator: Bool,
    many: ManyInputs?
  ) {
    self.rule = rule
    self.sequenceNumber = sequenceNumber
    self.count = UInt16(truncatingIfNeeded: count)
    self.isAccumulator = isAccumulator
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
    return input == 0 ? saved0 : input == 1 ? saved1 : saved2
  }

  /// The elements of the value kept of an input, if any.
  @inlinable final func savedArray(_ input: Int) -> NDArray? {
    if let many { return many.saved[input]?.array }
    return input == 0 ? saved0?.array : input == 1 ? saved1?.array : saved2?.array
  }

  /// The value kept of a result, if any.
  @inlinable public final func savedOutput(_ index: Int = 0) -> Tensor? {
    if let many { return index < many.results.count ? many.results[index] : nil }
    return savedResult
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
      let first = saved0.map { $0.array.version == versions.0 && !$0.isCutOff } ?? true
      let second = saved1.map { $0.array.version == versions.1 && !$0.isCutOff } ?? true
      let third = saved2.map { $0.array.version == versions.2 && !$0.isCutOff } ?? true
      if first && second && third && savedResult.map({ $0.array.version == versions.3 }) ?? true { return }
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
    if let tensor = savedResult, tensor.array.version != versions.3 {
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
    case 0: saved0 = nil
    case 1: saved1 = nil
    default: saved2 = nil
    }
  }

  /// Lets go of what was kept; a later sweep that needs it is an error.
  final func releaseSaved() {
    if !keepsValues { return }
    isFreed = true
    saved0 = nil
    saved1 = nil
    saved2 = nil
    savedResult = nil
    if let many {
      for index in many.saved.indices { many.saved[index] = nil }
      many.results = []
    }
  }
}

// MARK: Releasing a graph

extension Node {
  /// Releases everything that only this node holds, in a loop: a chain of a million nodes must not recurse.
  fileprivate final func releaseGraph() {
    var next: Node?
    var more: [Node] = []
    letGo(&next, &more)
    while let node = next {
      next = more.popLast()
      node.letGo(&next, &more)
    }
  }

  private func letGo(_ next: inout Node?, _ more: inout [Node]) {
    hasLetGo = true
    Node.letGo(&edge0, &next, &more)
    Node.letGo(&edge1, &next, &more)
    Node.letGo(&edge2, &next, &more)
    Node.letGo(&saved0, &next, &more)
    Node.letGo(&saved1, &next, &more)
    Node.letGo(&saved2, &next, &more)
    guard let many else { return }
    for index in many.edges.indices { Node.letGo(&many.edges[index], &next, &more) }
    for index in many.saved.indices { Node.letGo(&many.saved[index], &next, &more) }
  }

  @inline(__always) private static func letGo(_ field: inout Node?, _ next: inout Node?, _ more: inout [Node])
  {
    guard var node = field.take() else { return }
    guard isKnownUniquelyReferenced(&node) else { return }
    if next == nil { next = node } else { more.append(node) }
  }

  @inline(__always) private static func letGo(
    _ field: inout Unmanaged<Node>?, _ next: inout Node?, _ more: inout [Node]
  ) {
    guard let edge = field.take() else { return }
    var node: Node? = edge.takeRetainedValue()
    letGo(&node, &next, &more)
  }

  @inline(__always) private static func letGo(
    _ field: inout Tensor?, _ next: inout Node?, _ more: inout [Node]
  ) {
    guard var tensor = field.take() else { return }
    guard isKnownUniquelyReferenced(&tensor) else { return }
    letGo(&tensor.node, &next, &more)
    guard var base = tensor.viewed.take()?.tensor, isKnownUniquelyReferenced(&base) else { return }
    letGo(&base.node, &next, &more)
  }
}

extension NDArray {
  /// The number of in-place changes of the storage, as it is kept beside saved values.
  @inlinable var version: UInt32 { UInt32(truncatingIfNeeded: storage.version) }
}
