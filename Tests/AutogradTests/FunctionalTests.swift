import Autograd
import Testing

/// f(x₀, x₁) = (x₀²·x₁, 5x₀ + sin x₁): J = ((2x₀x₁, x₀²), (5, cos x₁)).
private func pair(_ x: Tensor) throws(ArrayError) -> Tensor {
  Tensor.stack([x[0] * x[0] * x[1], 5 * x[0] + x[1].sin()])
}
private func pairs(_ xs: [Tensor]) throws(ArrayError) -> [Tensor] { [try pair(xs[0])] }

/// f(x) = x₀³·x₁: H = ((6x₀x₁, 3x₀²), (3x₀², 0)).
private func cubic(_ x: Tensor) throws(ArrayError) -> Tensor { x[0].pow(3) * x[1] }
private func cubics(_ xs: [Tensor]) throws(ArrayError) -> Tensor { try cubic(xs[0]) }

private func close(_ tensor: Tensor, _ wanted: [Double]) -> Bool {
  let got = tensor.toArray(of: Double.self)
  return got.count == wanted.count && zip(got, wanted).allSatisfy { abs($0 - $1) <= 1e-14 * (1 + abs($1)) }
}

@Suite struct FunctionalTests {
  // cos 0 = 1
  private let x = tensor([3.0, 0.0], dtype: .float64)

  @Test func `the Jacobian has a row per result element`() throws {
    let j = try jacobian(pair, x)
    #expect(j.shape == [2, 2] && close(j, [0, 9, 5, 1]))
    #expect(!j.requiresGrad && !x.requiresGrad)
  }

  @Test func `its shape is the result's followed by the input's`() throws {
    let input = tensor([1.0, 2, 3, 4, 5, 6], shape: [2, 3], dtype: .float64)
    let j = try jacobian({ (x) throws(ArrayError) in x.sum(1) }, input)
    #expect(j.shape == [2, 2, 3])
    #expect(values(j) == [1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1])
  }

  @Test func `several results by several inputs; what does not depend is zero, or refused when strict`()
    throws
  {
    let (a, b) = (tensor([2.0], dtype: .float64), tensor([3.0, 4.0], dtype: .float64))
    let f: TensorFunction = { xs throws(ArrayError) in [xs[0] * xs[1], xs[1] * xs[1]] }
    let j = try jacobian(f, [a, b])
    #expect(values(j[0][0]) == [3, 4] && values(j[0][1]) == [2, 0, 0, 2])
    #expect(values(j[1][0]) == [0, 0] && j[1][0].shape == [2, 1] && values(j[1][1]) == [6, 0, 0, 8])
    #expect(
      message { () throws(ArrayError) in _ = try jacobian(f, [a, b], strict: true) }?
        .contains("output 1 is independent of input 0") == true)
  }

  @Test func `a Jacobian can be differentiated`() throws {
    let x = leaf([3, 2])
    let j = try jacobian(pair, x, createGraph: true)
    // ∂(2x₀x₁) = (2x₁, 2x₀)
    #expect(values(grad(j[0, 0], x)) == [4, 6])
    let check = try gradcheck(
      { (xs) throws(ArrayError) in [try jacobian(pair, xs[0], createGraph: true)] }, [leaf([0.5, 1.5])])
    #expect(check.passes, "\(check)")
  }

  @Test func `the Hessian is the Jacobian of the gradient`() throws {
    let h = try hessian(cubic, tensor([2.0, 5.0], dtype: .float64))
    #expect(h.shape == [2, 2] && close(h, [60, 12, 12, 0]))
    let blocks = try hessian(
      { (xs: [Tensor]) throws(ArrayError) in (xs[0] * xs[1]).sum() },
      [tensor([2.0], dtype: .float64), tensor([3.0], dtype: .float64)])
    #expect(values(blocks[0][0]) == [0] && values(blocks[0][1]) == [1] && values(blocks[1][0]) == [1])
    #expect(
      message { () throws(ArrayError) in _ = try hessian({ (x) throws(ArrayError) in x * x }, x) }?
        .contains("must return one element, but it returned shape [2]") == true)
  }

  @Test func `products with vectors from both sides`() throws {
    let v = tensor([10.0, 1.0], dtype: .float64)
    let left = try vjp(pairs, [x], v: [v])
    #expect(close(left.product[0], [5, 91]) && close(left.outputs[0], [0, 15]))
    let right = try jvp(pairs, [x], v: [v])
    #expect(close(right.product[0], [9, 51]) && !right.product[0].requiresGrad)
    let y = tensor([2.0, 5.0], dtype: .float64)
    #expect(close(try vhp(cubics, [y], v: [v]).product[0], [612, 120]))
    #expect(close(try hvp(cubics, [y], v: [v]).product[0], [612, 120]))
  }

  @Test func `a product's vector must fit, and may be left out for one element`() throws {
    #expect(
      message { () throws(ArrayError) in _ = try vjp(pairs, [x]) }?
        .contains("v can only be left out when there is one of the results, with a single element") == true)
    #expect(
      message { () throws(ArrayError) in _ = try jvp(pairs, [x], v: [tensor([1.0])]) }?
        .contains("v[0] has shape [1], but must have that of the inputs, [2]") == true)
    let one = try vjp({ (xs) throws(ArrayError) in [try cubics(xs)] }, [tensor([2.0, 5.0], dtype: .float64)])
    #expect(close(one.product[0], [60, 8]))
  }
}
