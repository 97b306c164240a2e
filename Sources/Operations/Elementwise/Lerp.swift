import CKernels

/// `lerp(x, end, weight)`: x + weight·(end − x), from the nearer end, as PyTorch: from `end` where |weight| ≥ ½.
///
/// Shapes: broadcast; one floating dtype; the weight a value or a number. A weight without dimensions counts as a number: any dtype will do, and
/// a floating one makes integers floating.
/// Derivatives: g·(1 − weight), g·weight and g·(end − x).
public struct Lerp: ElementwiseTernary {
  public static let name = "lerp"
  public let dtype: DType
  /// The weight where it is a number: a form of its own in PyTorch, which keeps it beyond the first pass.
  let number: Scalar?
  public var gradientOverload: Int { number == nil ? 1 : 0 }
  public func gradientEntries(_ inputCount: Int) -> [Int?] { number == nil ? [0, 1, 2] : [0, 1] }
  public func saves(for input: Int) -> SavedValues {
    number != nil ? [] : input == 2 ? .inputs : .third
  }

  public func check(_ x: ArrayType, _ end: ArrayType, _ weight: ArrayType) throws(ArrayError) {
    for (operand, name) in [(end, "end"), (weight, "weight")] {
      try require(
        operand.dtype == x.dtype || name == "weight" && operand.shape.rank == 0,
        .runtime(
          "lerp: expected dtype \(x.dtype) for `\(name)` but got dtype \(operand.dtype); convert it with to(_:)"
        ))
    }
    if !x.dtype.isFloatingPoint { throw Self.undefined(for: x.dtype) }
  }
  public func calculate(
    _ x: NDArray, _ end: NDArray, _ weight: NDArray, into output: NDArray
  ) throws(ArrayError) {
    guard let kernel = ck_lerp(dtype.kernelType) else { throw Self.undefined(for: dtype) }
    ElementLoop.ternary(kernel, output, x, end, weight)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    if let number { return gradient.mul(input == 0 ? 1 - number.doubleValue : number.doubleValue) }
    return switch input {
    case 0: gradient * (1 - context.input(2))
    case 1: gradient * context.input(2)
    default: gradient * (context.input(1) - context.input(0))
    }
  }
}

extension Lerp: TableEntry {
  public static var signature: Signature { Signature("T input, T end, TS weight") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let (x, end) = (try arguments.tensor("input"), try arguments.tensor("end"))
    return [try compute(x, end, try arguments.operand("weight"))]
  }
  static func compute<Value: Algebra>(
    _ x: Value, _ end: Value, _ weight: Operand<Value>
  ) throws(ArrayError) -> Value {
    switch weight {
    case .value(let value):
      if !x.dtype.isFloatingPoint, value.dtype.isFloatingPoint, end.dtype == x.dtype,
        value.staticShape?.rank == 0
      {
        return try compute(x.to(value.dtype), end.to(value.dtype), weight)
      }
      return try Value.apply(spreading: Lerp(dtype: x.dtype, number: nil), x, end, value)
    case .scalar(let number):
      try number.checkConvertible(to: x.dtype, name)
      let factor = x.constant(try NDArray(scalar: number, x.dtype))
      return try Value.apply(spreading: Lerp(dtype: x.dtype, number: number), x, end, factor)
    }
  }
}

extension Algebra {
  /// x + weight·(end − x).
  public func lerp(_ end: Self, _ weight: some ScalarConvertible) -> Self {
    checked { () throws(ArrayError) in try Lerp.compute(self, end, .scalar(weight.scalar)) }
  }
  /// x + weight·(end − x), element by element.
  public func lerp(_ end: Self, _ weight: Self) -> Self {
    checked { () throws(ArrayError) in try Lerp.compute(self, end, .value(weight)) }
  }
}

extension InPlaceAlgebra {
  /// `lerp` in place.
  @discardableResult public func lerp_(_ end: Self, _ weight: some ScalarConvertible) -> Self {
    inPlace(Lerp.name) { x throws(ArrayError) in x.lerp(end, weight) }
  }
  /// `lerp` with weights in place.
  @discardableResult public func lerp_(_ end: Self, _ weight: Self) -> Self {
    inPlace(Lerp.name) { x throws(ArrayError) in x.lerp(end, weight) }
  }
}
