import Autograd
import Testing

/// x ↦ eˣ, whose derivative reads the result.
struct OwnExp: Function {
  func forward(_ context: FunctionContext, _ inputs: [Tensor]) throws(ArrayError) -> [Tensor] {
    let result = inputs[0].exp()
    context.saveForBackward(result)
    return [result]
  }
  func backward(_ context: FunctionContext, _ gradOutputs: [Tensor?]) throws(ArrayError) -> [Tensor?] {
    [gradOutputs[0]! * (try context.savedTensors[0]!)]
  }
}

/// x, y ↦ xⁿ·y, x + y: a parameter, two inputs, two results.
private struct PowerAndSum: Function {
  var exponent: Int
  func forward(_ context: FunctionContext, _ inputs: [Tensor]) throws(ArrayError) -> [Tensor] {
    context.saveForBackward(inputs[0], inputs[1])
    return [inputs[0].pow(exponent) * inputs[1], inputs[0] + inputs[1]]
  }
  func backward(_ context: FunctionContext, _ gradOutputs: [Tensor?]) throws(ArrayError) -> [Tensor?] {
    let saved = try context.savedTensors
    let (x, y, g, h) = (saved[0]!, saved[1]!, gradOutputs[0]!, gradOutputs[1]!)
    return [
      g * y * x.pow(exponent - 1) * exponent + h, context.needsInputGrad[1] ? g * x.pow(exponent) + h : nil,
    ]
  }
}

/// A derivative that cannot be differentiated: it goes through plain numbers.
private struct OnceSquare: Function {
  var isOnceDifferentiable: Bool { true }
  func forward(_ context: FunctionContext, _ inputs: [Tensor]) throws(ArrayError) -> [Tensor] {
    context.saveForBackward(inputs[0])
    return [inputs[0] * inputs[0]]
  }
  func backward(_ context: FunctionContext, _ gradOutputs: [Tensor?]) throws(ArrayError) -> [Tensor?] {
    let slopes = (try context.savedTensors[0]!).toArray(of: Double.self).map { 2 * $0 }
    return [gradOutputs[0]! * tensor(slopes)]
  }
}

/// Doubles in place.
private struct DoubleInPlace: Function {
  func forward(_ context: FunctionContext, _ inputs: [Tensor]) throws(ArrayError) -> [Tensor] {
    inputs[0].mul_(2)
    context.markDirty(inputs[0])
    return [inputs[0]]
  }
  func backward(_ context: FunctionContext, _ gradOutputs: [Tensor?]) throws(ArrayError) -> [Tensor?] {
    [gradOutputs[0]! * 2]
  }
}

/// A function whose backward returns whatever it is told to.
private struct Returns: Function {
  var gradients: @Sendable (Tensor?) -> [Tensor?]
  var results = 1
  var materializes = true
  func forward(_ context: FunctionContext, _ inputs: [Tensor]) throws(ArrayError) -> [Tensor] {
    context.materializesGrads = materializes
    return (0..<results).map { _ in inputs[0] * 1 }
  }
  func backward(_ context: FunctionContext, _ gradOutputs: [Tensor?]) throws(ArrayError) -> [Tensor?] {
    gradients(gradOutputs[results - 1])
  }
}

@Suite struct FunctionTests {
  @Test func `its node is named after it and its derivative is the one it gives`() {
    let x = leaf([0, 1])
    let y = OwnExp().apply(x)
    #expect(y.gradFn?.name == "OwnExpBackward")
    y.sum().backward()
    #expect(values(x.grad) == values(x.exp().detach()))
  }

  @Test func `higher derivatives go through saved results and inputs`() throws {
    let x = leaf([0.5])
    let first = grad(OwnExp().apply(x), x, createGraph: true)
    let second = grad(first, x, createGraph: true)
    #expect(values(second) == values(x.exp().detach()))
    let check = try gradgradcheck(
      { (xs) throws(ArrayError) in try PowerAndSum(exponent: 3).applied(to: xs) },
      [leaf([1.5, -0.5]), leaf([2, 3])])
    #expect(check.passes, "\(check)")
  }

