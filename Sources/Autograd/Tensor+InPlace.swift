import CKernels
import Operations

/// Changes in place are recorded, too: the tensor moves to a new node; a view moves its base.
extension Tensor: InPlaceAlgebra {
  @inlinable public func applyInPlace<O: UnaryOperation>(_ operation: O) throws(ArrayError) {
    if isPlain(mayNeedRecording) {
      return try elements { x throws(ArrayError) in try x.applyInPlace(operation) }
    }
    guard try recordsInPlace(O.name) else { return try array.applyInPlace(operation) }
    try overwrite(O.name, toleratesOverlap: O.toleratesOverlap) { x throws(ArrayError) in
      try Tensor.apply(operation, x)
    }
  }

  @inlinable public func applyInPlace<O: BinaryOperation>(_ operation: O, _ y: Tensor) throws(ArrayError) {
    if isPlain(mayNeedRecording || y.mayNeedRecording) {
      return try Tensor.lend(self, y) { x, y throws(ArrayError) in try x.applyInPlace(operation, y) }
    }
    guard try recordsInPlace(O.name, y) else { return try array.applyInPlace(operation, y.array) }
    try checkOverlap(with: y, O.name)
    try overwrite(O.name) { x throws(ArrayError) in try Tensor.apply(operation, x, y) }
  }

  @inlinable public func applyInPlace<O: ElementwiseBinary>(
    fitting operation: O, _ y: Tensor
  ) throws(ArrayError) {
    guard isPlain(mayNeedRecording || y.mayNeedRecording) else { return try applyInPlace(operation, y) }
    try Tensor.lend(self, y) { x, y throws(ArrayError) in try x.applyInPlace(fitting: operation, y) }
  }

  @inlinable public func checkOverlap(
    with other: Tensor, _ operation: @autoclosure () -> String
  ) throws(ArrayError) {
    try Tensor.lend(self, other) { x, y throws(ArrayError) in try x.checkOverlap(with: y, operation()) }
  }

  /// Whether a change of the elements is all there is to do, given whether it may have to be recorded.
  @inlinable @inline(__always) func isPlain(_ mayNeedRecording: Bool) -> Bool {
    !isInference && (!mayNeedRecording || ck_grad_mode_get() == 0)
  }

  public func become(_ value: Tensor, _ operation: String) throws(ArrayError) {
    guard try recordsInPlace(operation, value) else { return try array.become(value.array, operation) }
    try array.checkInPlace(operation, value.array.type)
    try move(to: value)
  }

  /// The in-place form of any composed operation: computes, then takes over the result with its history.
  ///
  /// Of this tensor's old elements that the derivative reads a copy is kept; a result that it reads is this tensor's memory from now on.
  /// Other operands are not copied: when they share memory with this tensor, and the derivative reads them, `backward()` refuses.
  public func overwrite(
    _ operation: String, _ compute: (Tensor) throws(ArrayError) -> Tensor
  ) throws(ArrayError) {
    try overwrite(operation, toleratesOverlap: false, compute)
  }

  @usableFromInline func overwrite(
    _ operation: String, toleratesOverlap: Bool, _ compute: (Tensor) throws(ArrayError) -> Tensor
  ) throws(ArrayError) {
    guard ck_grad_mode_get() != 0 else {
      try checkInference(operation)
      return try array.become(try compute(self).array, operation)
    }
    let start = ck_next_sequence()
    let old = Tensor(array, node: try recordedNode(), outputIndex: Int(outputIndex))
    var value = try compute(old)
    guard try recordsInPlace(operation, value) else { return try array.become(value.array, operation) }
    try array.checkInPlace(
      operation, value.array.type, toleratesOverlap: toleratesOverlap)
    if value.dtype != dtype { value = try Tensor.apply(Cast(dtype), value) }
    let result = value.array
    if let node = value.currentNode { try keepOldElements(old, node, since: start) }
    try move(to: value)
    if let node = value.node { keepNewElements(result, node, since: start) }
  }

  // MARK: What may be changed

  /// Whether a change in place must be recorded. Throws where PyTorch forbids it.
  @usableFromInline func recordsInPlace(_ operation: String, _ other: Tensor? = nil) throws(ArrayError)
    -> Bool
  {
    try checkInference(operation)
    if ck_grad_mode_get() == 0 { return false }
    let own = currentNode
    if own == nil && other?.currentNode == nil && base?.currentNode == nil { return false }
    if let own, own.isAccumulator, !isView || !own.isDeadEnd {
      throw .runtime(
        "\(operation)_: a leaf Variable that requires grad is being used in an in-place operation; change it inside noGrad, or use the form that makes a new tensor"
      )
    }
    guard let base else { return true }
    // A base without a node is a leaf, too: one that was detached while this view still leads back.
    if base.node?.isAccumulator ?? (own != nil) {
      throw .runtime(
        "\(operation)_: a view of a leaf Variable that requires grad is being used in an in-place operation; change it inside noGrad, or clone() the leaf first"
      )
    }
    if viewOrigin != .recorded { throw viewError("\(operation)_", "is being") }
    return true
  }

