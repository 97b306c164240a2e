import Autograd
import Testing

/// An operator may write its result into an operand that nobody else holds. Only temporaries of an expression are such operands, so nobody
/// can notice, except by the memory that is not asked for.
@Suite struct `Temporaries of an expression` {
  @Test func `an operand with a name stays as it is`() {
    let (a, b) = (tensor([3.0, 4]), tensor([8.0, 16]))
    let sum = a + b
    let (more, less, scaled, ratio, rest) = (sum + b, sum - 1.0, 2.0 * sum, sum / b, 100.0 - sum)
    #expect(values(sum) == [11, 20] && values(a) == [3, 4] && values(b) == [8, 16])
    #expect(values(more) == [19, 36] && values(less) == [10, 19] && values(scaled) == [22, 40])
    #expect(values(ratio) == [1.375, 1.25] && values(rest) == [89, 80])
  }

  @Test func `a temporary's memory becomes that of the result`() throws {
    let (b, wide) = (tensor([10.0, 20]), tensor([[1.0], [2]]))
    func isKept(_ x: consuming Tensor, _ combine: (consuming Tensor) -> Tensor) -> Bool {
      let before = x.array.pointer
      return combine(consume x).array.pointer == before
    }
    func plus(_ x: consuming Tensor) -> Tensor { consume x + b }
    func times(_ x: consuming Tensor) -> Tensor { 2.0 * consume x }
    func less(_ x: consuming Tensor) -> Tensor { consume x - b }
    func half(_ x: consuming Tensor) -> Tensor { consume x / 2.0 }
    // Asked outside of `#expect`, which holds what it is to show.
    let kept = [plus, times, less, half].map { isKept(tensor([1.0, 2]), $0) }
    #expect(kept == [true, true, true, true])
    // Another shape or dtype needs memory of its own, and so does what somebody else holds.
    func widened(_ x: consuming Tensor) -> Tensor { consume x + wide }
    func divided(_ x: consuming Tensor) -> Tensor { consume x / 2 }
    let x = tensor([1.0, 2])
    let others = [isKept(tensor([1.0, 2]), widened), isKept(tensor([1, 2]), divided), isKept(x, plus)]
    #expect(others == [false, false, false])
    #expect(values(x) == [1, 2])
  }

  @Test func `an array's temporaries serve, too, its named values do not`() {
    let (a, b) = (NDArray([1.0, 2]), NDArray([10.0, 20]))
    let sum = a + b
    let chain = (a + b) * b - 1.0
    #expect((2.0 * sum).toArray(of: Double.self) == [22, 44])
    #expect(chain.toArray(of: Double.self) == [109, 439])
    #expect(sum.toArray(of: Double.self) == [11, 22] && a.toArray(of: Double.self) == [1, 2])
  }

  @Test func `elements that are seen elsewhere are left alone`() {
    let x = tensor([1.0, 2, 3])
    // Views of x, and an array that shares its memory.
    #expect(values(x[0..<2] * 10.0) == [10, 20] && values(x.reshape([3]) + 1.0) == [2, 3, 4])
    #expect(values(x.detach() * 5.0) == [5, 10, 15])
    #expect(values(Tensor(x.array) - 1.0) == [0, 1, 2])
    #expect(values(x) == [1, 2, 3])
    let whole = x + 0.0
    let seen = whole.array
    let doubled = consumed(whole) * 2.0
    #expect(seen.toArray(of: Double.self) == [1, 2, 3] && values(doubled) == [2, 4, 6])
    // Repeated elements are one place in memory.
    #expect(values(tensor([1.0]).expand([3]) + x) == [2, 3, 4])
  }

  private func consumed(_ x: consuming Tensor) -> Tensor { x }

  @Test func `what a derivative reads is kept`() {
    // exp keeps its result, pow its operand, a product both factors.
    let x = leaf([0.5, 2])
    let y = x.exp() * 3.0 + 1.0
    y.sum().backward()
    #expect(values(x.grad) == values(x.detach().exp() * 3.0))
    let (u, v) = (leaf([1, 2, 3]), leaf([4, 5, 6]))
    (((u + v) * u + v) * v).sum().backward()
    // f = (u² + uv + v)·v, so that ∂f/∂u = 2uv + v² and ∂f/∂v = u² + 2uv + 2v.
    #expect(values(u.grad) == [24, 45, 72])
    #expect(values(v.grad) == [17, 34, 57])
    let w = leaf([3, -1])
    ((w * 2.0).pow(2) / 4.0 - 5.0).sum().backward()
    #expect(values(w.grad) == [6, -2])
  }

  @Test func `the graph is the same as with names`() {
    let (x, w) = (leaf([1, 2]), leaf([3, 4]))
    let product = x * w
    let shifted = product + 1.0
    let named = shifted / 2.0
    let direct = (x * w + 1.0) / 2.0
    func names(_ y: Tensor) -> [String] {
      var (names, node) = ([String](), y.gradFn)
      while let current = node {
        names.append(current.name)
        node = current.nextFunctions.lazy.compactMap { $0?.node }.first
      }
      return names
    }
    #expect(names(direct) == names(named))
    #expect(names(direct) == ["DivBackward0", "AddBackward0", "MulBackward0", "AccumulateGrad"])
    named.sum().backward()
    let slopes = [values(x.grad), values(w.grad)]
    x.zeroGrad()
    w.zeroGrad()
    direct.sum().backward()
    #expect([values(x.grad), values(w.grad)] == slopes)
  }

  @Test func `outside recording and in inference the result is no variable`() {
    let x = leaf([1, 2])
    let plain = noGrad { x * 2.0 + 1.0 }
    #expect(!plain.requiresGrad && values(plain) == [3, 5])
    let mixed = noGrad { () -> Tensor in (x * 2.0).requiresGrad_() }
    #expect((mixed * 3.0).requiresGrad)
    let inferred = inferenceMode { x * 2.0 + 1.0 }
    #expect(values(inferred) == [3, 5])
    #expect(
      message { () throws(ArrayError) in _ = try Tensor.apply(Mul(), x, inferred) }?
        .contains("inference tensors cannot be saved for backward") == true)
    // What is calculated outside from such a temporary is a tensor like others.
    let outside = inferenceMode { x.detach() + 1.0 } * 2.0
    (x * outside).sum().backward()
    #expect(values(x.grad) == [4, 6])
  }

  @Test func `a hook on what is then consumed sees its gradient`() {
    let x = leaf([1, 2])
    var seen: [[Double]?] = []
    func watched() -> Tensor {
      let y = x * 3.0
      y.registerHook {
        seen.append(values($0))
        return nil
      }
      return y
    }
    (watched() * 5.0 + 1.0).sum().backward()
    #expect(seen == [[5, 5]] && values(x.grad) == [15, 15])
  }
}
