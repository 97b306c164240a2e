/// (x − m)·r·w + b as one node, where m is the mean of x over some dimensions and r = 1/√(variance + ε), the variance without correction;
/// or m and the variance are given. w and b may be absent.
///
/// Inputs: x, b, m and the variance, w. Derivatives, with ŷ = (x − m)·r and h = g·w: r·(h − mean(h) − ŷ·mean(h·ŷ)) for x, or r·h where m
/// is given; g·ŷ for w and g for b, both summed. As in PyTorch there is none for what is given.
struct Normalize<Layer: TableEntry>: VariadicOperation {
  static var name: String { Layer.name }
  /// The dimensions to normalise over, at least one.
  let dims: [Int]
  /// What is added to the variance.
  let epsilon: Double
  /// The dimension along which m, r, w and b lie; nil: they lie along the last ones.
  let axis: Int?
  /// What becomes of a mean and a variance that are among the inputs.
  enum Statistics {
    case absent
    /// They are the ones to normalise by.
    case given
    /// They are not read, but kept, as PyTorch keeps the running ones of a training step.
    case kept
  }
  let statistics: Statistics
  let hasWeight: Bool
  let hasBias: Bool

  /// `x` normalised, by the mean and the variance of `moments` if they are given.
  static func applied<Value: Algebra>(
    _ dims: [Int], epsilon: Double, axis: Int? = nil, _ x: Value, statistics: Statistics = .absent,
    moments: [Value] = [], _ weight: Value?, _ bias: Value?
  ) throws(ArrayError) -> Value {
    let operation = Normalize(
      dims: dims, epsilon: epsilon, axis: axis, statistics: statistics, hasWeight: weight != nil,
      hasBias: bias != nil)
    let inputs = [x] + [bias].compactMap(\.self) + moments + [weight].compactMap(\.self)
    return try Value.apply(operation, inputs)[0]
  }

  var attributes: [(name: String, value: String)] { [("dim", "\(dims)"), ("eps", "\(epsilon)")] }
  var gradientName: String { "Native" + Self.gradientName(of: Layer.name, 0) }
  func gradientEntries(_ inputCount: Int) -> [Int?] { [0, weightIndex, biasIndex] }
  /// The bias of a layer is not read, but PyTorch keeps it; that of a channel it does not.
  func saves(for input: Int) -> SavedValues { axis != nil && hasBias ? [.first, .third] : .inputs }
  private var biasIndex: Int? { hasBias ? 1 : nil }
  private var momentsIndex: Int { hasBias ? 2 : 1 }
  private var weightIndex: Int? { hasWeight ? momentsIndex + (statistics == .absent ? 0 : 2) : nil }

  func types(_ xs: [ArrayType]) throws(ArrayError) -> [ArrayType] {
    if !xs[0].dtype.isFloatingPoint { throw Self.undefined(for: xs[0].dtype) }
    _ = try xs[0].shape.axes(dims, Self.name)
    return [xs[0]]
  }
  func forward(_ xs: [NDArray]) throws(ArrayError) -> [NDArray] {
    let x = xs[0]
    try x.requireRoom(forCopies: 4)
    let result = try standardized(x, rank: x.rank) { xs[$0] }.normalized
    if let weightIndex { result.mul_(try along(xs[weightIndex], x.rank)) }
    if let biasIndex { result.add_(try along(xs[biasIndex], x.rank)) }
    return [result]
  }
  func pullback<C: PullbackContext>(_ gradients: [C.Value?], _ context: C) -> [C.Value?] {
    var slopes = [C.Value?](repeating: nil, count: context.inputCount)
    guard let gradient = gradients[0] else { return slopes }
    func summed(_ gradient: C.Value, to input: Int) -> C.Value {
      axis == nil ? gradient.sum(to: context.shape(input)) : gradient.sum(dims)
    }
    checked { () throws(ArrayError) in
      let x = context.input(0)
      let rank = x.staticShape?.rank ?? 0
      let (normalized, scale) = try standardized(x, rank: rank) { context.input($0) }
      if let biasIndex, context.needsGradient(biasIndex) {
        slopes[biasIndex] = summed(gradient, to: biasIndex)
      }
      var own = gradient
      if let weightIndex {
        slopes[weightIndex] = summed(gradient * normalized, to: weightIndex)
        own = gradient * (try along(context.input(weightIndex), rank))
      }
      if !context.needsGradient(0) { return }
      if statistics != .given {
        own =
          own - own.mean(dims, keepDim: true) - normalized * (own * normalized).mean(dims, keepDim: true)
      }
      slopes[0] = own * scale
    }
    return slopes
  }

