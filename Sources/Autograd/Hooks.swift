import CKernels
import Operations

/// What runs when the gradient of a tensor is complete, before it is used.
final class NodeHooks {
  enum Body {
    /// May replace the gradient.
    case hook((Tensor) -> Tensor?)
    /// Keeps it as the `grad` of a tensor that is no leaf.
    case retain(WeakTensor)
  }
  private(set) var list: [(id: Int, index: Int, body: Body)] = []
  private var lastID = 0

  func add(_ index: Int, _ body: Body) -> Int {
    lastID += 1
    list.append((lastID, index, body))
    return lastID
  }

  func remove(_ id: Int) {
    list.removeAll { $0.id == id }
    before.removeAll { $0.id == id }
    after.removeAll { $0.id == id }
  }

  // MARK: Hooks of the node

  private var before: [(id: Int, body: ([Tensor?]) -> [Tensor?]?)] = []
  private var after: [(id: Int, body: ([Tensor?], [Tensor?]) -> [Tensor?]?)] = []

  /// Whether the node's rule has to hand its gradients to hooks.
  var watchesRule: Bool { !after.isEmpty }
  /// Whether hooks see all gradients of the node's results together.
  var watchesResults: Bool { !before.isEmpty }

  func addBefore(_ body: @escaping ([Tensor?]) -> [Tensor?]?) -> Int {
    lastID += 1
    before.append((lastID, body))
    return lastID
  }

  func addAfter(_ body: @escaping ([Tensor?], [Tensor?]) -> [Tensor?]?) -> Int {
    lastID += 1
    after.append((lastID, body))
    return lastID
  }

  /// The gradients of the results after the hooks that run before the rule.
  func runBefore(_ gradients: [Tensor?], _ createsGraph: Bool) throws(ArrayError) -> [Tensor?] {
    var gradients = gradients
    for hook in before {
      guard let replaced = gradEnabled(createsGraph, { hook.body(gradients) }) else { continue }
      gradients = try NodeHooks.checked(replaced, gradients)
    }
    return gradients
  }

  /// The gradients of the inputs after the hooks that run after the rule.
  func runAfter(
    _ gradients: [Tensor?], of results: [Tensor?], _ createsGraph: Bool
  ) throws(ArrayError) -> [Tensor?] {
    var gradients = gradients
    for hook in after {
      guard let replaced = gradEnabled(createsGraph, { hook.body(gradients, results) }) else { continue }
      gradients = try NodeHooks.checked(replaced, gradients)
    }
    return gradients
  }

  private static func checked(_ new: [Tensor?], _ old: [Tensor?]) throws(ArrayError) -> [Tensor?] {
    try require(
      new.count == old.count,
      .runtime("hook: a hook has returned \(new.count) gradients for \(old.count); return one per place"))
    for (new, old) in zip(new, old) {
      if let new, let old { try check(new, old) }
    }
    return new
  }

  private static func check(_ new: Tensor, _ old: Tensor) throws(ArrayError) {
    if new.dtype != old.dtype || new.shape != old.shape {
      throw .runtime(
        "hook: a hook has changed the gradient from \(old.dtype) \(old.shape) to \(new.dtype) \(new.shape); return one of the same dtype and shape"
      )
    }
  }

  /// Takes the retaining entry of result `index` away, for a tensor that moves to another node.
  func removeRetain(_ index: Int) {
    list.removeAll { entry in
      if case .retain = entry.body { return entry.index == index }
      return false
    }
  }

  /// The gradient after all hooks of result `index`; the retaining ones see it last.
  func run(_ gradient: Tensor, _ index: Int, _ createsGraph: Bool) throws(ArrayError) -> Tensor {
    var gradient = gradient
    for entry in list where entry.index == index {
      guard case .hook(let body) = entry.body else { continue }
      guard let replaced = gradEnabled(createsGraph, { body(gradient) }) else { continue }
      try NodeHooks.check(replaced, gradient)
      gradient = replaced
    }
    for entry in list where entry.index == index {
      guard case .retain(let reference) = entry.body, let tensor = reference.tensor else { continue }
      try tensor.retain(gradient, createsGraph)
    }
    return gradient
  }
}

/// Takes a hook off again.
public struct HookHandle {
  private let removal: () -> Void
  init(_ removal: @escaping () -> Void) { self.removal = removal }
  /// The hook runs no more.
  public func remove() { removal() }
}

