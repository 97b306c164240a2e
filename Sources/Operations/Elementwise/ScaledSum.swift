import CKernels

/// `add` or `sub`: what takes a second operand that may first be scaled.
public protocol Summation: ElementwiseBinary {
  /// What is done with x once alpha·y is calculated.
  static var afterScaling: ck_pair_op { get }
  init()
}

extension Summation {
  /// The gradient itself is summed.
  @inlinable public func summedPullback<C: PullbackContext>(
    _ gradient: NDArray, to input: Int, _ shape: Shape, _ context: C
  ) throws(ArrayError) -> NDArray? where C.Value == NDArray {
    guard shape.elementCount == 1, input == 0 || Self.isCommutative else { return nil }
    return try Reduction.sum.total(gradient, as: shape)
  }
}

/// `add(x, y, alpha)` or `sub(x, y, alpha)` with a factor other than 1: x + alpha·y or x − alpha·y, product and sum each rounded.
///
/// Its operands are y, alpha as a constant without dimensions, and x, which broadcast. Derivatives: g for x, ±g·alpha for y.
public struct ScaledSum<Base: Summation>: ElementwiseTernary {
  public static var name: String { Base.name }
  public let dtype: DType
  /// The factor.
  public let alpha: Scalar

  public var attributes: [(name: String, value: String)] { [("alpha", alpha.description)] }
  public func gradientEntries(_ inputCount: Int) -> [Int?] { [2, 0] }

  /// The kernel for operands y, alpha, x of this dtype, or nil where it takes two passes.
  public static func kernel(_ dtype: DType) -> ck_ternary_fn? {
    ck_pair(CK_MUL, Base.afterScaling, dtype.kernelType)
  }
  public func calculate(_ y: NDArray, _ alpha: NDArray, _ x: NDArray, into output: NDArray) throws(ArrayError)
  {
    if let kernel = Self.kernel(dtype) { return ElementLoop.ternary(kernel, output, y, alpha, x) }
    try Base().forward(x, try Mul().forward(spreading: y, alpha), into: output)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    switch input {
    case 0: (Base.afterScaling == CK_THEN_LEAVE ? -gradient : gradient).mul(alpha)
    case 1: nil
    default: gradient
    }
  }
}

extension Algebra {
  /// x + alpha·y or x − alpha·y, broadcast and promoted; `operation` is the name for messages.
  ///
  /// Refuses a floating alpha for integral operands, as PyTorch does.
  @usableFromInline static func scaledSum<Base: Summation>(
    _: Base.Type, _ x: Self, _ y: Self, _ alpha: Scalar, _ operation: String
  ) throws(ArrayError) -> Self {
    if x.dtype != y.dtype { try Base.checkOperands(x.dtype, y.dtype) }
    let dtype = try Base.resultDType(promotedDType(x, y))
    try checkAlpha(alpha, dtype, operation)
    return try apply(
      spreading: ScaledSum<Base>(dtype: dtype, alpha: alpha), y,
      x.constant(try NDArray(scalar: alpha, dtype)), x)
  }

  /// Refuses a floating alpha for integral operands and a bool one for others, as PyTorch does.
  @usableFromInline static func checkAlpha(
    _ alpha: Scalar, _ dtype: DType, _ operation: String
  ) throws(ArrayError) {
    try require(
      alpha.category != .floating || dtype.isFloatingPoint,
      .runtime(
        "\(operation): For integral input tensors, argument alpha must not be a floating point number."))
    try require(
      alpha.category != .bool || dtype == .bool,
      .runtime("\(operation): Boolean alpha only supported for Boolean results."))
    try alpha.checkConvertible(to: dtype, operation)
  }
}

extension InPlaceAlgebra {
  /// x ← x + alpha·y or x − alpha·y.
  @inlinable func applyScaled<Base: Summation>(
    _ base: Base, _ y: Self, _ alpha: Scalar
  ) throws(ArrayError) {
    if alpha == 1 { return try applyInPlace(broadcasting: base, y) }
    try checkOverlap(with: y, Base.name)
    try overwrite(Base.name) { x throws(ArrayError) in
      try Self.scaledSum(Base.self, x, y, alpha, Base.name + "_")
    }
  }
}
