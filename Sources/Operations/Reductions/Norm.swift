/// `norm(x, p, dim, keepdim)`: (Σ|x|ᵖ)^(1/p); p = ∞ the largest |x|, −∞ the smallest, 0 the number of non-zeros.
///
/// Derivatives as PyTorch's `norm_backward`: 0 where the norm is 0; for ±∞ shared equally among the extreme elements, NaN
/// counting as equal to NaN.
public struct Norm: UnaryOperation {
  public static let name = "norm"
  /// The order.
  public let p: Double
  /// The dimensions; nil or empty: all.
  public let dims: [Int]?
  /// Whether they stay, with size 1.
  public let keepDim: Bool
  public init(_ p: Double = 2, _ dims: [Int]? = nil, keepDim: Bool = false) {
    self.p = p
    self.dims = dims
    self.keepDim = keepDim
  }
  public var attributes: [(name: String, value: String)] {
    [("p", "\(p)")] + reductionAttributes(dims, keepDim)
  }
  public var gradientName: String { "LinalgVectorNormBackward0" }
  public func saves(for input: Int) -> SavedValues { [.first, .result] }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    let axes = try x.shape.axes(dims, Self.name)
    try require(
      x.dtype.isFloatingPoint,
      .runtime(
        "norm: Expected a floating point tensor as input. Got \(x.dtype.scalarTypeName); convert with to(_:) first"
      ))
    try Scalar.float(p).checkConvertible(to: x.dtype, Self.name)
    if p < 0 || p == .infinity {
      for axis in axes.axes {
        try require(
          x.shape[axis] != 0,
          .runtime(
            "norm: cannot compute the \(p) norm on an empty dimension \(axis) of shape \(x.shape); the operation has no identity"
          ))
      }
    }
    return ArrayType(x.dtype, x.shape.reduced(axes, keepDim: keepDim))
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let result = try type(x.type)
    try x.requireRoom(forCopies: 2)
    if result.shape.elementCount == x.count && p != 0 {
      // Of one element each: without its powers nothing overflows.
      return try Reshape(result.shape).forward(x.abs())
    }
    switch p {
    case 2: return x.mul(x).sum(dims, keepDim: keepDim).sqrt()
    case 1: return x.abs().sum(dims, keepDim: keepDim)
    case 0: return x.ne(0).to(x.dtype).sum(dims, keepDim: keepDim)
    case .infinity: return x.abs().amax(dims, keepDim: keepDim)
    case -.infinity: return x.abs().amin(dims, keepDim: keepDim)
    default: return try x.abs().raised(to: .float(p)).sum(dims, keepDim: keepDim).raised(to: .float(1 / p))
    }
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    slope(gradient, context.input(0), context.result)
  }
  /// The gradient of `x`, given that of its norm `result`.
  func slope<Value: Algebra>(_ gradient: Value, _ x: Value, _ result: Value) -> Value {
    let shape = x.shapeReference
    let norm = result.spread(dims, keepDim: keepDim, to: shape)
    let g = gradient.spread(dims, keepDim: keepDim, to: shape)
    switch p {
    case 0: return x.mul(0)
    case 1: return g * x.sign()
    case 2: return g * (x / norm).maskedFill(norm.eq(0), 0)
    case .infinity, -.infinity:
      let extreme = x.abs().isSame(as: norm).to(gradient.dtype)
      let share = gradient / extreme.sum(dims, keepDim: keepDim)
      return x.sign() * extreme * share.spread(dims, keepDim: keepDim, to: shape)
    case ..<1:
      let scaled = (x.sign() * x.abs().pow(p - 1)).maskedFill(x.eq(0), 0)
      return scaled * g * norm.pow(1 - p)
    case ..<2:
      let scaled = x.sign() * x.abs().pow(p - 1)
      return scaled * (g / norm.pow(p - 1)).maskedFill(norm.eq(0), 0)
    default:
      return x * x.abs().pow(p - 2) * (g / norm.pow(p - 1)).maskedFill(norm.eq(0), 0)
    }
  }
}

extension Norm: TableEntry {
  public static var signature: Signature {
    Signature("T input, float|str p=2, int|ints? dim, bool keepdim=false")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let dims = try arguments.optionalInts("dim")
    var order = 2.0
    if !arguments.isString("p"), let number = try arguments.optionalDouble("p") {
      order = number
    } else {
      let word = try arguments.optionalString("p") ?? "fro"
      try require(word == "fro", .runtime("norm: the order '\(word)' is not known; use a number or \"fro\""))
      try require(
        dims.map { $0.count < 3 } ?? true,
        .runtime(
          "norm: the norm \"fro\", that of a matrix, takes at most 2 dims, but got \(dims ?? []); give p=2 for more"
        ))
    }
    let keepDim = try arguments.bool("keepdim", default: false)
    return [try norm(order, dims, keepDim: keepDim, try arguments.tensor("input"))]
  }