  /// (x − m)·r, and r.
  private func standardized<Value: Algebra>(
    _ x: Value, rank: Int, _ input: (Int) -> Value
  ) throws(ArrayError) -> (normalized: Value, scale: Value) {
    if statistics == .given {
      let scale = try along(input(momentsIndex + 1).add(epsilon).rsqrt(), rank)
      return ((x - (try along(input(momentsIndex), rank))) * scale, scale)
    }
    let centred = x - (try Value.apply(Mean(dims, keepDim: true), x))
    let scale = centred.square().mean(dims, keepDim: true).add(epsilon).rsqrt()
    return (centred * scale, scale)
  }

  /// `vector` as it lies beside values with so many dimensions.
  private func along<Value: Algebra>(_ vector: Value, _ rank: Int) throws(ArrayError) -> Value {
    guard let axis else { return vector }
    var sizes = Shape(repeating: 1, rank: rank)
    sizes[axis] = -1
    return try Value.apply(Reshape(sizes), vector)
  }
}

/// `layer_norm(x, normalized_shape, w, b, eps)`: x normalised over its last dimensions, times w plus b.
///
/// Shapes: x: [*, normalized_shape]; w and b: normalized_shape. Source: J. Ba, J. Kiros, G. Hinton, "Layer normalization",
/// arXiv:1607.06450.
public enum LayerNormOperation: TableEntry {
  public static let name = "nn.functional.layer_norm"
  public static var signature: Signature {
    Signature("T input, ints normalized_shape, T? weight, T? bias, float eps=1e-5")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try normalized(
        try arguments.tensor("input"), try arguments.shape("normalized_shape"),
        arguments.optionalTensor("weight"), arguments.optionalTensor("bias"),
        try arguments.double("eps", default: 1e-5))
    ]
  }

  static func normalized<Value: Algebra>(
    _ x: Value, _ shape: Shape, _ weight: Value?, _ bias: Value?, _ epsilon: Double
  ) throws(ArrayError) -> Value {
    try require(
      shape.rank > 0,
      .runtime(
        "layer_norm: Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []"
      ))
    if let own = x.staticShape {
      try require(
        own.rank >= shape.rank && Shape(own.suffix(shape.rank)).agrees(with: shape),
        .runtime(
          "layer_norm: Given normalized_shape=\(shape), expected input with shape [*, \(shape.map(String.init).joined(separator: ", "))], but got input of size\(own)"
        ))
    }
    for (name, parameter) in [("weight", weight), ("bias", bias)] {
      guard let parameter else { continue }
      let own = parameter.staticShape ?? shape
      try require(
        own.agrees(with: shape),
        .runtime(
          "layer_norm: Expected \(name) to be of same shape as normalized_shape, but got \(name) of shape \(own) and normalized_shape = \(shape)"
        ))
      try requireSameDType(x.dtype, parameter.dtype, "layer_norm")
    }
    return try Normalize<Self>.applied(
      (0..<shape.rank).map { -1 - $0 }, epsilon: epsilon, x, weight, bias)
  }
}

/// `batch_norm(x, running mean, running variance, w, b, training, momentum, eps)`: each channel normalised over the batch (training)
/// or by the running statistics, times w plus b. Results: the output and, if there are running statistics, those after the call:
/// (1 − momentum)·old + momentum·(the batch's, the variance with Bessel's correction).
///
/// Shapes: x: [N, C, *]; the others: [C]. Throws when training sees one value per channel. Source: S. Ioffe, C. Szegedy,
/// "Batch normalization", arXiv:1502.03167.
public enum BatchNorm: TableEntry {
  public static let name = "nn.functional.batch_norm"
  public static var signature: Signature {
    Signature(
      "T input, T? running_mean, T? running_var, T? weight, T? bias, bool training=false, float momentum=0.1, float eps=1e-5"
    )
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let (mean, variance) = (arguments.optionalTensor("running_mean"), arguments.optionalTensor("running_var"))
    return try normalized(
      try arguments.tensor("input"), mean, variance, arguments.optionalTensor("weight"),
      arguments.optionalTensor("bias"), training: try arguments.bool("training", default: false),
      momentum: try arguments.double("momentum", default: 0.1),
      epsilon: try arguments.double("eps", default: 1e-5))
  }

