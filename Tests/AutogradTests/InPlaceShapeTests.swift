import Autograd
import Testing

/// Shapes changed in place; what is expected was taken from PyTorch 2.15.
@Suite struct `Shapes changed in place` {
  private func matrix() -> Tensor { tensor([0.0, 1, 2, 3, 4, 5], shape: [2, 3]) }

  @Test func `each does to the tensor itself what the plain form makes a view of`() {
    #expect(matrix().t_().shape == [3, 2] && matrix().t_().stride() == [1, 3])
    #expect(matrix().transpose_(0, -1).stride() == [1, 3])
    #expect(matrix().swapaxes_(0, 1).shape == [3, 2] && matrix().swapdims_(1, 0).shape == [3, 2])
    #expect(matrix().unsqueeze_(0).shape == [1, 2, 3] && matrix().unsqueeze_(0).stride() == [6, 3, 1])
    #expect(matrix().unsqueeze_(-1).squeeze_().shape == [2, 3])
    let x = Tensor.zeros([1, 2, 1])
    #expect(x.squeeze_(1).shape == [1, 2, 1] && x.squeeze_(0, 2).shape == [2])
    #expect(values(matrix().t_()) == [0, 3, 1, 4, 2, 5])
  }

  @Test func `the memory stays, other tensors that share it keep their shapes, and it counts as a change`() {
    let x = matrix()
    let (row, alias) = (x[0], x.detach())
    x.t_()
    #expect(x.shape == [3, 2] && row.shape == [3] && alias.shape == [2, 3])
    #expect(x.array.storage.version == 1 && row.array.storage.version == 1)
    x[2, 1].fill_(9)
    #expect(values(alias) == [0, 1, 2, 3, 4, 9])
  }

