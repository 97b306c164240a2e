import Autograd
import Testing

/// Operations on long tensors, forward and backward, wait until somebody looks. What is calculated, and what is refused, stays the same.
@Suite struct `Steps over long tensors` {
  private let count = 10_007

  private func vector(_ dtype: DType, first: Int) -> Tensor {
    let numbers = (0..<count).map { Double(($0 + first) * 7919 % 10_007) / 5003 - 1 }
    return tensor(numbers, shape: [count, 1], dtype: dtype)
  }

  /// Loss and gradients of a step of the regression. `atOnce`: the address of every result is asked for, so that nothing waits.
  private func step(_ dtype: DType, mean: Bool, atOnce: Bool) -> [Double] {
    func made(_ tensor: Tensor) -> Tensor {
      if atOnce { _ = tensor.array.pointer }
      return tensor
    }
    let (x, y) = (made(vector(dtype, first: 0)), made(vector(dtype, first: 40)))
    let w = tensor([0.6], shape: [1, 1], dtype: dtype, requiresGrad: true)
    let b = tensor([0.8], shape: [1, 1], dtype: dtype, requiresGrad: true)
    let prediction = made(made(made(x.pow(2)) * w) + b)
    let squares = made(made(prediction - y).pow(2))
    let loss = mean ? made(squares.mean()) : made(made(0.5 * squares).sum())
    loss.backward()
    return [loss.item(), w.grad!.item(), b.grad!.item()]
  }

  @Test(
    "have the bits that they have with one operation after the other", arguments: [DType.float32, .float64])
  func bits(_ dtype: DType) {
    for mean in [false, true] {
      #expect(step(dtype, mean: mean, atOnce: false) == step(dtype, mean: mean, atOnce: true))
    }
  }

  @Test func `give the gradients of calculus`() {
    let numbers = (0..<count).map { Double($0 % 8) / 8 }
    let x = tensor(numbers, requiresGrad: true)
    ((x * 3).square() * 0.5).sum().backward()
    #expect(values(x.grad) == numbers.map { 9 * $0 })
  }

  @Test func `a layer gives the gradients that it gives in parts`() {
    let (x, y) = (vector(.float64, first: 0), vector(.float64, first: 3))
    let (w, b) = (tensor([[0.5]], dtype: .float64, requiresGrad: true), leaf([0.25]))
    (0.5 * x.linear(w, b).mseLoss(y, reduction: .sum)).backward()
    let residual = x * 0.5 + 0.25 - y
    #expect(abs(w.grad!.item(as: Double.self) - (residual * x).sum().item()) < 1e-9)
    #expect(abs(b.grad!.item(as: Double.self) - residual.sum().item()) < 1e-9)
  }

  @Test func `a kept value that was changed in place is refused, whether it was calculated or not`() {
    let x = Tensor.zeros([count]).requiresGrad_()
    let (y, z) = (x + 1, x + 2)
    let (a, b) = (y.exp(), z.square())
    noGrad {
      a.add_(1)
      z.mul_(2)
    }
    #expect(message { () throws(ArrayError) in try a.sum().differentiate() }?.contains("version 1") == true)
    #expect(message { () throws(ArrayError) in try b.sum().differentiate() }?.contains("version 1") == true)
  }

  @Test func `a leaf that is changed while results wait changes for later results only`() {
    let x = Tensor.ones([count]).requiresGrad_()
    let before = x * 2
    noGrad { x.add_(1) }
    let after = x * 2
    #expect(before.sum().item(as: Double.self) == Double(2 * count))
    #expect(after.sum().item(as: Double.self) == Double(4 * count))
  }
}
