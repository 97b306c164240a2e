import Autograd
import Testing

/// Where gradients lay.
private final class Places: @unchecked Sendable {
  var list: [UnsafeMutableRawPointer] = []
}

/// x ↦ x. Backward notes where the gradient lies that it passes on: a copy, which nobody else has.
private struct SeesGradient: Function {
  let places: Places
  func forward(_ context: FunctionContext, _ inputs: [Tensor]) throws(ArrayError) -> [Tensor] {
    [inputs[0].clone()]
  }
  func backward(_ context: FunctionContext, _ gradOutputs: [Tensor?]) throws(ArrayError) -> [Tensor?] {
    let gradient = places.list.isEmpty ? gradOutputs[0]!.clone() : gradOutputs[0]!
    places.list.append(gradient.array.pointer)
    return [gradient]
  }
}

/// A derivative rule may write its result over the gradient it was given. Nobody who still holds that gradient may notice; and what is
/// calculated in fewer passes over memory has the bits of the plain rule.
@Suite struct `Gradients that are written over` {
  @Test func `the gradient that backward was given stays as it is`() {
    let seed = tensor([1.0, 2, 4])
    for rule in [{ $0.square() }, { $0 * 3 }, { $0 / 8 }, { ($0 * 3).square() / 2 }] as [(Tensor) -> Tensor] {
      rule(leaf([3, 5, 7])).backward(gradient: seed)
      #expect(values(seed) == [1, 2, 4])
    }
  }

  @Test func `a gradient that goes two ways is the same on both`() {
    let (a, b) = (leaf([1, 2, 3]), leaf([4, 5, 6]))
    (a.square() + b.square()).backward(gradient: tensor([1.0, 10, 100]))
    #expect(values(a.grad) == [2, 40, 600] && values(b.grad) == [8, 100, 1200])
    let (c, d) = (leaf([1, 2, 3]), leaf([4, 5, 6]))
    ((c * 2 + d * 5) * 3).backward(gradient: tensor([1.0, 10, 100]))
    #expect(values(c.grad) == [6, 60, 600] && values(d.grad) == [15, 150, 1500])
  }

  @Test func `a gradient that is retained, or that a hook keeps, stays as it is`() {
    let x = leaf([1, 2, 3])
    let (y, z) = (x * 2, x.square())
    y.retainGrad()
    var seen: [Tensor] = []
    z.registerHook {
      seen.append($0)
      return nil
    }
    (y.square() / 2 + z * 10).backward(gradient: tensor([1.0, 1, 1]))
    #expect(values(y.grad) == [2, 4, 6])
    #expect(seen.map { values($0) } == [[10, 10, 10]])
    #expect(values(x.grad) == [24, 48, 72])
  }

  @Test func `a second pass over a retained graph gives the same again`() {
    let x = leaf([1, 2, 3])
    let y = (x.square() * 3).sum()
    y.backward(retainGraph: true)
    y.backward()
    #expect(values(x.grad) == [12, 24, 36])
  }

  @Test(arguments: [1, 7, 100, 5000, 300_001], [DType.float32, .float64])
  func `the gradient of a repeated number has the bits of the products' sum`(count: Int, dtype: DType) {
    func numbers(_ first: Int) -> Tensor {
      tensor((0..<count).map { 0.5 + Double(($0 &* 7919 &+ first) % 1000) / 1000 }).to(dtype)
    }
    let (x, seed) = (numbers(0), numbers(3))
    let w = tensor([1.5]).to(dtype).requiresGrad_()
    (x * w).backward(gradient: seed)
    #expect(w.grad?.item(as: Double.self) == (seed * x).sum().item(as: Double.self))
    w.zeroGrad()
    (x * w).sum().backward()
    #expect(w.grad?.item(as: Double.self) == x.sum().item(as: Double.self))
  }

  @Test(arguments: [3, 4095, 4096, 50_000]) func `a loss over few and over many elements has the same slopes`(
    count: Int
  ) {
    // Multiples of 1/8 of few bits: every step is exact.
    let numbers = (0..<count).map { Double($0 % 64) / 8 }
    let sum = leaf(numbers)
    (0.5 * sum.square()).sum().backward()
    #expect(values(sum.grad) == numbers)
    let halves = leaf(numbers)
    (halves.square() / 4).sum().backward()
    #expect(values(halves.grad) == numbers.map { $0 / 2 })
    let mean = leaf(numbers)
    (mean * Double(count)).mean().backward()
    #expect(values(mean.grad)?.allSatisfy { abs($0 - 1) <= 0x1p-52 } == true)
  }

