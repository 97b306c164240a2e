import CKernels
import Operations

// A view shares the memory of its base. A change in place through either gives the base a new node, which leads to the old one for
// the elements that stayed, and to the change for the others; views then take their gradient function from the base's
// present one. PyTorch does the same (`CopySlices`, and views regenerated from their base).

/// Where the elements of an array lie in its storage.
struct ElementLayout: Sendable, Hashable {
  let shape: Shape
  let strides: Strides
  let offset: Int
}

extension NDArray {
  var elementLayout: ElementLayout { ElementLayout(shape: shape, strides: strides, offset: offset) }
}

extension ElementLayout {
  /// One more than the largest position reached.
  var end: Int {
    var last = offset
    for axis in 0..<shape.rank {
      if shape[axis] == 0 { return offset }
      last += (shape[axis] - 1) * strides[axis]
    }
    return last + 1
  }

  /// `buffer`, which reaches from position 0, seen with this layout.
  func view(of buffer: NDArray) -> NDArray { buffer.strided(shape, strides, offset: offset) }

  /// The dimensions along which elements are the same memory.
  var repeated: [Int] { (0..<shape.rank).filter { strides[$0] == 0 && shape[$0] > 1 } }
}

/// The values at one layout's positions, seen at another's: what lies outside the first is zero, and where several elements of the first
/// are one position, their sum. With `from` a base and `to` its view, this is the view; its mirror goes the other way.
struct StridedView: UnaryOperation {
  static let name = "as_strided"
  let from: ElementLayout
  let to: ElementLayout

  var attributes: [(name: String, value: String)] {
    [("size", to.shape.description), ("stride", to.strides.description), ("offset", "\(to.offset)")]
  }
  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { ArrayType(x.dtype, to.shape) }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let buffer = try NDArray(full: [max(from.end, to.end)], 0, x.dtype)
    try from.scatter(x, into: buffer)
    return try to.view(of: buffer).clone()
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    checked { () throws(ArrayError) in try C.Value.apply(StridedView(from: to, to: from), gradient) }
  }
}

extension ElementLayout {
  /// Adds the values to `buffer`'s zeros at this layout's positions.
  func scatter(_ x: NDArray, into buffer: NDArray) throws(ArrayError) {
    let repeated = repeated
    if repeated.isEmpty { return view(of: buffer).write(from: x) }
    var single = shape
    for axis in repeated { single[axis] = 1 }
    let target = ElementLayout(shape: single, strides: strides, offset: offset)
    target.view(of: buffer).write(from: x.sum(repeated, keepDim: true))
  }
}

/// The first value with the elements that a view shows replaced by those of the second: what a base becomes when a view is changed.
struct CopySlices: BinaryOperation {
  static let name = "copy_slices"
  let base: ElementLayout
  let view: ElementLayout

  var gradientName: String { "CopySlices" }
  func type(_ x: ArrayType, _ y: ArrayType) throws(ArrayError) -> ArrayType { x }
  func forward(_ x: NDArray, _ y: NDArray) throws(ArrayError) -> NDArray {
    let buffer = try NDArray(full: [max(base.end, view.end)], 0, x.dtype)
    base.view(of: buffer).write(from: x)
    view.view(of: buffer).write(from: y)
    return try base.view(of: buffer).clone()
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    checked { () throws(ArrayError) in
      if input == 1 { return try C.Value.apply(StridedView(from: base, to: view), gradient) }
      let zeros = gradient.constant(try NDArray(full: view.shape, 0, gradient.dtype))
      return try C.Value.apply(self, gradient, zeros)
    }
  }
}

extension Tensor {
  /// Notes that this result shares the memory of `x`; nothing happens where the operation had to copy.
  @usableFromInline func becomeView(of x: Tensor, isOneOfSeveral: Bool = false) {
    guard array.sharesStorage(with: x.array) else { return }
    base = x.base ?? x
    viewVersion = array.storage.version
    if x.isView { viewOrigin = x.viewOrigin }
    if isOneOfSeveral { viewOrigin = .oneOfSeveral }
    if ck_grad_mode_get() == 0 { viewOrigin = .unrecorded }
  }

  /// Takes the node anew from the base's present one, where the memory was changed since.
  ///
  /// A view that has no history of its own though its base requires a gradient (it was made without recording, or before the base required
  /// one) counts as a leaf that requires a gradient, as in PyTorch; what arrives there is lost.
  @usableFromInline func updateView() {
    let version = array.storage.version
    if node != nil && viewVersion == version { return }
    guard let base, let baseNode = base.node else { return }
    if viewVersion == version || viewOrigin == .unrecorded {
      if node == nil { node = AccumulateGrad.deadEnd(array) }
      return
    }
    viewVersion = version
    let operation = StridedView(from: base.array.elementLayout, to: array.elementLayout)
    outputIndex = 0
    node = checked { () throws(ArrayError) in
      try UnaryNode.make(operation, base, .passUnretained(baseNode), output: array).owned
    }
    if extras?.retainsGrad == true { node?.addRetain(self) }
  }

  /// As `updateView`; throws where PyTorch refuses to make the view anew.
  @usableFromInline func checkedView() throws(ArrayError) {
    if viewOrigin != .recorded, viewVersion != array.storage.version, base?.node != nil {
      throw viewError("view", "its base or another view of its base has been")
    }
    updateView()
  }

  /// Why a view must not be changed in place, or be used after such a change: it was made without recording, or is one of several.
  func viewError(_ operation: String, _ change: String) -> ArrayError {
    if viewOrigin == .unrecorded {
      return .runtime(
        "\(operation): a view was created in no_grad mode and \(change) modified inplace with grad mode enabled. Make both the view and the change inside noGrad, or both outside"
      )
    }
    return .runtime(
      "\(operation): Output \(outputIndex) of \(node?.name ?? "an operation") is a view and \(change) modified inplace. This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. Replace the inplace operation by an out-of-place one"
    )
  }
}
