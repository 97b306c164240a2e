import CKernels

/// `softmax(x, dim)`: e^(x − max) / Σ e^(x − max) along a dimension. Derivative: y·(g − Σ g·y), from the result y.
public struct SoftmaxOperation: WritingUnary {
  public static let name = "softmax"
  /// The dimension.
  public let dim: Int
  public init(_ dim: Int) { self.dim = dim }
  public var attributes: [(name: String, value: String)] { [("dim", "\(dim)")] }
  public func saves(for input: Int) -> SavedValues { .result }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    _ = try x.shape.axis(dim, Self.name)
    if !x.dtype.isFloatingPoint && !x.isEmpty { throw Self.undefined(for: x.dtype) }
    return x
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    if x.count == 0 { return }
    guard let kernel = ck_row(CK_SOFTMAX, x.dtype.kernelType) else { throw Self.undefined(for: x.dtype) }
    Rows(x, output, along: try x.shape.axis(dim, Self.name)).map(kernel, cost: CK_COST_FUNCTION)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let y = context.result
    return (gradient - (gradient * y).sum(dim, keepDim: true)) * y
  }
}

/// `log_softmax(x, dim)`: x − max − ln Σ e^(x − max) along a dimension. Derivative: g − eʸ·Σ g, from the result y.
public struct LogSoftmaxOperation: WritingUnary {
  public static let name = "log_softmax"
  /// The dimension.
  public let dim: Int
  public init(_ dim: Int) { self.dim = dim }
  public var attributes: [(name: String, value: String)] { [("dim", "\(dim)")] }
  public func saves(for input: Int) -> SavedValues { .result }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    _ = try x.shape.axis(dim, Self.name)
    if !x.dtype.isFloatingPoint && !x.isEmpty { throw Self.undefined(for: x.dtype) }
    return x
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    if x.count == 0 { return }
    guard let kernel = ck_row(CK_LOG_SOFTMAX, x.dtype.kernelType) else { throw Self.undefined(for: x.dtype) }
    Rows(x, output, along: try x.shape.axis(dim, Self.name)).map(kernel, cost: CK_COST_FUNCTION)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient - context.result.exp() * gradient.sum(dim, keepDim: true)
  }
}

extension SoftmaxOperation: TableEntry {
  public static var signature: Signature { Signature("T input, int dim, dtype? dtype") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let x = try arguments.tensor("input")
    let converted = try arguments.optionalDType("dtype").map { x.to($0) } ?? x
    return [try Value.apply(SoftmaxOperation(try arguments.int("dim")), converted)]
  }
}

extension LogSoftmaxOperation: TableEntry {
  public static var signature: Signature { Signature("T input, int dim, dtype? dtype") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let x = try arguments.tensor("input")
    let converted = try arguments.optionalDType("dtype").map { x.to($0) } ?? x
    return [try Value.apply(LogSoftmaxOperation(try arguments.int("dim")), converted)]
  }
}

extension Algebra {
  /// e^x along a dimension, scaled to sum to 1.
  public func softmax(_ dim: Int) -> Self {
    checked { () throws(ArrayError) in try Self.apply(SoftmaxOperation(dim), self) }
  }
  /// The logarithm of `softmax`, without loss of accuracy.
  public func logSoftmax(_ dim: Int) -> Self {
    checked { () throws(ArrayError) in try Self.apply(LogSoftmaxOperation(dim), self) }
  }
}
