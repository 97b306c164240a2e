import CKernels

/// `var(x, dim, correction, keepdim)`: Σ(x − mean)² / (n − correction); correction 1 (Bessel's) unless given.
///
/// Derivative: g·2·(x − mean) / (n − correction). NaN or infinite where n ≤ correction, as in PyTorch.
public struct Var: WritingUnary {
  public static let name = "var"
  /// The dimensions; nil or empty: all.
  public let dims: [Int]?
  /// What is subtracted from the count.
  public let correction: Double
  /// Whether the dimensions stay, with size 1.
  public let keepDim: Bool
  public init(_ dims: [Int]? = nil, correction: Double = 1, keepDim: Bool = false) {
    self.dims = dims
    self.correction = correction
    self.keepDim = keepDim
  }
  public var attributes: [(name: String, value: String)] {
    reductionAttributes(dims, keepDim) + (correction == 1 ? [] : [("correction", "\(correction)")])
  }
  public func saves(for input: Int) -> SavedValues { .first }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    try varianceType(x, dims, keepDim, Self.name)
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    output.write(from: try wide(x, try x.shape.axes(dims, Self.name)))
  }
  /// The variance in float64, in which PyTorch calculates it, too.
  fileprivate func wide(_ x: NDArray, _ axes: AxisSet) throws(ArrayError) -> NDArray {
    let x = try x.converted(to: .float64)
    try x.requireRoom(forCopies: 4)
    var (count, first) = (1.0, x)
    for axis in axes.axes {
      count *= Double(x.shape[axis])
      if x.shape[axis] > 1 { first = first.narrow(axis, 0, 1) }
    }
    // Counted from the first element, so that of equal ones nothing is left.
    let distances = x.sub(first)
    let centred = distances.sub(distances.mean(dims, keepDim: true))
    let degreesOfFreedom = count == 0 ? 0 : Swift.max(count - correction, 0)
    return centred.mul(centred).sum(dims, keepDim: keepDim).div(degreesOfFreedom)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    varianceSlope(gradient, dims, correction, keepDim, context)
  }
}

/// `std(x, dim, correction, keepdim)`: the square root of the variance. Derivative: that of the variance / (2·std), 0 where std is 0.
public struct Std: WritingUnary {
  public static let name = "std"
  /// The dimensions; nil or empty: all.
  public let dims: [Int]?
  /// What is subtracted from the count.
  public let correction: Double
  /// Whether the dimensions stay, with size 1.
  public let keepDim: Bool
  public init(_ dims: [Int]? = nil, correction: Double = 1, keepDim: Bool = false) {
    self.dims = dims
    self.correction = correction
    self.keepDim = keepDim
  }
  public var attributes: [(name: String, value: String)] {
    reductionAttributes(dims, keepDim) + (correction == 1 ? [] : [("correction", "\(correction)")])
  }
  public func saves(for input: Int) -> SavedValues { [.first, .result] }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    try varianceType(x, dims, keepDim, Self.name)
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    let variance = Var(dims, correction: correction, keepDim: keepDim)
    output.write(from: try variance.wide(x, try x.shape.axes(dims, Self.name)).sqrt())
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let std = context.result
    let scaled = (gradient / std.mul(2)).maskedFill(std.eq(0), 0)
    return varianceSlope(scaled, dims, correction, keepDim, context)
  }
}

private func varianceType(
  _ x: ArrayType, _ dims: [Int]?, _ keepDim: Bool, _ operation: String
) throws(ArrayError) -> ArrayType {
  let axes = try x.shape.axes(dims, operation)
  try require(
    x.dtype.isFloatingPoint,
    .runtime(
      "\(operation): only supports floating point dtypes, but got \(x.dtype.scalarTypeName); convert with to(_:) first"
    ))
  return ArrayType(x.dtype, x.shape.reduced(axes, keepDim: keepDim))
}

private func varianceSlope<C: PullbackContext>(
  _ gradient: C.Value, _ dims: [Int]?, _ correction: Double, _ keepDim: Bool, _ context: C
) -> C.Value {
  let (x, shape) = (context.input(0), context.shape(0))
  let centred = x - x.mean(dims, keepDim: true)
  let slope = checked { () throws(ArrayError) in
    try C.Value.apply(VarianceSlope(dims, correction), centred, shape: shape)
  }
  return slope * gradient.spread(dims, keepDim: keepDim, to: shape)
}

/// x·2 / (n − correction), n being the number of elements of `shape` along `dims`: the derivative of a variance, x being the distances from
/// the mean.
///
/// As PyTorch has it where that makes no sense: over everything and with n ≤ correction infinite, NaN for 0; for an empty list of dims n
/// counts as 1.
struct VarianceSlope: ShapedOperation, WritingUnary {
  static let name = "var_backward"
  static var isElementwise: Bool { true }
  var shape = Shape()
  let dims: [Int]?
  let correction: Double
  init(_ dims: [Int]?, _ correction: Double) {
    self.dims = dims
    self.correction = correction
  }
  var attributes: [(name: String, value: String)] {
    reductionAttributes(dims, false) + [("correction", "\(correction)")]
  }
  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { x }
  private func degreesOfFreedom() throws(ArrayError) -> Double {
    var count = 1
    if dims?.isEmpty != true { for axis in try shape.axes(dims, Self.name).axes { count *= shape[axis] } }
    return Double(count) - correction
  }
  func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    let divisor = try degreesOfFreedom()
    guard divisor <= 0 && (dims == nil || shape.rank == 0) else {
      return try WithScalar(Mul(), .float(2 / divisor), on: .right).forward(x, into: output)
    }
    output.fill(with: .float(.infinity))
    output.write(from: output.maskedFill(x.eq(0).logicalOr(x.isnan()), Double.nan))
  }
  func pullback<C: PullbackContext>(
    _ gradient: C.Value, shape: C.Value.ShapeReference, _ context: C
  ) -> C.Value {
    checked { () throws(ArrayError) in try C.Value.apply(self, gradient, shape: shape) }
  }
}

extension Var: TableEntry {
  public static var signature: Signature {
    Signature("T input, int|ints? dim, S correction=1, bool keepdim=false")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let operation = Var(
      try arguments.optionalInts("dim"), correction: try arguments.double("correction", default: 1),
      keepDim: try arguments.bool("keepdim", default: false))
    return [try Value.apply(operation, try arguments.tensor("input"))]
  }
}

extension Std: TableEntry {
  public static var signature: Signature {
    Signature("T input, int|ints? dim, S correction=1, bool keepdim=false")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let operation = Std(
      try arguments.optionalInts("dim"), correction: try arguments.double("correction", default: 1),
      keepDim: try arguments.bool("keepdim", default: false))
    return [try Value.apply(operation, try arguments.tensor("input"))]
  }
}

extension Algebra {
  /// The variance over the dimensions, over everything when nil; `correction` is subtracted from the count.
  public func `var`(_ dims: [Int]? = nil, correction: Double = 1, keepDim: Bool = false) -> Self {
    checked { () throws(ArrayError) in
      try Self.apply(Var(dims, correction: correction, keepDim: keepDim), self)
    }
  }
  /// The standard deviation over the dimensions, over everything when nil; `correction` is subtracted from the count.
  public func std(_ dims: [Int]? = nil, correction: Double = 1, keepDim: Bool = false) -> Self {
    checked { () throws(ArrayError) in
      try Self.apply(Std(dims, correction: correction, keepDim: keepDim), self)
    }
  }
}
