import RandomStreams

/// Random numbers that a graph draws, in TensorFlow's streams: the same seeds give the same numbers. Each session has the stream from its
/// beginning; each run that needs the node goes on in it.
public struct RandomSource: Sendable {
  /// What is drawn.
  public enum Distribution: Sendable, Hashable {
    /// Evenly over [low, high).
    case uniform(low: Double, high: Double)
    /// Normal.
    case normal(mean: Double, deviation: Double)
    /// Normal, drawn again beyond two standard deviations.
    case truncatedNormal(mean: Double, deviation: Double)
  }

  /// What is drawn.
  public let distribution: Distribution
  /// The type of the values.
  public let type: ArrayType
  /// The stream's seeds; nil: each session takes some of the system's.
  let seeds: TensorFlowSeeds?

  /// The name in listings and drawings.
  public var name: String {
    switch distribution {
    case .uniform: "random_uniform"
    case .normal: "random_normal"
    case .truncatedNormal: "truncated_normal"
    }
  }

  /// The stream at its beginning.
  func stream() -> TensorFlowRandomOperation {
    TensorFlowRandomOperation(seeds: seeds ?? .random())
  }

  /// The next values of `stream`.
  func draw(from stream: inout TensorFlowRandomOperation) -> NDArray {
    type.dtype == .float64 ? draw(Double.self, &stream) : draw(Float.self, &stream)
  }

  private func draw<Element: TensorFlowFloatingPoint & ArrayElement>(
    _ element: Element.Type, _ stream: inout TensorFlowRandomOperation
  ) -> NDArray {
    let count = type.shape.elementCount
    let values =
      switch distribution {
      case .uniform(let low, let high): stream.uniform(minval: low, maxval: high, count: count, of: element)
      case .normal(let mean, let deviation):
        stream.normal(mean: mean, stddev: deviation, count: count, of: element)
      case .truncatedNormal(let mean, let deviation):
        stream.truncatedNormal(mean: mean, stddev: deviation, count: count, of: element)
      }
    return NDArray(values, shape: type.shape)
  }
}

extension Graph {
  /// A node that draws new random numbers in every run that needs it. float32 or float64; stops for another dtype.
  ///
  /// Without a seed of its own the node derives one from the graph's `seed` and the number of such nodes before it, as TensorFlow does;
  /// without either, every session draws other numbers.
  public func random(
    _ distribution: RandomSource.Distribution, shape: Shape, _ dtype: DType = .float32, seed: Int? = nil,
    name: String? = nil, fileID: String = #fileID, line: Int = #line
  ) -> Symbol {
    checked { () throws(ArrayError) in
      try drawing(distribution, ArrayType(dtype, shape), seed, name, SourceLocation(fileID, line))
    }
  }

  func drawing(
    _ distribution: RandomSource.Distribution, _ type: ArrayType, _ seed: Int?, _ name: String?,
    _ location: SourceLocation?
  ) throws(ArrayError) -> Symbol {
    try require(
      type.dtype.isFloatingPoint,
      .type(
        "random: \(type.dtype) was asked for; random numbers are float32 or float64, convert them with to(_:)"
      )
    )
    _ = try type.shape.checkedElementCount("random")
    let seeds = state.withLock { state in
      defer { if state.seed != nil && seed == nil { state.unseededRandomNodes += 1 } }
      return TensorFlowSeeds(
        graph: state.seed.map(Int64.init), operation: seed.map(Int64.init),
        unseededBefore: state.unseededRandomNodes)
    }
    let source = RandomSource(distribution: distribution, type: type, seeds: seeds)
    return try append(
      .random(source), [], [StaticType(type.dtype, type.shape)], name: name ?? source.name, at: location)
  }

  /// A variable of this shape whose initial value the graph makes by `initializer`.
  public func variable(
    shape: Shape, _ dtype: DType = .float32, initializer: VariableInitializer = .glorotUniform(),
    name: String = "variable", trainable: Bool = true, fileID: String = #fileID, line: Int = #line
  ) -> Symbol {
    checked { () throws(ArrayError) in
      let location = SourceLocation(fileID, line)
      return try declaring(
        name, trainable, location,
        initial: { graph throws(ArrayError) in try initializer.value(graph, ArrayType(dtype, shape), location)
        })
    }
  }
}

/// How a variable's first value is made; TensorFlow 1's initialisers.
public enum VariableInitializer: Sendable {
  /// 0 everywhere.
  case zeros
  /// 1 everywhere.
  case ones
  /// This number everywhere.
  case constant(Double)
  /// Evenly over [low, high).
  case uniform(low: Double, high: Double, seed: Int? = nil)
  /// Normal.
  case normal(mean: Double = 0, deviation: Double = 1, seed: Int? = nil)
  /// Normal within two standard deviations.
  case truncatedNormal(mean: Double = 0, deviation: Double = 1, seed: Int? = nil)
  /// Evenly over ±√(6 / (n_in + n_out)): TensorFlow's default. Source: Glorot and Bengio, AISTATS 2010.
  case glorotUniform(seed: Int? = nil)

  func value(
    _ graph: Graph, _ type: ArrayType, _ location: SourceLocation
  ) throws(ArrayError) -> Symbol {
    func filled(_ value: Scalar) throws(ArrayError) -> Symbol {
      try graph.recordConstant(
        try NDArray(full: type.shape, value, type.dtype), name: "initial", at: location)
    }
    func drawn(_ distribution: RandomSource.Distribution, _ seed: Int?) throws(ArrayError) -> Symbol {
      try graph.drawing(distribution, type, seed, "initial", location)
    }
    switch self {
    case .zeros: return try filled(0)
    case .ones: return try filled(1)
    case .constant(let value): return try filled(.float(value))
    case .uniform(let low, let high, let seed): return try drawn(.uniform(low: low, high: high), seed)
    case .normal(let mean, let deviation, let seed):
      return try drawn(.normal(mean: mean, deviation: deviation), seed)
    case .truncatedNormal(let mean, let deviation, let seed):
      return try drawn(.truncatedNormal(mean: mean, deviation: deviation), seed)
    case .glorotUniform(let seed):
      let (fanIn, fanOut) = VariableInitializer.fans(type.shape)
      let limit = (3 * (1 / max(1, (fanIn + fanOut) / 2))).squareRoot()
      return try drawn(.uniform(low: -limit, high: limit), seed)
    }
  }

  /// How many values meet in one output, and how many outputs one value reaches: for a matrix its sizes, for a kernel times its window.
  private static func fans(_ shape: Shape) -> (in: Double, out: Double) {
    switch shape.rank {
    case 0: return (1, 1)
    case 1: return (Double(shape[0]), Double(shape[0]))
    default:
      let window = Double(shape.dropLast(2).reduce(1, *))
      return (Double(shape[shape.rank - 2]) * window, Double(shape[shape.rank - 1]) * window)
    }
  }
}
