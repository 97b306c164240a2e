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
    if dtype == .bool { throw .runtime("addcmul: not implemented for 'Bool'; convert with to(_:) first") }
    try value.checkConvertible(to: dtype, name)
    // In integral arithmetic the fraction of the factor is cut off, as in PyTorch.
    let factor = dtype.isFloatingPoint ? value : .int(value.intValue)
    let term = factor == 1 ? product : try Value.apply(Mul(), product, scalar: factor, on: .right)
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
    try value.checkConvertible(to: Value.promotedDType(a, b), name)
    try require(
      a.dtype.isFloatingPoint || b.dtype.isFloatingPoint,
      .runtime(
        "addcdiv: Integer division with addcdiv is no longer supported; convert an operand with to(.float32) first"
      ))
    let scaled = value == 1 ? a : try Value.apply(Mul(), a, scalar: value, on: .right)
    return try Value.apply(broadcasting: Add(), x, try Value.apply(broadcasting: Div(), scaled, b))
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
    inPlace { x throws(ArrayError) in try AddCMul.compute(x, a, b, value) }
  }
  /// x ← x + value·a / b.
  @discardableResult public func addcdiv_(_ a: Self, _ b: Self, value: Scalar = 1) -> Self {
    inPlace { x throws(ArrayError) in try AddCDiv.compute(x, a, b, value) }
  }
}
