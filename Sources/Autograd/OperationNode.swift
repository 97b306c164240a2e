import CKernels
import Operations

/// The node of an operation; subclasses by the number of operands add the derivative as tensors.
public class OperationNode<O: Operation>: Node, @unchecked Sendable {
  /// The operation with its parameters.
  @exclusivity(unchecked) @usableFromInline final var recorded: O

  @inlinable init(
    _ operation: O, rule: @escaping Rule, count: Int, output: ArrayType, many: ManyInputs? = nil,
    isReusable: Bool = false
  ) {
    recorded = operation
    super.init(
      rule: rule, sequenceNumber: ck_next_sequence(), count: count, output: output, isAccumulator: false,
      many: many, isReusable: isReusable)
  }

  /// Makes a node that served before that of another operation.
  @inlinable @inline(__always) final func begin(_ operation: O, output: NDArray) {
    recorded = operation
    number = ck_next_sequence()
    // Field by field: a whole copy first becomes one on the stack.
    self.output.dtype = output.dtype
    self.output.shape = output.shape
  }

  public override var operation: (any Operation)? { recorded }
  public override var name: String { recorded.gradientName }
}

extension Node {
  /// Connects an input: its gradient goes to `tensor`'s node. `isGiven`: the tensor gives its reference away.
  @inlinable @inline(__always) final func connect(
    _ input: Int, _ tensor: Tensor, _ node: Unmanaged<Node>, isGiven: Bool
  ) {
    if isGiven { _ = tensor.heldNode.take() } else { _ = node.retain() }
    switch input {
    case 0:
      edge0 = node
      edgeIndex.0 = tensor.outputIndex
    case 1:
      edge1 = node
      edgeIndex.1 = tensor.outputIndex
    default:
      edge2 = node
      edgeIndex.2 = tensor.outputIndex
    }
  }

  /// Throws where the rule would read an input's value that must not be kept.
  @inlinable @inline(__always) static func checkSaving(
    _ input: Int, _ tensor: Tensor, _ saves: SavedValues
  ) throws(ArrayError) {
    if tensor.isInference, saves.contains(SavedValues(input: input)) { throw Tensor.savedInferenceError }
  }

  /// Keeps an input's value if the rule reads it.
  @inlinable @inline(__always) final func save(_ input: Int, _ tensor: Tensor, _ saves: SavedValues) {
    guard saves.contains(SavedValues(input: input)) else { return }
    keepsValues = true
    switch input {
    case 0:
      heldInput0 = Held(tensor)
      versions.0 = tensor.version
    case 1:
      heldInput1 = Held(tensor)
      versions.1 = tensor.version
    default:
      heldInput2 = Held(tensor)
      versions.2 = tensor.version
    }
  }

  /// Keeps the result's value, without the tensor itself: that one holds this node.
  @inlinable @inline(__always) final func save(result: NDArray, _ saves: SavedValues) {
    guard saves.contains(.result) else { return }
    keepsValues = true
    heldResult = Held(Tensor(result))
    versions.3 = result.version
  }
}

extension SavedValues {
  /// The value of an input, of three at most.
  @inlinable @inline(__always) init(input: Int) {
    self.init(rawValue: 1 &<< UInt8(truncatingIfNeeded: input))
  }
}

/// What a rule sees when it calculates on plain arrays.
@usableFromInline struct ArrayPullback: PullbackContext {
  @usableFromInline typealias Value = NDArray
  @usableFromInline unowned(unsafe) let node: Node
  /// Whether what the node keeps is read for the last time.
  @usableFromInline let isLast: Bool
  @inlinable init(_ node: Node, isLast: Bool = false) {
    self.node = node
    self.isLast = isLast
  }

  @usableFromInline var inputCount: Int { node.inputCount }
  @inlinable @inline(__always) func input(_ index: Int) -> NDArray {
    guard let saved = node.savedArray(index) else { Node.notSaved(node, index) }
    return saved
  }
  @inlinable func lastInput(_ index: Int) -> NDArray {
    let value = input(index)
    if isLast { node.letGoOfInput(index) }
    return value
  }
  @inlinable @inline(__always) func result(_ index: Int) -> NDArray {
    guard let saved = node.savedOutput(index) else { Node.notSaved(node, -1) }
    return saved.array
  }
  @inlinable func shape(_ index: Int) -> Shape { node.inputType(index).shape }
  @inlinable func dtype(_ index: Int) -> DType { node.inputType(index).dtype }
  @inlinable func needsGradient(_ index: Int) -> Bool { node.hasEdge(index) }
}

