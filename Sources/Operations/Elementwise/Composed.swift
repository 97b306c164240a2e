import CKernels

/// `addcmul(x, a, b, value)`: x + value·a·b. Derivatives: g, g·value·b and g·value·a, the products with `value` in the operand's own dtype,
/// as in PyTorch.
public struct AddCMul: AddedCombination {
  public static let name = "addcmul"
  let value: Scalar
  let dtype: DType
  init(_ value: Scalar, _ dtype: DType) { (self.value, self.dtype) = (value, dtype) }

  static func kernel(_ dtype: DType) -> ck_ternary_scaled_fn? { ck_addcmul(dtype.kernelType) }

  public func saves(for input: Int) -> SavedValues { input == 0 ? [] : input == 1 ? .third : .second }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    let slope = input == 0 ? gradient : gradient * context.input(3 - input).mul(value)
    return slope.to(context.dtype(input))
  }
}

/// `addcdiv(x, a, b, value)`: x + value·a / b; floating dtypes only. Derivatives: g, g·value / b and −g·value·a / b², as for `addcmul`.
public struct AddCDiv: AddedCombination {
  public static let name = "addcdiv"
  let value: Scalar
  let dtype: DType
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
    input == 0 ? [] : input == 1 ? .third : [.second, .third]
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    if input == 0 { return gradient.to(context.dtype(0)) }
    let b = context.input(2)
    let slope =
      input == 1 ? gradient * (value / b) : -gradient * (context.input(1).mul(value) / (b * b))
    return slope.to(context.dtype(input))
  }
}

/// x + (value·a) ∘ b, each operand in its own dtype, calculated in the one in which all three meet.
protocol AddedCombination: WritingTernary, TableEntry {
  /// The factor.
  var value: Scalar { get }
  /// The dtype of the result.
  var dtype: DType { get }
  init(_ value: Scalar, _ dtype: DType)
  /// Throws where the operation has no meaning for the dtypes of a and b.
  static func check(_ a: DType, _ b: DType) throws(ArrayError)
  /// The kernel for operands of this dtype, or nil where there is none.
  static func kernel(_ dtype: DType) -> ck_ternary_scaled_fn?
}

extension AddedCombination {
  static func check(_ a: DType, _ b: DType) throws(ArrayError) {}
  public static var isElementwise: Bool { true }
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
    var (x, a, b) = (x, a, b)
    try Value.broadcast(&a, &b, name)
    try Value.broadcast(&x, &a, name)
    try Value.broadcast(&x, &b, name)
    return try Value.apply(Self(value, dtype), x, a, b)
  }

  public var attributes: [(name: String, value: String)] { value == 1 ? [] : [("value", value.description)] }
  public func type(_ x: ArrayType, _ a: ArrayType, _ b: ArrayType) throws(ArrayError) -> ArrayType {
    for other in [a.shape, b.shape] where other != x.shape && other.isKnown && x.shape.isKnown {
      throw broadcastError(Self.name, x.shape, other)
    }
    return ArrayType(dtype, x.shape)
  }
  public func forward(_ x: NDArray, _ a: NDArray, _ b: NDArray, into output: NDArray) throws(ArrayError) {
    guard let kernel = Self.kernel(dtype) else { throw Self.undefined(for: dtype) }
    let (x, a, b) = (try x.converted(to: dtype), try a.converted(to: dtype), try b.converted(to: dtype))
    // In integral arithmetic the fraction of the factor is cut off, as in PyTorch.
    let factor = try NDArray(scalar: value, dtype)
    ElementLoop.forEachRun(output, x, a, b) { n, o, so, x, sx, a, sa, b, sb in
      kernel(n, o, so, x, sx, a, sa, b, sb, factor.pointer)
    }
  }
}

extension Algebra {
  /// The dtype in which several values meet: that of those with dimensions, unless a 0-d one is of a higher kind.
  static func promotedDType(_ values: [Self]) -> DType {
    func meeting(_ values: [Self]) -> DType? {
      values.dropFirst().reduce(values.first?.dtype) { DType.promote($0 ?? $1.dtype, $1.dtype) }
    }
    let single = meeting(values.filter { $0.staticShape?.rank == 0 })
    guard let wide = meeting(values.filter { $0.staticShape?.rank != 0 }) else { return single ?? .default }
    guard let single, single.category > wide.category else { return wide }
    return DType.promote(wide, single)
  }
}

extension Optional {
  /// `map` for functions that throw array errors.
  func map2<Result>(_ transform: (Wrapped) throws(ArrayError) -> Result) throws(ArrayError) -> Result? {
    guard let self else { return nil }
    return try transform(self)
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
