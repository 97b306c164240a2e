import Autograd
import Testing

/// The rules of section 2.5.1.
@Suite struct RulesTests {
  @Test func `requiring a gradient is off by default and infectious upward`() {
    let x = tensor([1.0, 2.0])
    let w = tensor([3.0, 4.0], requiresGrad: true)
    #expect(!x.requiresGrad && x.isLeaf && x.gradFn == nil)
    #expect(w.requiresGrad && w.isLeaf && w.gradFn == nil)
    let y = x * w
    #expect(y.requiresGrad && !y.isLeaf)
    #expect(y.gradFn?.name == "MulBackward0")
    #expect(!(x * 2).requiresGrad)
  }

  @Test func `requiresGrad_ switches a leaf on and off, only for floating dtypes`() {
    let x = tensor([1.0, 2.0])
    x.requiresGrad_()
    #expect(x.requiresGrad)
    x.requiresGrad_(false)
    #expect(!x.requiresGrad)
    let n = tensor([1, 2])
    #expect(
      message { () throws(ArrayError) in try n.setRequiresGrad(true) }?
        .contains("only Tensors of floating point dtype can require gradients") == true)
    let y = (leaf([1]) * 2)
    #expect(
      message { () throws(ArrayError) in try y.setRequiresGrad(false) }?
        .contains("you can only change requires_grad flags of leaf variables") == true)
  }

  @Test func `detach and noGrad stop recording`() {
    let x = leaf([1, 2])
    let y = (x * 2).detach()
    #expect(!y.requiresGrad && y.isLeaf)
    noGrad {
      #expect(!isGradEnabled)
      #expect(!(x * 2).requiresGrad)
      enableGrad { #expect((x * 2).requiresGrad) }
    }
    #expect(isGradEnabled)
    let z = x * 2
    z.detach_()
    #expect(z.isLeaf && !z.requiresGrad)
  }

  @Test func `noGrad ends when its body throws`() {
    struct Some: Error {}
    #expect(throws: Some.self) { try noGrad { throw Some() } }
    #expect(isGradEnabled)
  }

  @Test func `a detached tensor shares its elements`() {
    let x = tensor([1.0, 2.0])
    x.detach().mul_(3)
    #expect(values(x) == [3, 6])
  }

  @Test func `backward accumulates into the leaves`() {
    let x = leaf([1, 2])
    (x * 2).sum().backward()
    #expect(values(x.grad) == [2, 2])
    (x * x).sum().backward()
    #expect(values(x.grad) == [4, 6])
    x.zeroGrad(setToNone: false)
    #expect(values(x.grad) == [0, 0])
    x.zeroGrad()
    #expect(x.grad == nil)
  }

  @Test func `a tensor with several elements needs a gradient of its own shape`() {
    let x = leaf([1, 2])
    let y = x * 2
    #expect(
      message { () throws(ArrayError) in try y.differentiate() }?
        .contains("grad can be implicitly created only for scalar outputs") == true)
    #expect(
      message { () throws(ArrayError) in try y.differentiate(gradient: tensor([1.0])) }?
        .contains("Mismatch in shape: grad_output[0] has a shape of [1] and output[0] has a shape of [2]")
        == true)
    y.backward(gradient: tensor([1.0, 10.0], dtype: .float64))
    #expect(values(x.grad) == [2, 20])
  }

  @Test func `kept values are freed by a pass unless the graph is retained`() {
    let x = leaf([1, 2])
    let y = (x * x).sum()
    y.backward(retainGraph: true)
    y.backward()
    #expect(values(x.grad) == [4, 8])
    #expect(
      message { () throws(ArrayError) in try y.differentiate() }?
        .contains("Trying to backward through the graph a second time") == true)
  }

  @Test func `a graph that keeps nothing can be passed twice`() {
    let x = leaf([1, 2])
    let y = (x + 1).sum()
    y.backward()
    y.backward()
    #expect(values(x.grad) == [2, 2])
  }

  @Test func `the gradient of a tensor that is no leaf is kept only on request`() {
    let x = leaf([1, 2])
    let y = x * 2
    let z = x * 3
    y.retainGrad()
    (y * z).sum().backward()
    #expect(values(y.grad) == [3, 6])
    #expect(z.grad == nil)
    #expect(y.retainsGrad && !z.retainsGrad)
  }

  @Test func `backward of what requires no gradient is an error`() {
    #expect(
      message { () throws(ArrayError) in try tensor([1.0]).differentiate() }?
        .contains("element 0 of tensors does not require grad and does not have a grad_fn") == true)
  }
}

