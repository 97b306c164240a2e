/// `mean(x, dim, keepdim)`: the sum over the dimensions, divided by the number of elements summed; floating dtypes only.
///
/// NaN for no elements. Derivative: g repeated, divided by that number.
public struct Mean: WritingUnary {
  public static let name = "mean"
  /// The dimensions; nil or empty: all.
  public let dims: [Int]?
  /// Whether they stay, with size 1.
  public let keepDim: Bool

  @inlinable public init(_ dims: [Int]? = nil, keepDim: Bool = false) {
    self.dims = dims
    self.keepDim = keepDim
  }

  public var attributes: [(name: String, value: String)] { reductionAttributes(dims, keepDim) }
  public var gradientOverload: Int { dims == nil ? 0 : 1 }
  @inlinable public static var holdsNumbersOnly: Bool { true }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      x.dtype.isFloatingPoint,
      .runtime(
        "mean: could not infer output dtype. Input dtype must be a floating point dtype. Got: \(x.dtype.scalarTypeName); convert with to(_:) first"
      ))
    return ArrayType(x.dtype, x.shape.reduced(try x.shape.axes(dims, Self.name), keepDim: keepDim))
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    guard dims == nil, !keepDim, x.dtype.isFloatingPoint else { return try written(x) }
    let output = try Reduction.sum.total(x)
    try WithScalar(Div(), .float(Double(x.count)), on: .right).forward(output, into: output)
    return output
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    try Reduction.sum.run(x, over: try x.shape.axes(dims, Self.name), into: output)
    let count = Double(x.count) / Double(max(output.count, 1))
    try WithScalar(Div(), .float(count), on: .right).forward(output, into: output)
  }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let shape = context.shape(0)
    return gradient.spread(dims, keepDim: keepDim, to: shape).dividedByCount(dims, of: shape)
  }
  /// Divides before repeating.
  @inlinable public func arrayPullback<C: PullbackContext>(
    _ gradient: consuming NDArray, _ context: C
  ) throws(ArrayError) -> NDArray where C.Value == NDArray {
    let shape = context.shape(0)
    let quotient = try NDArray.apply(DivideByCount(dims, shape: shape), consuming: gradient)
    if quotient.count == 1 { return quotient.repeating(as: shape) }
    return quotient.spread(dims, keepDim: keepDim, to: shape)
  }
}

extension Mean: TableEntry {
  public static var signature: Signature {
    Signature("T input, int|ints? dim, bool keepdim=false, dtype? dtype")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let operation = Mean(
      try arguments.optionalInts("dim"), keepDim: try arguments.bool("keepdim", default: false))
    return [try arguments.tensor("input").applying(operation, in: try arguments.optionalDType("dtype"))]
  }
}

/// x·numerator / (n − correction), where n is the number of elements of `shape` along `dims`: the factor of means and variances, for shapes
/// that may not be known while a graph is built.
public struct DivideByCount: ShapedOperation, WritingUnary {
  public static let name = "divide_by_count"
  @inlinable public static var isElementwise: Bool { true }
  public var shape: Shape
  /// The dimensions; nil or empty: all.
  public let dims: [Int]?
  /// What is subtracted from the count.
  public let correction: Double
  /// What the value is multiplied by first.
  public let numerator: Double

  @inlinable public init(
    _ dims: [Int]?, correction: Double = 0, numerator: Double = 1, shape: Shape = Shape()
  ) {
    self.dims = dims
    self.correction = correction
    self.numerator = numerator
    self.shape = shape
  }

  public var attributes: [(name: String, value: String)] { reductionAttributes(dims, false) }
  public var gradientName: String { "DivBackward0" }
  public func gradientEntries(_ inputCount: Int) -> [Int?] { [0, nil] }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { x }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    let divisor = Double(shape.elementCount(along: try shape.axes(dims, Self.name))) - correction
    if numerator == 1 {
      try WithScalar(Div(), .float(divisor), on: .right).forward(x, into: output)
    } else {
      try WithScalar(Mul(), .float(numerator / divisor), on: .right).forward(x, into: output)
    }
  }
  @inlinable public func pullback<C: PullbackContext>(
    _ gradient: C.Value, shape: C.Value.ShapeReference, _ context: C
  ) -> C.Value {
    gradient.dividedByCount(dims, of: shape, correction: correction, numerator: numerator)
  }
}

extension Algebra {
  /// The mean over `dims`, over everything when nil or empty. Floating dtypes only.
  @inlinable public func mean(_ dims: [Int]? = nil, keepDim: Bool = false) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Mean(dims, keepDim: keepDim), self) }
  }
  /// The mean over one dimension.
  @inlinable public func mean(_ dim: Int, keepDim: Bool = false) -> Self { mean([dim], keepDim: keepDim) }

  /// This value·numerator / (n − correction), n being the number of elements of `shape` along `dims`.
  @inlinable public func dividedByCount(
    _ dims: [Int]?, of shape: ShapeReference, correction: Double = 0, numerator: Double = 1
  ) -> Self {
    checked { () throws(ArrayError) in
      try Self.apply(DivideByCount(dims, correction: correction, numerator: numerator), self, shape: shape)
    }
  }
}