extension Node {
  @usableFromInline static func notSaved(_ node: Node, _ index: Int) -> Never {
    let what = index < 0 ? "its result" : "input \(index)"
    stop(.runtime("\(node.name): the derivative rule reads \(what), which saves(for:) does not list"))
  }
}

/// What a rule sees when it calculates on tensors that remember how they were made.
struct TensorPullback: PullbackContext {
  typealias Value = Tensor
  let node: Node

  var inputCount: Int { node.inputCount }
  func input(_ index: Int) -> Tensor {
    guard let saved = node.savedInput(index) else { Node.notSaved(node, index) }
    let edge = node.edge(index)
    if saved.node === edge { return saved }
    // The tensor has moved on (detached, or not needed as a variable): its value as it stood in this graph.
    return Tensor(saved.array, node: edge, outputIndex: edge == nil ? 0 : node.edgeIndex(of: index))
  }
  func result(_ index: Int) -> Tensor {
    guard let saved = node.savedOutput(index) else { Node.notSaved(node, -1) }
    return Tensor(saved.array, node: node, outputIndex: index)
  }
  func shape(_ index: Int) -> Shape { node.inputType(index).shape }
  func dtype(_ index: Int) -> DType { node.inputType(index).dtype }
  func needsGradient(_ index: Int) -> Bool { node.hasEdge(index) }
}

// MARK: By the number of operands

/// The node of an operation on one tensor.
@usableFromInline final class UnaryNode<O: UnaryOperation>: OperationNode<O>, @unchecked Sendable {
  @exclusivity(unchecked) @usableFromInline var input: ArrayType

  @inlinable init(_ operation: O, _ input: ArrayType, output: ArrayType) {
    self.input = input
    super.init(
      operation, rule: UnaryNode.pullback, count: 1, output: output, isReusable: O.holdsNumbersOnly)
  }

  /// A node, new or one that served before; the caller owns the reference.
  @inlinable @inline(__always) static func new(
    _ operation: O, _ x: Tensor, output: NDArray
  ) -> Unmanaged<UnaryNode> {
    guard O.holdsNumbersOnly, let spare = spare(of: UnaryNode.self) else {
      return .passRetained(UnaryNode(operation, x.type, output: output.type))
    }
    spare._withUnsafeGuaranteedRef { node in
      node.begin(operation, output: output)
      node.input.dtype = x.dtype
      node.input.shape = x.shape
    }
    return spare
  }

  @usableFromInline override func inputType(_ index: Int) -> ArrayType { input }

  /// The node that remembers the operation on `x`, which `xNode` leads to. `isGiven`: `x` gives its node away.
  @inlinable static func make(
    _ operation: O, _ x: Tensor, _ xNode: Unmanaged<Node>, isGiven: Bool = false, output: NDArray
  ) throws(ArrayError) -> Held<Node> {
    let saves = operation.saves(for: 0)
    try checkSaving(0, x, saves)
    let node = new(operation, x, output: output)
    node._withUnsafeGuaranteedRef { node in
      node.connect(0, x, xNode, isGiven: isGiven)
      node.save(0, x, saves)
      node.save(result: output, saves)
      if operation.keepsNumber { node.keepsValues = true }
    }
    return Held(taking: .fromOpaque(node.toOpaque()))
  }

  @inlinable static var pullback: Rule {
    { node, gradient, sweep throws(ArrayError) in
      let operation = unsafeDowncast(node, to: UnaryNode<O>.self).recorded
      // Given away, so that the operation may write over it.
      let context = ArrayPullback(node, isLast: !sweep.retainsGraph)
      try sweep.deliver(try operation.arrayPullback(consume gradient, context), node, 0)
    }
  }

