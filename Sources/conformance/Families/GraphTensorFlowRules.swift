import Operations

/// x itself, refused when it has too few dimensions: TensorFlow knows no dimension 0 of a 0-d value and no product of vectors, PyTorch does.
struct TensorFlowDimensioned: UnaryOperation {
  static let name = "dimensioned"
  /// The operation that asks for a dimension.
  let user: String
  /// How many dimensions it must have.
  let least: Int
  var isView: Bool { true }
  var attributes: [(name: String, value: String)] { [("for", user), ("least", "\(least)")] }

  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      x.shape.rank >= least, .value("\(user): needs \(least) dimensions or more, but the shape is \(x.shape)")
    )
    return x
  }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    _ = try type(x.type)
    return x
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient }
}

/// `transpose` without an order: the dimensions reversed, however many they are. Its own mirror.
struct TensorFlowTranspose: UnaryOperation {
  static let name = "transpose"
  var isView: Bool { true }

  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { ArrayType(x.dtype, Shape(x.shape.reversed())) }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    try Permute((0..<x.rank).reversed()).forward(x)
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    checked { () throws(ArrayError) in try C.Value.apply(TensorFlowTranspose(), gradient) }
  }
}

/// `relu` with TensorFlow's derivative, g where the result is above 0: 0 at NaN, where PyTorch gives g, and the derivative by x of this is 0,
/// not none. The result may be one that was fed, and so be below 0.
struct TensorFlowRelu: UnaryOperation {
  static let name = "relu"

  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { try Relu().type(x) }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray { try Relu().forward(x) }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient * context.result.relu().sign()
  }
}

/// `sqrt` with TensorFlow's derivative, which is 0 wherever the gradient is 0: also at 0 and below, where PyTorch gives NaN.
struct TensorFlowSqrt: UnaryOperation {
  static let name = "sqrt"

  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { try Sqrt().type(x) }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray { try Sqrt().forward(x) }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    checked { () throws(ArrayError) in try C.Value.apply(TensorFlowSqrtGradient(), context.result, gradient) }
  }
}

/// g / 2y, and 0 wherever g is 0. Its own derivatives know no such exception, as in TensorFlow.
struct TensorFlowSqrtGradient: BinaryOperation {
  static let name = "sqrt_gradient"

  func type(_ y: ArrayType, _ gradient: ArrayType) throws(ArrayError) -> ArrayType {
    try Div().type(gradient, y)
  }
  func forward(_ y: NDArray, _ gradient: NDArray) throws(ArrayError) -> NDArray {
    try Div().forward(gradient.mul(0.5), y).maskedFill(gradient.eq(0), 0)
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    let slope = gradient / context.input(0)
    return input == 0 ? slope.neg() * context.result : slope * 0.5
  }
}

/// `abs` with TensorFlow's derivative g·sign(x), which is NaN at NaN, where PyTorch gives 0.
struct TensorFlowAbs: UnaryOperation {
  static let name = "abs"

  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { try Abs().type(x) }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray { try Abs().forward(x) }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let x = context.input(0)
    return gradient * x.sign().maskedFill(x.ne(x), Double.nan)
  }
}

/// `reduce_max` that has a value for nothing: the smallest number of the dtype.
struct TensorFlowMax: UnaryOperation {
  static let name = "reduce_max"
  let largest: AMax
  var attributes: [(name: String, value: String)] { largest.attributes }

  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    ArrayType(
      x.dtype, x.shape.reduced(try x.shape.axes(largest.dims, Self.name), keepDim: largest.keepDim))
  }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    if x.count > 0 { return try largest.forward(x) }
    let lowest: Scalar =
      switch x.dtype {
      case .int32: .int(Int64(Int32.min))
      case .int64: .int(.min)
      default: .float(-.infinity)
      }
    return try NDArray(full: try type(x.type).shape, lowest, x.dtype)
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    largest.pullback(gradient, context)
  }
}

/// `reduce_mean` of integers: the exact sum divided by the count, cut off toward zero.
struct TensorFlowIntegerMean: UnaryOperation {
  static let name = "reduce_mean"
  let sum: Sum
  var isDifferentiable: Bool { false }
  var attributes: [(name: String, value: String)] { sum.attributes }

  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { ArrayType(x.dtype, try sum.type(x).shape) }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let sums = try sum.forward(x)
    try require(
      x.count > 0 || sums.count == 0, .value("reduce_mean: nothing has no mean among the integers"))
    let count = x.count / max(sums.count, 1)
    let means = try sums.elements(convertedTo: Int64.self).map { $0 / Int64(count) }
    return NDArray(means, shape: sums.shape).to(x.dtype)
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient.mul(0) }
}

/// `squeeze` that refuses a dimension whose size is not 1; while it is open, it is taken to be.
struct TensorFlowSqueeze: UnaryOperation {
  static let name = "squeeze"
  let dims: [Int]?
  var isView: Bool { true }
  var attributes: [(name: String, value: String)] { dims.map { [("dim", "\($0)")] } ?? [] }

  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    guard let dims, !dims.isEmpty else { return try Squeeze(nil).type(x) }
    for axis in try x.shape.axes(dims, Self.name).axes
    where x.shape[axis] != 1 && x.shape[axis] != Shape.unknown {
      throw .value("squeeze: dimension \(axis) has size \(x.shape[axis]), it must be 1")
    }
    return ArrayType(x.dtype, x.shape.reduced(try x.shape.axes(dims, Self.name), keepDim: false))
  }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    _ = try type(x.type)
    return try Squeeze(dims.flatMap { $0.isEmpty ? nil : $0 }).forward(x)
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.reshape(to: context.shape(0))
  }
}

/// xʸ with TensorFlow's derivative by y: g·xʸ·ln x, and 0 wherever x is not above 0. Integers have no negative powers.
struct TensorFlowPow: BinaryOperation {
  static let name = "pow"

  func type(_ x: ArrayType, _ y: ArrayType) throws(ArrayError) -> ArrayType { try Pow().type(x, y) }
  func forward(_ x: NDArray, _ y: NDArray) throws(ArrayError) -> NDArray {
    if !y.dtype.isFloatingPoint {
      try require(
        try y.elements(convertedTo: Int.self).allSatisfy { $0 >= 0 },
        .value("pow: integers to negative integer powers are not allowed"))
    }
    return try Pow().forward(x, y)
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    let (x, y) = (context.input(0), context.input(1))
    if input == 0 {
      let lower = checked { () throws(ArrayError) in try C.Value.apply(TensorFlowPow(), x, y - 1) }
      return gradient * y * lower
    }
    let outside = x.gt(0).logicalNot()
    return gradient * context.result * x.maskedFill(outside, 1).log().maskedFill(outside, 0)
  }
}
