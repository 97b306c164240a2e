/// The options of `LBFGS`.
public struct LBFGSOptions: OptimizerOptions {
  /// How the length of a step is found.
  public enum LineSearch: String, Sendable {
    /// So that the strong Wolfe conditions hold (c₁ = 10⁻⁴, c₂ = 0.9).
    case strongWolfe = "strong_wolfe"
  }

  public static let name = "LBFGS"
  public static let fields: [OptionField<LBFGSOptions>] = [
    .lr, .integer("max_iter", \.maxIterations), .optionalInteger("max_eval", \.maxEvaluations),
    .real("tolerance_grad", \.toleranceGrad), .real("tolerance_change", \.toleranceChange),
    .integer("history_size", \.historySize, where: { $0 > 0 }), .optionalWord("line_search_fn", \.lineSearch),
    .flag("maximize", \.maximize),
  ]

  /// The length of a step along the direction, or with a line search its first guess.
  public var lr = 1.0
  /// The most iterations in one step.
  public var maxIterations = 20
  /// The most evaluations of the closure in one step; nil: a quarter more than iterations.
  public var maxEvaluations: Int?
  /// A step ends when no gradient is larger.
  public var toleranceGrad = 1e-7
  /// A step ends when parameters or loss change less.
  public var toleranceChange = 1e-9
  /// How many pairs of changes are kept.
  public var historySize = 100
  /// The line search; nil: none.
  public var lineSearch: LineSearch?
  /// Whether to climb.
  public var maximize = false

  /// PyTorch's defaults.
  public init() {}

  /// The most evaluations in one step, also where none are given.
  var evaluationLimit: Int { maxEvaluations ?? maxIterations * 5 / 4 }

  /// The options with the most evaluations in one step said.
  var completed: LBFGSOptions { with { $0.maxEvaluations = evaluationLimit } }
}

/// Limited-memory BFGS: Newton's method with an inverse Hessian H that is built from the last changes s of the parameters and y of the
/// gradient:
///
///     d ← −H·g     by two loops over the pairs, from H₀ = (yᵀs / yᵀy)·I; the first time d ← −g
///     p ← p + t·d  t = lr (the first time lr·min(1, 1/Σ|g|)), or found by a line search
///     keep (s, y) = (t·d, g − g_before) where yᵀs > 10⁻¹⁰
///
/// A step makes up to `maxIterations` of these, and needs a closure that empties the gradients, calculates the loss, does the backward pass
/// and returns the loss. There is one parameter group. Sources: D. Liu, J. Nocedal, "On the limited memory BFGS method for large scale
/// optimization" (1989); the two loops are algorithm 7.4 of J. Nocedal, S. Wright, "Numerical optimization" (2006). As PyTorch and
/// minFunc, and unlike the book, without a line search by default.
public final class LBFGS: Optimizer {
  /// The options.
  public var options: LBFGSOptions
  private var memory = Memory()

  /// What is remembered from step to step, over all parameters as one vector.
  struct Memory {
    var evaluations = 0
    var iterations = 0
    var direction: NDArray?
    var length = 0.0
    var gradientChanges: [NDArray] = []
    var parameterChanges: [NDArray] = []
    /// 1 / yᵀs of each pair.
    var inverses: [Double] = []
    var scale = 1.0
    var gradient: NDArray?
    var loss: Double?
  }

  /// An optimizer with these options. Stops when one makes no sense, or the parameters are not distinct leaves of one dtype.
  public convenience init(
    _ parameters: [Tensor], lr: Double = 1, maxIterations: Int = 20, maxEvaluations: Int? = nil,
    toleranceGrad: Double = 1e-7, toleranceChange: Double = 1e-9, historySize: Int = 100,
    lineSearch: LBFGSOptions.LineSearch? = nil, maximize: Bool = false
  ) {
    var options = LBFGSOptions()
    options.lr = lr
    options.maxIterations = maxIterations
    options.maxEvaluations = maxEvaluations
    options.toleranceGrad = toleranceGrad
    options.toleranceChange = toleranceChange
    options.historySize = historySize
    options.lineSearch = lineSearch
    options.maximize = maximize
    do { try self.init(checking: parameters, options) } catch { stop(error) }
  }

  /// The throwing form of the initialiser.
  public convenience init(checking parameters: [Tensor], _ options: LBFGSOptions) throws(ArrayError) {
    try options.validate()
    try self.init(taking: parameters, options.completed)
  }

  /// An optimizer with options that are taken as they are, as those of a group.
  init(taking parameters: [Tensor], _ options: LBFGSOptions) throws(ArrayError) {
    try Optimizer.check(groups: [parameters], LBFGSOptions.name)
    let dtype = parameters[0].dtype
    for parameter in parameters where parameter.dtype != dtype || !dtype.isFloatingPoint {
      throw .runtime(
        "LBFGS: expected all parameters to have one floating dtype, but there are \(dtype) and \(parameter.dtype)"
      )
    }
    self.options = options
    super.init(checked: [parameters])
  }

