import Autograd
import Testing

@Suite("Subscripts, in-place forms and functions")
struct ConvenienceTests {
  private let x = NDArray([0.0, 1, 2, 3, 4, 5], shape: [2, 3])

  @Test("Ranges, strides, the ellipsis and new axes read as in NumPy")
  func reading() {
    #expect(x[1, -1].item(as: Double.self) == 5)
    #expect(x[.all, stride(from: 0, to: 3, by: 2)].toArray(of: Double.self) == [0, 2, 3, 5])
    #expect(x[.ellipsis, -2...(-1)].toArray(of: Double.self) == [1, 2, 4, 5])
    #expect(x[.newAxis, 0].shape == [1, 3])
    #expect(x[.all, 1...Int.max].shape == [2, 2])
  }

  @Test("Each of several ellipses stands for all dimensions left, as in PyTorch")
  func ellipses() throws {
    let x = NDArray((0..<24).map(Double.init), shape: [2, 3, 4])
    #expect(x[.ellipsis, .ellipsis].shape == [2, 3, 4])
    #expect(x[.ellipsis, 1, .ellipsis].toArray(of: Double.self) == [1, 5, 9, 13, 17, 21])
    #expect(x[0, .ellipsis, 1, .ellipsis].toArray(of: Double.self) == [1, 5, 9])
    #expect(x[.ellipsis, .newAxis, .ellipsis].shape == [2, 3, 4, 1])
    #expect(throws: ArrayError.self) { try GetItem.view(x, [.ellipsis, .ellipsis, .integer(1)]) }
  }

  @Test("Assigning to a place writes into the shared memory, broadcast and converted")
  func assigning() {
    let view = x.t()
    x[.all, 0] = NDArray([7, 8])
    #expect(view[0].toArray(of: Double.self) == [7, 8])
    x[0, 1...] = NDArray([[9.0]].flatMap { $0 })
    #expect(x.toArray(of: Double.self) == [7, 9, 9, 8, 4, 5])
  }

  @Test("What cannot be assigned is refused and changes nothing")
  func refusing() throws {
    let before = x.toArray(of: Double.self)
    #expect(throws: ArrayError.self) { try x.assign(NDArray([1.0, 2]), at: [.integer(0)]) }
    #expect(throws: ArrayError.self) { try x.assign(1, at: [.integer(2)]) }
    let bytes = NDArray([UInt8(1), 2])
    #expect(throws: ArrayError.self) { try bytes.assign(300, at: [.integer(0)]) }
    #expect(x.toArray(of: Double.self) == before && bytes.toArray(of: Int.self) == [1, 2])
  }

  @Test("In-place forms give what the plain forms give, in the same memory, for arrays and tensors alike")
  func inPlace() {
    func check<Value: InPlaceAlgebra>(_ value: Value, _ elements: (Value) -> [Double]) {
      let wanted = elements(value.clamp(min: 1, max: 4).pow(2).lerp(value, 0.25))
      let copy = value.mul(1)
      copy.clamp_(min: 1, max: 4).pow_(2).lerp_(value, 0.25)
      #expect(elements(copy) == wanted)
      copy.maskedFill_(copy.gt(2), -1).addcmul_(value, value, value: 2)
      #expect(elements(copy).count == 6)
      copy.gt_(0)
      #expect(elements(copy).allSatisfy { $0 == 0 || $0 == 1 })
    }
    check(x) { $0.toArray(of: Double.self) }
    check(Tensor(x)) { $0.toArray(of: Double.self) }
  }