  override func deliverTensors(_ gradient: Tensor?, _ sweep: inout Sweep) throws(ArrayError) {
    let result = try gradient.map2 { gradient throws(ArrayError) in
      try recorded.throwingPullback(gradient, TensorPullback(node: self))
    }
    try sweep.deliver(result, self, 0)
  }
}

/// The node of an operation on two tensors.
@usableFromInline final class BinaryNode<O: BinaryOperation>: OperationNode<O>, @unchecked Sendable {
  @exclusivity(unchecked) @usableFromInline var left: ArrayType
  @exclusivity(unchecked) @usableFromInline var right: ArrayType

  @inlinable init(_ operation: O, _ left: ArrayType, _ right: ArrayType, output: ArrayType) {
    self.left = left
    self.right = right
    super.init(
      operation, rule: BinaryNode.pullback, count: 2, output: output, isReusable: O.holdsNumbersOnly)
  }

  /// A node, new or one that served before; the caller owns the reference.
  @inlinable @inline(__always) static func new(
    _ operation: O, _ x: Tensor, _ y: Tensor, output: NDArray
  ) -> Unmanaged<BinaryNode> {
    guard O.holdsNumbersOnly, let spare = spare(of: BinaryNode.self) else {
      return .passRetained(BinaryNode(operation, x.type, y.type, output: output.type))
    }
    spare._withUnsafeGuaranteedRef { node in
      node.begin(operation, output: output)
      node.left.dtype = x.dtype
      node.left.shape = x.shape
      node.right.dtype = y.dtype
      node.right.shape = y.shape
    }
    return spare
  }

  @usableFromInline override func inputType(_ index: Int) -> ArrayType { index == 0 ? left : right }

  /// Whether the operation repeated its operand, so that the gradient that its rule gives is to be summed.
  @inlinable @inline(__always) func isSpread(_ input: Int) -> Bool {
    O.isElementwise && (input == 0 ? left.shape : right.shape) != output.shape
  }

  /// The node that remembers the operation on `x` and `y`, which these nodes lead to. `givesFirst`: `x` gives its node away.
  @inlinable static func make(
    _ operation: O, _ x: Tensor, _ xNode: Unmanaged<Node>?, givesFirst: Bool = false, _ y: Tensor,
    _ yNode: Unmanaged<Node>?, output: NDArray
  ) throws(ArrayError) -> Held<Node> {
    var saves: SavedValues = []
    if xNode != nil { saves = operation.saves(for: 0) }
    if yNode != nil { saves.formUnion(operation.saves(for: 1)) }
    try checkSaving(0, x, saves)
    try checkSaving(1, y, saves)
    let node = new(operation, x, y, output: output)
    node._withUnsafeGuaranteedRef { node in
      if let xNode { node.connect(0, x, xNode, isGiven: givesFirst) }
      if let yNode { node.connect(1, y, yNode, isGiven: false) }
      node.save(0, x, saves)
      node.save(1, y, saves)
      node.save(result: output, saves)
    }
    return Held(taking: .fromOpaque(node.toOpaque()))
  }

  @inlinable static var pullback: Rule {
    { node, gradient, sweep throws(ArrayError) in
      let own = unsafeDowncast(node, to: BinaryNode<O>.self)
      if sweep.needs(node, 0) { try sweep.deliver(try own.pullback(gradient, to: 0), node, 0) }
      if sweep.needs(node, 1) { try sweep.deliver(try own.pullback(gradient, to: 1), node, 1) }
      (consume gradient).giveBack()
    }
  }

  /// The gradient of an input, given that of the result, on plain arrays.
  @inlinable @inline(__always) func pullback(
    _ gradient: NDArray, to input: Int
  ) throws(ArrayError) -> NDArray? {
    let context = ArrayPullback(self)
    if !isSpread(input) { return try recorded.arrayPullback(gradient, to: input, context) }
    let shape = input == 0 ? left.shape : right.shape
    if let sum = try recorded.summedPullback(gradient, to: input, shape, context) { return sum }
    guard let whole = try recorded.arrayPullback(gradient, to: input, context) else { return nil }
    return try SumTo(shape).forward(whole)
  }