  @Test func `the values that the derivative reads are written over only where nobody else has them`() {
    let (x, y) = (leaf([1, 2, 3]), tensor([0.5, 0.5, 0.5]))
    let error = x - y
    error.square().sum().backward()
    #expect(values(error) == [0.5, 1.5, 2.5] && values(x.grad) == [1, 3, 5])
    x.zeroGrad()
    let loss = (x - y).square().sum()
    loss.backward(retainGraph: true)
    loss.backward()
    #expect(values(x.grad) == [2, 6, 10])
    #expect(
      message { () throws(ArrayError) in try loss.differentiate() }?
        .contains("Trying to backward through the graph a second time") == true)
  }

  @Test func `a rule that alone has the gradient writes its result in the same memory`() {
    let x = leaf([1, 2, 3])
    let places = Places()
    // The gradient is made by one function, goes through a product and a square, and is seen by the other.
    let y = SeesGradient(places: places).apply(x)
    SeesGradient(places: places).apply((y * 4.0).square()).sum().backward()
    #expect(places.list.count == 2 && places.list[0] == places.list[1])
    #expect(values(x.grad) == [32, 64, 96])
    // Where the graph is retained, what it keeps is not written over.
    let z = leaf([1, 2, 3])
    let loss = (z * 4.0).square().sum()
    loss.backward(retainGraph: true)
    loss.backward()
    #expect(values(z.grad) == [64, 128, 192])
  }

  @Test(arguments: [1, 7, 100, 5000, 300_001], [DType.float32, .float64])
  func `the slopes of a layer with one input and one output have the bits of their sums`(
    count: Int, dtype: DType
  ) {
    func numbers(_ first: Int) -> Tensor {
      tensor((0..<count).map { 0.5 + Double(($0 &* 7919 &+ first) % 1000) / 1000 }, shape: [count, 1]).to(
        dtype)
    }
    let (x, seed) = (numbers(0), numbers(3))
    let (w, b) = (tensor([[1.5]]).to(dtype).requiresGrad_(), tensor([0.5]).to(dtype).requiresGrad_())
    x.linear(w, b).backward(gradient: seed)
    #expect(w.grad?.item(as: Double.self) == (seed * x).sum().item(as: Double.self))
    #expect(b.grad?.item(as: Double.self) == seed.sum().item(as: Double.self))
    // Where only one of them is asked for, and where the input takes part, too.
    let slopes = (w.grad, b.grad)
    w.zeroGrad()
    b.zeroGrad()
    x.linear(w, b).backward(gradient: seed, inputs: [b])
    #expect(w.grad == nil && values(b.grad) == values(slopes.1))
    b.zeroGrad()
    let input = x.clone().requiresGrad_()
    input.linear(w, b).backward(gradient: seed)
    #expect(values(w.grad) == values(slopes.0) && values(b.grad) == values(slopes.1))
    #expect(values(input.grad) == values(seed * 1.5))
  }

  @Test func `the slope of a square near the ends of the range is right where 2x could not be told`() {
    let x = leaf([0x1p1023, 0x1p-1074, 3])
    let seed: [Double] = [0x1p-1000, 0.5, -0.0]
    x.square().backward(gradient: tensor(seed))
    #expect(values(x.grad) == [0x1p24, 0x1p-1074, -0.0])
  }
}

@Suite struct `Broadcasting in the graph` {
  @Test func `is part of the operation: its node leads straight to the operand`() {
    let (x, w) = (leaf([1, 2, 3], [3, 1]), leaf([10, 20], [2]))
    for (node, name) in [((x * w).gradFn, "MulBackward0"), ((x - w).gradFn, "SubBackward0")] {
      #expect(node?.name == name)
      #expect(node?.nextFunctions.map { $0?.node.name } == ["AccumulateGrad", "AccumulateGrad"])
    }
  }

  // Values: torch 2.15.0.
  @Test func `the gradients of a product of a column and a row, and theirs in turn`() {
    let (x, w) = (leaf([1, 2, 3], [3, 1]), leaf([10, 20], [2]))
    let loss = (x * w).pow(2).sum()
    let first = grad(outputs: [loss], inputs: [x, w], createGraph: true)
    #expect(values(first[0]) == [1000, 2000, 3000] && first[0]?.shape == [3, 1])
    #expect(values(first[1]) == [280, 560] && first[1]?.shape == [2])
    let second = grad(first[1]!.sum(), w)
    #expect(values(second) == [28, 28])
  }

  @Test func `a hook sees the gradient in the operand's shape`() {
    let w = leaf([2])
    var seen: [Shape] = []
    let once = w * 1
    once.registerHook {
      seen.append($0.shape)
      return nil
    }
    (tensor([1.0, 2, 3]) * once).sum().backward()
    #expect(seen == [[1]] && values(w.grad) == [6])
  }

  @Test func `with no elements at all the gradient is zero`() {
    let w = leaf([2])
    (Tensor.zeros([0, 3], dtype: .float64) * w).sum().backward()
    #expect(values(w.grad) == [0])
  }
}
