/// `logsumexp(x, dim, keepdim)`: ln Σ eˣ without overflow: the largest element is taken out first (0 in its place where it is infinite).
///
/// Derivative: g·e^(x − result). Integers become the default floating type.
public struct LogSumExp: UnaryOperation {
  public static let name = "logsumexp"
  /// The dimensions.
  public let dims: [Int]
  /// Whether they stay, with size 1.
  public let keepDim: Bool
  public init(_ dims: [Int], keepDim: Bool = false) {
    self.dims = dims
    self.keepDim = keepDim
  }
  public var attributes: [(name: String, value: String)] { reductionAttributes(dims, keepDim) }
  public func saves(for input: Int) -> SavedValues { [.first, .result] }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    let axes = try x.shape.axes(dims, Self.name)
    try require(
      !dims.isEmpty || keepDim || x.shape.rank == 0 || x.isEmpty,
      .runtime(
        "\(Self.name): dims is empty, which reduces \(x.shape) to a number only with keepdim; list the dimensions"
      ))
    return ArrayType(
      x.dtype.isFloatingPoint ? x.dtype : DType.default, x.shape.reduced(axes, keepDim: keepDim))
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let type = try type(x.type)
    let x = try x.converted(to: type.dtype)
    if x.count == 0 { return try NDArray(full: type.shape, .float(-.infinity), type.dtype) }
    try x.requireRoom(forCopies: 3)
    let largest = x.amax(dims, keepDim: true)
    let shift = largest.maskedFill(largest.abs().eq(Double.infinity), 0)
    let result = x.sub(shift).exp().sum(dims, keepDim: true).log().add(shift)
    return try Reshape(type.shape).forward(result)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let shape = context.shape(0)
    let weights = (context.input(0) - context.result.spread(dims, keepDim: keepDim, to: shape)).exp()
    return gradient.spread(dims, keepDim: keepDim, to: shape) * weights
  }
}

extension LogSumExp: TableEntry {
  public static var signature: Signature { Signature("T input, int|ints dim, bool keepdim=false") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try Value.apply(
        LogSumExp(try arguments.ints("dim"), keepDim: try arguments.bool("keepdim", default: false)),
        try arguments.tensor("input"))
    ]
  }
}

extension Algebra {
  /// ln Σ eˣ along the dimensions, without overflow.
  public func logsumexp(_ dims: [Int], keepDim: Bool = false) -> Self {
    checked { () throws(ArrayError) in try Self.apply(LogSumExp(dims, keepDim: keepDim), self) }
  }
}