/// Sections 2.5.3 and 2.5.4, and graphs of other forms.
@Suite struct BackwardTests {
  @Test func `scalar case: z = wx + b`() {
    let x = tensor([2.0])
    let (w, b) = (leaf([3]), leaf([4]))
    let y = w * x
    let z = y + b
    #expect(z.gradFn?.name == "AddBackward0")
    #expect(z.gradFn?.nextFunctions.map { $0?.node.name } == ["MulBackward0", "AccumulateGrad"])
    #expect(y.gradFn?.nextFunctions.map { $0?.node.name } == ["AccumulateGrad", nil])
    z.backward()
    #expect(values(w.grad) == [2] && values(b.grad) == [1] && x.grad == nil)
  }

  @Test func `vector case: vJ is not the Jacobian, its rows come one by one`() {
    let x = leaf([2, 3], [1, 2])
    let j = tensor([0.0, 0.0, 0.0, 0.0], shape: [2, 2], dtype: .float64)
    let y = Tensor.zeros([1, 2], dtype: .float64)
    y[0, 0].copy_(x[0, 0].pow(2) + 3 * x[0, 1])
    y[0, 1].copy_(x[0, 1].pow(2) + 2 * x[0, 0])
    y.backward(gradient: tensor([1.0, 1.0], shape: [1, 2]), retainGraph: true)
    #expect(values(x.grad) == [6, 9])
    x.zeroGrad()
    y.backward(gradient: tensor([1.0, 0.0], shape: [1, 2]), retainGraph: true)
    j[0].copy_(x.grad![0])
    x.zeroGrad()
    y.backward(gradient: tensor([0.0, 1.0], shape: [1, 2]))
    j[1].copy_(x.grad![0])
    #expect(values(j) == [4, 3, 2, 6])
  }

  @Test func `a value used on several paths gets the sum of their gradients`() {
    let x = leaf([3])
    let y = x * 2
    ((y * y) + (y * 5) + y).sum().backward()
    // y = 6: (2y + 5 + 1)·2
    #expect(values(x.grad) == [36])
  }

  @Test func `doubling paths takes linear time`() {
    let x = leaf([1])
    var y = x
    for _ in 0..<60 { y = y + y }
    y.backward()
    #expect(values(x.grad) == [0x1p60])
  }

  @Test func `an operand that is both sides counts twice`() {
    let x = leaf([3])
    (x * x).backward()
    #expect(values(x.grad) == [6])
  }

  @Test func `broadcasting is undone by a sum`() {
    let x = leaf([1, 2, 3], [3, 1])
    let w = leaf([10, 20], [2])
    (x * w).sum().backward()
    #expect(values(x.grad) == [30, 30, 30])
    #expect(x.grad?.shape == [3, 1])
    #expect(values(w.grad) == [6, 6])
  }

  @Test func `gradients are tensors of their own: changing one changes no other`() {
    let (x, y) = (leaf([1, 2]), leaf([3, 4]))
    let seed = tensor([1.0, 1.0])
    (x + y).backward(gradient: seed)
    x.grad!.mul_(10)
    #expect(values(y.grad) == [1, 1] && values(seed) == [1, 1])
  }

  @Test func `mixed dtypes: each gradient has its own tensor's dtype`() {
    let x = leaf([1.5])
    let w = tensor([2.0] as [Float], shape: [1], requiresGrad: true)
    (x * w).backward()
    #expect(w.grad?.dtype == .float32 && x.grad?.dtype == .float64)
    #expect(values(w.grad) == [1.5] && values(x.grad) == [2])
  }

  @Test func `backward with inputs accumulates in these only`() {
    let (x, w) = (leaf([2]), leaf([3]))
    let y = x * w
    (y * y).backward(inputs: [x])
    #expect(values(x.grad) == [36] && w.grad == nil)
  }

