import CKernels
@_exported import Operations

/// An array that can remember how it was made, so that gradients can be calculated: PyTorch's `Tensor`.
///
/// A tensor is *shared* when assigned, as in PyTorch; `clone()` copies. Operations on it are those of every algebra (`x.exp()`,
/// `x + y`, `x.sum()`, `x.add_(y)`); they are recorded when recording is on and an operand requires a gradient.
///
/// Not synchronised: several threads may read one tensor and run backward through graphs that share leaves; one that changes
/// elements must be alone.
public final class Tensor: @unchecked Sendable {
  /// The elements. Changing them in place is not recorded, but noticed by `backward()` where they are needed.
  @inlinable @inline(__always) public var array: NDArray { elements.array }
  // Replaced only when the tensor changes its shape in place.
  @exclusivity(unchecked) @usableFromInline var elements: NDArray.Loan

  /// The node that made it; for a leaf that requires a gradient, its accumulator. nil: no gradient required.
  @inlinable @inline(__always) var node: Node? {
    get { heldNode.object }
    set { heldNode.object = newValue }
  }
  @exclusivity(unchecked) @usableFromInline var heldNode: Held<Node>
  /// The tensor whose memory this is a view of, itself no view.
  @inlinable @inline(__always) var base: Tensor? {
    get { heldBase.object }
    set { heldBase.object = newValue }
  }
  @inlinable @inline(__always) var isView: Bool { !heldBase.isEmpty }
  @exclusivity(unchecked) @usableFromInline var heldBase = Held<Tensor>()
  @usableFromInline var extras: TensorExtras? {
    @inlinable @inline(__always) get { heldExtras.object }
    set { heldExtras.object = newValue }
  }
  @exclusivity(unchecked) @usableFromInline var heldExtras = Held<TensorExtras>()
  /// The version of the storage for which `node` is right; only views look at it.
  @exclusivity(unchecked) @usableFromInline var viewVersion: Int = 0
  /// Which result of the node's operation this is.
  @exclusivity(unchecked) @usableFromInline var outputIndex: UInt16 = 0
  @exclusivity(unchecked) @usableFromInline var viewOrigin = ViewOrigin.recorded
  /// Whether `detach_` cut it off from an operation.
  @exclusivity(unchecked) var isCutOff = false
  /// Whether it was made in `inferenceMode`.
  @usableFromInline let isInference: Bool

  /// How a view was made, which decides whether it may be changed in place.
  @usableFromInline enum ViewOrigin: UInt8 {
    case recorded, unrecorded, oneOfSeveral
  }

  /// A tensor with these elements, shared, that requires no gradient.
  @inlinable public init(_ array: NDArray) {
    elements = NDArray.Loan(holding: array)
    heldNode = Held()
    isInference = ck_inference_mode_get() != 0
  }

  deinit {
    if let node = heldNode.take() { Node.letGo(of: node) }
    elements.giveBack()
    heldBase.letGo()
    heldExtras.letGo()
  }

  /// A leaf with these elements, shared. Stops when a gradient is required of a dtype that is not floating.
  public convenience init(_ array: NDArray, requiresGrad: Bool) {
    self.init(array)
    if requiresGrad { requiresGrad_() }
  }

  /// The first result of an operation, which `node` remembers if it was recorded.
  @inlinable @inline(__always) init(_ array: consuming NDArray, recordedAs node: Held<Node>) {
    isInference = node.isEmpty && ck_inference_mode_get() != 0
    elements = NDArray.Loan(holding: array)
    heldNode = node
  }

  /// A result of a recorded operation.
  @usableFromInline init(_ array: NDArray, node: Node?, outputIndex: Int) {
    elements = NDArray.Loan(holding: array)
    heldNode = Held(node)
    self.outputIndex = UInt16(truncatingIfNeeded: outputIndex)
    isInference = false
  }
}

extension Tensor {
  /// Lets the tensor see other elements.
  func replaceElements(by array: NDArray) {
    let old = elements
    elements = NDArray.Loan(holding: array)
    old.giveBack()
  }
}

/// What only few tensors have.
@usableFromInline final class TensorExtras {
  /// The gradient of a tensor that has no accumulator: one that retains it, or to which it was assigned.
  var grad: Tensor?
  /// Whether the gradient is kept though the tensor is no leaf.
  var retainsGrad = false
  /// The accumulator of a leaf that requires no gradient at present: older graphs still lead to it.
  var resting: AccumulateGrad?
}

