import Autograd
import Testing

/// x², with a rule as wrong as the test wants it.
private struct Wrong: UnaryOperation {
  enum Mistake: String, CaseIterable {
    case none, factor, sign, transposed, slopeOfSlope
  }
  static let name = "wrong"
  let mistake: Mistake
  func saves(for input: Int) -> SavedValues { .first }
  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { x }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray { x * x }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let right = gradient * context.input(0).mul(2)
    return switch mistake {
    case .none: right
    case .factor: right.mul(1.001)
    case .sign: -right
    case .transposed: right.t()
    case .slopeOfSlope:
      checked { () throws(ArrayError) in gradient * (try C.Value.apply(Doubled(), context.input(0))) }
    }
  }
}

/// 2x, with 3 for its slope.
private struct Doubled: UnaryOperation {
  static let name = "doubled"
  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { x }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray { x * 2 }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient.mul(3) }
}

/// A row seen as several, whose derivative forgets the sum over them.
private struct Unsummed: UnaryOperation {
  static let name = "unsummed"
  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { ArrayType(x.dtype, [3, x.shape[1]]) }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray { try x.expanded(to: [3, x.shape[1]]).clone() }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient.narrow(0, 0, 1) }
}

@Suite("Checking derivatives by differences")
struct DerivativeCheckTests {
  private let x = NDArray([1.3, -0.1, 0.4, 0.7], shape: [2, 2])

  private func verdict(_ mistake: Wrong.Mistake) throws -> String? {
    try DerivativeCheck([x]) { [try Tensor.apply(Wrong(mistake: mistake), $0[0]!)] }.disagreement()
  }

  @Test("A right rule passes, at first and second order")
  func right() throws { #expect(try verdict(.none) == nil) }

  @Test("A rule off by a thousandth, with the wrong sign or transposed is caught")
  func wrong() throws {
    for mistake in [Wrong.Mistake.factor, .sign, .transposed] {
      #expect(try verdict(mistake)?.hasPrefix("gradient of input 0") == true, "\(mistake)")
    }
  }

  @Test("A rule whose own derivative is wrong is caught at second order")
  func secondOrder() throws {
    #expect(try verdict(.slopeOfSlope)?.hasPrefix("gradient of the gradient of input 0") == true)
  }

  @Test("A missing sum over what was broadcast is caught")
  func missingSum() throws {
    let row = NDArray([1.0, 2], shape: [1, 2])
    let verdict = try DerivativeCheck([row]) { [try Tensor.apply(Unsummed(), $0[0]!)] }.disagreement()
    #expect(verdict?.hasPrefix("gradient of input 0") == true)
  }

  @Test("A derivative that is NaN does not pass")
  func nan() throws {
    let zero = NDArray([0.0], shape: [1])
    #expect(try DerivativeCheck([zero]) { [($0[0]! * $0[0]!).sqrt()] }.disagreement() != nil)
  }
}