extension Tensor {
  /// Calls `hook` with this tensor's gradient in every later sweep, before the gradient is used; what it returns, if anything, takes the
  /// gradient's place. Throws when the tensor requires no gradient.
  @discardableResult
  public func addingHook(_ hook: @escaping (Tensor) -> Tensor?) throws(ArrayError) -> HookHandle {
    guard let node = currentNode else {
      throw .runtime("registerHook: cannot register a hook on a tensor that doesn't require gradient")
    }
    let hooks = node.hooks ?? NodeHooks()
    node.hooks = hooks
    let id = hooks.add(Int(outputIndex), .hook(hook))
    return HookHandle { hooks.remove(id) }
  }

  /// As `addingHook`; stops when the tensor requires no gradient.
  @discardableResult public func registerHook(_ hook: @escaping (Tensor) -> Tensor?) -> HookHandle {
    checked { () throws(ArrayError) in try addingHook(hook) }
  }

  /// Calls `hook` with this leaf after each time a gradient was added to its `grad`. Stops when it is no leaf that requires a gradient.
  @discardableResult
  public func registerPostAccumulateGradHook(_ hook: @escaping (Tensor) -> Void) -> HookHandle {
    guard let leaf = accumulator else {
      stop(
        .runtime(
          "registerPostAccumulateGradHook: post accumulate grad hooks cannot be registered on non-leaf tensors or tensors that require no gradient"
        ))
    }
    let id = (leaf.postHooks.map(\.id).max() ?? 0) + 1
    leaf.postHooks.append((id, WeakTensor(tensor: self), hook))
    return HookHandle { leaf.postHooks.removeAll { $0.id == id } }
  }

  /// Keeps the gradient of this tensor, though it is no leaf, as its `grad` in later sweeps. Nothing happens for a leaf. Throws when it
  /// requires no gradient.
  public func retainingGrad() throws(ArrayError) {
    guard let node = currentNode else {
      throw .runtime("retainGrad: can't retain_grad on Tensor that has requires_grad=False")
    }
    if node.isAccumulator || extras?.retainsGrad == true { return }
    extrasCreated().retainsGrad = true
    node.addRetain(self)
  }

  /// As `retainingGrad`; stops when the tensor requires no gradient.
  public func retainGrad() { checked { () throws(ArrayError) in try retainingGrad() } }

  /// Whether this is no leaf and keeps its gradient.
  public var retainsGrad: Bool { !isLeaf && extras?.retainsGrad == true }

  func retain(_ gradient: Tensor, _ createsGraph: Bool) throws(ArrayError) {
    let extras = extrasCreated()
    if let grad = extras.grad {
      extras.grad =
        createsGraph
        ? try Tensor.apply(Add(), grad, gradient) : Tensor(try Add().forward(grad.array, gradient.array))
    } else {
      extras.grad = createsGraph ? gradient : Tensor(try gradient.array.clone())
    }
  }
}

extension Node {
  private func hooksCreated() -> NodeHooks {
    if let hooks { return hooks }
    let created = NodeHooks()
    hooks = created
    return created
  }

  /// Calls `hook` in every later sweep after this node's rule has run, with the gradients of the operation's inputs (nil where none was
  /// calculated) and those of its results. What it returns, if anything, takes the place of the former.
  ///
  /// At the accumulator of a leaf it is called when the gradient was added, with no gradients of inputs.
  @discardableResult
  public final func registerHook(
    _ hook: @escaping (_ gradInputs: [Tensor?], _ gradOutputs: [Tensor?]) -> [Tensor?]?
  ) -> HookHandle {
    let hooks = hooksCreated()
    let id = hooks.addAfter(hook)
    return HookHandle { hooks.remove(id) }
  }

  /// Calls `hook` in every later sweep before this node's rule runs, with the gradients of the operation's results. What it returns, if
  /// anything, takes their place.
  @discardableResult
  public final func registerPrehook(_ hook: @escaping (_ gradOutputs: [Tensor?]) -> [Tensor?]?) -> HookHandle
  {
    let hooks = hooksCreated()
    let id = hooks.addBefore(hook)
    return HookHandle { hooks.remove(id) }
  }

  func addRetain(_ tensor: Tensor) {
    _ = hooksCreated().add(Int(tensor.outputIndex), .retain(WeakTensor(tensor: tensor)))
  }
}
