/// `nll_loss(x, target, weight, ignore_index)`: −wₜ·xₜ for each target class t, x being logarithms of probabilities; reduced, the mean
/// weighted by w. Targets equal to `ignore_index` count nothing.
///
/// Shapes: x: [C] with target [], or [N, C, *] with target [N, *]; weight: [C]. Target is int64 or uint8. Throws for classes out of range.
public enum NLLLossOperation: TableEntry {
  public static let name = "nn.functional.nll_loss"
  public static var signature: Signature {
    Signature("T input, T target, T? weight, int ignore_index=-100, str reduction=mean")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try loss(
        try arguments.tensor("input"), try arguments.tensor("target"), arguments.optionalTensor("weight"),
        ignoring: try arguments.int("ignore_index", default: -100),
        try LossReduction(try arguments.string("reduction", default: "mean"), name))
    ]
  }

  static func loss<Value: Algebra>(
    _ x: Value, _ target: Value, _ weight: Value?, ignoring ignored: Int, _ reduction: LossReduction
  ) throws(ArrayError) -> Value {
    let targets = try ClassTargets(x, target, weight, ignoring: ignored, name)
    return try Value.apply(
      NegativeLikelihood(targets, reduction), [x, target] + (weight.map { [$0] } ?? []))[0]
  }
}

/// `nll_loss` as one node. Inputs: x, the target classes and, if there are any, the weights of the classes, which have no gradient.
///
/// Derivative: −g·wₜ at each target class that counts, 0 elsewhere; for the mean divided by the sum of the weights.
private struct NegativeLikelihood: VariadicOperation {
  static let name = NLLLossOperation.name
  let targets: ClassTargets
  let reduction: LossReduction
  init(_ targets: ClassTargets, _ reduction: LossReduction) {
    (self.targets, self.reduction) = (targets, reduction)
  }

  var attributes: [(name: String, value: String)] {
    [("ignore_index", "\(targets.ignored)"), ("reduction", reduction.rawValue)]
  }
  var gradientName: String { targets.isSpatial ? "NllLoss2DBackward0" : "NllLossBackward0" }
  func gradientEntries(_ inputCount: Int) -> [Int?] { [0] }
  /// Of x only the shape is read, but PyTorch keeps all of it.
  func saves(for input: Int) -> SavedValues { .inputs }

  func types(_ xs: [ArrayType]) throws(ArrayError) -> [ArrayType] {
    let isVector = targets.axis == 0
    return [ArrayType(xs[0].dtype, reduction == .none && !isVector ? xs[1].shape : [])]
  }
  func forward(_ xs: [NDArray]) throws(ArrayError) -> [NDArray] {
    try xs[1].requireRoom(forCopies: 12)
    let classes = try targets.resolved(xs[1], xs.count > 2 ? xs[2] : nil)
    let places = classes.indices.unsqueeze(targets.axis)
    let picked = try Gather(targets.axis).forward(xs[0], places).squeeze(targets.axis)
    return [try classes.reduced(-(classes.weights.map { picked * $0 } ?? picked), reduction)]
  }
  func pullback<C: PullbackContext>(_ gradients: [C.Value?], _ context: C) -> [C.Value?] {
    let slope = gradients[0].map { gradient in
      checked { () throws(ArrayError) in
        let classes = try targets.resolved(
          context.input(1), context.inputCount > 2 ? context.input(2) : nil)
        let zero = gradient.constant(try NDArray(scalar: 0, gradient.dtype))
        let weights = classes.weights ?? classes.isValid.to(gradient.dtype)
        let each = reduction == .mean ? gradient / weights.sum() : gradient
        let values = try C.Value.choosing(classes.isValid, -(weights * each), zero)
        return try C.Value.apply(
          ScatterAdd(targets.axis), zero.broadcast(to: context.shape(0)),
          classes.indices.unsqueeze(targets.axis), values.unsqueeze(targets.axis))
      }
    }
    return [slope] + [C.Value?](repeating: nil, count: context.inputCount - 1)
  }
}

