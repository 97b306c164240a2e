import CKernels
import Operations

// A tensor that sees its own memory in another way from now on. No element moves, but it counts as a change in place, as in PyTorch: what a
// derivative kept of it is refused afterwards. Other tensors that share the memory keep their shapes.

extension Tensor {
  /// The throwing form of `t_` and its kind: this tensor becomes the view that `operation` makes of it.
  ///
  /// Recorded like any operation. Throws what the operation refuses, and for a leaf that requires a gradient, a view of one, a view made
  /// without recording, one of several views, and an inference tensor, what every change in place throws; nothing has changed then.
  public func applyInPlace<O: UnaryOperation>(view operation: O) throws(ArrayError) {
    let isRecorded = try recordsInPlace(O.name)
    let seen = try operation.forward(array)
    if isRecorded, let own = try recordedNode() {
      moveNode(try UnaryNode.make(operation, self, .passUnretained(own), output: seen).owned, 0)
    } else if heldNode.isOnlyHolder, let accumulator {
      // No graph leads to the old one.
      node = accumulator.moved(to: seen)
    }
    replaceElements(by: seen)
    array.storage.version += 1
    if isView && isRecorded { viewVersion = array.storage.version }
  }

  private func becomeInPlace(_ operation: some UnaryOperation) -> Tensor {
    checked { () throws(ArrayError) in try applyInPlace(view: operation) }
    return self
  }

  /// `t` in place: the transpose of a matrix.
  @discardableResult public func t_() -> Tensor { becomeInPlace(MatrixTranspose(inPlace: true)) }
  /// `transpose` in place: two dimensions exchanged.
  @discardableResult public func transpose_(_ dim0: Int, _ dim1: Int) -> Tensor {
    becomeInPlace(Transpose(dim0, dim1, inPlace: true))
  }
  /// `transpose_` by NumPy's name.
  @discardableResult public func swapaxes_(_ axis0: Int, _ axis1: Int) -> Tensor { transpose_(axis0, axis1) }
  /// `transpose_` by its second name.
  @discardableResult public func swapdims_(_ dim0: Int, _ dim1: Int) -> Tensor { transpose_(dim0, dim1) }
  /// `squeeze` in place: without the dimensions of size 1, or without those given where their size is 1.
  @discardableResult public func squeeze_(_ dims: Int...) -> Tensor {
    becomeInPlace(Squeeze(dims.isEmpty ? nil : dims, inPlace: true))
  }
  /// `unsqueeze` in place: a new dimension of size 1 before `dim`.
  @discardableResult public func unsqueeze_(_ dim: Int) -> Tensor {
    becomeInPlace(Unsqueeze(dim, inPlace: true))
  }
}

// MARK: Another number of elements

extension Tensor {
  /// These sizes from now on, whatever their product: row-major over the memory from this tensor's first element on. What lies beyond the
  /// old memory is zero. Equal sizes change nothing.
  ///
  /// Stops when a gradient is required, and when the memory is too small and something else shares it. PyTorch would enlarge shared memory;
  /// here its size is fixed, and a tensor that left it would no longer be seen by its views.
  @discardableResult public func resize_(_ sizes: Int...) -> Tensor {
    checked { () throws(ArrayError) in try resize(to: Shape(sizes)) }
    return self
  }
  /// `resize_` to the sizes of another tensor.
  @discardableResult public func resizeAs_(_ other: Tensor) -> Tensor {
    checked { () throws(ArrayError) in try resize(to: other.shape) }
    return self
  }

  /// The throwing form of `resize_`.
  public func resize(to shape: Shape) throws(ArrayError) {
    try require(
      !requiresGrad,
      .runtime("resize_: cannot resize variables that require grad; use reshape(...), or detach() first"))
    try checkInference("resize")
    if shape == self.shape { return }
    let count = try shape.checkedElementCount("resize_")
    let held = array.storage.byteCount / dtype.byteSize - array.offset
    if count <= held {
      replaceElements(by: array.strided(shape, shape.contiguousStrides, offset: array.offset))
    } else {
      try require(
        elements.isOnlyOwner(),
        .runtime(
          "resize_: \(shape) needs memory for \(count) elements, but there is memory for \(held), which other tensors or arrays share and which therefore cannot grow; clone() first"
        ))
      let larger = try NDArray(full: shape, 0, dtype)
      larger.strided([held], [1], offset: 0).write(from: array.strided([held], [1], offset: array.offset))
      replaceElements(by: larger)
    }
    array.storage.version += 1
  }
}

extension AccumulateGrad {
  /// An accumulator for the same leaf seen with another shape. It takes over gradient and hooks.
  fileprivate func moved(to array: NDArray) -> AccumulateGrad {
    let leaf = AccumulateGrad(array)
    leaf.isEnabled = isEnabled
    leaf.grad = grad
    leaf.hooks = hooks
    leaf.postHooks = postHooks
    return leaf
  }
}
