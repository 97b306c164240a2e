import CKernels

/// `sigmoid(x)` = 1 / (1 + e^(−x)). Derivative: g·y·(1 − y), from the result y.
public struct SigmoidOperation: PlainElementwiseUnary {
  public static let name = "sigmoid"
  @inlinable public static var kernel: ck_unary_op { CK_SIGMOID }
  @inlinable public init() {}
  @inlinable public func saves(for input: Int) -> SavedValues { .result }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient * ((1 - context.result) * context.result)
  }
}

/// `relu(x)` = max(x, 0). Derivative: 0 where the result is at most 0, else g; so 0 at 0 and g at NaN, as in PyTorch.
public struct Relu: PlainElementwiseUnary {
  public static let name = "nn.functional.relu"
  @inlinable public static var kernel: ck_unary_op { CK_RELU }
  @inlinable public static var rule: ElementRule { .same }
  @inlinable public init() {}
  @inlinable public func saves(for input: Int) -> SavedValues { .result }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.maskedFill(context.result.le(0), 0)
  }
}

/// `silu(x)` = x·sigmoid(x); floating dtypes only. Derivative: g·σ·(1 + x·(1 − σ)).
public struct Silu: PlainElementwiseUnary {
  public static let name = "nn.functional.silu"
  @inlinable public static var kernel: ck_unary_op { CK_SILU }
  @inlinable public static var rule: ElementRule { .same }
  @inlinable public init() {}
  @inlinable public func saves(for input: Int) -> SavedValues { .first }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let x = context.input(0)
    let sigmoid = x.sigmoid()
    return gradient * sigmoid * (x * (1 - sigmoid)).add(1)
  }
}

extension Algebra {
  /// 1 / (1 + e^(−x)).
  @inlinable public func sigmoid() -> Self {
    checked { () throws(ArrayError) in try Self.apply(SigmoidOperation(), self) }
  }
  /// max(x, 0).
  @inlinable public func relu() -> Self { checked { () throws(ArrayError) in try Self.apply(Relu(), self) } }
  /// x·sigmoid(x).
  public func silu() -> Self { checked { () throws(ArrayError) in try Self.apply(Silu(), self) } }
}

extension InPlaceAlgebra {
  /// `sigmoid` in place.
  @discardableResult public func sigmoid_() -> Self {
    inPlace(SigmoidOperation())
  }
  /// `relu` in place.
  @discardableResult public func relu_() -> Self {
    inPlace(Relu())
  }
  /// `silu` in place.
  @discardableResult public func silu_() -> Self {
    inPlace(Silu())
  }
}