// MARK: Description

extension Tensor {
  /// The type of the elements.
  @inlinable public var dtype: DType { elements.dtype }
  /// The size of each dimension.
  @inlinable public var shape: Shape { elements.shape }
  /// The size of each dimension, as PyTorch calls it.
  public func size() -> Shape { shape }
  /// The size of one dimension; negative counts from the end.
  public func size(_ dim: Int) -> Int {
    checked { () throws(ArrayError) in shape[try shape.axis(dim, "size")] }
  }
  /// The number of dimensions.
  @inlinable public var rank: Int { array.rank }
  /// The number of dimensions, as PyTorch calls it.
  public func dim() -> Int { rank }
  /// The number of elements.
  @inlinable public var count: Int { elements.count }
  /// The dtype and shape.
  @inlinable @inline(__always) var type: ArrayType { ArrayType(elements.dtype, elements.shape) }
  /// The number of elements, as PyTorch calls it.
  public func numel() -> Int { count }

  /// The one element, converted to `type`. Stops for any other number of elements.
  @inlinable public func item<Element: ArrayElement>(as type: Element.Type = Element.self) -> Element {
    array.item(as: type)
  }
  /// A copy of the elements in row-major order, converted to `type`.
  public func toArray<Element: ArrayElement>(of type: Element.Type = Element.self) -> [Element] {
    array.toArray(of: type)
  }
  /// The elements as an array that shares the memory. Stops when the tensor requires a gradient: `detach()` first.
  public func numpy() -> NDArray {
    if requiresGrad {
      stop(.runtime("numpy: can't call numpy() on a tensor that requires grad; use detach().numpy() instead"))
    }
    return array
  }
}

// MARK: Leaves, gradients

extension Tensor {
  /// The accumulator of a leaf that requires a gradient.
  var accumulator: AccumulateGrad? {
    guard let node, node.isAccumulator else { return nil }
    return unsafeDowncast(node, to: AccumulateGrad.self)
  }

  func extrasCreated() -> TensorExtras {
    if let extras { return extras }
    let created = TensorExtras()
    extras = created
    return created
  }

  /// The node as of now: that of a view whose memory has been changed since is made anew.
  @inlinable @inline(__always) var currentNode: Node? {
    if isView { updateView() }
    return node
  }

  /// As `currentNode`, for an operation that is about to be recorded. Throws for a view that cannot be made anew after a change.
  @inlinable @inline(__always) func recordedNode() throws(ArrayError) -> Node? {
    if isView { try checkedView() }
    return node
  }

  /// As above; no reference is counted.
  @inlinable @inline(__always) func recordedReference() throws(ArrayError) -> Unmanaged<Node>? {
    if isView { try checkedView() }
    return heldNode.reference
  }

  /// Whether a gradient is calculated for this tensor: it is a leaf of which one was asked for, or was made from one.
  public var requiresGrad: Bool { currentNode != nil }

  /// Whether no recorded operation made this tensor.
  public var isLeaf: Bool { currentNode?.isAccumulator ?? true }

  /// The node of the operation that made this tensor; nil for a leaf.
  public var gradFn: Node? {
    guard let node = currentNode, !node.isAccumulator else { return nil }
    return node
  }

  /// Which result of `gradFn`'s operation this is.
  public var outputNumber: Int { Int(outputIndex) }

  /// The accumulated gradient of a leaf, or of a tensor that retains it; nil when none was calculated (which is not zero).
  public var grad: Tensor? {
    get {
      let accumulated: Tensor?? = heldNode.map { node in
        node.isAccumulator ? unsafeDowncast(node, to: AccumulateGrad.self).grad : nil
      }
      if case let gradient?? = accumulated { return gradient }
      return extras?.grad
    }
    set { checked { () throws(ArrayError) in try setGrad(newValue) } }
  }

