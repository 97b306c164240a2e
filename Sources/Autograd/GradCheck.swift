import Operations

/// What `gradcheck` found: every entry of every Jacobian compared with central differences.
public struct GradientCheck: Sendable, CustomStringConvertible {
  /// One entry of a Jacobian: the derivative of one result element with respect to one input element.
  public struct Entry: Sendable {
    /// Which result, and which of its elements in row-major order.
    public let output: (position: Int, element: Int)
    /// Which input, and which of its elements in row-major order.
    public let input: (position: Int, element: Int)
    /// What the derivative rules say.
    public let analytical: Double
    /// What central differences say.
    public let numerical: Double
    /// By how much they differ, in units of what is allowed: above 1 is too much.
    public let excess: Double
  }

  /// The entry that fits worst; nil when there is no entry at all.
  public let worst: Entry?
  /// How many entries were compared.
  public let entryCount: Int
  /// How many entries differ too much.
  public let failureCount: Int
  /// Why the check failed for another reason than an entry: a backward pass that gives other bits the second time.
  public let otherFailure: String?

  /// Whether all entries agree.
  public var passes: Bool { failureCount == 0 && otherFailure == nil }

  public var description: String {
    if let otherFailure { return "gradcheck: \(otherFailure)" }
    guard let worst else { return "gradcheck: there is no entry to compare" }
    let place =
      "∂(output \(worst.output.position), element \(worst.output.element)) / ∂(input \(worst.input.position), element \(worst.input.element))"
    let numbers = "numerical \(worst.numerical), analytical \(worst.analytical)"
    return passes
      ? "gradcheck: all \(entryCount) entries agree; the worst is \(place): \(numbers)"
      : "gradcheck: Jacobian mismatch in \(failureCount) of \(entryCount) entries; the worst is \(place): \(numbers)"
  }
}

/// Compares the derivatives of a function with central differences (f(x + eps) − f(x − eps)) / 2eps, element by element.
///
/// Inputs that require a gradient are checked; they should be float64, since differences of float32 say little. An entry passes when
/// |analytical − numerical| ≤ atol + rtol·|numerical|, as in PyTorch; NaN never passes. The backward pass is made twice and must give the same
/// bits. Throws when no input requires a gradient, one is not floating, or one has elements that share memory.
public func gradcheck(
  _ function: TensorFunction, _ inputs: [Tensor], eps: Double = 1e-6, atol: Double = 1e-5, rtol: Double = 1e-3
) throws(ArrayError) -> GradientCheck {
  let checked = inputs.indices.filter { inputs[$0].requiresGrad }
  try require(
    !checked.isEmpty,
    .value(
      "gradcheck: expects at least one input tensor to require gradient, but none of them have requiresGrad"))
  for index in checked where inputs[index].array.hasOverlappingElements {
    throw .runtime(
      "gradcheck: input \(index) has elements that share memory, so that none can be moved alone; clone() it first"
    )
  }
  let leaves = try inputs.enumerated().map { index, input throws(ArrayError) in
    let copy = Tensor(try input.array.clone())
    if checked.contains(index) { try copy.setRequiresGrad(true) }
    return copy
  }
  let outputs = try enableGrad { () throws(ArrayError) in try function(leaves) }
  let differentiable = outputs.indices.filter { outputs[$0].dtype.isFloatingPoint }
  var tally = GradientTally(atol: atol, rtol: rtol)
  let sources = checked.map { leaves[$0] }

  // Rows by backward passes.
  var analytical: [[[[Double]]]] = []
  for position in differentiable {
    let output = outputs[position]
    var rows: [[[Double]]] = []
    for element in 0..<output.count {
      let seed = try NDArray(full: output.shape, 0, output.dtype)
      NDArray.store(1, output.dtype, seed.address + element * output.dtype.byteSize)
      let first = try Differentiation.gradients(
        [output], sources, [Tensor(seed)], createGraph: false, nil)
      let second = try Differentiation.gradients(
        [output], sources, [Tensor(seed)], createGraph: false, nil)
      let values = first.map { $0.array.toArray(of: Double.self) }
      if !zip(values, second).allSatisfy({ pair in
        zip(pair.0, pair.1.array.toArray(of: Double.self)).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
      }) {
        tally.otherFailure =
          "the backward pass is not reentrant: run twice for output \(position) it gives different gradients"
      }
      rows.append(values)
    }
    analytical.append(rows)
  }

  // Columns by differences.
  for (column, input) in checked.enumerated() {
    for element in 0..<leaves[input].count {
      let (above, below) = (
        try GradientTally.moved(function, leaves, input, element, eps),
        try GradientTally.moved(function, leaves, input, element, -eps)
      )
      for (row, position) in differentiable.enumerated() {
        for entry in 0..<outputs[position].count {
          tally.add(
            (position, entry), (input, element), analytical[row][entry][column][element],
            (above[position][entry] - below[position][entry]) / (2 * eps))
        }
      }
    }
  }
  return tally.result
}