  static func normalized<Value: Algebra>(
    _ x: Value, _ mean: Value?, _ variance: Value?, _ weight: Value?, _ bias: Value?, training: Bool,
    momentum: Double, epsilon: Double
  ) throws(ArrayError) -> [Value] {
    guard let shape = x.staticShape else {
      throw .runtime("batch_norm: the rank is not known yet; give the placeholder a shape")
    }
    let isEmpty = shape.isKnown && shape.elementCount == 0
    try require(
      shape.rank >= 2 || (isEmpty && shape.rank == 1),
      .index("batch_norm: expected an input of shape [N, C, *], but its shape is \(shape)"))
    if isEmpty {
      // Nothing to normalise, nothing learnt; weight and bias keep their part in the graph.
      var result = try Value.apply(Clone(), x)
      if let weight { result = result * (try Value.apply(Select(0, 0), weight)) }
      if let bias { result = result + (try Value.apply(Select(0, 0), bias)) }
      return [result] + [mean, variance].compactMap { $0 }
    }
    if !x.dtype.isFloatingPoint {
      throw .runtime("batch_norm: not implemented for '\(x.dtype.scalarTypeName)'; convert with to(_:) first")
    }
    try require(
      (mean == nil) == (variance == nil),
      .value("batch_norm: running_mean and running_var must either both be None or neither be None"))
    try require(
      training || mean != nil,
      .runtime("batch_norm: running_mean and running_var must be defined in evaluation mode"))
    let channels = shape[1]
    for (name, parameter) in [
      ("running_mean", mean), ("running_var", variance), ("weight", weight), ("bias", bias),
    ] {
      guard let parameter else { continue }
      let own = parameter.staticShape ?? [channels]
      try require(
        own.agrees(with: [channels]),
        .runtime(
          "batch_norm: \(name) should contain \(channels) elements not \(own.elementCount); its shape must be [\(channels)], not \(own)"
        ))
      try requireSameDType(x.dtype, parameter.dtype, "batch_norm")
    }
    let dims = [0] + Array(2..<Swift.max(shape.rank, 2))
    let statistics = [mean, variance].compactMap(\.self)
    if training && shape.isKnown {
      let count = dims.reduce(1) { $0 * shape[$1] }
      try require(
        count != 1,
        .value(
          "batch_norm: Expected more than 1 value per channel when training, got input size \(shape); use training=false or a larger batch"
        ))
    }
    let result = try Normalize<Self>.applied(
      dims, epsilon: epsilon, axis: 1, x,
      statistics: statistics.isEmpty ? .absent : training ? .kept : .given,
      moments: statistics, weight, bias)
    if !training || statistics.isEmpty { return [result] + statistics }
    return [result] + (try Value.apply(RunningStatistics(dims, momentum: momentum), [x] + statistics))
  }
}

/// Running mean and variance after a batch: (1 − momentum)·old + momentum·(the batch's). Inputs: batch, mean, variance. No gradient.
private struct RunningStatistics: VariadicOperation {
  static let name = "batch_norm_update_stats"
  let dims: [Int]
  let momentum: Double
  init(_ dims: [Int], momentum: Double) {
    self.dims = dims
    self.momentum = momentum
  }
  var isDifferentiable: Bool { false }
  func resultCount(_ inputCount: Int) -> Int { 2 }
  func types(_ xs: [ArrayType]) throws(ArrayError) -> [ArrayType] { [xs[1], xs[2]] }
  func forward(_ xs: [NDArray]) throws(ArrayError) -> [NDArray] {
    let (mean, variance) = (xs[0].mean(dims), xs[0].var(dims, correction: 1))
    return [
      xs[1].mul(1 - momentum) + mean.mul(momentum), xs[2].mul(1 - momentum) + variance.mul(momentum),
    ]
  }
  func pullback<C: PullbackContext>(_ gradients: [C.Value?], _ context: C) -> [C.Value?] { [nil, nil, nil] }
}

extension Algebra {
  /// This value normalised over its last dimensions, which have this shape, times `weight` plus `bias`.
  public func layerNorm(
    _ normalizedShape: Shape, weight: Self? = nil, bias: Self? = nil, eps: Double = 1e-5
  ) -> Self {
    checked { () throws(ArrayError) in
      try LayerNormOperation.normalized(self, normalizedShape, weight, bias, eps)
    }
  }

  /// Each channel normalised over the batch (training) or by the running statistics, times `weight` plus `bias`; with the running
  /// statistics after the call, when there are any. The ones passed are not changed.
  public func batchNorm(
    runningMean: Self? = nil, runningVar: Self? = nil, weight: Self? = nil, bias: Self? = nil,
    training: Bool = false, momentum: Double = 0.1, eps: Double = 1e-5
  ) -> (output: Self, runningMean: Self?, runningVar: Self?) {
    let results = checked { () throws(ArrayError) in
      try BatchNorm.normalized(
        self, runningMean, runningVar, weight, bias, training: training, momentum: momentum, epsilon: eps)
    }
    return results.count > 1 ? (results[0], results[1], results[2]) : (results[0], nil, nil)
  }
}
