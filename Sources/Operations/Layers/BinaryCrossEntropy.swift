/// `binary_cross_entropy(x, y, weight)`: −w·(y·ln x + (1 − y)·ln(1 − x)), the logarithms no less than −100 (PyTorch), reduced.
///
/// Shapes: x and y equal, weight broadcast to them; one dtype. Throws where x or y is outside [0, 1].
public enum BinaryCrossEntropy: TableEntry {
  public static let name = "nn.functional.binary_cross_entropy"
  public static var signature: Signature {
    Signature("T input, T target, T? weight, str reduction=mean")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let reduction = try LossReduction(try arguments.string("reduction", default: "mean"), name)
    return [
      try loss(
        try arguments.tensor("input"), try arguments.tensor("target"), arguments.optionalTensor("weight"),
        reduction)
    ]
  }

  static func loss<Value: Algebra>(
    _ x: Value, _ y: Value, _ weight: Value?, _ reduction: LossReduction
  ) throws(ArrayError) -> Value {
    try checkTargetShape(x, y, name)
    try require(
      y.dtype == x.dtype,
      .runtime(
        "\(name): Found dtype \(y.dtype.scalarTypeName) but expected \(x.dtype.scalarTypeName); convert with to(_:)"
      ))
    if let own = weight?.staticShape, let target = x.staticShape {
      try require(
        own.expands(to: target),
        .runtime("\(name): weight of shape \(own) is not broadcastable to \(target)"))
    }
    let inputs = [x, y] + (weight.map { [$0.to(x.dtype)] } ?? [])
    return try Value.apply(ProbabilityEntropy(reduction: reduction), inputs)[0]
  }
}

/// Refuses a target of another shape than the input's.
private func checkTargetShape<Value: Algebra>(
  _ x: Value, _ y: Value, _ operation: String
) throws(ArrayError) {
  guard let shape = x.staticShape, let target = y.staticShape else { return }
  try require(
    shape.agrees(with: target),
    .value("\(operation): Target size (\(target)) must be the same as input size (\(shape))"))
}

/// −w·(y·ln x + (1 − y)·ln(1 − x)) of probabilities x, the logarithms no less than −100, reduced; w is the third input, if there is one.
///
/// Derivatives: g·w·(x − y) / max(x·(1 − x), 10⁻¹²) for x, g·w·(ln(1 − x) − ln x) for y, as PyTorch has them.
private struct ProbabilityEntropy: ReducedLoss {
  static let name = BinaryCrossEntropy.name
  let reduction: LossReduction

  func elementType(_ xs: [ArrayType]) throws(ArrayError) -> ArrayType {
    if !xs[0].dtype.isFloatingPoint { throw Self.undefined(for: xs[0].dtype) }
    return xs[0]
  }
  func elements(_ xs: [NDArray]) throws(ArrayError) -> NDArray {
    let (x, y) = (xs[0], xs[1])
    _ = try elementType(xs.map(\.type))
    try x.requireRoom(forCopies: 10)
    for (name, values) in [("input", x), ("target", y)] {
      let isInside = values.ge(0).logicalAnd(values.le(1)).all()
      try require(
        try isInside.scalarValue() == .bool(true),
        .runtime(
          "\(Self.name): all elements of \(name) should be between 0 and 1; binary_cross_entropy_with_logits takes any number"
        ))
    }
    let (hit, miss) = (x.log().clamp(min: -100.0), x.neg().log1p().clamp(min: -100.0))
    // y·(ln(1 − x) − ln x) − ln(1 − x)
    let entropy = (y - 1.0) * miss - y * hit
    return xs.count > 2 ? entropy * xs[2] : entropy
  }
  func slope<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value {
    let x = context.input(0)
    let slope =
      input == 1
      ? gradient * (x.neg().log1p() - x.log())
      : checked { () throws(ArrayError) in
        gradient * (try C.Value.apply(ProbabilityEntropySlope(), x, context.input(1)))
      }
    return context.inputCount > 2 ? slope * context.input(2) : slope
  }
}

/// (x − y) / max(x·(1 − x), 10⁻¹²). Derivatives, as PyTorch has them: (x² − 2·x·y + y) / ((x + ε)²·(1 − x + ε)²) for x with ε = 10⁻¹²,
/// and −1 / max(x·(1 − x), ε) for y.
private struct ProbabilityEntropySlope: WritingBinary {
  static let name = "binary_cross_entropy_backward"
  static var isElementwise: Bool { true }
  static var epsilon: Double { 1e-12 }
  func saves(for input: Int) -> SavedValues { input == 0 ? .inputs : .first }

  func type(_ x: ArrayType, _ y: ArrayType) throws(ArrayError) -> ArrayType { x }
  func forward(_ x: NDArray, _ y: NDArray, into output: NDArray) throws(ArrayError) {
    // PyTorch's constant is a float32 here.
    try x.requireRoom(forCopies: 5)
    output.write(from: (x - y) / (x * (1.0 - x)).clamp(min: Double(Float(Self.epsilon))))
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    let x = context.input(0)
    if input == 1 { return -gradient / (x * (1.0 - x)).clamp(min: Self.epsilon) }
    let y = context.input(1)
    let divisor = ((x + Self.epsilon) * (1.0 + Self.epsilon - x)).square()
    return gradient * (x.square() - 2.0 * x * y + y) / divisor
  }
}

