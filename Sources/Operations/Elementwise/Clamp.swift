import CKernels

/// `clamp(x, min, max)`: x no less than min and no more than max; max wins over min; NaN stays. The bounds are numbers, or values that
/// broadcast with x; at least one is given. Beside a number, a value without dimensions counts as one.
///
/// Derivatives: with numbers g strictly between the bounds, else 0; with values see `ClampBetween` and `ClampBy`.
/// Integers: a bound beyond the dtype's range bounds nothing, but a min above it or a max below it is refused.
public enum Clamp: TableEntry {
  public static let name = "clamp"
  public static var signature: Signature { Signature("T input, TS? min, TS? max") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let x = try arguments.tensor("input")
    switch (try arguments.optionalOperand("min"), try arguments.optionalOperand("max")) {
    case (nil, nil): throw .runtime("clamp: At least one of 'min' or 'max' must not be None")
    case (.value(let low)?, .value(let high)?): return [try compute(x, low, high)]
    case (.value(let low)?, nil): return [try compute(x, low, nil)]
    case (nil, .value(let high)?): return [try compute(x, nil, high)]
    case (let low, let high): return [try compute(x, try low?.asNumber(), try high?.asNumber())]
    }
  }

  /// Between numbers.
  static func compute<Value: Algebra>(_ x: Value, _ low: Scalar?, _ high: Scalar?) throws(ArrayError) -> Value
  {
    var dtype = x.dtype
    for bound in [low, high] { if let bound { dtype = bound.promoted(with: dtype) } }
    if dtype == .bool { throw .runtime("clamp: not implemented for 'Bool'; convert with to(_:) first") }
    return try Value.apply(ClampNumbers(low, high, dtype), x.to(dtype))
  }

  /// Between values.
  static func compute<Value: Algebra>(_ x: Value, _ low: Value?, _ high: Value?) throws(ArrayError) -> Value {
    let dtype = Value.promotedDType([x, low, high].compactMap { $0 })
    switch (low, high) {
    case (_?, _?) where dtype == .bool:
      throw .runtime("clamp: not implemented for 'Bool'; convert with to(_:) first")
    case (let low?, let high?): return try Value.apply(spreading: ClampBetween(dtype: dtype), x, low, high)
    case (let low?, nil): return try Value.apply(broadcasting: ClampBy(bound: .low), x, low)
    case (nil, let high?): return try Value.apply(broadcasting: ClampBy(bound: .high), x, high)
    case (nil, nil): throw .runtime("clamp: At least one of 'min' or 'max' must not be None")
    }
  }
}

extension Operand {
  /// The number; also that of a value without dimensions, where its gradient is not asked for. Throws for another value.
  fileprivate func asNumber() throws(ArrayError) -> Scalar {
    switch self {
    case .scalar(let number): return number
    case .value(let value):
      guard let array = value.storedArray, array.rank == 0, !value.needsGradient else {
        throw .type("clamp: the bounds must be both numbers or both tensors")
      }
      return try array.scalarValue()
    }
  }
}

/// `clamp` between numbers. Derivative: g strictly between them, else 0, as PyTorch has it.
struct ClampNumbers: WritingUnary {
  static let name = "clamp"
  static var isElementwise: Bool { true }
  var gradientOverload: Int { 1 }
  let low: Scalar?
  let high: Scalar?

  /// Throws, naming the operation, when no element of `dtype` lies within a bound.
  init(
    _ low: Scalar?, _ high: Scalar?, _ dtype: DType, for operation: String = name
  ) throws(ArrayError) {
    guard dtype.category == .integral else {
      for bound in [low, high] { try bound?.checkConvertible(to: dtype, operation) }
      (self.low, self.high) = (low, high)
      return
    }
    let range = dtype.integerRange
    try require(
      low.map { $0.intValue <= range.upperBound } ?? true,
      .runtime("\(operation): the min value \(low ?? 0) is above the range of \(dtype), which is \(range)"))
    try require(
      high.map { $0.intValue >= range.lowerBound } ?? true,
      .runtime("\(operation): the max value \(high ?? 0) is below the range of \(dtype), which is \(range)"))
    self.low = low.map { .int(Swift.max($0.intValue, range.lowerBound)) }
    self.high = high.map { .int(Swift.min($0.intValue, range.upperBound)) }
  }