  @Test("What an in-place form refuses names it, underscore and all, for arrays and tensors alike")
  func inPlaceNames() {
    func check<Value: InPlaceAlgebra>(_ whole: Value, _ half: Value, _ wide: Value) {
      func refusal(_ body: () throws(ArrayError) -> Void) -> String {
        do throws(ArrayError) { try body() } catch { return error.message }
        return "nothing"
      }
      let cast = "result type Double can't be cast to the desired output type Long"
      #expect(
        refusal { () throws(ArrayError) in try whole.applyInPlace(broadcasting: Add(), half) } == "add_: "
          + cast)
      #expect(
        refusal { () throws(ArrayError) in try whole.applyInPlace(WithScalar(Mul(), 0.5, on: .right)) }
          .hasPrefix("mul_: result type Float can't be cast"))
      #expect(
        refusal { () throws(ArrayError) in try whole.applyInPlace(Sqrt()) }
          .hasPrefix("sqrt_: result type Float can't be cast"))
      #expect(
        refusal { () throws(ArrayError) in
          try whole.overwrite(Lerp.name) { _ throws(ArrayError) in half.lerp(half, 0.5) }
        } == "lerp_: " + cast)
      #expect(
        refusal { () throws(ArrayError) in try half.applyInPlace(broadcasting: Sub(), wide) }
          .hasPrefix("sub_: output with shape [2] doesn't match the broadcast shape"))
      #expect(
        refusal { () throws(ArrayError) in
          try half.overwrite(Pow.name) { _ throws(ArrayError) in wide.pow(3) }
        }.hasPrefix("pow_: output with shape [2] doesn't match the broadcast shape [3, 2]"))
    }
    let (whole, half, wide) = (NDArray([1, 2]), NDArray([0.5, 1]), NDArray.ones([3, 2], dtype: .float64))
    check(whole, half, wide)
    check(Tensor(whole), Tensor(half), Tensor(wide))
    let overlapping = half[0..<1].expand(2)
    let error = #expect(throws: ArrayError.self) { try overlapping.applyInPlace(Exp()) }
    #expect(error?.message.hasPrefix("exp_: unsupported operation: more than one element") == true)
  }

  @Test("Functions and methods are one operation")
  func functions() {
    let y = NDArray([1.0, 2, 3])
    #expect(add(x, y).equal(x.add(y)).item())
    #expect(sub(x, 1, alpha: 2).equal(x.sub(1, alpha: 2)).item())
    #expect(exp(Tensor(x)).array.equal(x.exp()).item())
    #expect(mm(x, x.t()).equal(x.mm(x.t())).item())
    #expect(cat([x, x], dim: 1).shape == [2, 6])
  }

  @Test("Reductions are functions, too")
  func reductions() {
    // From PyTorch 2.15: torch.std(x), torch.max(x, 1), …
    let x = NDArray([3.0, 1, 2, 6, 5, 4], shape: [2, 3])
    func list(_ value: NDArray) -> [Double] { value.toArray(of: Double.self) }
    #expect(list(sum(x)) == [21] && list(sum(x, 0)) == [9, 6, 6] && list(sum(x, [0, 1])) == [21])
    #expect(mean(x, 1, keepDim: true).shape == [2, 1] && list(mean(x, [1])) == [2, 5])
    #expect(list(prod(x)) == [720] && list(prod(x, 1)) == [6, 120])
    #expect(list(`var`(x)) == [3.5] && list(std(x, [1])) == [1, 1] && list(norm(x, 1)) == [21])
    #expect(list(dist(x, x + 2, p: .infinity)) == [2] && list(median(x)) == [3])
    #expect(list(median(x, 1).indices) == [2, 1])
    #expect(list(max(x)) == [6] && list(min(x)) == [1] && list(max(x, x * 0 + 3)) == [3, 3, 3, 6, 5, 4])
    #expect(list(max(x, dim: 1).values) == [3, 6] && list(min(x, dim: 0).indices) == [0, 0, 0])
    #expect(list(min(x, x * 0 + 3)) == [3, 1, 2, 3, 3, 3])
    #expect(list(amax(x, [0])) == [6, 5, 4] && list(amin(x)) == [1])
    #expect(list(argmax(x)) == [3] && list(argmin(x, 1)) == [1, 2])
    #expect(
      list(all(x)) == [1] && list(Operations.any(x.gt(5), [1])) == [0, 1] && list(countNonzero(x)) == [6])
    #expect(list(cumsum(x, 1)) == [3, 4, 6, 6, 11, 15] && list(cumprod(x, 1)) == [3, 3, 6, 6, 30, 120])
    #expect(logsumexp(x * 0, [1]).allclose(NDArray([3.0, 3]).log()).item())
  }
}