  func checkInference(_ operation: String) throws(ArrayError) {
    if isInference && ck_inference_mode_get() == 0 {
      throw .runtime(
        "\(operation)_: Inplace update to inference tensor outside InferenceMode is not allowed; clone() it first"
      )
    }
  }

  // MARK: Changing

  /// Takes over elements and history of `value`.
  private func move(to value: Tensor) throws(ArrayError) {
    // The base's node before its elements change.
    let baseNode = base?.node
    let node = value.currentNode
    array.write(from: value.array)
    array.storage.version += 1
    try hang(on: node, value.outputIndex, baseNode)
  }

  /// Makes result `index` of `node` this tensor's history, after its elements were changed in place.
  func rebase(to node: Node, _ index: Int, _ operation: String) throws(ArrayError) {
    _ = try recordsInPlace(operation)
    try hang(on: node, UInt16(index), base?.node)
  }

  /// Gives the tensor, and the tensor that it is a view of, their new places in the graph.
  private func hang(on node: Node?, _ index: UInt16, _ baseNode: Node?) throws(ArrayError) {
    guard let base else { return moveNode(node, index) }
    guard baseNode != nil || node != nil else { return }
    let operation = CopySlices(base: base.array.elementLayout, view: array.elementLayout)
    let slice = Tensor(array, node: node, outputIndex: Int(index))
    let copy = try BinaryNode.make(
      operation, base, baseNode.map { .passUnretained($0) }, slice, node.map { .passUnretained($0) },
      output: base.array
    ).owned
    // PyTorch's holds the change's own node, and lets go of it after a pass.
    copy?.keepsValues = true
    base.moveNode(copy, 0)
    updateView()
  }

  /// Hangs the tensor on another node; if it retains its gradient, it is that of the new value from now on.
  func moveNode(_ new: Node?, _ index: UInt16) {
    if extras?.retainsGrad == true {
      node?.hooks?.removeRetain(Int(outputIndex))
      outputIndex = index
      new?.addRetain(self)
    }
    node = new
    outputIndex = index
  }

  /// Replaces the old elements, where nodes recorded since `start` kept them, by a copy.
  private func keepOldElements(_ old: Tensor, _ root: Node, since start: UInt64) throws(ArrayError) {
    var copies: [(of: NDArray, copy: NDArray)] = []
    for node in Tensor.nodes(behind: root, since: start) {
      for input in 0..<node.inputCount {
        guard let saved = node.savedInput(input), saved === old || saved.base === old else { continue }
        let copy: NDArray
        if let known = copies.first(where: { $0.of.isSameView(as: saved.array) }) {
          copy = known.copy
        } else {
          copy = try saved.array.clone()
          copies.append((saved.array, copy))
        }
        let edge = node.edge(input)
        node.replaceSaved(
          input, Tensor(copy, node: edge, outputIndex: edge == nil ? 0 : node.edgeIndex(of: input)))
      }
    }
  }

  /// Lets nodes recorded since `start` that kept `result`, which was copied into this tensor, keep this tensor's memory instead.
  private func keepNewElements(_ result: NDArray, _ root: Node, since start: UInt64) {
    for node in Tensor.nodes(behind: root, since: start) {
      guard let saved = node.heldResult.object, saved.array.isSameView(as: result) else { continue }
      node.heldResult.object = Tensor(array, node: nil, outputIndex: 0)
      node.versions.3 = array.version
    }
  }

  /// The nodes that lead to `root` and were recorded since `start`.
  private static func nodes(behind root: Node, since start: UInt64) -> [Node] {
    var pending = [root]
    var seen = Set<ObjectIdentifier>()
    var found: [Node] = []
    while let node = pending.popLast() {
      guard !node.isAccumulator, node.sequenceNumber >= start, seen.insert(ObjectIdentifier(node)).inserted
      else {
        continue
      }
      found.append(node)
      for input in 0..<node.inputCount {
        if let edge = node.edge(input) { pending.append(edge) }
      }
    }
    return found
  }
}

extension Node {
  /// Exchanges a kept value for an equal one elsewhere in memory.
  fileprivate func replaceSaved(_ input: Int, _ tensor: Tensor) {
    let version = tensor.array.version
    if let many {
      many.saved[input] = tensor
      many.versions[input] = version
      return
    }
    switch input {
    case 0: (heldInput0.object, versions.0) = (tensor, version)
    case 1: (heldInput1.object, versions.1) = (tensor, version)
    default: (heldInput2.object, versions.2) = (tensor, version)
    }
  }
}