/// `binary_cross_entropy_with_logits(x, y, weight, pos_weight)`: `binary_cross_entropy` of sigmoid(x), computed without overflow:
/// w·((1 − y)·x − (1 + (p − 1)·y)·logsigmoid(x)), reduced; p weighs the positive targets.
///
/// Shapes: x and y equal; weight and pos_weight broadcast.
public enum BinaryCrossEntropyWithLogits: TableEntry {
  public static let name = "nn.functional.binary_cross_entropy_with_logits"
  public static var signature: Signature {
    Signature("T input, T target, T? weight, T? pos_weight, str reduction=mean")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let reduction = try LossReduction(try arguments.string("reduction", default: "mean"), name)
    return [
      try loss(
        try arguments.tensor("input"), try arguments.tensor("target"), arguments.optionalTensor("weight"),
        arguments.optionalTensor("pos_weight"), reduction)
    ]
  }

  static func loss<Value: Algebra>(
    _ x: Value, _ y: Value, _ weight: Value?, _ positiveWeight: Value?, _ reduction: LossReduction
  ) throws(ArrayError) -> Value {
    try checkTargetShape(x, y, name)
    try require(
      y.dtype.category >= x.dtype.category && y.dtype != .bool,
      .runtime(
        "\(name): a target of dtype \(y.dtype) cannot hold the loss of an input of dtype \(x.dtype); convert it with to(_:)"
      ))
    for other in [weight, positiveWeight] {
      guard let own = other?.staticShape, let target = x.staticShape else { continue }
      try require(
        own.expands(to: target),
        .runtime("\(name): a weight of shape \(own) is not broadcastable to the input's shape \(target)"))
    }
    let entropy = LogitEntropy(
      isWeighted: weight != nil, weighsPositives: positiveWeight != nil, reduction: reduction)
    return try Value.apply(entropy, [x, y] + [weight, positiveWeight].compactMap(\.self))[0]
  }
}

/// w·((1 − y)·x − (1 + (p − 1)·y)·logsigmoid(x)), reduced. Inputs: x, y, then w and p as far as there are such weights.
///
/// Derivatives, as PyTorch has them: g·w·((p·y + 1 − y)·sigmoid(x) − p·y) for x and g·w·(logsigmoid(−x) − p·logsigmoid(x)) for y, which
/// without p are g·w·(sigmoid(x) − y) and −g·w·x.
private struct LogitEntropy: ReducedLoss {
  static let name = BinaryCrossEntropyWithLogits.name
  let isWeighted: Bool
  let weighsPositives: Bool
  let reduction: LossReduction

  func elementType(_ xs: [ArrayType]) throws(ArrayError) -> ArrayType {
    ArrayType(xs[1].dtype, try LogSigmoidOperation().type(xs[0]).shape)
  }
  func elements(_ xs: [NDArray]) throws(ArrayError) -> NDArray {
    let (x, y) = (xs[0], xs[1])
    var logarithms = try LogSigmoidOperation().forward(x)
    try x.requireRoom(forCopies: 6)
    if weighsPositives { logarithms = ((xs[xs.count - 1] - 1) * y + 1) * logarithms }
    let entropy = ((1 - y) * x - logarithms).to(y.dtype)
    return isWeighted ? (entropy * xs[2]).to(y.dtype) : entropy
  }
  func slope<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value {
    let (x, y) = (context.input(0), context.input(1))
    let weighted = isWeighted ? gradient * context.input(2) : gradient
    guard weighsPositives else { return input == 0 ? weighted * (x.sigmoid() - y) : -weighted * x }
    let factor = context.input(context.inputCount - 1)
    if input == 1 { return weighted * (x.neg().logsigmoid() - factor * x.logsigmoid()) }
    let positive = factor * y
    return weighted * ((positive + 1 - y) * x.sigmoid() - positive)
  }
}

extension Algebra {
  /// −w·(y·ln x + (1 − y)·ln(1 − x)) of probabilities, reduced.
  public func binaryCrossEntropy(
    _ target: Self, weight: Self? = nil, reduction: LossReduction = .mean
  ) -> Self {
    checked { () throws(ArrayError) in try BinaryCrossEntropy.loss(self, target, weight, reduction) }
  }
  /// `binaryCrossEntropy` of sigmoid(x), computed without overflow.
  public func binaryCrossEntropyWithLogits(
    _ target: Self, weight: Self? = nil, posWeight: Self? = nil, reduction: LossReduction = .mean
  ) -> Self {
    checked { () throws(ArrayError) in
      try BinaryCrossEntropyWithLogits.loss(self, target, weight, posWeight, reduction)
    }
  }
}
