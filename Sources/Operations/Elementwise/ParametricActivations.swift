import CKernels

/// `leaky_relu(x, slope)`: x above 0, slope·x below. Derivative: g above 0, slope·g elsewhere.
public struct LeakyRelu: ParametricUnary {
  public static let name = "nn.functional.leaky_relu"
  static var kernel: ck_param_op { CK_LEAKY_RELU }
  /// The slope below 0.
  public let slope: Double
  public init(_ slope: Double = 0.01) { self.slope = slope }
  var parameters: (Double, Double) { (slope, 0) }
  public var attributes: [(name: String, value: String)] { [("negative_slope", "\(slope)")] }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    context.input(0).gt(0).where(gradient, gradient.mul(slope))
  }
}

/// `elu(x, alpha)`: x above 0, alpha·(eˣ − 1) below. Derivative: g above 0, g·alpha·eˣ elsewhere.
public struct Elu: ParametricUnary {
  public static let name = "nn.functional.elu"
  static var kernel: ck_param_op { CK_ELU }
  /// The factor below 0.
  public let alpha: Double
  public init(_ alpha: Double = 1) { self.alpha = alpha }
  var parameters: (Double, Double) { (alpha, 0) }
  public var attributes: [(name: String, value: String)] { [("alpha", "\(alpha)")] }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let x = context.input(0)
    // The slope itself has slope 0 at 0, as in PyTorch.
    let below = x.lt(0).where(x, x.zeros()).exp().mul(alpha)
    return x.le(0).where(gradient * below, gradient)
  }
}

/// `softplus(x, beta, threshold)`: ln(1 + e^(beta·x)) / beta; x itself where beta·x exceeds the threshold. Derivative: g·sigmoid(beta·x), g there.
public struct SoftplusOperation: ParametricUnary {
  public static let name = "nn.functional.softplus"
  static var kernel: ck_param_op { CK_SOFTPLUS }
  /// The sharpness.
  public let beta: Double
  /// Where the function becomes linear.
  public let threshold: Double
  public init(beta: Double = 1, threshold: Double = 20) {
    self.beta = beta
    self.threshold = threshold
  }
  var parameters: (Double, Double) { (beta, threshold) }
  public var attributes: [(name: String, value: String)] {
    [("beta", "\(beta)"), ("threshold", "\(threshold)")]
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let scaled = context.input(0).mul(beta)
    // At the threshold itself the slope counts as constant.
    let curved = C.Value.remembers ? scaled.maskedFill(scaled.ge(threshold), threshold) : scaled
    return scaled.gt(threshold).where(gradient, gradient * curved.sigmoid())
  }
}

/// `hardtanh(x, min, max)`: x limited to [min, max]. Derivative: g strictly between the limits, else 0.
public struct HardtanhOperation: ParametricUnary {
  public static let name = "nn.functional.hardtanh"
  static var kernel: ck_param_op { CK_HARDTANH }
  /// The lower limit.
  public let low: Double
  /// The upper limit.
  public let high: Double
  public init(_ low: Double = -1, _ high: Double = 1) {
    self.low = low
    self.high = high
  }
  var parameters: (Double, Double) { (low, high) }
  static var takesIntegers: Bool { true }
  public var attributes: [(name: String, value: String)] { [("min_val", "\(low)"), ("max_val", "\(high)")] }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let x = context.input(0)
    return x.gt(low).logicalAnd(x.lt(high)).where(gradient, gradient.zeros())
  }
}

/// `gelu(x, approximate)`: x·Φ(x), by the error function, or approximated by tanh. Derivative: by the product rule.
public struct Gelu: WritingUnary {
  public static let name = "nn.functional.gelu"
  public static var isElementwise: Bool { true }
  /// Whether Φ is approximated by ½(1 + tanh(√(2/π)(x + 0.044715 x³))).
  public let usesTanh: Bool
  public init(usesTanh: Bool = false) { self.usesTanh = usesTanh }
  public var attributes: [(name: String, value: String)] { usesTanh ? [("approximate", "tanh")] : [] }
  public func saves(for input: Int) -> SavedValues { .first }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    if !x.dtype.isFloatingPoint { throw Self.undefined(for: x.dtype) }
    return x
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    guard let kernel = ck_unary(usesTanh ? CK_GELU_TANH : CK_GELU, x.dtype.kernelType) else {
      throw Self.undefined(for: x.dtype)
    }
    ElementLoop.unary(kernel, output, x)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let x = context.input(0)
    if usesTanh {
      let (beta, kappa) = (0.79788456080286535588, 0.044715)
      let inner = (x + x * x * x * kappa) * beta
      let tanh = inner.tanh()
      let slope = (1 - tanh * tanh) * (x * x * (3 * kappa) + 1) * beta
      return gradient * ((tanh + 1) * 0.5 + x * slope * 0.5)
    }
    let cumulative = (x.mul(0.70710678118654752440).erf() + 1) * 0.5
    let density = (x * x * -0.5).exp() * 0.39894228040143267794
    return gradient * (cumulative + x * density)
  }
}