/// `cross_entropy(x, target, weight, ignore_index, label_smoothing)`: `nll_loss` of `log_softmax(x)`, or for targets that are
/// probabilities p: −Σ w·p·log_softmax(x) over the classes.
///
/// Shapes: x: [C] or [N, C, *]; target: x's shape without C (class indices), or x's shape (probabilities). With smoothing s the target
/// is (1 − s)·target + s/C.
public enum CrossEntropy: TableEntry {
  public static let name = "nn.functional.cross_entropy"
  public static var signature: Signature {
    Signature(
      "T input, T target, T? weight, int ignore_index=-100, str reduction=mean, float label_smoothing=0")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try loss(
        try arguments.tensor("input"), try arguments.tensor("target"), arguments.optionalTensor("weight"),
        ignoring: try arguments.int("ignore_index", default: -100),
        try LossReduction(try arguments.string("reduction", default: "mean"), name),
        smoothing: try arguments.double("label_smoothing", default: 0))
    ]
  }

  static func loss<Value: Algebra>(
    _ x: Value, _ target: Value, _ weight: Value?, ignoring ignored: Int, _ reduction: LossReduction,
    smoothing: Double
  ) throws(ArrayError) -> Value {
    // PyTorch takes a negative number for none.
    try require(
      smoothing <= 1,
      .runtime("cross_entropy: label_smoothing must be between 0.0 and 1.0. Got: \(smoothing)"))
    guard let shape = x.staticShape else {
      throw .runtime("cross_entropy: the rank is not known yet; give the placeholder a shape")
    }
    try require(shape.rank > 0, .value("cross_entropy: Expected 1 or more dimensions (got 0)"))
    let axis = shape.rank == 1 ? 0 : 1
    try require(
      !(smoothing > 0) || shape[axis] != Shape.unknown,
      .runtime(
        "cross_entropy: label_smoothing needs the number of classes, which is not known yet; give the placeholder a shape"
      ))
    if let own = target.staticShape, shape.agrees(with: own) {
      try require(
        target.dtype.isFloatingPoint,
        .runtime(
          "cross_entropy: Expected floating point type for target with class probabilities, got \(target.dtype.scalarTypeName)"
        ))
      try require(
        ignored < 0, .runtime("cross_entropy: ignore_index is not supported for floating point target"))
      return try ofProbabilities(x, target, weight, axis, shape, reduction, smoothing)
    }
    let targets = try ClassTargets(x, target, weight, ignoring: ignored, name)
    let logarithms = try Value.apply(LogSoftmaxOperation(axis), x)
    let plain = try NLLLossOperation.loss(logarithms, target, weight, ignoring: ignored, reduction)
    if !(smoothing > 0) { return plain }
    try require(
      target.dtype == .int64,
      .runtime("cross_entropy: smoothing needs a target of dtype int64, but it is \(target.dtype)"))
    // The part that is spread evenly over the classes.
    let weighted =
      try weight.map2 { (w) throws(ArrayError) in
        try Value.apply(broadcasting: Mul(), logarithms, try alongClasses(w, shape, axis))
      } ?? logarithms
    let spread = try targets.resolved(target, weight).reduced(
      try Value.apply(Neg(), try Value.apply(Sum([axis]), weighted)), reduction)
    return try Value.apply(
      broadcasting: Add(), try Value.apply(Mul(), plain, scalar: .float(1 - smoothing), on: .right),
      try Value.apply(Mul(), spread, scalar: .float(smoothing / Double(shape[axis])), on: .right))
  }

  private static func ofProbabilities<Value: Algebra>(
    _ x: Value, _ target: Value, _ weight: Value?, _ axis: Int, _ shape: Shape, _ reduction: LossReduction,
    _ smoothing: Double
  ) throws(ArrayError) -> Value {
    var smooth = target
    if smoothing > 0 {
      smooth = try Value.apply(Mul(), smooth, scalar: .float(1 - smoothing), on: .right)
      smooth = try Value.apply(Add(), smooth, scalar: .float(smoothing / Double(shape[axis])), on: .right)
    }
    var terms = try Value.apply(broadcasting: Mul(), try Value.apply(LogSoftmaxOperation(axis), x), smooth)
    if let weight {
      try checkClassWeights(weight, shape[axis], x.dtype, name)
      terms = try Value.apply(broadcasting: Mul(), terms, try alongClasses(weight, shape, axis))
    }
    if reduction == .none { return try Value.apply(Neg(), try Value.apply(Sum([axis]), terms)) }
    let loss = try Value.apply(Neg(), try Value.apply(Sum(), terms))
    let batch = (0..<shape.rank).filter { $0 != axis }
    return reduction == .mean && !batch.isEmpty ? loss.dividedByCount(batch, of: x.shapeReference) : loss
  }

  /// A vector with one element per class, as it lies beside values of `shape`.
  private static func alongClasses<Value: Algebra>(
    _ vector: Value, _ shape: Shape, _ axis: Int
  ) throws(ArrayError) -> Value {
    var sizes = Shape(repeating: 1, rank: shape.rank)
    sizes[axis] = shape[axis]
    return try Value.apply(Reshape(sizes), vector)
  }
}