/// `gradcheck` of the gradients: compares second derivatives with central differences of the first.
///
/// `gradOutputs`: what each result's gradient is, per floating result a tensor of its shape; by default fixed numbers between −1 and 1. The
/// second derivatives are checked with respect to the inputs and to these.
public func gradgradcheck(
  _ function: @escaping TensorFunction, _ inputs: [Tensor], gradOutputs: [Tensor]? = nil, eps: Double = 1e-6,
  atol: Double = 1e-5, rtol: Double = 1e-3
) throws(ArrayError) -> GradientCheck {
  let outputs = try noGrad { () throws(ArrayError) in try function(inputs) }
  let differentiable = outputs.indices.filter { outputs[$0].dtype.isFloatingPoint }
  let seeds: [Tensor]
  if let gradOutputs {
    seeds = try Differentiation.vectors(
      gradOutputs, differentiable.map { outputs[$0] }, "gradgradcheck", "floating results")
  } else {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    seeds = try differentiable.map { position throws(ArrayError) in
      let numbers = (0..<outputs[position].count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(Int64(bitPattern: state) >> 11) * 0x1p-52
      }
      let array = try NDArray(copying: numbers, shape: outputs[position].shape)
      return Tensor(try array.converted(to: outputs[position].dtype))
    }
  }
  let leaves = seeds.map { Tensor($0.array, requiresGrad: true) }
  let count = inputs.count
  let asked = inputs.indices.filter { inputs[$0].requiresGrad }
  let slope: TensorFunction = { all throws(ArrayError) in
    let arguments = Array(all[..<count])
    let results = try function(arguments)
    return try Differentiation.gradients(
      differentiable.map { results[$0] }, asked.map { arguments[$0] }, Array(all[count...]),
      createGraph: true, nil)
  }
  return try gradcheck(slope, inputs + leaves, eps: eps, atol: atol, rtol: rtol)
}

/// The comparison in progress.
private struct GradientTally {
  let atol: Double
  let rtol: Double
  var worst: GradientCheck.Entry?
  var entryCount = 0
  var failureCount = 0
  var otherFailure: String?

  init(atol: Double, rtol: Double) {
    self.atol = atol
    self.rtol = rtol
  }

  mutating func add(
    _ output: (position: Int, element: Int), _ input: (position: Int, element: Int), _ analytical: Double,
    _ numerical: Double
  ) {
    entryCount += 1
    let distance = analytical == numerical ? 0 : abs(analytical - numerical)
    var excess = distance / (atol + rtol * abs(numerical))
    if excess.isNaN { excess = .infinity }
    if excess > 1 { failureCount += 1 }
    if let worst, worst.excess >= excess { return }
    worst = GradientCheck.Entry(
      output: output, input: input, analytical: analytical, numerical: numerical, excess: excess)
  }

  var result: GradientCheck {
    GradientCheck(
      worst: worst, entryCount: entryCount, failureCount: failureCount, otherFailure: otherFailure)
  }

  /// The results with one element of one input moved.
  static func moved(
    _ function: TensorFunction, _ inputs: [Tensor], _ input: Int, _ element: Int, _ step: Double
  ) throws(ArrayError) -> [[Double]] {
    let array = inputs[input].array
    let address = array.pointer + element * array.dtype.byteSize
    let before = NDArray.load(array.dtype, address)
    NDArray.store(.float(before.doubleValue + step), array.dtype, address)
    defer { NDArray.store(before, array.dtype, address) }
    let fresh = inputs.map { Tensor($0.array, requiresGrad: $0.requiresGrad) }
    return try enableGrad { () throws(ArrayError) in try function(fresh) }.map {
      $0.array.toArray(of: Double.self)
    }
  }
}