  public override var learningRates: [Double] {
    get { [options.lr] }
    set {
      requireOnePerGroup(newValue, "LBFGS: learningRates")
      options.lr = newValue[0]
    }
  }
  public override var momenta: [Double?] {
    get { [nil] }
    set {}
  }

  /// The number of evaluations of the closure so far.
  public var evaluations: Int { memory.evaluations }
  /// The number of iterations so far.
  public var iterations: Int { memory.iterations }

  public override func advance() throws(ArrayError) {
    throw .type("LBFGS: step() missing 1 required positional argument: 'closure'")
  }

  @discardableResult
  public override func advance(_ closure: () -> Tensor) throws(ArrayError) -> Tensor {
    var result: Tensor?
    func evaluate() throws(ArrayError) -> (loss: Double, gradient: NDArray) {
      let loss = enableGrad(closure)
      if result == nil { result = loss }
      let value = try loss.array.scalarValue().doubleValue
      return (options.maximize ? -value : value, try flatGradient())
    }
    try minimize(evaluate)
    return result!
  }

  private func minimize(
    _ evaluate: () throws(ArrayError) -> (loss: Double, gradient: NDArray)
  ) throws(ArrayError) {
    let limit = options.evaluationLimit
    var (loss, gradient) = try evaluate()
    var evaluations = 1
    memory.evaluations += 1
    if gradient.largest <= options.toleranceGrad { return }

    var iteration = 0
    while iteration < options.maxIterations {
      iteration += 1
      memory.iterations += 1
      let direction = try nextDirection(gradient)
      memory.direction = direction
      let lossBefore = loss
      memory.gradient = gradient
      memory.loss = loss
      memory.length =
        memory.iterations == 1
        ? min(1, 1 / gradient.abs().sum().item(as: Double.self)) * options.lr : options.lr
      let slope = gradient.times(direction)
      if slope > -options.toleranceChange { break }

      var used = 0
      if options.lineSearch != nil {
        let start = try groups[0].map { (p) throws(ArrayError) in try p.array.clone() }
        let found = try StrongWolfe.search(
          length: memory.length, direction: direction, loss: loss, gradient: gradient, slope: slope,
          atMost: limit - evaluations
        ) { (length) throws(ArrayError) in
          move(direction, length)
          let there = try evaluate()
          for (parameter, old) in zip(groups[0], start) { parameter.array.write(from: old) }
          return there
        }
        (loss, gradient, memory.length, used) = found
        move(direction, memory.length)
      } else {
        move(direction, memory.length)
        if iteration != options.maxIterations {
          (loss, gradient) = try evaluate()
          used = 1
        }
      }
      evaluations += used
      memory.evaluations += used

      if iteration == options.maxIterations || evaluations >= limit { break }
      if gradient.largest <= options.toleranceGrad { break }
      if direction.mul(memory.length).largest <= options.toleranceChange { break }
      if abs(loss - lossBefore) < options.toleranceChange { break }
    }
  }

  /// −H·g, after the last change has been taken into H.
  private func nextDirection(_ gradient: NDArray) throws(ArrayError) -> NDArray {
    guard memory.iterations > 1, let before = memory.gradient, let last = memory.direction else {
      return gradient.neg()
    }
    let y = gradient.sub(before)
    let s = last.mul(memory.length)
    let ys = y.times(s)
    if ys > 1e-10 {
      if memory.inverses.count == options.historySize {
        memory.gradientChanges.removeFirst()
        memory.parameterChanges.removeFirst()
        memory.inverses.removeFirst()
      }
      memory.gradientChanges.append(y)
      memory.parameterChanges.append(s)
      memory.inverses.append(1 / ys)
      memory.scale = ys / y.times(y)
    }
    let direction = gradient.neg()
    var factors = [Double](repeating: 0, count: memory.inverses.count)
    for i in memory.inverses.indices.reversed() {
      factors[i] = memory.parameterChanges[i].times(direction) * memory.inverses[i]
      direction.addScaled(memory.gradientChanges[i], -factors[i])
    }
    direction.mul_(memory.scale)
    for i in memory.inverses.indices {
      let back = memory.gradientChanges[i].times(direction) * memory.inverses[i]
      direction.addScaled(memory.parameterChanges[i], factors[i] - back)
    }
    return direction
  }

  // MARK: The parameters as one vector

  /// All gradients one after the other, 0 where there is none; negated when climbing.
  private func flatGradient() throws(ArrayError) -> NDArray {
    let count = groups[0].reduce(0) { $0 + $1.count }
    let flat = try NDArray(uninitialized: [count], groups[0][0].dtype)
    var offset = 0
    for parameter in groups[0] {
      let part = flat.strided(parameter.shape, parameter.shape.contiguousStrides, offset: offset)
      if let gradient = parameter.grad { part.write(from: gradient.array) } else { part.fill(with: 0) }
      offset += parameter.count
    }
    return options.maximize ? flat.neg() : flat
  }