  @Test func `what does not fit is refused with the operation's name and changes nothing`() {
    let x = matrix().unsqueeze_(0)
    #expect(
      message { () throws(ArrayError) in try x.applyInPlace(view: MatrixTranspose()) }?
        .contains("expects a tensor with <= 2 dimensions, but self is 3D") == true)
    #expect(
      message { () throws(ArrayError) in try x.applyInPlace(view: Unsqueeze(5)) }?
        .contains("Dimension out of range (expected to be in range of [-4, 3], but got 5)") == true)
    #expect(x.shape == [1, 2, 3] && x.array.storage.version == 1)
  }

  @Test func `a leaf that requires a gradient and a view of one are refused, but under noGrad`() {
    let x = leaf([1, 2, 3, 4, 5, 6], [2, 3])
    #expect(
      message { () throws(ArrayError) in try x.applyInPlace(view: MatrixTranspose()) }?
        .contains("t_: a leaf Variable that requires grad is being used in an in-place operation") == true)
    let row = leaf([1, 2])[0]
    #expect(
      message { () throws(ArrayError) in try row.applyInPlace(view: Unsqueeze(0)) }?
        .contains("unsqueeze_: a view of a leaf Variable that requires grad is being used") == true)
    noGrad { _ = x.t_() }
    #expect(x.isLeaf && x.requiresGrad && x.shape == [3, 2])
    (x * tensor([[1.0, 2], [3, 4], [5, 6]])).sum().backward()
    #expect(values(x.grad) == [1, 2, 3, 4, 5, 6] && x.grad?.shape == [3, 2])
  }

  @Test func `the gradient comes back in the old shape`() {
    let x = leaf([0, 1, 2, 3, 4, 5], [2, 3])
    let y = x * 1
    y.t_()
    #expect(y.gradFn?.name.hasPrefix("TBackward") == true)
    (y * tensor([[1.0], [2], [3]])).sum().backward()
    #expect(values(x.grad) == [1, 2, 3, 1, 2, 3])
  }

  @Test func `a view changes its own shape and not its base's`() {
    let x = leaf([0, 1, 2, 3, 4, 5], [2, 3])
    let y = x * 1
    let w = y[0..<1]
    w.t_()
    #expect(y.gradFn?.name == "MulBackward0" && y.shape == [2, 3] && w.shape == [3, 1])
    w.mul_(2)
    #expect(y.gradFn?.name == "CopySlices" && values(y) == [0, 2, 4, 3, 4, 5])
    (y * tensor([[1.0, 2, 3]])).sum().backward()
    #expect(values(x.grad) == [2, 4, 6, 1, 2, 3])
  }

  @Test func `a view is made anew in its new shape after its base was changed`() {
    let x = leaf([0, 1, 2, 3, 4, 5], [2, 3])
    let y = x * 1
    let w = y[0..<1]
    w.t_()
    y.mul_(2)
    #expect(w.shape == [3, 1])
    (w * tensor([[1.0], [2], [3]])).sum().backward()
    #expect(values(x.grad) == [2, 4, 6, 0, 0, 0])
  }

  @Test func `a base changes its shape and a view of it still reaches it`() {
    let x = leaf([0, 1, 2, 3, 4, 5], [2, 3])
    let y = x * 1
    let w = y[0..<1]
    y.t_()
    w.mul_(2)
    #expect(y.shape == [3, 2] && w.shape == [1, 3] && y.gradFn?.name == "CopySlices")
    (y * tensor([[1.0], [2], [3]])).sum().backward()
    #expect(values(x.grad) == [2, 4, 6, 1, 2, 3])
  }

  @Test func `a value that a derivative needs is refused afterwards, though no element changed`() {
    let x = leaf([1, 1, 1, 1, 1, 1], [2, 3])
    let y = x.exp()
    let s = y.sum()
    y.t_()
    #expect(
      message { () throws(ArrayError) in try s.differentiate() }?
        .contains("is at version 1; expected version 0 instead") == true)
  }

  @Test func `views made without recording and parts of a split are refused`() {
    let y = leaf([1, 2, 3, 4], [2, 2]) * 2
    let w = noGrad { y[0..<1] }
    #expect(
      message { () throws(ArrayError) in try w.applyInPlace(view: MatrixTranspose()) }?
        .contains("a view was created in no_grad mode and is being modified inplace") == true)
    let parts = y.split(1, dim: 1)
    #expect(
      message { () throws(ArrayError) in try parts[0].applyInPlace(view: MatrixTranspose()) }?
        .contains("is a view and is being modified inplace. This view is the output of a function that")
        == true)
  }

  @Test func `inference tensors are refused outside inference mode`() {
    let x = inferenceMode { Tensor.ones([2, 3]) }
    #expect(
      message { () throws(ArrayError) in try x.applyInPlace(view: MatrixTranspose()) }?
        .contains("t_: Inplace update to inference tensor outside InferenceMode is not allowed") == true)
    #expect(inferenceMode { x.t_() }.shape == [3, 2])
  }

  @Test func `a retained gradient has the new shape`() {
    let x = leaf([1, 1, 1, 1, 1, 1], [2, 3])
    let y = x * 1
    y.retainGrad()
    y.t_()
    (y * tensor([[1.0], [2], [3]])).sum().backward()
    #expect(y.grad?.shape == [3, 2] && values(y.grad) == [1, 1, 2, 2, 3, 3])
  }

  // MARK: Other numbers of elements

  @Test func `resize_ sees the memory from the first element on`() {
    let x = tensor([0.0, 1, 2, 3, 4, 5])
    let tail = x[4...]
    #expect(values(x.resize_(2, 2)) == [0, 1, 2, 3] && x.array.storage.version == 1)
    #expect(values(x.resize_(6)) == [0, 1, 2, 3, 4, 5])
    #expect(values(x[0..<2].resize_(3)) == [0, 1, 2])
    #expect(values(tail) == [4, 5])
    #expect(x.resize_().shape == [] && x.resize_(0).shape == [0])
    #expect(x.resizeAs_(tensor([[1.0], [2], [3]])).shape == [3, 1])
  }

  @Test func `equal sizes change nothing, others make it row-major`() {
    let x = matrix().t_()
    let version = x.array.storage.version
    #expect(x.resize_(3, 2).stride() == [1, 3] && x.array.storage.version == version)
    #expect(x.resize_(2, 2).stride() == [2, 1] && values(x) == [0, 1, 2, 3])
  }

  @Test func `memory that nobody shares grows`() {
    let x = Tensor.ones([2]) * 3
    #expect(values(x.resize_(2, 2)) == [3, 3, 0, 0])
  }

  @Test func `memory that others share does not grow`() {
    let x = tensor([0.0, 1, 2, 3])
    let y = x[2...]
    #expect(
      message { () throws(ArrayError) in try y.resize(to: [3]) }?
        .contains("resize_: [3] needs memory for 3 elements, but there is memory for 2") == true)
    #expect(values(y) == [2, 3])
  }

  @Test func `what requires a gradient keeps its number of elements, also under noGrad`() {
    let x = leaf([1, 2])
    let y = x * 1
    for tensor in [x, y, y[0..<1]] {
      #expect(
        message { () throws(ArrayError) in
          try noGrad { () throws(ArrayError) in try tensor.resize(to: [1, 1]) }
        }?
        .contains("resize_: cannot resize variables that require grad") == true)
    }
    #expect(
      message { () throws(ArrayError) in try Tensor.ones([2]).resize(to: [2, -3]) }?
        .contains("negative dimension") == true)
  }
}
