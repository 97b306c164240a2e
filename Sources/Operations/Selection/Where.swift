import CKernels

/// `where(condition, x, y)`: x where the condition holds, else y. Derivatives: g where it holds, g where it does not, else 0.
///
/// The operands have one dtype and shape here; the spelling converts and broadcasts first. The condition is bool.
public struct Where: WritingTernary {
  public static let name = "where"
  public static var isElementwise: Bool { true }
  public init() {}
  public func saves(for input: Int) -> SavedValues { .first }

  public func type(_ c: ArrayType, _ x: ArrayType, _ y: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      c.dtype == .bool,
      .runtime("where: expected condition to be a boolean tensor, but got \(c.dtype.scalarTypeName)"))
    try require(x.dtype == y.dtype, .runtime("where: the operands have dtypes \(x.dtype) and \(y.dtype)"))
    guard let values = Shape.broadcast(x.shape, y.shape), let shape = Shape.broadcast(c.shape, values) else {
      throw broadcastError(Self.name, x.shape, y.shape)
    }
    return ArrayType(x.dtype, shape)
  }
  public func forward(_ c: NDArray, _ x: NDArray, _ y: NDArray, into output: NDArray) throws(ArrayError) {
    let kernel = ck_where(x.dtype.kernelType)
    ElementLoop.forEachRun(output, c, x, y) { n, o, so, c, sc, x, sx, y, sy in
      kernel(n, o, so, c, sc, x, sx, y, sy)
    }
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    if input == 0 { return nil }
    let zero = gradient.mul(0)
    let condition = context.input(0)
    return input == 1 ? condition.where(gradient, zero) : condition.where(zero, gradient)
  }
}

extension Algebra {
  /// x where this condition (bool) holds, else y; broadcast and promoted.
  public func `where`(_ x: Self, _ y: Self) -> Self {
    checked { () throws(ArrayError) in try Self.choosing(self, x, y) }
  }
  /// The throwing form of `where`.
  public static func choosing(_ condition: Self, _ x: Self, _ y: Self) throws(ArrayError) -> Self {
    var (c, x, y) = (condition, x, y)
    let dtype = promotedDType(x, y)
    if x.dtype != dtype { x = try apply(Cast(dtype), x) }
    if y.dtype != dtype { y = try apply(Cast(dtype), y) }
    try broadcast(&x, &y, Where.name)
    try broadcast(&c, &x, Where.name)
    try broadcast(&c, &y, Where.name)
    return try apply(Where(), c, x, y)
  }

  /// This value with `number` where the mask (bool) holds. No gradient flows there.
  public func maskedFill(_ mask: Self, _ number: some ScalarConvertible) -> Self {
    checked { () throws(ArrayError) in
      try Self.choosing(mask, constant(try NDArray(scalar: number.scalar, dtype)), self)
    }
  }
}