  /// p ← p + length·direction.
  private func move(_ direction: NDArray, _ length: Double) {
    var offset = 0
    for parameter in groups[0] {
      let part = direction.strided(parameter.shape, parameter.shape.contiguousStrides, offset: offset)
      if parameter.array.isContiguous {
        parameter.array.addScaled(part, length)
      } else {
        parameter.array.write(from: parameter.array.add(part, alpha: .float(length)))
      }
      parameter.array.storage.version += 1
      offset += parameter.count
    }
  }

  // MARK: State

  public override var stateDictionary: OptimizerState {
    checked { () throws(ArrayError) in
      var dictionary = OptimizerState()
      var group = OptimizerState.Group(options: options.values)
      if let rate = initialLearningRates[0] { group.options["initial_lr"] = .real(rate) }
      group.parameters = Array(groups[0].indices)
      dictionary.groups = [group]
      if memory.evaluations > 0 { dictionary.states[0] = try memory.arrays() }
      return dictionary
    }
  }

  public override func restore(_ dictionary: OptimizerState) throws(ArrayError) {
    try dictionary.checkGroups(groups, LBFGSOptions.name)
    var values = dictionary.groups[0].options
    let rate = values.removeValue(forKey: "initial_lr")?.number
    let newOptions = try LBFGSOptions().setting(values)
    let count = groups[0].reduce(0) { $0 + $1.count }
    memory =
      try dictionary.states[0].map { (arrays) throws(ArrayError) in
        try Memory(arrays, count: count, dtype: groups[0][0].dtype)
      } ?? Memory()
    options = newOptions
    initialLearningRates[0] = rate
  }
}

extension NDArray {
  /// The largest absolute value; 0 without elements.
  fileprivate var largest: Double { count == 0 ? 0 : abs().max().item(as: Double.self) }

  /// The scalar product of two vectors.
  func times(_ other: NDArray) -> Double { dot(other).item(as: Double.self) }
}

extension LBFGS.Memory {
  /// All of it by PyTorch's names; the lists of vectors as matrices.
  func arrays() throws(ArrayError) -> NamedArrays {
    var result = NamedArrays()
    result["func_evals"] = NDArray([evaluations], shape: [])
    result["n_iter"] = NDArray([iterations], shape: [])
    guard let direction, let gradient, let loss else { return result }
    result["d"] = try direction.clone()
    result["t"] = NDArray([length], shape: [])
    result["ro"] = NDArray(inverses)
    result["H_diag"] = NDArray([scale], shape: [])
    result["prev_flat_grad"] = try gradient.clone()
    result["prev_loss"] = NDArray([loss], shape: [])
    for (name, list) in [("old_dirs", gradientChanges), ("old_stps", parameterChanges)] {
      let matrix = try NDArray(uninitialized: [list.count, direction.count], direction.dtype)
      for (row, vector) in list.enumerated() {
        matrix.strided(vector.shape, [1], offset: row * direction.count).write(from: vector)
      }
      result[name] = matrix
    }
    return result
  }

  /// Throws a value error when the vectors have another length or an entry is missing.
  init(_ arrays: NamedArrays, count: Int, dtype: DType) throws(ArrayError) {
    func entry(_ name: String) throws(ArrayError) -> NDArray {
      guard let array = arrays[name] else { throw .value("LBFGS: the loaded state has no '\(name)'") }
      return array
    }
    func vector(_ name: String) throws(ArrayError) -> NDArray {
      let array = try entry(name)
      try require(
        array.shape == [count],
        .value("LBFGS: the loaded '\(name)' has shape \(array.shape), the parameters \(count) elements"))
      let copy = try NDArray(uninitialized: array.shape, dtype)
      copy.write(from: array)
      return copy
    }
    func rows(_ name: String) throws(ArrayError) -> [NDArray] {
      let matrix = try entry(name)
      try require(
        matrix.rank == 2 && matrix.shape[1] == count,
        .value("LBFGS: the loaded '\(name)' has shape \(matrix.shape), the parameters \(count) elements"))
      var list: [NDArray] = []
      for row in 0..<matrix.shape[0] {
        let copy = try NDArray(uninitialized: [count], dtype)
        copy.write(
          from: matrix.strided([count], [matrix.strides[1]], offset: matrix.offset + row * matrix.strides[0]))
        list.append(copy)
      }
      return list
    }
    func number(_ name: String) throws(ArrayError) -> Double { try entry(name).scalarValue().doubleValue }
    evaluations = Int(try number("func_evals"))
    iterations = Int(try number("n_iter"))
    if arrays["d"] == nil { return }
    direction = try vector("d")
    length = try number("t")
    inverses = try entry("ro").toArray(of: Double.self)
    scale = try number("H_diag")
    gradient = try vector("prev_flat_grad")
    loss = try number("prev_loss")
    (gradientChanges, parameterChanges) = (try rows("old_dirs"), try rows("old_stps"))
  }
}
