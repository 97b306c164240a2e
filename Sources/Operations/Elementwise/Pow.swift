import CKernels

/// `pow(x, y)`: xʸ. Derivatives: g·y·x^(y−1) (0 where y = 0) and g·xʸ·ln x (0 where x = 0 and y ≥ 0); as in PyTorch a plain false is no such 0.
///
/// Integers stay integers; a negative integer exponent given as a number is refused, as in PyTorch.
public struct Pow: ElementwiseBinary {
  public static let name = "pow"
  @inlinable public init() {}
  public static func gradientOverload(withNumber side: Side?) -> Int {
    switch side {
    case .right: 0
    case nil: 1
    case .left: 2
    }
  }
  @inlinable public func kernel(_ dtype: DType) -> ck_binary_fn? { ck_binary(CK_POW, dtype.kernelType) }
  /// All for either operand, as PyTorch keeps them.
  @inlinable public func saves(for input: Int) -> SavedValues { [.first, .second, .result] }
  @inlinable public func saves(besideNumber side: Side) -> SavedValues {
    side == .left ? [.first, .second, .result] : .first
  }

  @inlinable public func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C
    .Value?
  {
    switch (side, context.left, context.right) {
    case (.left, .value(let x), .scalar(let exponent)):
      if exponent.doubleValue == 0 && exponent.category != .bool { return gradient.zeros() }
      return gradient * x.pow(Self.lower(exponent)).mul(exponent)
    case (.left, .value(let x), .value(let exponent)):
      return (gradient * (exponent * x.pow(exponent - 1))).maskedFill(exponent.eq(0), 0)
    case (.right, let base, .value(let exponent)):
      let isTruth = if case .scalar(.bool) = base { true } else { false }
      let base = base.value(like: exponent)
      let slope = context.result * base.log()
      if isTruth { return gradient * slope }
      let flat = base.eq(0).logicalAnd(exponent.ge(0))
      return gradient * Self.masked(slope, flat)
    default:
      return nil
    }
  }

  /// The exponent less 1, an integer as long as it can be one.
  @usableFromInline static func lower(_ exponent: Scalar) -> Scalar {
    let (lower, overflow) = exponent.intValue.subtractingReportingOverflow(1)
    return exponent.category == .floating || overflow ? .float(exponent.doubleValue - 1) : .int(lower)
  }
  @usableFromInline static func masked<Value: Algebra>(_ slope: Value, _ mask: Value) -> Value {
    slope.maskedFill(mask, 0)
  }
}

extension Pow: TableEntry {
  public static var signature: Signature { Signature("TS input, TS exponent") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let base = try arguments.operand("input")
    switch (base, try arguments.operand("exponent")) {
    case (.value(let x), .scalar(let exponent)): return [try x.raised(to: exponent)]
    case (_, let exponent): return [try Value.apply(operands: Pow(), base, exponent)]
    }
  }
}

/// x², in one multiplication; bool counts as int64. Derivative: (2·g)·x.
///
/// PyTorch and TensorFlow double x instead. The bits are the same, since doubling is exact, unless 2·x or 2·g is beyond the largest number.
/// A gradient is often one number for all elements, and then so is its double.
public struct Square: PlainElementwiseUnary {
  public static let name = "square"
  @inlinable public static var kernel: ck_unary_op { CK_SQUARE }
  @inlinable public static var rule: ElementRule { .number }
  @inlinable public init() {}
  public var gradientName: String { "PowBackward0" }
  @inlinable public func saves(for input: Int) -> SavedValues { .first }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    // Where this is differentiated in turn, x¹ says that the slope of the slope is a constant, not that there is none.
    let x = context.input(0)
    return gradient.mul(2) * (C.Value.remembers ? x.pow(1) : x)
  }
  @inlinable public func arrayPullback<C: PullbackContext>(
    _ gradient: consuming NDArray, _ context: C
  ) throws(ArrayError) -> NDArray where C.Value == NDArray {
    guard let kernel = ck_binary(CK_MUL_DOUBLED, gradient.dtype.kernelType) else {
      return try throwingPullback(gradient, context)
    }
    var (x, gradient) = (context.lastInput(0), gradient)
    if gradient.canBeOverwritten() {
      ElementLoop.binary(kernel, gradient, x, gradient)
      return gradient
    }
    let output = x.canBeOverwritten() ? x : try NDArray(like: x, x.dtype)
    ElementLoop.binary(kernel, output, x, gradient)
    (consume gradient).giveBack()
    return output
  }
}

/// x to the power ±½, by its root: as PyTorch, which so has NaN for −∞ where `pow` would say ∞. Derivative: ±½·g·x^(±½ − 1).
public struct RootPower: WritingUnary {
  public static let name = "pow"
  @inlinable public static var isElementwise: Bool { true }
  /// Whether it is 1/√x.
  public let isReciprocal: Bool
  @inlinable public init(isReciprocal: Bool) { self.isReciprocal = isReciprocal }

  /// The root that calculates it.
  public var root: any ElementwiseUnary { isReciprocal ? Rsqrt() : Sqrt() }
  private var exponent: Double { isReciprocal ? -0.5 : 0.5 }
  public var attributes: [(name: String, value: String)] { [("right", "\(exponent)")] }
  @inlinable public func saves(for input: Int) -> SavedValues { .first }
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { try Sqrt().type(x) }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    try root.forward(x, into: output)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient * context.input(0).pow(exponent - 1).mul(exponent)
  }
}

extension Algebra {
  /// xʸ, broadcast and promoted.
  @inlinable public func pow(_ exponent: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(broadcasting: Pow(), self, exponent) }
  }
  /// x to a number; 2 is one multiplication, so that `x.pow(2)` and `x * x` have the same bits.
  @inlinable public func pow(_ exponent: some ScalarConvertible) -> Self {
    checked { () throws(ArrayError) in try raised(to: exponent.scalar) }
  }
  /// The throwing form of `pow` with a number.
  @inlinable public func raised(to exponent: Scalar) throws(ArrayError) -> Self {
    if dtype.isFloatingPoint {
      switch exponent.doubleValue {
      case 2: return try Self.apply(Square(), self)
      case 0.5, -0.5: return try Self.apply(RootPower(isReciprocal: exponent.doubleValue < 0), self)
      default: break
      }
    }
    if dtype == .bool, case .bool(let isOne) = exponent {
      return isOne ? self.logicalNot().logicalNot() : onesLike()
    }
    if !dtype.isFloatingPoint, exponent.category != .floating, exponent.intValue < 0 {
      throw .runtime(
        "pow: Integers to negative integer powers are not allowed; convert to a floating dtype first")
    }
    try exponent.checkConvertible(to: exponent.promoted(with: dtype), Pow.name)
    return try Self.apply(Pow(), self, scalar: exponent, on: .right)
  }
  /// x², in one multiplication.
  @inlinable public func square() -> Self {
    checked { () throws(ArrayError) in try Self.apply(Square(), self) }
  }
}

extension InPlaceAlgebra {
  /// `square` in place.
  @discardableResult public func square_() -> Self {
    inPlace(Square())
  }
  /// `pow` in place.
  @discardableResult public func pow_(_ exponent: Self) -> Self {
    inPlace(Pow(), exponent)
  }
  /// `pow` with a number in place.
  @discardableResult public func pow_(_ exponent: some ScalarConvertible) -> Self {
    inPlace(Pow.name) { x throws(ArrayError) in try x.raised(to: exponent.scalar) }
  }
}