/// Refuses class weights that are not one number per class of the input's dtype.
private func checkClassWeights<Value: Algebra>(
  _ weight: Value, _ classes: Int, _ dtype: DType, _ operation: String
) throws(ArrayError) {
  let shape = weight.staticShape ?? [classes]
  try require(
    shape.agrees(with: [classes]),
    .runtime(
      "\(operation): weight tensor should be defined either for all \(classes) classes or no classes but got weight tensor of shape: \(shape)"
    ))
  try require(
    weight.dtype == dtype,
    .runtime(
      "\(operation): expected scalar type \(dtype.scalarTypeName) but found \(weight.dtype.scalarTypeName) for weight; convert it with to(_:)"
    ))
}

/// How targets are given as class indices, checked against the values they belong to.
private struct ClassTargets {
  /// The dimension of the classes.
  let axis: Int
  /// How many classes there are.
  let count: Int
  /// The index of targets that do not count.
  let ignored: Int
  /// Whether there are dimensions beside the batch and the classes.
  let isSpatial: Bool

  init<Value: Algebra>(
    _ x: Value, _ target: Value, _ weight: Value?, ignoring ignored: Int, _ operation: String
  ) throws(ArrayError) {
    guard let shape = x.staticShape, let own = target.staticShape else {
      throw .runtime("\(operation): the ranks are not known yet; give the placeholders shapes")
    }
    try require(
      shape.rank > 0,
      .value("\(operation): Expected 1 or more dimensions (got 0)"))
    if !x.dtype.isFloatingPoint {
      throw .runtime(
        "\(operation): not implemented for '\(x.dtype.scalarTypeName)'; convert with to(_:) first")
    }
    (axis, isSpatial) = (shape.rank == 1 ? 0 : 1, shape.rank > 2)
    (count, self.ignored) = (shape[axis], ignored)
    try ClassTargets.checkShapes(shape, own, operation)
    try require(
      target.dtype == .int64 || target.dtype == .uint8,
      .runtime(
        "\(operation): expected target dtype to be Long or Byte, but got \(target.dtype.scalarTypeName); class probabilities need the input's shape, class indices to(.int64)"
      ))
    try require(
      target.dtype == .int64 || !isSpatial,
      .runtime(
        "\(operation): expected scalar type Long but found \(target.dtype.scalarTypeName) for the target of an input of \(shape.rank) dimensions; convert it with to(.int64)"
      ))
    if let weight { try checkClassWeights(weight, count, x.dtype, operation) }
  }

  /// The classes of these targets and what each counts.
  func resolved<Value: Algebra>(
    _ target: Value, _ weight: Value?
  ) throws(ArrayError) -> TargetClasses<Value> {
    var flat = target.dtype == .int64 ? target : try Value.apply(Cast(.int64), target)
    if axis == 0 && flat.staticShape?.rank == 1 { flat = try Value.apply(Squeeze([0]), flat) }
    let isValid = try Value.apply(Ne(), flat, scalar: ignored.scalar, on: .right)
    let indices = try Value.apply(ClassIndices(count, ignoring: ignored), flat)
    let weights = try weight.map2 { weight throws(ArrayError) in
      let list = try Value.apply(Reshape([-1]), indices)
      let picked = try Value.apply(
        Reshape(), try Value.apply(IndexSelect(0), weight, list), shape: indices.shapeReference)
      return try Value.choosing(isValid, picked, try Value.apply(Mul(), picked, scalar: 0, on: .right))
    }
    return TargetClasses(indices: indices, isValid: isValid, weights: weights)
  }

