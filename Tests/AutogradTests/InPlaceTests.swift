import Autograd
import Foundation
import Testing

@Suite struct InPlaceTests {
  @Test func `a leaf that requires a gradient cannot be changed in place, but under noGrad`() {
    let x = leaf([1, 2])
    #expect(
      message { () throws(ArrayError) in try x.applyInPlace(Neg()) }?
        .contains("a leaf Variable that requires grad is being used in an in-place operation") == true)
    #expect(values(x) == [1, 2])
    noGrad { x.mul_(2) }
    #expect(values(x) == [2, 4])
    #expect(x.isLeaf && x.requiresGrad)
  }

  @Test func `a view of a leaf cannot be changed in place`() {
    let x = leaf([1, 2])
    #expect(
      message { () throws(ArrayError) in try x[0].applyInPlace(Neg()) }?
        .contains("a view of a leaf Variable that requires grad is being used in an in-place operation")
        == true)
  }

  @Test func `an in-place operation is recorded`() {
    let x = leaf([1, 2])
    let y = x * 3
    y.add_(1)
    y.mul_(x)
    #expect(y.gradFn?.name == "MulBackward0")
    y.sum().backward()
    // (3x + 1)·x
    #expect(values(x.grad) == [7, 13])
  }

  @Test func `old elements that the derivative reads are kept`() {
    let x = leaf([2, 3])
    let y = x * 1
    y.inPlace("pow") { x throws(ArrayError) in x.pow(2) }
    y.exp_()
    y.sum().backward()
    let expected = [2.0, 3.0].map { 2 * $0 * exp($0 * $0) }
    for (got, want) in zip(values(x.grad)!, expected) { #expect(abs(got - want) <= 1e-14 * want) }
  }

  @Test func `a value that is needed and was changed is found out`() {
    let x = leaf([1, 2])
    let y = x.exp()
    let s = y.sum()
    y.mul_(2)
    let text = message { () throws(ArrayError) in try s.differentiate() }
    #expect(text == nil || text!.contains("has been modified by an inplace operation"))
    #expect(text?.contains("ExpBackward0") == true)
    #expect(text?.contains("is at version 1; expected version 0 instead") == true)
  }

  @Test func `also when changed through a detached tensor or under noGrad`() {
    let (x, w) = (leaf([1, 2]), leaf([3, 4]))
    let s = (x * w).sum()
    noGrad { w.sub_(0.5) }
    #expect(
      message { () throws(ArrayError) in try s.differentiate() }?
        .contains(
          "MulBackward0: one of the variables needed for gradient computation has been modified by an inplace operation: argument 1"
        )
        == true)
    let y = x.exp()
    let t = y.sum()
    y.detach().mul_(2)
    #expect(message { () throws(ArrayError) in try t.differentiate() }?.contains("version 1") == true)
  }

  @Test func `a value that is needed must not be cut off in place from what made it`() {
    let refusal = "Trying to use a saved tensor that has been detached in-place, i.e. with .detach_()"
    let x = leaf([1, 2])
    let y = x * 2
    let squares = (y * y).sum()
    y.detach_()
    #expect(message { () throws(ArrayError) in try squares.differentiate() }?.contains(refusal) == true)
    // What the derivative does not read, a kept result and a leaf may be.
    for make in [{ $0 + $0 }, { $0.exp() }] as [(Tensor) -> Tensor] {
      let z = x * 1
      let sum = make(z).sum()
      z.detach_()
      sum.backward()
    }
    let slopes = x.grad?.toArray(of: Double.self) ?? []
    #expect(zip(slopes, [exp(1) + 2, exp(2) + 2]).allSatisfy { abs($0 - $1) < 1e-14 } && slopes.count == 2)
    let w = leaf([3, 4])
    let constant = x * 2
    constant.detach_()
    (constant * w).sum().backward()
    #expect(w.grad?.toArray(of: Double.self) == [2, 4])
    let sum = (w * w).sum()
    w.detach_()
    sum.backward()
  }

  @Test func `what no derivative reads may be changed`() {
    let x = leaf([1, 2])
    let y = x + 1
    let s = (y + 2).sum()
    y.mul_(100)
    s.backward()
    #expect(values(x.grad) == [1, 1])
  }

  @Test func `a change through a view reaches the base and its gradient`() {
    let x = leaf([1, 2, 3])
    let y = x * 2
    y[1].mul_(10)
    #expect(values(y) == [2, 40, 6])
    #expect(y.gradFn?.name == "CopySlices")
    y.sum().backward()
    #expect(values(x.grad) == [2, 20, 2])
  }

  @Test func `a change of the base reaches its views and their gradients`() {
    let x = leaf([1, 2, 3, 4], [2, 2])
    let y = x * 2
    let v = y.t()[0]
    y.mul_(y.detach() * 1)
    // v is the first column of y = 4x², made anew from it
    (v * tensor([1.0, 10.0])).sum().backward()
    #expect(values(x.grad) == [4, 0, 120, 0])
  }

  @Test func `a constant base takes part once a view of it is overwritten by what requires a gradient`() {
    let x = leaf([5, 7])
    let y = Tensor.zeros([2, 2], dtype: .float64)
    let row = y[1]
    row.copy_(x)
    #expect(y.requiresGrad && row.requiresGrad)
    (y * y).sum().backward()
    #expect(values(x.grad) == [10, 14])
  }

  @Test func `a view made under noGrad cannot be changed with recording on`() {
    let y = leaf([1, 2]) * 1
    let v = noGrad { y[0] }
    #expect(
      message { () throws(ArrayError) in try v.applyInPlace(Neg()) }?
        .contains("a view was created in no_grad mode and is being modified inplace with grad mode enabled")
        == true)
  }

  @Test func `a view that leads back further than its base, which was detached, cannot be changed`() {
    let x = leaf([1, 2])
    let y = Tensor.zeros([2], dtype: .float64)
    y.copy_(x)
    let v = y[0]
    y.detach_()
    #expect(
      message { () throws(ArrayError) in try v.applyInPlace(Neg()) }?
        .contains("a view of a leaf Variable that requires grad is being used in an in-place operation")
        == true)
  }

  /// Expected: PyTorch 2.15.0.
  @Test func `what is read must be the memory that is written, seen the same way, or none of it`() {
    let refusals: [(change: (Tensor) throws(ArrayError) -> Void, isRefused: Bool)] = [
      ({ x throws(ArrayError) in try x.applyInPlace(broadcasting: Mul(), x) }, false),
      ({ x throws(ArrayError) in try x.applyInPlace(broadcasting: Mul(), x.view(2, 2)) }, false),
      ({ x throws(ArrayError) in try x.view(4).applyInPlace(broadcasting: Mul(), x.view(4)) }, false),
      ({ x throws(ArrayError) in try x.applyInPlace(CopyFrom(), x.view(1, 4)[0].view(2, 2)) }, false),
      ({ x throws(ArrayError) in try x.applyInPlace(broadcasting: Mul(), x.t()) }, true),
      ({ x throws(ArrayError) in try x.unsqueeze(0).applyInPlace(broadcasting: Mul(), x) }, true),
      ({ x throws(ArrayError) in try x[0..<1].applyInPlace(broadcasting: Mul(), x[0]) }, true),
      ({ x throws(ArrayError) in try x[0..<1].applyInPlace(CopyFrom(), x[0]) }, true),
    ]
    for (number, (change, isRefused)) in refusals.enumerated() {
      do throws(ArrayError) {
        try change(leaf([1, 2, 3, 4], [2, 2]).detach())
        #expect(!isRefused, "\(number)")
      } catch {
        #expect(isRefused && error.message.contains("refer to a single memory location"), "\(number)")
      }
    }
  }

  @Test func `also where the change is recorded`() {
    let y = leaf([1, 2, 3, 4]) * 1
    let text = message { () throws(ArrayError) in try y[1...].applyInPlace(CopyFrom(), y[..<3]) }
    #expect(text?.contains("refer to a single memory location") == true)
    #expect(values(y) == [1, 2, 3, 4] && y.gradFn?.name == "MulBackward0")
  }

  /// Expected: PyTorch 2.15.0.
  @Test func `a change through a view can be passed once, unless the graph is retained`() {
    func changed() -> Tensor {
      let y = leaf([1, 2]) + 1
      y[0..<1].sub_(1)
      return y
    }
    let (once, twice) = (changed(), changed())
    once.sum().backward()
    #expect(
      message { () throws(ArrayError) in try once.sum().differentiate() }?
        .contains("Trying to backward through the graph a second time") == true)
    twice.sum().backward(retainGraph: true)
    twice.sum().backward()
  }

  @Test func `a repeated view without elements can be changed`() {
    let v = Tensor.zeros([1, 0], dtype: .float64).expand([2, 0])
    v.sigmoid_()
    #expect(v.shape == [2, 0])
  }

  @Test func `higher derivatives through changes in place`() {
    let x = leaf([2, 3])
    let y = x * x
    y[0].mul_(x[1])
    // y = (x₀²x₁, x₁²)
    let first = grad(y.sum(), x, createGraph: true)
    #expect(values(first) == [12, 10])
    let second = grad(first.sum(), x)
    // ∂(2x₀x₁ + x₀² + 2x₁) = (2x₁ + 2x₀, 2x₀ + 2)
    #expect(values(second) == [10, 6])
  }

  @Test func `retained gradients follow a tensor that is changed in place`() {
    let x = leaf([1, 2])
    let y = x * 2
    y.retainGrad()
    y.mul_(5)
    (y * 3).sum().backward()
    #expect(values(y.grad) == [3, 3] && values(x.grad) == [30, 30])
  }
}
