import CKernels

/// `maximum(x, y)`: the larger; NaN wins. Derivative: g to the larger one, half to each where they are equal, as PyTorch.
public struct Maximum: PlainElementwiseBinary {
  public static let name = "maximum"
  public init() {}
  public func kernel(_ dtype: DType) -> ck_binary_fn? { ck_binary(CK_MAXIMUM, dtype.kernelType) }
  public func saves(for input: Int) -> SavedValues { .inputs }
  public func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C.Value? {
    sharedAtTies(gradient, to: side, context) { $0.gt($1) }
  }
}

/// `minimum(x, y)`: the smaller; NaN wins. Derivative: g to the smaller one, half to each where they are equal, as PyTorch.
public struct Minimum: PlainElementwiseBinary {
  public static let name = "minimum"
  public init() {}
  public func kernel(_ dtype: DType) -> ck_binary_fn? { ck_binary(CK_MINIMUM, dtype.kernelType) }
  public func saves(for input: Int) -> SavedValues { .inputs }
  public func derivative<C: OperandContext>(_ gradient: C.Value, to side: Side, _ context: C) -> C.Value? {
    sharedAtTies(gradient, to: side, context) { $0.lt($1) }
  }
}

/// The gradient to the side that `wins`, half of it where the operands are equal.
private func sharedAtTies<C: OperandContext>(
  _ gradient: C.Value, to side: Side, _ context: C, _ wins: (C.Value, C.Value) -> C.Value
) -> C.Value {
  let (x, y) = (context.left.value(like: gradient), context.right.value(like: gradient))
  let (own, other) = side == .left ? (x, y) : (y, x)
  let loses = wins(other, own)
  return own.eq(other).where(gradient.div(2), gradient).maskedFill(loses, 0)
}

extension Algebra {
  /// The larger of each two elements; NaN wins.
  public func maximum(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(broadcasting: Maximum(), self, other) }
  }
  /// The smaller of each two elements; NaN wins.
  public func minimum(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(broadcasting: Minimum(), self, other) }
  }
}