  /// The throwing form of assigning to `grad`: the gradient must have this tensor's dtype and shape.
  public func setGrad(_ value: Tensor?) throws(ArrayError) {
    if let value {
      try require(value !== self, .runtime("grad: can't assign Variable as its own grad"))
      try require(
        value.dtype == dtype && value.shape == shape,
        .runtime(
          "grad: assigned grad has \(value.dtype) \(value.shape), but the tensor has \(dtype) \(shape); both must be equal"
        ))
    }
    if let accumulator {
      accumulator.grad = value
    } else if extras != nil || value != nil {
      extrasCreated().grad = value
    }
  }

  /// Asks for a gradient of this leaf, or no longer. Returns itself. Stops for a dtype that is not floating, and when a result of a
  /// recorded operation is told to require none.
  @discardableResult public func requiresGrad_(_ value: Bool = true) -> Tensor {
    checked { () throws(ArrayError) in try setRequiresGrad(value) }
    return self
  }

  /// The throwing form of `requiresGrad_`.
  public func setRequiresGrad(_ value: Bool) throws(ArrayError) {
    if value == requiresGrad { return }
    if value {
      try require(
        dtype.isFloatingPoint,
        .runtime(
          "requiresGrad_: only Tensors of floating point dtype can require gradients, this one is \(dtype); convert with to(_:) first"
        ))
      try require(
        !isInference || isInferenceModeEnabled,
        .runtime(
          "requiresGrad_: setting requires_grad on an inference tensor is not allowed; clone() it first"))
      let leaf = extras?.resting ?? AccumulateGrad(array)
      leaf.isEnabled = true
      if let grad = extras?.grad { leaf.grad = grad }
      extras?.resting = nil
      extras?.grad = nil
      node = leaf
      outputIndex = 0
    } else {
      guard let leaf = accumulator else {
        throw .runtime(
          "requiresGrad_: you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use x.detach()."
        )
      }
      leaf.isEnabled = false
      let extras = extrasCreated()
      extras.resting = leaf
      extras.grad = leaf.grad
      leaf.grad = nil
      node = nil
    }
  }

  /// A tensor with the same elements, shared, and no history. Changes in place are seen through both.
  public func detach() -> Tensor { Tensor(array) }

  /// Cuts this tensor off from its history: it becomes a leaf that requires no gradient. Stops for a view.
  @discardableResult public func detach_() -> Tensor {
    checked { () throws(ArrayError) in try detachInPlace() }
    return self
  }

  /// The throwing form of `detach_`.
  public func detachInPlace() throws(ArrayError) {
    if base != nil { throw .runtime("detach_: can't detach views in-place; use detach() instead") }
    if let leaf = accumulator {
      leaf.isEnabled = false
      extrasCreated().grad = leaf.grad
    } else if node != nil {
      isCutOff = true
    }
    node = nil
    outputIndex = 0
    extras?.retainsGrad = false
  }

  /// Empties the gradient: by default there is none afterwards; otherwise it is filled with zeros in place.
  public func zeroGrad(setToNone: Bool = true) {
    if setToNone {
      heldNode.map { node in
        if node.isAccumulator { unsafeDowncast(node, to: AccumulateGrad.self).grad = nil }
      }
      if !heldExtras.isEmpty, accumulator == nil { extras?.grad = nil }
    } else if let grad {
      if grad.requiresGrad {
        checked { () throws(ArrayError) in try setGrad(Tensor(try NDArray(full: shape, 0, dtype))) }
      } else {
        grad.array.fill(with: 0)
        grad.array.storage.version += 1
      }
    }
  }

  /// Converts the elements of a leaf, and its gradient, to another dtype, the tensor staying the one that everybody holds: what a module
  /// does with its parameters. A graph recorded before either has the old elements or is refused; its gradients no longer arrive here.
  package func convert(to dtype: DType) throws(ArrayError) {
    if dtype == self.dtype { return }
    try require(
      isLeaf && base == nil, .runtime("to: only a leaf that is no view can be converted where it is"))
    let converted = try array.converted(to: dtype)
    converted.storage.version = array.storage.version + 1
    let gradient = try grad.map2 { grad throws(ArrayError) in Tensor(try grad.array.converted(to: dtype)) }
    let old = accumulator
    replaceElements(by: converted)
    (node, extras) = (nil, nil)
    if let old {
      old.isEnabled = false
      try setRequiresGrad(true)
      accumulator?.hooks = old.hooks
      accumulator?.postHooks = old.postHooks
    }
    try setGrad(gradient)
  }
}
