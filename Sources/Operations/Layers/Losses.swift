/// How a loss over many elements is made one number.
public enum LossReduction: String, Sendable {
  /// The elements themselves.
  case none
  /// Their mean.
  case mean
  /// Their sum.
  case sum
  /// Their sum, divided by the size of the input's first dimension (`kl_div`).
  case batchMean = "batchmean"

  /// The reduction with PyTorch's name, or a value error.
  init(_ word: String, _ operation: String) throws(ArrayError) {
    guard let reduction = LossReduction(rawValue: word), reduction != .batchMean || operation == KLDiv.name
    else {
      throw .value("\(operation): \(word) is not a valid value for reduction; use none, mean or sum")
    }
    self = reduction
  }

  /// The elements reduced; `batch` is the value whose first dimension `batchMean` divides by.
  @inlinable func apply<Value: Algebra>(
    _ elements: Value, batch: Value? = nil
  ) throws(ArrayError) -> Value {
    switch self {
    case .none: elements
    case .mean: try Value.apply(Mean(), elements)
    case .sum: try Value.apply(Sum(), elements)
    case .batchMean:
      try Value.apply(Sum(), elements).dividedByCount([0], of: (batch ?? elements).shapeReference)
    }
  }
}

/// A loss that compares two values element by element and reduces.
protocol ElementwiseLoss: TableEntry {
  /// The losses of the elements, reduced; the operands have one shape, and dtypes that meet.
  static func loss<Value: Algebra>(
    _ input: Value, _ target: Value, _ parameter: Double, _ reduction: LossReduction
  ) throws(ArrayError) -> Value
  /// The name and default of the one parameter, if there is one.
  static var parameter: (name: String, value: Double)? { get }
  /// Whether it is calculated for integers too, given the parameter.
  static func takesIntegers(_ parameter: Double) -> Bool
  /// Whether the result has the input's dtype, whatever that of the target.
  static var keepsInputDType: Bool { get }
}

extension ElementwiseLoss {
  static var parameter: (name: String, value: Double)? { nil }
  static func takesIntegers(_ parameter: Double) -> Bool { false }
  static var keepsInputDType: Bool { false }
  public static var signature: Signature {
    Signature(
      "T input, T target, str reduction=mean" + (parameter.map { ", float \($0.name)=\($0.value)" } ?? ""))
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let reduction = try LossReduction(try arguments.string("reduction", default: "mean"), name)
    let number = try parameter.map2 { (p) throws(ArrayError) in
      try arguments.double(p.name, default: p.value)
    }
    return [
      try compute(
        try arguments.tensor("input"), try arguments.tensor("target"), reduction, number ?? 0)
    ]
  }
  static func compute<Value: Algebra>(
    _ input: Value, _ target: Value, _ reduction: LossReduction, _ parameter: Double = 0
  ) throws(ArrayError) -> Value {
    var (x, y) = (input, target)
    try Value.broadcast(&x, &y, name)
    let dtype = Value.promotedDType(x, y)
    let takesIntegers = takesIntegers(parameter)
    if takesIntegers { try Sub.checkOperands(x.dtype, y.dtype) }
    try require(
      dtype.isFloatingPoint || takesIntegers,
      .runtime("\(name): not implemented for '\(dtype.scalarTypeName)'; convert with to(_:) first"))
    if keepsInputDType {
      try require(
        dtype.category <= input.dtype.category,
        .runtime(
          "\(name): result type \(dtype.scalarTypeName) can't be cast to the input's type \(input.dtype.scalarTypeName); convert the input with to(_:) first"
        ))
    }
    return try loss(x, y, parameter, reduction)
  }
}

/// `l1_loss(x, y)`: |x − y|, reduced; also for integers, which have no mean.
public enum L1LossOperation: ElementwiseLoss {
  public static let name = "nn.functional.l1_loss"
  static func takesIntegers(_ parameter: Double) -> Bool { true }
  static func loss<Value: Algebra>(
    _ x: Value, _ y: Value, _ p: Double, _ reduction: LossReduction
  ) throws(ArrayError) -> Value {
    try reduction.apply(try Value.apply(Abs(), try Value.apply(broadcasting: Sub(), x, y)))
  }
}

/// `smooth_l1_loss(x, y, beta)`: ½d²/beta where |d| < beta, else |d| − ½beta; d = x − y. With beta 0 the `l1_loss`.
public enum SmoothL1LossOperation: ElementwiseLoss {
  public static let name = "nn.functional.smooth_l1_loss"
  static var parameter: (name: String, value: Double)? { ("beta", 1) }
  static func takesIntegers(_ beta: Double) -> Bool { beta == 0 }
  static func loss<Value: Algebra>(
    _ x: Value, _ y: Value, _ beta: Double, _ reduction: LossReduction
  ) throws(ArrayError) -> Value {
    try require(beta >= 0, .runtime("\(name): does not support negative values for beta, but got \(beta)"))
    if beta == 0 { return try L1LossOperation.loss(x, y, 0, reduction) }
    return try Value.apply(Huber<Self>(limit: beta, scale: 1 / beta, reduction), [x, y])[0]
  }
}

/// `huber_loss(x, y, delta)`: ½d² where |d| ≤ delta, else delta·(|d| − ½delta); d = x − y.
public enum HuberLossOperation: ElementwiseLoss {
  public static let name = "nn.functional.huber_loss"
  static var parameter: (name: String, value: Double)? { ("delta", 1) }
  static var keepsInputDType: Bool { true }
  static func loss<Value: Algebra>(
    _ x: Value, _ y: Value, _ delta: Double, _ reduction: LossReduction
  ) throws(ArrayError) -> Value {
    try require(
      delta > 0, .runtime("\(name): does not support non-positive values for delta, but got \(delta)"))
    return try Value.apply(Huber<Self>(limit: delta, scale: 1, reduction), [x, y])[0]
  }
}

