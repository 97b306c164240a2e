/// `addcmul(x, a, b, value)`: x + value·a·b.
public enum AddCMul: TableEntry {
  public static let name = "addcmul"
  public static var signature: Signature { Signature("T input, T tensor1, T tensor2, S value=1") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try compute(
        try arguments.tensor("input"), try arguments.tensor("tensor1"), try arguments.tensor("tensor2"),
        try arguments.scalar("value", default: 1))
    ]
  }
  static func compute<Value: Algebra>(_ x: Value, _ a: Value, _ b: Value, _ value: Scalar) throws(ArrayError)
    -> Value
  {
    let product = try Value.apply(broadcasting: Mul(), a, b)
    let dtype = Value.promotedDType(x, product)
    try require(
      value.category <= dtype.category,
      .runtime("addcmul: value \(value) cannot be converted to \(dtype) without overflow or loss"))
    let term = value == 1 ? product : try Value.apply(Mul(), product, scalar: value, on: .right)
    return try Value.apply(broadcasting: Add(), x, term)
  }
}

/// `addcdiv(x, a, b, value)`: x + value·a / b; floating dtypes only.
public enum AddCDiv: TableEntry {
  public static let name = "addcdiv"
  public static var signature: Signature { Signature("T input, T tensor1, T tensor2, S value=1") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try compute(
        try arguments.tensor("input"), try arguments.tensor("tensor1"), try arguments.tensor("tensor2"),
        try arguments.scalar("value", default: 1))
    ]
  }
  static func compute<Value: Algebra>(_ x: Value, _ a: Value, _ b: Value, _ value: Scalar) throws(ArrayError)
    -> Value
  {
    try require(
      a.dtype.isFloatingPoint || b.dtype.isFloatingPoint,
      .runtime(
        "addcdiv: Integer division with addcdiv is no longer supported; convert an operand with to(.float32) first"
      ))
    let scaled = value == 1 ? a : try Value.apply(Mul(), a, scalar: value, on: .right)
    return try Value.apply(broadcasting: Add(), x, try Value.apply(broadcasting: Div(), scaled, b))
  }
}

/// `lerp(x, end, weight)`: x + weight·(end − x), from the nearer end, as PyTorch: from `end` where |weight| ≥ ½.
public enum Lerp: TableEntry {
  public static let name = "lerp"
  public static var signature: Signature { Signature("T input, T end, TS weight") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try compute(
        try arguments.tensor("input"), try arguments.tensor("end"), try arguments.operand("weight"))
    ]
  }
  static func compute<Value: Algebra>(_ x: Value, _ end: Value, _ weight: Operand<Value>) throws(ArrayError)
    -> Value
  {
    try require(
      x.dtype == end.dtype,
      .runtime("lerp: expected dtype \(x.dtype) for `end` but got dtype \(end.dtype); convert it with to(_:)")
    )
    if !x.dtype.isFloatingPoint { throw .runtime("lerp: not implemented for '\(x.dtype.scalarTypeName)'") }
    let difference = try Value.apply(broadcasting: Sub(), end, x)
    switch weight {
    case .scalar(let weight):
      if Swift.abs(weight.doubleValue) < 0.5 {
        return try Value.apply(broadcasting: Add(), x, difference.mul(weight))
      }
      return try Value.apply(broadcasting: Sub(), end, difference.mul(Scalar.float(1 - weight.doubleValue)))
    case .value(let weight):
      try require(
        weight.dtype == x.dtype,
        .runtime(
          "lerp: expected dtype \(x.dtype) for `weight` but got dtype \(weight.dtype); convert it with to(_:)"
        ))
      let near = try Value.apply(
        broadcasting: Add(), x, try Value.apply(broadcasting: Mul(), difference, weight))
      let far = try Value.apply(
        broadcasting: Sub(), end, try Value.apply(broadcasting: Mul(), difference, 1 - weight))
      return try Value.choosing(weight.abs().lt(0.5), near, far)
    }
  }
}

/// `clamp(x, min, max)`: x no less than min and no more than max; bounds are numbers or values; NaN stays; max wins over min.
///
/// Derivative: g where x lies strictly within bounds that are numbers; bounds that are values share g with x where they are equal, as
/// `maximum` and `minimum` do.
public enum Clamp: TableEntry {
  public static let name = "clamp"
  public static var signature: Signature { Signature("T input, TS? min, TS? max") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try compute(
        try arguments.tensor("input"), try arguments.optionalOperand("min"),
        try arguments.optionalOperand("max"))
    ]
  }
  static func compute<Value: Algebra>(
    _ x: Value, _ low: Operand<Value>?, _ high: Operand<Value>?
  ) throws(ArrayError) -> Value {
    try require(low != nil || high != nil, .runtime("clamp: At least one of 'min' or 'max' must not be None"))
    if x.dtype == .bool { throw .runtime("clamp: not implemented for 'Bool'; convert with to(_:) first") }
    var dtype = x.dtype
    for bound in [low, high] {
      switch bound {
      case .scalar(let number): dtype = number.promoted(with: dtype)
      case .value(let value): dtype = Value.promotedDType(x.dtype == dtype ? x : x.to(dtype), value)
      case nil: break
      }
    }
    var result = x.to(dtype)
    switch low {
    case .value(let low)?: result = try Value.apply(broadcasting: Maximum(), result, low.to(dtype))
    case .scalar(let low)?:
      let outside =
        low.doubleValue.isNaN
        ? try Value.apply(Ne(), result, scalar: low, on: .right)
        : try Value.apply(Le(), result, scalar: low, on: .right)
      result = try Value.choosing(outside, x.constant(try NDArray(scalar: low, dtype)), result)
    case nil: break
    }
    switch high {
    case .value(let high)?: result = try Value.apply(broadcasting: Minimum(), result, high.to(dtype))
    case .scalar(let high)?:
      let outside =
        high.doubleValue.isNaN
        ? try Value.apply(Ne(), result, scalar: high, on: .right)
        : try Value.apply(Ge(), result, scalar: high, on: .right)
      result = try Value.choosing(outside, x.constant(try NDArray(scalar: high, dtype)), result)
    case nil: break
    }
    return result
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
  /// x + weight·(end − x).
  public func lerp(_ end: Self, _ weight: some ScalarConvertible) -> Self {
    checked { () throws(ArrayError) in try Lerp.compute(self, end, .scalar(weight.scalar)) }
  }
  /// x + weight·(end − x), element by element.
  public func lerp(_ end: Self, _ weight: Self) -> Self {
    checked { () throws(ArrayError) in try Lerp.compute(self, end, .value(weight)) }
  }
  /// x no less than `min` and no more than `max`; give at least one.
  public func clamp(min: (any ScalarConvertible)? = nil, max: (any ScalarConvertible)? = nil) -> Self {
    checked { () throws(ArrayError) in
      try Clamp.compute(self, min.map { .scalar($0.scalar) }, max.map { .scalar($0.scalar) })
    }
  }
  /// x no less than `min` and no more than `max`, element by element.
  public func clamp(min: Self?, max: Self?) -> Self {
    checked { () throws(ArrayError) in try Clamp.compute(self, min.map { .value($0) }, max.map { .value($0) })
    }
  }
}