  var attributes: [(name: String, value: String)] {
    [("min", low), ("max", high)].compactMap { name, bound in bound.map { (name, $0.description) } }
  }
  func saves(for input: Int) -> SavedValues { .first }
  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { x }

  func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    let range = x.dtype.integerRange
    let lowest: Scalar = x.dtype.isFloatingPoint ? .float(-.infinity) : .int(range.lowerBound)
    let highest: Scalar = x.dtype.isFloatingPoint ? .float(.infinity) : .int(range.upperBound)
    try ClampBetween(dtype: x.dtype).calculate(
      x, try NDArray(scalar: low ?? lowest, x.dtype), try NDArray(scalar: high ?? highest, x.dtype),
      into: output)
  }

  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let x = context.input(0)
    let above = low.map { x.gt($0) }
    let below = high.map { x.lt($0) }
    let inside = above.map { above in below.map { above.logicalAnd($0) } ?? above } ?? below
    return inside.map { $0.where(gradient, gradient.zeros()) } ?? gradient
  }
}

/// `clamp` between values.
///
/// Derivatives, as PyTorch has them: g to what is returned; where x equals one bound, half to each of the two; where it equals both, to x;
/// where max < min, to max; where NaN is returned, to x unless it lies beyond the other bound.
private struct ClampBetween: ElementwiseTernary {
  static let name = Clamp.name
  let dtype: DType
  func saves(for input: Int) -> SavedValues { .inputs }

  func calculate(_ x: NDArray, _ low: NDArray, _ high: NDArray, into output: NDArray) throws(ArrayError) {
    ElementLoop.ternary(ck_clamp(dtype.kernelType), output, x, low, high)
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    let (x, low, high) = (context.input(0), context.input(1), context.input(2))
    let half = gradient.div(2)
    switch input {
    case 0:
      let touches = x.eq(low).logicalXor(x.eq(high))
      return touches.where(half, gradient).maskedFill(x.lt(low).logicalOr(x.gt(high)), 0)
    case 1:
      let below = x.lt(low).logicalAnd(low.le(high))
      let touches = x.eq(low).logicalAnd(low.lt(high))
      return below.where(gradient, touches.where(half, gradient.zeros()))
    default:
      let above = x.gt(high).logicalAnd(low.le(high)).logicalOr(high.lt(low))
      let touches = x.eq(high).logicalAnd(low.lt(high))
      return above.where(gradient, touches.where(half, gradient.zeros()))
    }
  }
}

/// `clamp` by one value. Derivatives: those of `maximum` and `minimum`.
private struct ClampBy: ElementwiseBinary {
  static let name = Clamp.name
  /// Which of the two bounds is given.
  enum Bound { case low, high }
  let bound: Bound
  func gradientEntries(_ inputCount: Int) -> [Int?] { bound == .low ? [0, 1, nil] : [0, nil, 1] }
  func saves(for input: Int) -> SavedValues { .inputs }

  func kernel(_ dtype: DType) -> ck_binary_fn? {
    bound == .low ? Maximum().kernel(dtype) : Minimum().kernel(dtype)
  }
  func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C.Value? {
    bound == .low
      ? Maximum().derivative(gradient, to: side, context) : Minimum().derivative(gradient, to: side, context)
  }
}

extension Algebra {
  /// x no less than `min` and no more than `max`; give at least one.
  public func clamp(min: (any ScalarConvertible)? = nil, max: (any ScalarConvertible)? = nil) -> Self {
    checked { () throws(ArrayError) in
      try require(
        min != nil || max != nil, .runtime("clamp: At least one of 'min' or 'max' must not be None"))
      return try Clamp.compute(self, min?.scalar, max?.scalar)
    }
  }
  /// x no less than `min` and no more than `max`, element by element.
  public func clamp(min: Self?, max: Self?) -> Self {
    checked { () throws(ArrayError) in try Clamp.compute(self, min, max) }
  }
}

extension InPlaceAlgebra {
  /// `clamp` between numbers in place.
  @discardableResult public func clamp_(
    min: (any ScalarConvertible)? = nil, max: (any ScalarConvertible)? = nil
  ) -> Self {
    inPlace(Clamp.name) { x throws(ArrayError) in x.clamp(min: min, max: max) }
  }
  /// `clamp` between values in place.
  @discardableResult public func clamp_(min: Self?, max: Self?) -> Self {
    inPlace(Clamp.name) { x throws(ArrayError) in x.clamp(min: min, max: max) }
  }
}
