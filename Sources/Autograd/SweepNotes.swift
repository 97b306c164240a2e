import Operations

/// What a running sweep notes about a node: how many gradients are still to come, and the sum of those that have.
struct SweepNotes {
  /// Which sweep the notes belong to.
  var epoch = 0
  /// The number of gradients still to come.
  var dependencies: Int32 = 0
  /// Whether some wanted gradient lies at this node or behind it, and whether one lies behind it.
  var isNeeded = true
  var leadsOn = true
  /// Whether the sum's memory was made by this sweep and is held by nobody else.
  var ownsArray = false
  var array: NDArray?
  var tensor: Tensor?
  /// The gradients of the results but the first.
  var others: OtherGradients?

  /// Whether no gradient is noted.
  var isEmpty: Bool { array == nil && tensor == nil && others == nil }

  /// Starts anew for a sweep.
  @inline(__always) mutating func begin(_ epoch: Int) {
    self.epoch = epoch
    dependencies = 0
    isNeeded = true
    leadsOn = true
    ownsArray = false
    if array != nil { array = nil }
    if tensor != nil { tensor = nil }
    if others != nil { others = nil }
  }

  /// Adds a plain gradient of result `index`.
  mutating func add(_ gradient: consuming NDArray, _ index: Int) throws(ArrayError) {
    if index > 0 {
      let list = othersCreated()
      let sum = list.arrays[index]
      list.arrays[index] = if let sum { try Add().forward(sum, gradient) } else { gradient }
      return
    }
    guard let sum = array else {
      array = gradient
      return
    }
    if ownsArray {
      try Add().forward(sum, gradient, into: sum)
    } else {
      array = try Add().forward(sum, gradient)
      ownsArray = true
    }
  }

  /// Adds a gradient that remembers how it was made.
  mutating func add(_ gradient: Tensor, _ index: Int) throws(ArrayError) {
    if index > 0 {
      let list = othersCreated()
      let sum = list.tensors[index]
      list.tensors[index] = if let sum { try Tensor.apply(Add(), sum, gradient) } else { gradient }
      return
    }
    tensor = if let tensor { try Tensor.apply(Add(), tensor, gradient) } else { gradient }
  }

  private mutating func othersCreated() -> OtherGradients {
    if let others { return others }
    let created = OtherGradients()
    others = created
    return created
  }
}

/// Gradients of the second and further results of one operation.
final class OtherGradients {
  var arrays: [Int: NDArray] = [:]
  var tensors: [Int: Tensor] = [:]
}

/// The notes about one node where the node itself is not to be written to.
final class SweepNotesBox {
  var notes = SweepNotes()
}

/// Nodes waiting, as a heap by sequence number or as a stack; the first few need no allocation.
struct NodeList: ~Copyable {
  private static var inlineCapacity: Int { 8 }
  private var near = InlineArray<8, Unmanaged<Node>?>(repeating: nil)
  private var far: [Unmanaged<Node>] = []
  private(set) var count = 0

  private subscript(position: Int) -> Unmanaged<Node> {
    get { position < NodeList.inlineCapacity ? near[position]! : far[position - NodeList.inlineCapacity] }
    set {
      if position < NodeList.inlineCapacity {
        near[position] = newValue
      } else if position - NodeList.inlineCapacity < far.count {
        far[position - NodeList.inlineCapacity] = newValue
      } else {
        far.append(newValue)
      }
    }
  }

  private func key(_ position: Int) -> UInt64 { self[position].sequenceNumber }

  mutating func push(_ node: Node) { push(Unmanaged.passUnretained(node)) }

  private mutating func push(_ node: Unmanaged<Node>) {
    self[count] = node
    count += 1
  }

  mutating func pop() -> Unmanaged<Node>? {
    if count == 0 { return nil }
    count -= 1
    return self[count]
  }

  /// Adds to the heap.
  mutating func insert(_ node: Unmanaged<Node>) {
    push(node)
    var child = count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if key(parent) >= key(child) { break }
      exchange(parent, child)
      child = parent
    }
  }

  /// Takes the node with the largest sequence number off the heap.
  mutating func takeLatest() -> Unmanaged<Node>? {
    if count < 2 { return pop() }
    exchange(0, count - 1)
    let latest = pop()
    var parent = 0
    while true {
      var largest = parent
      let (left, right) = (2 * parent + 1, 2 * parent + 2)
      if left < count && key(left) > key(largest) { largest = left }
      if right < count && key(right) > key(largest) { largest = right }
      if largest == parent { return latest }
      exchange(parent, largest)
      parent = largest
    }
  }

  private mutating func exchange(_ a: Int, _ b: Int) {
    let first = self[a]
    self[a] = self[b]
    self[b] = first
  }
}

extension Unmanaged where Instance == Node {
  /// The node's place in the order of recording.
  @inline(__always) var sequenceNumber: UInt64 { _withUnsafeGuaranteedRef { $0.sequenceNumber } }
}

extension NDArray {
  /// Whether this is its dtype and shape.
  @inline(__always) func hasType(_ type: ArrayType) -> Bool { dtype == type.dtype && shape == type.shape }
}
