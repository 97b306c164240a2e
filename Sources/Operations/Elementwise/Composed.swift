import CKernels

/// `addcmul(x, a, b, value)`: x + value·a·b. Derivatives: g, g·value·b and g·value·a, the products with `value` in the operand's own dtype,
/// as in PyTorch.
public struct AddCMul: AddedCombination {
  public static let name = "addcmul"
  let value: Scalar
  public let dtype: DType
  init(_ value: Scalar, _ dtype: DType) { (self.value, self.dtype) = (value, dtype) }

  static func kernel(_ dtype: DType) -> ck_ternary_scaled_fn? { ck_addcmul(dtype.kernelType) }

  public func saves(for input: Int) -> SavedValues { input == 0 ? [] : input == 1 ? .third : .second }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    input == 0 ? gradient : gradient * context.input(3 - input).mul(value)
  }
}

/// `addcdiv(x, a, b, value)`: x + value·a / b; floating dtypes only. Derivatives: g, g·value / b and −g·value·a / b², as for `addcmul`.
public struct AddCDiv: AddedCombination {
  public static let name = "addcdiv"
  let value: Scalar
  public let dtype: DType
  init(_ value: Scalar, _ dtype: DType) { (self.value, self.dtype) = (value, dtype) }

  static func check(_ a: DType, _ b: DType) throws(ArrayError) {
    try require(
      a.isFloatingPoint || b.isFloatingPoint,
      .runtime(
        "addcdiv: Integer division with addcdiv is no longer supported; convert an operand with to(.float32) first"
      ))
  }
  static func kernel(_ dtype: DType) -> ck_ternary_scaled_fn? { ck_addcdiv(dtype.kernelType) }

  public func saves(for input: Int) -> SavedValues {
    input == 2 ? [.second, .third] : .third
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    if input == 0 { return gradient }
    let b = context.input(2)
    return input == 1 ? gradient * (value / b) : -gradient * (context.input(1).mul(value) / (b * b))
  }
}

/// x + (value·a) ∘ b, calculated in the dtype in which all three meet.
protocol AddedCombination: ElementwiseTernary, TableEntry {
  /// The factor.
  var value: Scalar { get }
  init(_ value: Scalar, _ dtype: DType)
  /// Throws where the operation has no meaning for the dtypes of a and b.
  static func check(_ a: DType, _ b: DType) throws(ArrayError)
  /// The kernel for operands of this dtype, or nil where there is none.
  static func kernel(_ dtype: DType) -> ck_ternary_scaled_fn?
}

extension AddedCombination {
  static func check(_ a: DType, _ b: DType) throws(ArrayError) {}
  public static var signature: Signature { Signature("T input, T tensor1, T tensor2, S value=1") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try compute(
        try arguments.tensor("input"), try arguments.tensor("tensor1"), try arguments.tensor("tensor2"),
        try arguments.scalar("value", default: 1))
    ]
  }
  /// The operation on operands of any dtypes and shapes that meet.
  static func compute<Value: Algebra>(
    _ x: Value, _ a: Value, _ b: Value, _ value: Scalar
  ) throws(ArrayError) -> Value {
    let dtype = Value.promotedDType([x, a, b])
    try check(a.dtype, b.dtype)
    if kernel(dtype) == nil { throw undefined(for: dtype) }
    try value.checkConvertible(to: dtype, name)
    return try Value.apply(spreading: Self(value, dtype), x, a, b)
  }

  public var attributes: [(name: String, value: String)] { value == 1 ? [] : [("value", value.description)] }
  public func calculate(_ x: NDArray, _ a: NDArray, _ b: NDArray, into output: NDArray) throws(ArrayError) {
    guard let kernel = Self.kernel(dtype) else { throw Self.undefined(for: dtype) }
    // In integral arithmetic the fraction of the factor is cut off, as in PyTorch.
    let factor = try NDArray(scalar: value, dtype)
    ElementLoop.ternary(kernel, output, x, a, b, factorAt: factor.address)
  }
}

extension Algebra {
  /// x + value·a·b.
  public func addcmul(_ a: Self, _ b: Self, value: Scalar = 1) -> Self {
    checked { () throws(ArrayError) in try AddCMul.compute(self, a, b, value) }
  }
  /// x + value·a / b.
  public func addcdiv(_ a: Self, _ b: Self, value: Scalar = 1) -> Self {
    checked { () throws(ArrayError) in try AddCDiv.compute(self, a, b, value) }
  }
}

extension InPlaceAlgebra {
  /// x ← x + value·a·b.
  @discardableResult public func addcmul_(_ a: Self, _ b: Self, value: Scalar = 1) -> Self {
    inPlace(AddCMul.name) { x throws(ArrayError) in try AddCMul.compute(x, a, b, value) }
  }
  /// x ← x + value·a / b.
  @discardableResult public func addcdiv_(_ a: Self, _ b: Self, value: Scalar = 1) -> Self {
    inPlace(AddCDiv.name) { x throws(ArrayError) in try AddCDiv.compute(x, a, b, value) }
  }
}

/// A function of one element, without parameters, that other operations calculate; its derivative reads the input. Conform with a name, a
/// calculation and a derivative.
protocol ComposedFunction: WritingUnary, TableEntry {
  init()
}

extension ComposedFunction {
  public static var isElementwise: Bool { true }
  public static var signature: Signature { Signature("T input") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Self(), try arguments.tensor("input"))]
  }
  public func saves(for input: Int) -> SavedValues { .first }
  /// The input's dtype; for integers the default floating one.
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    ArrayType(x.dtype.isFloatingPoint ? x.dtype : DType.default, x.shape)
  }
}