  private static func checkShapes(_ x: Shape, _ target: Shape, _ operation: String) throws(ArrayError) {
    if x.rank == 1 {
      return try require(
        target.rank == 0 || target.agrees(with: [1]),
        .runtime(
          "\(operation): an input of shape \(x) has one target, but the target's shape is \(target)"))
    }
    let batches = (x[0], target.rank > 0 ? target[0] : 1)
    try require(
      target.rank > 0 && Shape.agree(batches.0, batches.1),
      .value(
        "\(operation): Expected input batch_size (\(batches.0)) to match target batch_size (\(batches.1)); shapes \(x) and \(target)."
      ))
    try require(
      x.rank > 2 || target.rank == 1,
      .runtime(
        "\(operation): 0D or 1D target tensor expected, multi-target not supported; shapes \(x) and \(target)"
      ))
    var wanted = x
    wanted.remove(at: 1)
    try require(
      wanted.agrees(with: target),
      .runtime("\(operation): Expected target size \(wanted), got \(target)"))
  }
}

/// The classes of targets.
private struct TargetClasses<Value: Algebra> {
  /// The classes, 0 where ignored.
  let indices: Value
  /// Where a target counts.
  let isValid: Value
  /// The weight of each target, 0 where ignored; nil: 1 each.
  let weights: Value?

  /// Losses, one per target, reduced over those that count; the mean is weighted.
  func reduced(_ losses: Value, _ reduction: LossReduction) throws(ArrayError) -> Value {
    let counted = try Value.choosing(isValid, losses, losses.constant(try NDArray(scalar: 0, losses.dtype)))
    guard reduction == .mean else { return try reduction.apply(counted) }
    var shares = weights ?? isValid
    if shares.dtype != losses.dtype { shares = try Value.apply(Cast(losses.dtype), shares) }
    return try Value.apply(
      broadcasting: Div(), try Value.apply(Sum(), counted), try Value.apply(Sum(), shares))
  }
}

/// Class indices with 0 in place of ignored ones. Throws an index error for classes that do not exist.
private struct ClassIndices: WritingUnary {
  static let name = "class_indices"
  let count: Int
  let ignored: Int
  init(_ count: Int, ignoring ignored: Int) {
    self.count = count
    self.ignored = ignored
  }
  var isDifferentiable: Bool { false }

  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { x }
  func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    let x = try x.contiguous()
    let result = output.isContiguous ? output : try NDArray(uninitialized: output.shape, .int64)
    let (source, target) = (x.elements(Int64.self), result.elements(Int64.self))
    for place in 0..<x.count {
      let index = source[place]
      let isIgnored = index == Int64(ignored)
      try require(
        isIgnored || (index >= 0 && (index < Int64(count) || count == Shape.unknown)),
        .index("nll_loss: Target \(index) is out of bounds; there are \(count) classes"))
      target[place] = isIgnored ? 0 : index
    }
    if !output.isContiguous { output.write(from: result) }
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient }
}

extension Algebra {
  /// −wₜ·xₜ for each target class t, this being logarithms of probabilities: [N, C, *] and target [N, *].
  public func nllLoss(
    _ target: Self, weight: Self? = nil, ignoreIndex: Int = -100, reduction: LossReduction = .mean
  ) -> Self {
    checked { () throws(ArrayError) in
      try NLLLossOperation.loss(self, target, weight, ignoring: ignoreIndex, reduction)
    }
  }
  /// `nllLoss` of `logSoftmax`, or for targets that are probabilities (this shape) −Σ w·p·logSoftmax over the classes.
  public func crossEntropy(
    _ target: Self, weight: Self? = nil, ignoreIndex: Int = -100, reduction: LossReduction = .mean,
    labelSmoothing: Double = 0
  ) -> Self {
    checked { () throws(ArrayError) in
      try CrossEntropy.loss(
        self, target, weight, ignoring: ignoreIndex, reduction, smoothing: labelSmoothing)
    }
  }
}
