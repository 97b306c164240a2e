import Autograd
import Testing

@Suite struct HookTests {
  @Test func `a hook sees the complete gradient and may replace it`() {
    let x = leaf([1, 2])
    let y = x * 3
    var seen: [Double]?
    y.registerHook { gradient in
      seen = values(gradient)
      return gradient * 10
    }
    (y + y * 2).sum().backward()
    #expect(seen == [3, 3])
    #expect(values(x.grad) == [90, 90])
  }

  @Test func `hooks of a leaf run before it accumulates, in the order of registration`() {
    let x = leaf([1])
    x.registerHook { $0 + 1 }
    x.registerHook { $0 * 10 }
    (x * 2).backward()
    #expect(values(x.grad) == [30])
  }

  @Test func `a removed hook runs no more`() {
    let x = leaf([1])
    let handle = x.registerHook { $0 * 10 }
    (x * 2).backward()
    handle.remove()
    (x * 2).backward()
    #expect(values(x.grad) == [22])
  }

  @Test func `a hook must keep dtype and shape, and needs a tensor with a gradient`() {
    let x = leaf([1])
    let y = x * 2
    y.registerHook { _ in tensor([1.0, 2.0]) }
    #expect(
      message { () throws(ArrayError) in try y.differentiate() }?.contains("a hook has changed the gradient")
        == true)
    #expect(
      message { () throws(ArrayError) in try tensor([1.0]).addingHook { $0 } }?
        .contains("cannot register a hook on a tensor that doesn't require gradient") == true)
  }

  @Test func `after each accumulation a leaf's own hook sees it`() {
    let x = leaf([1])
    var sums: [[Double]?] = []
    let handle = x.registerPostAccumulateGradHook { sums.append(values($0.grad)) }
    (x * 2).backward()
    (x * 3).backward()
    handle.remove()
    (x * 4).backward()
    #expect(sums == [[2], [5]])
  }

  @Test func `a node's hook sees the gradients of inputs and results and may replace the former`() {
    let (x, w) = (leaf([2]), leaf([5]))
    let y = x * w
    var results: [[Double]?] = []
    y.gradFn!.registerHook { gradInputs, gradOutputs in
      results = gradInputs.map { values($0) } + gradOutputs.map { values($0) }
      return [gradInputs[0]! * 100, nil]
    }
    (y * 3).backward()
    #expect(results == [[15], [6], [3]])
    #expect(values(x.grad) == [1500] && w.grad == nil)
  }

  @Test func `a node's hook before its rule may replace the gradients of the results`() {
    let x = leaf([2])
    let y = x * 5
    let handle = y.gradFn!.registerPrehook { gradOutputs in gradOutputs.map { $0.map { $0 * 2 } } }
    y.backward(retainGraph: true)
    #expect(values(x.grad) == [10])
    handle.remove()
    y.backward()
    #expect(values(x.grad) == [15])
  }

  @Test func `hooks are part of a recorded backward pass`() {
    let x = leaf([2])
    let y = x * x
    y.gradFn!.registerHook { gradInputs, _ in gradInputs.map { $0.map { $0 * $0 } } }
    // Both inputs are x: (2²) + (2²), each (x)² recorded
    let first = grad(y, x, createGraph: true)
    #expect(values(first) == [8])
    #expect(values(grad(first, x)) == [8])
  }

  @Test func `a hook may run a backward pass of its own`() {
    let (x, z) = (leaf([2]), leaf([3]))
    let y = x * 5
    y.registerHook { gradient in
      enableGrad { (z * z).backward() }
      return gradient
    }
    y.backward()
    #expect(values(x.grad) == [5] && values(z.grad) == [6])
  }
}
