/// `equal(x, y)`: whether shapes and all elements are equal, as a 0-d bool; dtypes may differ.
public enum Equal: TableEntry {
  public static let name = "equal"
  public static var signature: Signature { Signature("T input, T other") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try compute(try arguments.tensor("input"), try arguments.tensor("other"))]
  }
  static func compute<Value: Algebra>(_ x: Value, _ y: Value) throws(ArrayError) -> Value {
    if let a = x.staticShape, let b = y.staticShape, a != b {
      return x.constant(try NDArray(scalar: false, .bool))
    }
    return try Value.apply(All(), try Value.apply(broadcasting: Eq(), x, y))
  }
}

/// `isclose(x, y, rtol, atol, equal_nan)`: |x − y| ≤ atol + rtol·|y|, or equal (infinities), or both NaN where that is asked for.
public enum IsClose: TableEntry {
  public static let name = "isclose"
  public static var signature: Signature {
    Signature("T input, T other, float rtol=1e-5, float atol=1e-8, bool equal_nan=false")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try compute(arguments, name)]
  }
  static func compute<Value: Algebra>(_ arguments: Arguments<Value>, _ name: String) throws(ArrayError)
    -> Value
  {
    let (x, y) = (try arguments.tensor("input"), try arguments.tensor("other"))
    let (rtol, atol) = (
      try arguments.double("rtol", default: 1e-5), try arguments.double("atol", default: 1e-8)
    )
    return try compute(
      x, y, rtol: rtol, atol: atol, equalNaN: try arguments.bool("equal_nan", default: false), name)
  }
  static func compute<Value: Algebra>(
    _ x: Value, _ y: Value, rtol: Double, atol: Double, equalNaN: Bool, _ name: String
  ) throws(ArrayError) -> Value {
    try requireSameDType(x.dtype, y.dtype, name)
    try require(rtol >= 0, .runtime("\(name): rtol must be greater than or equal to zero, but got \(rtol)"))
    try require(atol >= 0, .runtime("\(name): atol must be greater than or equal to zero, but got \(atol)"))
    var close = try Value.apply(broadcasting: Eq(), x, y)
    if equalNaN && x.dtype.isFloatingPoint { close = close.logicalOr(x.isnan().logicalAnd(y.isnan())) }
    if rtol == 0 && atol == 0 { return close }
    let dtype = x.dtype.isFloatingPoint ? x.dtype : DType.default
    let (a, b) = (x.to(dtype), y.to(dtype))
    let allowed = b.mul(rtol).abs().add(atol)
    let distance = try Value.apply(broadcasting: Sub(), a, b).abs()
    return close.logicalOr(distance.isfinite().logicalAnd(distance.le(allowed)))
  }
}

/// `allclose(x, y, …)`: whether all elements are close, as a 0-d bool.
public enum AllClose: TableEntry {
  public static let name = "allclose"
  public static var signature: Signature { IsClose.signature }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(All(), try IsClose.compute(arguments, name))]
  }
}

extension Algebra {
  /// Whether shapes and all elements are equal, as a 0-d bool.
  public func equal(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try Equal.compute(self, other) }
  }
  /// Whether each two elements are close: |x − y| ≤ atol + rtol·|y|.
  public func isclose(_ other: Self, rtol: Double = 1e-5, atol: Double = 1e-8, equalNaN: Bool = false) -> Self
  {
    checked { () throws(ArrayError) in
      try IsClose.compute(self, other, rtol: rtol, atol: atol, equalNaN: equalNaN, IsClose.name)
    }
  }
  /// Whether all elements are close, as a 0-d bool.
  public func allclose(_ other: Self, rtol: Double = 1e-5, atol: Double = 1e-8, equalNaN: Bool = false)
    -> Self
  {
    isclose(other, rtol: rtol, atol: atol, equalNaN: equalNaN).all()
  }
}