  /// Expected: PyTorch 2.15.0.
  @Test
  func `backward with an input on the way runs that one's own node, though nothing behind it is needed`() {
    let x = leaf([1])
    let y = x.exp()
    y.backward(retainGraph: true, inputs: [y])
    y.backward(inputs: [y])
    #expect(values(y.grad) == [2] && x.grad == nil)
    #expect(
      message { () throws(ArrayError) in try y.differentiate() }?
        .contains("Trying to backward through the graph a second time") == true)
    let changed = x.exp()
    changed.detach().mul_(2)
    #expect(
      message { () throws(ArrayError) in try changed.differentiate(inputs: [changed]) }?
        .contains("has been modified by an inplace operation") == true)
    #expect(values(grad(changed, changed)) == [1])
  }

  /// Expected: PyTorch 2.15.0.
  @Test func `floor_divide is recorded, but has no derivative`() {
    let x = leaf([7, -7])
    let quotients = [
      x.floorDivide(2), x.floorDivide(tensor([2.0, 2])), tensor([7.0, -7]).floorDivide(x.abs()),
    ]
    for y in quotients {
      #expect(y.requiresGrad && !y.isLeaf && y.gradFn?.name == "NotImplemented")
      for createGraph in [false, true] {
        let text = message { () throws(ArrayError) in try y.sum().differentiate(createGraph: createGraph) }
        #expect(text?.contains("derivative for aten::floor_divide is not implemented") == true)
      }
    }
    let y = x * 1
    y.inPlace(FloorDivide(), 2)
    #expect(y.requiresGrad && values(y) == [3, -4])
    #expect(!noGrad { x.floorDivide(2) }.requiresGrad)
    #expect(x.grad == nil)
  }

  /// Expected: PyTorch 2.15.0.
  @Test func `scatter that multiplies is recorded, but has no derivative`() throws {
    let (x, index) = (leaf([7, -7]), tensor([1, 0]))
    for source in [leaf([2, 3]), leaf([2, 3]).detach()] {
      let y = try OperationTable.call(
        "scatter", [x, index, source], ["dim": .int(0), "reduce": .string("multiply")]
      ) { Tensor($0) }[0]
      #expect(values(y) == [21, -14] && y.requiresGrad && y.gradFn?.name == "NotImplemented")
      for createGraph in [false, true] {
        let text = message { () throws(ArrayError) in try y.sum().differentiate(createGraph: createGraph) }
        #expect(text?.contains("derivative for aten::scatter is not implemented") == true)
      }
    }
    #expect(x.grad == nil)
  }

  @Test func `grad returns gradients and leaves grad alone`() throws {
    let (x, w) = (leaf([2]), leaf([3]))
    let unused = leaf([1])
    let y = x * w
    let list = grad(outputs: [y], inputs: [w, unused, x], allowUnused: true)
    #expect(values(list[0]) == [2] && list[1] == nil && values(list[2]) == [3])
    #expect(x.grad == nil)
    #expect(
      message { () throws(ArrayError) in _ = try gradients(outputs: [x * w], inputs: [x, unused]) }?
        .contains("The differentiated Tensor at index 1 appears to not have been used in the graph") == true)
  }

  @Test func `what grad returns can be changed in place`() {
    let x = leaf([1, 2])
    for createGraph in [false, true] {
      for y in [x.mean(), x.round().sum(), (x * 3).sum()] {
        let gradient = grad(y, x, createGraph: createGraph)
        let before = values(gradient)!
        gradient.add_(1)
        #expect(values(gradient) == before.map { $0 + 1 })
      }
    }
    let slope = grad((x * x).sum(), x, createGraph: true)
    #expect(values(grad(slope.sum(), x)) == [2, 2])
  }

  @Test func `grad of a tensor on the way`() {
    let x = leaf([2])
    let y = x * x
    let z = y * 3
    #expect(values(grad(z, y, retainGraph: true)) == [3])
    #expect(values(grad(z, x)) == [12])
  }

  @Test func `derivatives of derivatives`() {
    let x = leaf([2])
    let y = x * x * x
    let first = grad(y, x, createGraph: true)
    #expect(first.requiresGrad)
    let second = grad(first, x, createGraph: true)
    let third = grad(second, x)
    #expect(values(first) == [12] && values(second) == [12] && values(third) == [6])
  }

  @Test func `backward with createGraph gives a grad that can be differentiated`() {
    let x = leaf([2])
    (x * x * x).backward(createGraph: true)
    let g = x.grad!
    x.zeroGrad()
    g.backward()
    #expect(values(x.grad) == [12])
  }

  /// Expected: PyTorch 2.15.0. Only the second result of the decomposition has a gradient; those of the vectors are none, not 0 by 0.
  @Test func `singular values have slopes where some are 0 or equal`() {
    for (matrix, weights, slopes) in [
      (tensor([[0.0, 0], [0, 0], [0, 0]]), tensor([0.25, 0.375]), [0.25, 0, 0, 0.375, 0, 0]),
      (tensor([[1.0, 1], [1, 1]]), tensor([2.0, 0]), [1, 1, 1, 1]),
      (tensor([[3.0, 0], [0, 3]]), tensor([1.0, 1]), [1, 0, 0, 1]),
    ] {
      for graph in [false, true] {
        let a = matrix.to(.float64).requiresGrad_()
        (a.svdvals() * weights.to(.float64)).sum().backward(createGraph: graph)
        let found = a.grad?.toArray(of: Double.self) ?? []
        a.zeroGrad()
        #expect(
          found.count == slopes.count && zip(found, slopes).allSatisfy { abs($0 - $1) < 1e-12 }, "\(found)")
      }
    }
  }
}
