import CKernels

/// `logsigmoid(x)`: ln(1 / (1 + e⁻ˣ)), without overflow. Derivative: g·(1 − sigmoid(x)).
public struct LogSigmoidOperation: PlainElementwiseUnary {
  public static let name = "nn.functional.logsigmoid"
  public static var kernel: ck_unary_op { CK_LOGSIGMOID }
  public static var rule: ElementRule { .same }
  public init() {}
  public var gradientName: String { "LogSigmoidBackward0" }
  public func saves(for input: Int) -> SavedValues { .first }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient * context.input(0).neg().sigmoid()
  }
}

extension Algebra {
  /// ln(1 / (1 + e⁻ˣ)), without overflow.
  public func logsigmoid() -> Self {
    checked { () throws(ArrayError) in try Self.apply(LogSigmoidOperation(), self) }
  }
}