/// s·½d² up to |d| = limit, from there on linear; d = x − y. Derivatives: g·s·d and −g·s·d, d held between the limits; they are finite for
/// infinite d.
struct Huber<Loss: ElementwiseLoss>: ReducedLoss {
  static var name: String { Loss.name }
  let limit: Double
  let scale: Double
  let reduction: LossReduction
  init(limit: Double, scale: Double, _ reduction: LossReduction) {
    (self.limit, self.scale, self.reduction) = (limit, scale, reduction)
  }
  var parameters: [(name: String, value: String)] { [("limit", "\(limit)"), ("scale", "\(scale)")] }
  func elementType(_ xs: [ArrayType]) throws(ArrayError) -> ArrayType {
    let dtype = DType.promote(xs[0].dtype, xs[1].dtype)
    let shape = try Sub().type(ArrayType(dtype, xs[0].shape), ArrayType(dtype, xs[1].shape)).shape
    return ArrayType(Loss.keepsInputDType ? xs[0].dtype : dtype, shape)
  }
  func elements(_ xs: [NDArray]) throws(ArrayError) -> NDArray {
    let dtype = try elementType(xs.map(\.type)).dtype
    try xs[0].requireRoom(forCopies: 7)
    let meeting = DType.promote(xs[0].dtype, xs[1].dtype)
    let d = try Sub().forward(try xs[0].converted(to: meeting), try xs[1].converted(to: meeting))
    let size = d.abs()
    return size.le(limit).where(d.square().mul(0.5).mul(scale), size.sub(0.5 * limit).mul(limit * scale))
      .to(dtype)
  }
  func slope<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value {
    let meeting = DType.promote(context.dtype(0), context.dtype(1))
    let d = context.input(0).to(meeting) - context.input(1).to(meeting)
    let slope = gradient * d.hardtanh(-limit, limit).mul(scale)
    return input == 0 ? slope : -slope
  }
}

/// `kl_div(x, y, log_target)`: y·(ln y − x), or e^y·(y − x) for a logarithmic target; x is a logarithm. 0 where y is 0.
public enum KLDiv: TableEntry {
  public static let name = "nn.functional.kl_div"
  public static var signature: Signature {
    Signature("T input, T target, str reduction=mean, bool log_target=false")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try compute(
        try arguments.tensor("input"), try arguments.tensor("target"),
        try LossReduction(try arguments.string("reduction", default: "mean"), name),
        logTarget: try arguments.bool("log_target", default: false))
    ]
  }
  static func compute<Value: Algebra>(
    _ input: Value, _ target: Value, _ reduction: LossReduction, logTarget: Bool
  ) throws(ArrayError) -> Value {
    let (x, y) = (input, target)
    try require(
      x.dtype.isFloatingPoint && y.dtype.isFloatingPoint,
      .runtime("\(name): Integral inputs not supported; convert with to(_:) first"))
    if let one = x.staticShape, let other = y.staticShape, Shape.broadcast(one, other) == nil {
      throw broadcastError(name, one, other)
    }
    if logTarget {
      let difference = try Value.apply(broadcasting: Sub(), y, x)
      let loss = try Value.apply(broadcasting: Mul(), try Value.apply(Exp(), y), difference)
      return try reduction.apply(loss, batch: input)
    }
    let product = try Value.apply(broadcasting: Mul(), y, x)
    let loss = try Value.apply(broadcasting: Sub(), try Value.apply(XLogY(), y), product)
    return try reduction.apply(loss, batch: input)
  }
}

/// y·ln y, 0 where y is 0. Derivative: g·ln y, 0 where g is 0 and y ≤ 0, + g·y/y, so NaN at 0, as in PyTorch.
struct XLogY: WritingUnary {
  static let name = "xlogy"
  /// y stands on both sides.
  func gradientEntries(_ inputCount: Int) -> [Int?] { [0, 0] }
  static var isElementwise: Bool { true }
  func saves(for input: Int) -> SavedValues { .first }
  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    if !x.dtype.isFloatingPoint { throw Self.undefined(for: x.dtype) }
    return x
  }
  func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    try x.requireRoom(forCopies: 4)
    output.write(from: x.mul(x.log()).maskedFill(x.eq(0), 0))
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let x = context.input(0)
    let unasked = gradient.eq(0).logicalAnd(x.le(0))
    return gradient * x.log().maskedFill(unasked, 0) + gradient * x / x
  }
}

extension Algebra {
  /// |x − y|, reduced.
  public func l1Loss(_ target: Self, reduction: LossReduction = .mean) -> Self {
    checked { () throws(ArrayError) in try L1LossOperation.compute(self, target, reduction) }
  }
  /// Quadratic near 0, linear beyond `beta`, reduced.
  public func smoothL1Loss(_ target: Self, reduction: LossReduction = .mean, beta: Double = 1) -> Self {
    checked { () throws(ArrayError) in try SmoothL1LossOperation.compute(self, target, reduction, beta) }
  }
  /// target·(ln target − x), reduced, where x is a logarithm; with `logTarget` the target, too.
  public func klDiv(_ target: Self, reduction: LossReduction = .mean, logTarget: Bool = false) -> Self {
    checked { () throws(ArrayError) in try KLDiv.compute(self, target, reduction, logTarget: logTarget) }
  }
  /// Quadratic up to `delta`, linear beyond, reduced.
  public func huberLoss(_ target: Self, reduction: LossReduction = .mean, delta: Double = 1) -> Self {
    checked { () throws(ArrayError) in try HuberLossOperation.compute(self, target, reduction, delta) }
  }
}