  override func deliverTensors(_ gradient: Tensor?, _ sweep: inout Sweep) throws(ArrayError) {
    let context = TensorPullback(node: self)
    for input in 0..<2 where sweep.needs(self, input) {
      var result =
        try gradient.map2 { gradient throws(ArrayError) in
          try recorded.throwingPullback(gradient, to: input, context)
        } ?? nil
      let shape = inputType(input).shape
      if isSpread(input), let whole = result, whole.shape != shape { result = whole.sum(to: shape) }
      try sweep.deliver(result, self, input)
    }
  }
}

/// The node of an operation on three tensors.
@usableFromInline final class TernaryNode<O: TernaryOperation>: OperationNode<O>, @unchecked Sendable {
  @usableFromInline let inputs: (ArrayType, ArrayType, ArrayType)

  @inlinable init(_ operation: O, _ inputs: (ArrayType, ArrayType, ArrayType), output: ArrayType) {
    self.inputs = inputs
    super.init(operation, rule: TernaryNode.pullback, count: 3, output: output)
  }

  @usableFromInline override func inputType(_ index: Int) -> ArrayType {
    index == 0 ? inputs.0 : index == 1 ? inputs.1 : inputs.2
  }

  /// The node that remembers the operation on three tensors, which these nodes lead to.
  @inlinable static func make(
    _ operation: O, _ x: Tensor, _ xNode: Unmanaged<Node>?, _ y: Tensor, _ yNode: Unmanaged<Node>?,
    _ z: Tensor, _ zNode: Unmanaged<Node>?, output: NDArray
  ) throws(ArrayError) -> Held<Node> {
    var saves: SavedValues = []
    if xNode != nil { saves = operation.saves(for: 0) }
    if yNode != nil { saves.formUnion(operation.saves(for: 1)) }
    if zNode != nil { saves.formUnion(operation.saves(for: 2)) }
    try checkSaving(0, x, saves)
    try checkSaving(1, y, saves)
    try checkSaving(2, z, saves)
    let node = TernaryNode(operation, (x.type, y.type, z.type), output: output.type)
    if let xNode { node.connect(0, x, xNode, isGiven: false) }
    if let yNode { node.connect(1, y, yNode, isGiven: false) }
    if let zNode { node.connect(2, z, zNode, isGiven: false) }
    node.save(0, x, saves)
    node.save(1, y, saves)
    node.save(2, z, saves)
    node.save(result: output, saves)
    return Held(node)
  }

  @inlinable static var pullback: Rule {
    { node, gradient, sweep throws(ArrayError) in
      let operation = unsafeDowncast(node, to: TernaryNode<O>.self).recorded
      let context = ArrayPullback(node)
      if let (x, y, z) = try operation.jointPullback(gradient, context) {
        if sweep.needs(node, 0) { try sweep.deliver(x, node, 0) }
        if sweep.needs(node, 1) { try sweep.deliver(y, node, 1) }
        if sweep.needs(node, 2) { try sweep.deliver(z, node, 2) }
        return
      }
      for input in 0..<3 where sweep.needs(node, input) {
        let result = try operation.throwingPullback(gradient, to: input, context)
        try sweep.deliver(try fitted(result, node.inputType(input)), node, input)
      }
    }
  }

  /// The gradient of an operand, given that of the operand as it took part: summed over what broadcasting repeated, in its own dtype.
  @inlinable static func fitted<Value: Algebra>(
    _ gradient: Value?, _ type: ArrayType
  ) throws(ArrayError) -> Value? {
    guard O.isElementwise, let gradient else { return gradient }
    let sum = gradient.staticShape == type.shape ? gradient : try Value.apply(SumTo(type.shape), gradient)
    return sum.dtype == type.dtype ? sum : try Value.apply(Cast(type.dtype), sum)
  }

  override func deliverTensors(_ gradient: Tensor?, _ sweep: inout Sweep) throws(ArrayError) {
    let context = TensorPullback(node: self)
    for input in 0..<3 where sweep.needs(self, input) {
      let result =
        try gradient.map2 { gradient throws(ArrayError) in
          try recorded.throwingPullback(gradient, to: input, context)
        } ?? nil
      try sweep.deliver(try TernaryNode.fitted(result, inputType(input)), self, input)
    }
  }
}

