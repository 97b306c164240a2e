import CKernels
import Operations

/// An operation of one's own, with a forward calculation and a derivative: PyTorch's `torch.autograd.Function`.
///
/// ```swift
/// struct Exp: Function {
///   func forward(_ context: FunctionContext, _ inputs: [Tensor]) throws(ArrayError) -> [Tensor] {
///     let result = inputs[0].exp()
///     context.saveForBackward(result)
///     return [result]
///   }
///   func backward(_ context: FunctionContext, _ gradOutputs: [Tensor?]) throws(ArrayError) -> [Tensor?] {
///     [try gradOutputs[0]! * context.savedTensors[0]!]
///   }
/// }
/// let y = Exp().apply(x)
/// ```
///
/// What is no tensor is a stored property. `forward` runs unrecorded. `backward` is recorded when its result is to be differentiated in
/// turn, so that a function whose `backward` uses recorded operations on saved inputs and results has higher derivatives; one that does
/// not says `isOnceDifferentiable`. The node is named after the type: `ExpBackward`.
public protocol Function: Sendable {
  /// The results. Values that `backward` reads are handed to `context.saveForBackward`.
  func forward(_ context: FunctionContext, _ inputs: [Tensor]) throws(ArrayError) -> [Tensor]
  /// The gradients of the inputs, nil where there is none, given those of the results.
  ///
  /// A result that took no part has zeros, or nil when `context.materializesGrads` is off.
  func backward(_ context: FunctionContext, _ gradOutputs: [Tensor?]) throws(ArrayError) -> [Tensor?]
  /// Whether `backward` cannot itself be differentiated; doing so is then an error instead of a wrong result.
  var isOnceDifferentiable: Bool { get }
}

extension Function {
  public var isOnceDifferentiable: Bool { false }

  /// The only result of the function on these tensors. Stops when it has several, or throws.
  public func apply(_ inputs: Tensor...) -> Tensor {
    checked { () throws(ArrayError) in
      let results = try applied(to: inputs)
      try require(
        results.count == 1,
        .runtime("\(Self.self): has \(results.count) results; applied(to:) returns them all"))
      return results[0]
    }
  }

  /// The results of the function on these tensors, recorded where one of them requires a gradient.
  ///
  /// A result that is one of the inputs becomes a tensor of its own that shares the elements, unless `markDirty` says that it was changed
  /// in place.
  public func applied(to inputs: [Tensor]) throws(ArrayError) -> [Tensor] {
    let context = FunctionContext()
    var isRecorded = false
    if ck_grad_mode_get() != 0 {
      for input in inputs where try input.recordedNode() != nil { isRecorded = true }
    }
    context.needsInputGrad = inputs.map { isRecorded && $0.currentNode != nil }
    for (index, input) in inputs.enumerated() where input.isInference && isRecorded {
      throw .runtime(
        "\(Self.self): input \(index) is an inference tensor; clone() it outside inferenceMode first")
    }
    let made = try noGrad { () throws(ArrayError) in try forward(context, inputs) }
    try require(!made.isEmpty, .runtime("\(Self.self): forward returned no result"))
    let (dirty, constants) = (context.dirty, context.nonDifferentiable)
    for tensor in dirty where !made.contains(where: { $0 === tensor }) {
      throw .runtime(
        "\(Self.self): a tensor marked dirty must be returned by forward: its new value is a result")
    }
    let results = made.map { result in
      let isInput = inputs.contains { $0 === result }
      return isInput && !dirty.contains { $0 === result } ? Tensor(result.array) : result
    }
    guard isRecorded else {
      context.finish(nil, inputs, made)
      return results
    }
    let node = FunctionNode(self, context, inputs, results)
    context.finish(node, inputs, made)
    for (index, result) in results.enumerated() {
      if dirty.contains(where: { $0 === result }) {
        try result.rebase(to: node, index, "\(Self.self)")
      } else if result.dtype.isFloatingPoint && !constants.contains(where: { $0 === made[index] }) {
        result.node = node
        result.outputIndex = UInt16(index)
      }
    }
    return results
  }
}

/// What a function's `forward` leaves for its `backward`.
public final class FunctionContext: @unchecked Sendable {
  /// Which inputs need a gradient; others may be left nil by `backward`.
  public internal(set) var needsInputGrad: [Bool] = []
  /// Whether results that took no part have zeros as their gradient rather than nil.
  public var materializesGrads = true

  private var toSave: [Tensor?] = []
  fileprivate private(set) var nonDifferentiable: [Tensor] = []
  fileprivate private(set) var dirty: [Tensor] = []
  private weak var node: FunctionNodeBase?

  /// Keeps tensors for `backward`: inputs and results. A change in place after that is noticed. Called in `forward`, once.
  public func saveForBackward(_ tensors: Tensor?...) { toSave = tensors }

  /// Says that gradients do not flow through these results.
  public func markNonDifferentiable(_ results: Tensor...) { nonDifferentiable += results }

  /// Says that `forward` changed these inputs in place; they must be among its results.
  public func markDirty(_ inputs: Tensor...) {
    dirty += inputs
    for input in inputs { input.array.storage.version += 1 }
  }

  /// What was saved, in that order, with its place in the graph. Throws when it was freed by a backward pass, or changed in place since.
  public var savedTensors: [Tensor?] {
    get throws(ArrayError) {
      guard let node else {
        throw .runtime("savedTensors: there is nothing to differentiate; the function was not recorded")
      }
      return try node.unpacked()
    }
  }

  /// Hands what was saved to the node and lets go of everything else, which would keep the graph alive.
  fileprivate func finish(_ node: FunctionNodeBase?, _ inputs: [Tensor], _ results: [Tensor]) {
    node?.save(toSave, inputs, results)
    self.node = node
    toSave = []
    nonDifferentiable = []
    dirty = []
  }
}