/// A function of one element with one or two numbers, calculated by one kernel; floating dtypes.
protocol ParametricUnary: WritingUnary {
  static var kernel: ck_param_op { get }
  static var takesIntegers: Bool { get }
  var parameters: (Double, Double) { get }
}

extension ParametricUnary {
  public static var isElementwise: Bool { true }
  static var takesIntegers: Bool { false }
  public func saves(for input: Int) -> SavedValues { .first }
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    if !x.dtype.isFloatingPoint && !(Self.takesIntegers && x.dtype != .bool) {
      throw Self.undefined(for: x.dtype)
    }
    return x
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    guard let kernel = ck_param(Self.kernel, x.dtype.kernelType) else {
      let wide = try x.converted(to: .float64)
      return output.write(from: try forward(wide))
    }
    let (p, q) = parameters
    ElementLoop.forEachRun(output, x, x, x) { n, o, so, a, sa, _, _, _, _ in kernel(n, o, so, a, sa, p, q) }
  }
}

extension LeakyRelu: TableEntry {
  public static var signature: Signature { Signature("T input, float negative_slope=0.01") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try Value.apply(
        LeakyRelu(try arguments.double("negative_slope", default: 0.01)), try arguments.tensor("input"))
    ]
  }
}

extension Elu: TableEntry {
  public static var signature: Signature { Signature("T input, float alpha=1") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Elu(try arguments.double("alpha", default: 1)), try arguments.tensor("input"))]
  }
}

extension SoftplusOperation: TableEntry {
  public static var signature: Signature { Signature("T input, float beta=1, float threshold=20") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let operation = SoftplusOperation(
      beta: try arguments.double("beta", default: 1),
      threshold: try arguments.double("threshold", default: 20))
    return [try Value.apply(operation, try arguments.tensor("input"))]
  }
}

extension HardtanhOperation: TableEntry {
  public static var signature: Signature { Signature("T input, float min_val=-1, float max_val=1") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let (low, high) = (
      try arguments.double("min_val", default: -1), try arguments.double("max_val", default: 1)
    )
    return [try compute(try arguments.tensor("input"), low, high)]
  }
  static func compute<Value: Algebra>(_ x: Value, _ low: Double, _ high: Double) throws(ArrayError) -> Value {
    try require(
      low <= high, .value("nn.functional.hardtanh: min_val (\(low)) cannot be greater than max_val (\(high))")
    )
    if x.dtype.category == .integral { _ = try ClampNumbers(.float(low), .float(high), x.dtype, for: name) }
    return try Value.apply(HardtanhOperation(low, high), x)
  }
}

extension Gelu: TableEntry {
  public static var signature: Signature { Signature("T input, str approximate=none") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let word = try arguments.string("approximate", default: "none")
    try require(
      word == "none" || word == "tanh",
      .runtime("nn.functional.gelu: approximate argument must be either none or tanh, but is '\(word)'"))
    return [try Value.apply(Gelu(usesTanh: word == "tanh"), try arguments.tensor("input"))]
  }
}

extension Algebra {
  /// x above 0, slope·x below.
  public func leakyRelu(_ slope: Double = 0.01) -> Self {
    checked { () throws(ArrayError) in try Self.apply(LeakyRelu(slope), self) }
  }
  /// x above 0, alpha·(eˣ − 1) below.
  public func elu(_ alpha: Double = 1) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Elu(alpha), self) }
  }
  /// ln(1 + e^(beta·x)) / beta.
  public func softplus(beta: Double = 1, threshold: Double = 20) -> Self {
    checked { () throws(ArrayError) in
      try Self.apply(SoftplusOperation(beta: beta, threshold: threshold), self)
    }
  }
  /// x limited to [low, high].
  public func hardtanh(_ low: Double = -1, _ high: Double = 1) -> Self {
    checked { () throws(ArrayError) in try HardtanhOperation.compute(self, low, high) }
  }
  /// x·Φ(x).
  public func gelu(usesTanh: Bool = false) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Gelu(usesTanh: usesTanh), self) }
  }
}

extension InPlaceAlgebra {
  /// `leakyRelu` in place.
  @discardableResult public func leakyRelu_(_ slope: Double = 0.01) -> Self {
    inPlace(LeakyRelu(slope))
  }
  /// `elu` in place.
  @discardableResult public func elu_(_ alpha: Double = 1) -> Self {
    inPlace(Elu(alpha))
  }
  /// `hardtanh` in place.
  @discardableResult public func hardtanh_(_ low: Double = -1, _ high: Double = 1) -> Self {
    inPlace(HardtanhOperation(low, high))
  }
}