/// The node of an operation with any number of operands and results.
@usableFromInline final class VariadicNode<O: VariadicOperation>: OperationNode<O>, @unchecked Sendable {
  @usableFromInline override func inputType(_ index: Int) -> ArrayType { many!.inputs[index] }

  @usableFromInline static func make(
    _ operation: O, _ xs: [Tensor], outputs: [NDArray]
  ) throws(ArrayError) -> VariadicNode {
    let many = ManyInputs(inputs: xs.map(\.array.type), outputs: outputs.map(\.type))
    var saves: SavedValues = []
    let entries = operation.gradientEntries(xs.count)
    for (index, x) in xs.enumerated() {
      guard let node = x.currentNode else { continue }
      try require(
        entries.contains(index),
        .runtime(
          "\(O.name): is not differentiable with respect to its argument \(index), which cannot require a gradient; detach() it first"
        ))
      many.edges[index] = node
      many.indices[index] = Int(x.outputIndex)
      saves.formUnion(operation.saves(for: index))
    }
    let node = VariadicNode(operation, rule: pullback, count: 0, output: outputs[0].type, many: many)
    for (index, x) in xs.enumerated() {
      guard saves.contains(SavedValues(rawValue: 1 << UInt8(min(index, 2)))) else { continue }
      if x.isInference { throw Tensor.savedInferenceError }
      many.saved[index] = x
      many.versions[index] = x.array.version
      node.keepsValues = true
    }
    if saves.contains(.result) {
      many.results = outputs.map { Tensor($0) }
      many.resultVersions = outputs.map(\.version)
      node.keepsValues = true
    }
    return node
  }

  @usableFromInline static var pullback: Rule {
    { node, gradient, sweep throws(ArrayError) in
      try unsafeDowncast(node, to: VariadicNode<O>.self).deliverArrays(gradient, &sweep)
    }
  }

  /// What an operation makes of no gradient is not always what it makes of zeros: vectors of a singular value decomposition divide by 0.
  override func deliverArraysWithoutFirst(_ sweep: inout Sweep) throws(ArrayError) {
    try deliverArrays(nil, &sweep)
  }

  @usableFromInline func deliverArrays(_ gradient: NDArray?, _ sweep: inout Sweep) throws(ArrayError) {
    let gradients = sweep.takeArrays(self, first: gradient)
    let results = try recorded.throwingPullback(gradients, ArrayPullback(self))
    for (input, result) in results.enumerated() where sweep.needs(self, input) {
      try sweep.deliver(result, self, input)
    }
  }

  override func deliverTensors(_ gradient: Tensor?, _ sweep: inout Sweep) throws(ArrayError) {
    let gradients = sweep.takeTensors(self, first: gradient)
    let results = try recorded.throwingPullback(gradients, TensorPullback(node: self))
    for (input, result) in results.enumerated() where sweep.needs(self, input) {
      try sweep.deliver(result, self, input)
    }
  }
}

/// The node of an operation that is recorded though it has no derivative: a pass that comes to it is refused.
@usableFromInline final class UnderivedNode<O: Operation>: OperationNode<O>, @unchecked Sendable {
  private let inputs: [ArrayType]

  @usableFromInline init(
    _ operation: O, _ inputs: [(tensor: Tensor, node: Unmanaged<Node>?)], output: ArrayType
  ) {
    self.inputs = inputs.map(\.tensor.type)
    super.init(
      operation, rule: { _, _, _ throws(ArrayError) in throw Self.refusal }, count: inputs.count,
      output: output)
    for (index, input) in inputs.enumerated() {
      if let node = input.node { connect(index, input.tensor, node, isGiven: false) }
    }
  }

  public override var name: String { "NotImplemented" }
  @usableFromInline override func inputType(_ index: Int) -> ArrayType { inputs[index] }
  override func deliverTensors(_ gradient: Tensor?, _ sweep: inout Sweep) throws(ArrayError) {
    throw Self.refusal
  }

  private static var refusal: ArrayError {
    .runtime("\(O.name): derivative for aten::\(O.name) is not implemented; detach() the result")
  }
}
