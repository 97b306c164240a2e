import CKernels
import Operations

/// The node of a function of the user's own, whatever its type.
class FunctionNodeBase: Node, @unchecked Sendable {
  /// Where a saved tensor stands in the graph.
  private enum Place {
    case input(Int)
    /// This node made it; the tensor itself is not kept, since it holds this node.
    case result(Int)
    case elsewhere
  }
  private final var places: [Place] = []

  init(rule: @escaping Rule, _ inputs: [Tensor], _ results: [Tensor]) {
    let many = ManyInputs(inputs: inputs.map(\.array.type), outputs: results.map(\.array.type))
    for (index, input) in inputs.enumerated() {
      guard let node = input.currentNode else { continue }
      many.edges[index] = node
      many.indices[index] = Int(input.outputIndex)
    }
    super.init(
      rule: rule, sequenceNumber: ck_next_sequence(), count: 0, output: results[0].array.type,
      isAccumulator: false, many: many)
  }

  override func inputType(_ index: Int) -> ArrayType { many!.inputs[index] }

  /// Keeps tensors behind the places of the inputs' own values, so that releasing the graph finds them.
  final func save(_ tensors: [Tensor?], _ inputs: [Tensor], _ results: [Tensor]) {
    guard let many, !tensors.isEmpty else { return }
    keepsValues = true
    for tensor in tensors {
      var kept = tensor
      if let input = inputs.firstIndex(where: { $0 === tensor }) {
        places.append(.input(input))
      } else if let result = results.firstIndex(where: { $0 === tensor }) {
        places.append(.result(result))
        kept = tensor.map { Tensor($0.array, node: nil, outputIndex: 0) }
      } else {
        places.append(.elsewhere)
      }
      many.saved.append(kept)
      many.versions.append(tensor?.array.version ?? 0)
    }
  }

  /// The saved tensors at their places in the graph.
  final func unpacked() throws(ArrayError) -> [Tensor?] {
    guard let many else { return [] }
    if isFreed { throw freedError() }
    var tensors: [Tensor?] = []
    for (index, place) in places.enumerated() {
      let slot = inputCount + index
      guard let saved = many.saved[slot] else {
        tensors.append(nil)
        continue
      }
      if saved.array.version != many.versions[slot] {
        throw modifiedError("saved tensor \(index)", saved, many.versions[slot], nil)
      }
      switch place {
      case .input(let input) where saved.node !== many.edges[input]:
        tensors.append(Tensor(saved.array, node: many.edges[input], outputIndex: many.indices[input]))
      case .result(let result):
        tensors.append(Tensor(saved.array, node: self, outputIndex: result))
      default: tensors.append(saved)
      }
    }
    return tensors
  }
}

/// The node of one type of function.
final class FunctionNode<F: Function>: FunctionNodeBase, @unchecked Sendable {
  private let function: F
  private let context: FunctionContext

  init(_ function: F, _ context: FunctionContext, _ inputs: [Tensor], _ results: [Tensor]) {
    self.function = function
    self.context = context
    super.init(rule: FunctionNode.rule, inputs, results)
  }

  override var name: String { "\(F.self)Backward" }

  private static var rule: Rule {
    { node, gradient, sweep throws(ArrayError) in
      let node = unsafeDowncast(node, to: FunctionNode<F>.self)
      let given = sweep.takeArrays(node, first: gradient).map { array in array.map { Tensor($0) } }
      let gradients = try noGrad { () throws(ArrayError) in try node.gradients(given) }
      for (input, gradient) in gradients.enumerated() { try sweep.deliver(gradient?.array, node, input) }
    }
  }

  override func deliverTensors(_ gradient: Tensor?, _ sweep: inout Sweep) throws(ArrayError) {
    let given = sweep.takeTensors(self, first: gradient)
    var gradients: [Tensor?]
    if function.isOnceDifferentiable {
      gradients = try noGrad { () throws(ArrayError) in try self.gradients(given) }
      let refusal = OnceDifferentiableNode(self)
      gradients = gradients.enumerated().map { index, gradient in
        gradient.map { Tensor($0.array, node: refusal, outputIndex: index) }
      }
    } else {
      gradients = try self.gradients(given)
    }
    for (input, gradient) in gradients.enumerated() { try sweep.deliver(gradient, self, input) }
  }

  /// What `backward` says, one per input, each summed and converted to its input's shape and dtype.
  private func gradients(_ given: [Tensor?]) throws(ArrayError) -> [Tensor?] {
    var given = given
    if context.materializesGrads {
      for (index, gradient) in given.enumerated() where gradient == nil {
        let type = outputType(index)
        given[index] = Tensor(try NDArray(full: type.shape, 0, type.dtype))
      }
    }
    var gradients = try function.backward(context, given)
    while gradients.count > inputCount, gradients.last! == nil { gradients.removeLast() }
    try require(
      gradients.count == inputCount,
      .runtime(
        "\(name): function \(F.self) returned an incorrect number of gradients (expected \(inputCount), got \(gradients.count)); return one per input, nil where there is none"
      ))
    for (index, gradient) in gradients.enumerated() {
      guard var fitted = gradient, edge(index) != nil else {
        gradients[index] = nil
        continue
      }
      let type = inputType(index)
      if fitted.shape != type.shape, Shape.broadcast(type.shape, fitted.shape) == fitted.shape {
        fitted = try Tensor.apply(SumTo(type.shape), fitted)
      }
      if fitted.dtype != type.dtype { fitted = try Tensor.apply(Cast(type.dtype), fitted) }
      gradients[index] = fitted
    }
    return gradients
  }
}

/// Refuses to differentiate what a function that is differentiable once has calculated.
private final class OnceDifferentiableNode: Node, @unchecked Sendable {
  private let title: String

  init(_ node: Node) {
    title = node.name
    // The edges make the error reachable from whatever asks for a gradient behind the function.
    let many = ManyInputs(inputs: node.many!.inputs, outputs: node.many!.inputs)
    many.edges = node.many!.edges
    many.indices = node.many!.indices
    super.init(
      rule: { node, _, _ throws(ArrayError) in throw OnceDifferentiableNode.error(node.name) },
      sequenceNumber: ck_next_sequence(), count: 0, output: node.inputType(0), isAccumulator: false,
      many: many)
  }

  override var name: String { title }
  override func inputType(_ index: Int) -> ArrayType { many!.inputs[index] }
  override func deliverTensors(_ gradient: Tensor?, _ sweep: inout Sweep) throws(ArrayError) {
    throw OnceDifferentiableNode.error(name)
  }

  private static func error(_ name: String) -> ArrayError {
    .runtime(
      "\(name): trying to differentiate twice a function that was marked with once_differentiable; write backward with recorded operations instead"
    )
  }
}