  /// The norm of x, converted to `dtype` first if it is given.
  static func norm<Value: Algebra>(
    _ p: Double, _ dims: [Int]?, keepDim: Bool, _ x: Value, in dtype: DType? = nil
  ) throws(ArrayError) -> Value {
    let norm = Norm(p, dims, keepDim: keepDim)
    return p == 0
      ? try Value.apply(NonzeroNorm(norm: norm), [try x.converted(in: dtype ?? x.dtype)])[0]
      : try x.applying(norm, in: dtype)
  }
}

/// The norm of order 0. As in PyTorch it is recorded, and its gradient is not 0 but none.
private struct NonzeroNorm: VariadicOperation {
  static let name = Norm.name
  let norm: Norm
  var attributes: [(name: String, value: String)] { norm.attributes }
  var gradientName: String { norm.gradientName }
  func saves(for input: Int) -> SavedValues { norm.saves(for: input) }

  func types(_ xs: [ArrayType]) throws(ArrayError) -> [ArrayType] { [try norm.type(xs[0])] }
  func forward(_ xs: [NDArray]) throws(ArrayError) -> [NDArray] { [try norm.forward(xs[0])] }
  func pullback<C: PullbackContext>(_ gradients: [C.Value?], _ context: C) -> [C.Value?] { [nil] }
}

/// `linalg.vector_norm(x, ord, dim, keepdim, dtype)`: as `norm`, converted to `dtype` first.
public enum VectorNorm: TableEntry {
  public static let name = "linalg.vector_norm"
  public static var signature: Signature {
    Signature("T x, float ord=2, int|ints? dim, bool keepdim=false, dtype? dtype")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let x = try arguments.tensor("x")
    try require(
      x.dtype.isFloatingPoint,
      .runtime("linalg.vector_norm: Expected a floating point tensor as input. Got \(x.dtype.scalarTypeName)")
    )
    let (p, dims) = (try arguments.double("ord", default: 2), try arguments.optionalInts("dim"))
    let keepDim = try arguments.bool("keepdim", default: false)
    let dtype = try arguments.optionalDType("dtype") ?? x.dtype
    try require(
      DType.promote(x.dtype, dtype) == dtype,
      .runtime(
        "linalg.vector_norm: the dtype of the input (\(x.dtype)) should be convertible without narrowing to the specified dtype (\(dtype))"
      ))
    return [try Norm.norm(p, dims, keepDim: keepDim, x, in: dtype)]
  }
}

/// `dist(x, y, p)`: the p-norm of x − y. Shapes broadcast; one dtype, which the spelling sees to. Derivatives: `norm`'s for the difference, negated for y.
public struct Dist: BinaryOperation {
  public static let name = "dist"
  /// The order of the norm.
  public let p: Double
  public init(_ p: Double = 2) { self.p = p }
  public var attributes: [(name: String, value: String)] { [("p", "\(p)")] }
  public func saves(for input: Int) -> SavedValues { [.inputs, .result] }

  public func type(_ x: ArrayType, _ y: ArrayType) throws(ArrayError) -> ArrayType {
    guard let shape = Shape.broadcast(x.shape, y.shape) else {
      throw broadcastError(Self.name, x.shape, y.shape)
    }
    try requireSameDType(x.dtype, y.dtype, Self.name)
    return try Norm(p).type(ArrayType(try Sub.resultDType(x.dtype), shape))
  }
  public func forward(_ x: NDArray, _ y: NDArray) throws(ArrayError) -> NDArray {
    _ = try type(x.type, y.type)
    return try Norm(p).forward(try Sub().forward(spreading: x, y))
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    let slope = Norm(p).slope(gradient, context.input(0) - context.input(1), context.result)
    return (input == 0 ? slope : -slope).sum(to: context.shape(input))
  }
}

extension Dist: TableEntry {
  public static var signature: Signature { Signature("T input, T other, float p=2") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try distance(
        try arguments.tensor("input"), try arguments.tensor("other"), try arguments.double("p", default: 2))
    ]
  }
  static func distance<Value: Algebra>(_ x: Value, _ y: Value, _ p: Double) throws(ArrayError) -> Value {
    if x.dtype == y.dtype { return try Value.apply(Dist(p), x, y) }
    return try Value.apply(converting: Dist(p), x, y, to: Value.promotedDType(x, y))
  }
}

extension Algebra {
  /// The p-norm over the dimensions, over everything when nil.
  public func norm(_ p: Double = 2, _ dims: [Int]? = nil, keepDim: Bool = false) -> Self {
    checked { () throws(ArrayError) in try Norm.norm(p, dims, keepDim: keepDim, self) }
  }
  /// The p-norm of the difference.
  public func dist(_ other: Self, p: Double = 2) -> Self {
    checked { () throws(ArrayError) in try Dist.distance(self, other, p) }
  }
}
