import CKernels

/// `where(condition, x, y)`: x where the condition holds, else y. Derivatives: g where it holds, g where it does not, else 0.
///
/// Shapes: all three broadcast. The condition is bool, or uint8 where not 0 counts as true; x and y are converted to one dtype.
public struct Where: ElementwiseTernary {
  public static let name = "where"
  /// Which of PyTorch's operations it is recorded as.
  public enum Spelling: Sendable {
    /// `where`.
    case choice
    /// `masked_fill` with a number.
    case fillingWithNumber
    /// `masked_fill` with a value.
    case fillingWithValue
  }
  let spelling: Spelling
  public let dtype: DType
  init(_ spelling: Spelling, _ dtype: DType) { (self.spelling, self.dtype) = (spelling, dtype) }
  public var gradientName: String {
    switch spelling {
    case .choice: "WhereBackward0"
    case .fillingWithNumber: "MaskedFillBackward0"
    case .fillingWithValue: "MaskedFillBackward1"
    }
  }
  public func gradientEntries(_ inputCount: Int) -> [Int?] {
    switch spelling {
    case .choice: [1, 2]
    case .fillingWithNumber: [2]
    case .fillingWithValue: [2, 1]
    }
  }
  public func saves(for input: Int) -> SavedValues { .first }

  public func check(_ c: ArrayType, _ x: ArrayType, _ y: ArrayType) throws(ArrayError) {
    try require(
      c.dtype == .bool,
      .runtime("where: expected condition to be a boolean tensor, but got \(c.dtype.scalarTypeName)"))
  }
  public func converted<Value: Algebra>(_ value: Value, operand: Int) throws(ArrayError) -> Value {
    if operand == 0 || value.dtype == dtype { return value }
    if operand == 1, case .fillingWithValue = spelling { return try Value.apply(FittingCast(dtype), value) }
    return try Value.apply(Cast(dtype), value)
  }
  public func calculate(_ c: NDArray, _ x: NDArray, _ y: NDArray, into output: NDArray) throws(ArrayError) {
    ElementLoop.ternary(ck_where(dtype.kernelType), output, c, x, y)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    if input == 0 { return nil }
    let zero = gradient.zeros()
    let condition = context.input(0)
    return input == 1 ? condition.where(gradient, zero) : condition.where(zero, gradient)
  }
}

extension Where: TableEntry {
  public static var signature: Signature { Signature("T condition, TS input, TS other") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    var condition = try arguments.tensor("condition")
    if condition.dtype == .uint8 { condition = try Value.apply(Cast(.bool), condition) }
    let (x, y) = (try arguments.operand("input"), try arguments.operand("other"))
    let dtype = commonDType(x, y)
    func value(_ operand: Operand<Value>) throws(ArrayError) -> Value {
      switch operand {
      case .value(let value): return value
      case .scalar(let number):
        try number.checkConvertible(to: dtype, name)
        return condition.constant(try NDArray(scalar: number, dtype))
      }
    }
    return [try Value.choosing(condition, try value(x), try value(y), as: .choice, dtype)]
  }

  /// A plain number does not widen the other operand within its kind.
  private static func commonDType<Value: Algebra>(_ x: Operand<Value>, _ y: Operand<Value>) -> DType {
    switch (x, y) {
    case (.value(let x), .value(let y)): Value.promotedDType(x, y)
    case (.value(let x), .scalar(let y)): y.promoted(with: x.dtype)
    case (.scalar(let x), .value(let y)): x.promoted(with: y.dtype)
    case (.scalar(let x), .scalar(let y)): DType.promote(x.dtype, y.dtype)
    }
  }
}

/// `masked_fill(x, mask, value)`: x with a number (or a 0-d value) where the mask holds. Derivatives: g elsewhere; its sum there.
public enum MaskedFill: TableEntry {
  public static let name = "masked_fill"
  public static var signature: Signature { Signature("T input, T mask, TS value") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let (x, mask) = (try arguments.tensor("input"), try arguments.tensor("mask"))
    try require(
      mask.dtype == .bool,
      .runtime(
        "masked_fill: only supports boolean masks, but got mask with dtype \(mask.dtype.scalarTypeName)"))
    switch try arguments.operand("value") {
    case .scalar(let number):
      try number.checkConvertible(to: x.dtype, name)
      return [try filled(x, mask, number)]
    case .value(let value):
      try require(
        value.staticShape.map { $0.rank == 0 } ?? true,
        .runtime(
          "masked_fill: only supports a 0-dimensional value tensor, but got tensor with \(value.staticShape?.rank ?? 0) dimension(s)."
        ))
      return [try Value.choosing(mask, value, x, as: .fillingWithValue, x.dtype)]
    }
  }
  static func filled<Value: Algebra>(
    _ x: Value, _ mask: Value, _ number: Scalar
  ) throws(ArrayError) -> Value {
    try Value.choosing(
      mask, x.constant(try NDArray(scalar: number, x.dtype)), x, as: .fillingWithNumber, x.dtype)
  }
}

/// A 0-d value converted to a dtype that can hold it. Derivative: g, converted back.
private struct FittingCast: WritingUnary {
  static let name = MaskedFill.name
  let dtype: DType
  init(_ dtype: DType) { self.dtype = dtype }
  var gradientName: String { "ToCopyBackward0" }
  var isDifferentiable: Bool { dtype.isFloatingPoint }
  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { ArrayType(dtype, x.shape) }
  func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    try x.scalarValue().checkConvertible(to: dtype, Self.name)
    output.write(from: x)
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.to(context.dtype(0))
  }
}

extension Algebra {
  /// x where this condition (bool) holds, else y; broadcast and promoted.
  public func `where`(_ x: Self, _ y: Self) -> Self {
    checked { () throws(ArrayError) in try Self.choosing(self, x, y) }
  }
  /// The throwing form of `where`, recorded as `spelling`; in `dtype`, or the one in which x and y meet.
  public static func choosing(
    _ condition: Self, _ x: Self, _ y: Self, as spelling: Where.Spelling = .choice, _ dtype: DType? = nil
  ) throws(ArrayError) -> Self {
    try apply(spreading: Where(spelling, dtype ?? promotedDType(x, y)), condition, x, y)
  }

  /// This value with `number` where the mask (bool) holds. No gradient flows there.
  public func maskedFill(_ mask: Self, _ number: some ScalarConvertible) -> Self {
    checked { () throws(ArrayError) in try MaskedFill.filled(self, mask, number.scalar) }
  }
}

extension InPlaceAlgebra {
  /// `maskedFill` in place.
  @discardableResult public func maskedFill_(_ mask: Self, _ number: some ScalarConvertible) -> Self {
    inPlace(MaskedFill.name) { x throws(ArrayError) in x.maskedFill(mask, number) }
  }
}