  @Test func `several inputs and results, a parameter, and inputs that need no gradient`() throws {
    let (x, y) = (leaf([2]), tensor([5.0], dtype: .float64))
    let results = try PowerAndSum(exponent: 3).applied(to: [x, y])
    #expect(values(results[0]) == [40] && values(results[1]) == [7])
    #expect(results[1].outputNumber == 1)
    (results[0] + 10 * results[1]).backward()
    // 3·x²·y + 10
    #expect(values(x.grad) == [70])
    #expect(y.grad == nil)
  }

  @Test func `forward is not recorded, and without recording there is no node`() {
    let x = leaf([1])
    #expect(noGrad { OwnExp().apply(x) }.gradFn == nil)
    #expect(OwnExp().apply(tensor([1.0])).requiresGrad == false)
  }

  @Test func `saved values are freed by a pass and watched for changes in place`() {
    let x = leaf([1])
    let y = OwnExp().apply(x)
    y.backward()
    #expect(
      message { () throws(ArrayError) in try y.differentiate() }?
        .contains("Trying to backward through the graph a second time") == true)
    let z = OwnExp().apply(x)
    noGrad { z.mul_(2) }
    #expect(
      message { () throws(ArrayError) in try z.differentiate() }?
        .contains("has been modified by an inplace operation: saved tensor 0") == true)
  }

  @Test func `a function that is differentiable once refuses to be differentiated twice`() {
    let x = leaf([3])
    let first = grad(OnceSquare().apply(x), x, createGraph: true)
    #expect(values(first) == [6] && first.requiresGrad)
    #expect(
      message { () throws(ArrayError) in try first.differentiate() }?
        .contains("trying to differentiate twice a function that was marked with once_differentiable") == true
    )
  }

  @Test func `a change in place that is marked is recorded`() {
    let x = leaf([1, 2])
    let y = x * 3
    let z = DoubleInPlace().apply(y)
    #expect(z === y && y.gradFn?.name == "DoubleInPlaceBackward")
    y.sum().backward()
    #expect(values(x.grad) == [6, 6])
    #expect(
      message { () throws(ArrayError) in _ = try DoubleInPlace().applied(to: [x]) }?
        .contains("a leaf Variable that requires grad is being used in an in-place operation") == true)
  }

  @Test func `a change of a view reaches its base`() {
    let x = leaf([1, 2])
    let y = x * 3
    _ = DoubleInPlace().apply(y[0])
    #expect(values(y) == [6, 6] && y.gradFn?.name == "CopySlices")
    y.sum().backward()
    #expect(values(x.grad) == [6, 3])
  }

  @Test func `the number of gradients must be the number of inputs`() {
    let x = leaf([1])
    let y = Returns(gradients: { [$0, $0] }).apply(x)
    #expect(
      message { () throws(ArrayError) in try y.differentiate() }?
        .contains("returned an incorrect number of gradients (expected 1, got 2)") == true)
    Returns(gradients: { [$0, nil] }).apply(x).backward()
    #expect(values(x.grad) == [1])
  }

  @Test func `a gradient of another shape or dtype is summed and converted where that fits, else refused`() {
    let x = leaf([1])
    Returns(gradients: { _ in [tensor([1.0, 2.0], dtype: .float32)] }).apply(x).backward()
    #expect(values(x.grad) == [3] && x.grad?.dtype == .float64)
    let y = leaf([1, 2])
    let z = Returns(gradients: { _ in [tensor([1.0, 2.0, 3.0], dtype: .float64)] }).apply(y).sum()
    #expect(
      message { () throws(ArrayError) in try z.differentiate() }?
        .contains("ReturnsBackward: the derivative rule returned an invalid gradient for argument 0") == true)
  }

  @Test func `a result that takes no part has zeros, or none on request`() throws {
    let x = leaf([1])
    var results = try Returns(gradients: { [$0] }, results: 2).applied(to: [x])
    results[0].backward()
    #expect(values(x.grad) == [0])
    x.zeroGrad()
    results = try Returns(gradients: { [$0] }, results: 2, materializes: false).applied(to: [x])
    results[0].backward()
    #expect(x.grad == nil)
  }
}
