import CKernels

/// An elementwise operation as a call of one kernel, for operands of given dtypes.
struct ElementFunction: @unchecked Sendable {
  /// The kernel and what it takes beside its operands.
  enum Call {
    case unary(ck_unary_fn)
    case binary(ck_binary_fn)
    /// The number, stored as one element.
    case withNumber(ck_binary_fn, bits: UInt64, side: Side)
    case ternary(ck_ternary_fn)
  }

  /// The kernel.
  let call: Call
  /// What the kernel calculates, by the table's name: `mul`, also for a number times an array.
  let name: String

  private init(_ call: Call, _ name: String) {
    self.call = call
    self.name = name
  }

  /// Integer operations that no value of an operand makes fail.
  private static let totalOnIntegers: Set<String> = [
    "add", "sub", "mul", "maximum", "minimum", "eq", "ne", "lt", "le", "gt", "ge", "logical_and",
    "logical_or",
    "logical_xor",
  ]

  /// The function that `operation` applies to each element, or nil when it is not elementwise, converts its operands first, or may refuse
  /// their values.
  init?(_ operation: any StaticOperation, _ dtypes: [DType]) {
    guard operation.isElementwise, let dtype = dtypes.first else { return nil }
    switch operation.base {
    case let unary as any ElementwiseUnary: self.init(unary, dtype)
    case let binary as any ElementwiseBinary: self.init(binary, dtypes)
    case let power as RootPower: self.init(power.root, dtype)
    case let number as any NumberOperand: self.init(number, dtype)
    case let cast as Cast: self.init(.unary(ck_cast(dtype.kernelType, cast.dtype.kernelType)), Cast.name)
    case is Clone: self.init(.unary(ck_cast(dtype.kernelType, dtype.kernelType)), Clone.name)
    case is Where where dtypes.count == 3 && dtype == .bool && dtypes[1] == dtypes[2]:
      self.init(.ternary(ck_where(dtypes[1].kernelType)), Where.name)
    case is ScaledSum<Add>: self.init(scaledSum: ScaledSum<Add>.self, dtypes)
    case is ScaledSum<Sub>: self.init(scaledSum: ScaledSum<Sub>.self, dtypes)
    case let division as DivideByCount:
      guard let scaled = division.scaling, dtype.isFloatingPoint else { return nil }
      self.init(scaled, dtype)
    default: return nil
    }
  }

  private init?(_ unary: any ElementwiseUnary, _ dtype: DType) {
    let type = type(of: unary)
    if type.rule == .floating && !dtype.isFloatingPoint { return nil }
    guard let kernel = ck_unary(type.kernel, dtype.kernelType) else { return nil }
    self.init(.unary(kernel), type.name)
  }

  private init?(_ binary: any ElementwiseBinary, _ dtypes: [DType]) {
    let name = type(of: binary).kernelName
    guard dtypes.count == 2, dtypes[0] == dtypes[1], let kernel = binary.kernel(dtypes[0]),
      dtypes[0].isFloatingPoint || ElementFunction.totalOnIntegers.contains(name)
    else { return nil }
    self.init(.binary(kernel), name)
  }

  private init?<Base>(scaledSum: ScaledSum<Base>.Type, _ dtypes: [DType]) {
    guard dtypes.allSatisfy({ $0 == dtypes[0] }), let kernel = scaledSum.kernel(dtypes[0]) else { return nil }
    self.init(.ternary(kernel), "\(Base.name)_scaled")
  }

  private init?(_ number: any NumberOperand, _ dtype: DType) {
    let binary = number.binary
    let name = type(of: binary).kernelName
    guard (try? type(of: binary).computeDType(number.scalar.promoted(with: dtype))) == dtype,
      dtype.isFloatingPoint || ElementFunction.totalOnIntegers.contains(name),
      let kernel = binary.kernel(dtype)
    else { return nil }
    self.init(
      .withNumber(kernel, bits: ElementFunction.bits(number.scalar, dtype), side: number.side), name)
  }

  /// The number, stored as one element.
  static func bits(_ scalar: Scalar, _ dtype: DType) -> UInt64 {
    var bits: UInt64 = 0
    withUnsafeMutableBytes(of: &bits) { NDArray.store(scalar, dtype, $0.baseAddress!) }
    return bits
  }
}

extension DivideByCount {
  /// The division, or multiplication, that it is for its shape.
  var scaling: (any NumberOperand)? {
    guard shape.isKnown, let axes = try? shape.axes(dims, Self.name) else { return nil }
    let count = axes.axes.reduce(1) { $0 * shape[$1] }
    let divisor = max(Double(count) - correction, 0)
    return numerator == 1
      ? WithScalar(Div(), .float(divisor), on: .right)
      : WithScalar(Mul(), .float(numerator / divisor), on: .right)
  }
}
