import RandomStreams

/// Runs `random` cases: calls on one generator in order, each compared with what the real library drew.
struct RandomFamily: FamilyRunner {
  let kinds: Set = ["random"]

  func operations(of testCase: ConformanceCase) throws -> [String] {
    let generator = try testCase.json.entry("generator").text("generator")
    if let calls = testCase.json["calls"] {
      return try calls.elements("calls").map { try generator + "." + $0.entry("method").text("method") }
    }
    if let operations = testCase.json["ops"] {
      return try operations.elements("ops").map { try generator + "." + $0.entry("op").text("op") }
    }
    return [generator]
  }

  func run(_ testCase: ConformanceCase) throws {
    let json = testCase.json
    switch try json.entry("generator").text("generator") {
    case "numpy.RandomState":
      var generator = try NumPyCalls(seed: json.entry("seed"))
      try runCalls(json) { try generator.call($0, $1) }
    case "torch":
      let seed = try json.entry("seed").integer("seed")
      let generator = TorchCalls(generator: TorchGenerator(seed: UInt64(bitPattern: seed)))
      try runCalls(json) { try generator.call($0, $1) }
    case "tensorflow":
      try runGraph(json)
    case let other:
      throw CaseFailure("the generator \"\(other)\" is unknown")
    }
  }

  /// A drawn tensor and how near it must come.
  typealias Drawn = (tensor: CaseTensor, agreement: Agreement)

  private func runCalls(_ json: JSONValue, call: (String, JSONValue) throws -> Drawn) throws {
    for (index, step) in try json.entry("calls").elements("calls").enumerated() {
      let method = try step.entry("method").text("method")
      let arguments = try step.entry("arguments")
      let expected = try CaseTensor(step.entry("expected"))
      let (tensor, agreement) = try call(method, arguments)
      try tensor.check(against: expected, within: agreement, "call \(index + 1), \(method) \(arguments)")
    }
  }

  /// The operations of a TensorFlow graph, run by run.
  private func runGraph(_ json: JSONValue) throws {
    let graphSeed = try json["graph_seed"]?.integer("graph_seed")
    var operations = try json.entry("ops").elements("ops").enumerated().map {
      try TensorFlowOperation($1, graphSeed: graphSeed, number: $0)
    }
    for (runIndex, run) in try json.entry("runs").elements("runs").enumerated() {
      let fetches = try run.entry("fetches").elements("fetches").map { Int(try $0.integer("fetches")) }
      let expected = try run.entry("expected").elements("expected").map(CaseTensor.init)
      guard fetches.count == expected.count, fetches.allSatisfy(operations.indices.contains) else {
        throw MalformedCase("run \(runIndex + 1): fetches and expected values do not belong together")
      }
      var drawn: [Int: Drawn] = [:]
      for number in Set(fetches) { drawn[number] = try operations[number].run() }
      for (number, expected) in zip(fetches, expected) {
        guard let (tensor, agreement) = drawn[number] else { continue }
        let what = "run \(runIndex + 1), operation \(number), \(operations[number].name)"
        try tensor.check(against: expected, within: agreement, what)
      }
    }
  }
}

extension CaseTensor {
  /// Whole numbers as elements of any type.
  fileprivate init(_ dtype: CaseDType, _ shape: [Int], whole: [Int64]) {
    switch dtype {
    case .float64: self.init(dtype, shape, .reals(whole.map(Double.init)))
    case .float32: self.init(dtype, shape, .reals(whole.map { Double(Float($0)) }))
    case .bool: self.init(dtype, shape, .truths(whole.map { $0 != 0 }))
    case .int64, .int32, .uint8: self.init(dtype, shape, .integers(whole))
    }
  }
}

extension JSONValue {
  /// The entry as a type of element, or the default.
  fileprivate func dtype(default dtype: CaseDType) throws -> CaseDType {
    try self["dtype"].map { try CaseDType($0) } ?? dtype
  }

  fileprivate func real(_ key: String, default value: Double) throws -> Double {
    try self[key]?.real(key) ?? value
  }

  fileprivate func wholeNumber(_ key: String) throws -> Int64? {
    try self[key]?.integer(key)
  }

  /// A nested list as its shape and its elements, flat in row-major order.
  fileprivate func flattened(_ what: String) throws -> (shape: [Int], elements: [JSONValue]) {
    guard case .array(let rows) = self else { return ([], [self]) }
    let parts = try rows.map { try $0.flattened(what) }
    let inner = parts.first?.shape ?? []
    guard parts.allSatisfy({ $0.shape == inner }) else {
      throw MalformedCase("the rows of \(what) differ in length")
    }
    return ([rows.count] + inner, parts.flatMap(\.elements))
  }
}

// MARK: - NumPy

/// Calls by name on NumPy's `RandomState`.
private struct NumPyCalls {
  private var random: NumPyRandomState

  init(seed: JSONValue) throws {
    func word(_ value: JSONValue) throws -> UInt32 {
      guard let seed = UInt32(exactly: try value.integer("seed")) else {
        throw CaseFailure("the seed \(value) is not in 0...4294967295")
      }
      return seed
    }
    if case .array(let seeds) = seed {
      if seeds.isEmpty { throw CaseFailure("the list of seeds is empty") }
      random = NumPyRandomState(seeds: try seeds.map(word))
    } else {
      random = NumPyRandomState(seed: try word(seed))
    }
  }

  /// One call. Values that pass through a logarithm depend on the mathematics library; all others are exact.
  mutating func call(_ method: String, _ arguments: JSONValue) throws -> RandomFamily.Drawn {
    let shape = try arguments["size"]?.shape("size") ?? arguments["dims"]?.shape("dims") ?? []
    let count = shape.reduce(1, *)
    func reals(_ values: [Double], _ agreement: Agreement) -> RandomFamily.Drawn {
      (CaseTensor(.float64, shape, .reals(values)), agreement)
    }
    let throughLogarithm = Agreement.relative(1e-13)
    switch method {
    case "random_sample", "rand", "random", "ranf", "sample":
      return reals(random.randomSample(count: count), .exact)
    case "uniform":
      let (low, high) = (try arguments.real("low", default: 0), try arguments.real("high", default: 1))
      guard (high - low).isFinite else {
        throw CaseFailure("uniform: the width of [\(low), \(high)) is not finite")
      }
      return reals(random.uniform(low: low, high: high, count: count), .exact)
    case "randn", "standard_normal":
      return reals(random.standardNormal(count: count), throughLogarithm)
    case "normal":
      let (loc, scale) = (try arguments.real("loc", default: 0), try scale(arguments, method))
      return reals(random.normal(loc: loc, scale: scale, count: count), .mixed(1e-13))
    case "standard_exponential":
      return reals(random.standardExponential(count: count), throughLogarithm)
    case "exponential":
      return reals(random.exponential(scale: try scale(arguments, method), count: count), throughLogarithm)
    case "randint": return (try randint(arguments, shape), .exact)
    case "permutation", "shuffle": return (try order(arguments), .exact)
    case "choice": return (try choice(arguments, shape), .exact)
    default: throw CaseFailure("the method numpy.RandomState.\(method) is unknown")
    }
  }

  private func scale(_ arguments: JSONValue, _ method: String) throws -> Double {
    let scale = try arguments.real("scale", default: 1)
    guard scale.sign == .plus else { throw CaseFailure("\(method): the scale \(scale) is negative") }
    return scale
  }

  private mutating func randint(_ arguments: JSONValue, _ shape: [Int]) throws -> CaseTensor {
    let dtype = try arguments.dtype(default: .int64)
    let first = try arguments.entry("low").integer("low")
    let second = try arguments.wholeNumber("high")
    let (low, high) = second.map { (first, $0) } ?? (0, first)
    guard low < high else { throw CaseFailure("randint: the range from \(low) to \(high) is empty") }
    func draw<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type) throws -> [Int64] {
      guard let low = Value(exactly: low), let last = Value(exactly: high - 1) else {
        throw CaseFailure("randint: \(low) to \(high) is out of bounds for \(dtype)")
      }
      return random.randint(in: low...last, count: shape.reduce(1, *)).map { Int64($0) }
    }
    switch dtype {
    case .int64: return CaseTensor(dtype, shape, .integers(try draw(Int64.self)))
    case .int32: return CaseTensor(dtype, shape, .integers(try draw(Int32.self)))
    case .uint8: return CaseTensor(dtype, shape, .integers(try draw(UInt8.self)))
    case .bool:
      guard low >= 0 && high <= 2 else {
        throw CaseFailure("randint: \(low) to \(high) is out of bounds for bool")
      }
      let count = shape.reduce(1, *)
      let isConstant = high - low == 1
      return CaseTensor(
        dtype, shape,
        .truths(isConstant ? Array(repeating: low == 1, count: count) : random.randomBooleans(count: count)))
    case .float64, .float32: throw CaseFailure("randint: the dtype \(dtype) is not one of integers")
    }
  }

  /// An array of int64, or of float64 if its numbers have fractions.
  private func array(_ json: JSONValue, _ what: String) throws -> CaseTensor {
    let (shape, elements) = try json.flattened(what)
    let areWhole = elements.allSatisfy { if case .integer = $0 { true } else { false } }
    return areWhole
      ? CaseTensor(.int64, shape, .integers(try elements.map { try $0.integer(what) }))
      : CaseTensor(.float64, shape, .reals(try elements.map { try $0.real(what) }))
  }

  /// The rows of an array in the order of the indices.
  private func rows(_ indices: [Int], of array: CaseTensor) -> CaseTensor {
    let rowSize = array.shape.dropFirst().reduce(1, *)
    let places = indices.flatMap { ($0 * rowSize)..<(($0 + 1) * rowSize) }
    let values: CaseTensor.Values =
      switch array.values {
      case .reals(let all): .reals(places.map { all[$0] })
      case .integers(let all): .integers(places.map { all[$0] })
      case .truths(let all): .truths(places.map { all[$0] })
      }
    return CaseTensor(array.dtype, [indices.count] + array.shape.dropFirst(), values)
  }

  private mutating func order(_ arguments: JSONValue) throws -> CaseTensor {
    if let count = try arguments.wholeNumber("n") {
      guard count >= 0 else { throw CaseFailure("permutation: the count \(count) is negative") }
      return CaseTensor(
        .int64, [Int(count)], .integers(random.permutation(count: Int(count)).map(Int64.init)))
    }
    let array = try array(arguments.entry("values"), "values")
    guard let count = array.shape.first else { throw CaseFailure("permutation: the array has no dimension") }
    return rows(random.permutation(count: count), of: array)
  }

  private mutating func choice(_ arguments: JSONValue, _ shape: [Int]) throws -> CaseTensor {
    let population = try array(arguments.entry("a"), "a")
    let size: Int
    if population.shape.isEmpty {
      size = Int(try arguments.entry("a").integer("a"))
    } else if population.shape.count == 1 {
      size = population.shape[0]
    } else {
      throw CaseFailure("choice: a must be an integer or a list, its shape is \(population.shape)")
    }
    let count = shape.reduce(1, *)
    let replace = try arguments["replace"]?.truth("replace") ?? true
    let indices: [Int]
    if let p = arguments["p"] {
      let p = try p.elements("p").map { try $0.real("p") }
      guard p.count == size else {
        throw CaseFailure("choice: \(p.count) probabilities for \(size) elements")
      }
      indices = try random.choice(probabilities: p, count: count, replace: replace)
    } else {
      indices = try random.choice(from: size, count: count, replace: replace)
    }
    if population.shape.isEmpty { return CaseTensor(.int64, shape, .integers(indices.map(Int64.init))) }
    var chosen = rows(indices, of: population)
    chosen.shape = shape
    return chosen
  }
}

// MARK: - PyTorch

/// Calls by name on PyTorch's generator.
private struct TorchCalls {
  let generator: TorchGenerator

  /// Values that pass through a logarithm depend on the mathematics library; all others are exact.
  func call(_ method: String, _ arguments: JSONValue) throws -> RandomFamily.Drawn {
    let shape = try arguments["size"]?.shape("size") ?? []
    let count = shape.reduce(1, *)
    switch method {
    case "rand":
      return try draw(arguments, shape, .exact) { generator.rand(count: count, of: $0) }
    case "uniform_":
      let (from, to) = (try arguments.real("from", default: 0), try arguments.real("to", default: 1))
      guard from <= to, (to - from).isFinite else {
        throw CaseFailure("uniform_: from \(from) to \(to) is no range")
      }
      return try draw(arguments, shape, from == 0 && to == 1 ? .exact : .ulps(1)) {
        generator.uniform(from: from, to: to, count: count, of: $0)
      }
    case "randn", "normal_", "normal":
      let (mean, std) = (try arguments.real("mean", default: 0), try arguments.real("std", default: 1))
      guard std >= 0 else { throw CaseFailure("\(method): the standard deviation \(std) is negative") }
      return try draw(arguments, shape, throughLogarithm(arguments)) {
        generator.normal(mean: mean, std: std, count: count, of: $0)
      }
    case "exponential_":
      let lambd = try arguments.real("lambd", default: 1)
      guard lambd > 0 else { throw CaseFailure("exponential_: lambd \(lambd) is not positive") }
      return try draw(arguments, shape, throughLogarithm(arguments)) {
        generator.exponential(lambd: lambd, count: count, of: $0)
      }
    case "randint":
      let dtype = try arguments.dtype(default: .int64)
      let range = try validRange(
        from: arguments.wholeNumber("low") ?? 0, to: arguments.entry("high").integer("high"))
      return (CaseTensor(dtype, shape, whole: generator.randint(in: range, count: count)), .exact)
    case "random_": return (try random(arguments, shape), .exact)
    case "randperm":
      let n = try arguments.entry("n").integer("n")
      guard n >= 0 else { throw CaseFailure("randperm: the count \(n) is negative") }
      let order = generator.randperm(Int(n)).map(Int64.init)
      return (CaseTensor(try arguments.dtype(default: .int64), [Int(n)], whole: order), .exact)
    case "bernoulli_":
      let p = try arguments.real("p", default: 0.5)
      guard (0...1).contains(p) else { throw CaseFailure("bernoulli_: the probability \(p) is not in 0...1") }
      let truths = generator.bernoulli(p: p, count: count)
      return (
        CaseTensor(try arguments.dtype(default: .float32), shape, whole: truths.map { $0 ? 1 : 0 }), .exact
      )
    case "bernoulli": return (try bernoulli(arguments), .exact)
    default: throw CaseFailure("the method torch.\(method) is unknown")
    }
  }

  private func throughLogarithm(_ arguments: JSONValue) throws -> Agreement {
    .mixed(try arguments.dtype(default: .float32) == .float64 ? 1e-13 : 2e-6)
  }

  /// Draws in the type that the call names.
  private func draw(
    _ arguments: JSONValue, _ shape: [Int], _ agreement: Agreement,
    _ body: (any TorchFloatingPoint.Type) -> [any TorchFloatingPoint]
  ) throws -> RandomFamily.Drawn {
    let dtype = try arguments.dtype(default: .float32)
    guard dtype.isFloatingPoint else { throw CaseFailure("the dtype \(dtype) is not one of real numbers") }
    let values = dtype == .float32 ? body(Float.self) : body(Double.self)
    return (CaseTensor(dtype, shape, .reals(values.map { Double($0) })), agreement)
  }

  private func validRange(from low: Int64, to high: Int64) throws -> ClosedRange<Int64> {
    guard low < high else { throw CaseFailure("the range from \(low) to \(high) is empty") }
    return low...(high - 1)
  }

  /// `random_`: without bounds all that the type holds from zero on, with `from` alone up to its largest value.
  private func random(_ arguments: JSONValue, _ shape: [Int]) throws -> CaseTensor {
    let dtype = try arguments.dtype(default: .float32)
    let count = shape.reduce(1, *)
    let (from, to) = (try arguments.wholeNumber("from"), try arguments.wholeNumber("to"))
    if from == nil && to == nil {
      switch dtype {
      case .float64: return CaseTensor(dtype, shape, .reals(generator.random(count: count, of: Double.self)))
      case .float32:
        return CaseTensor(
          dtype, shape, .reals(generator.random(count: count, of: Float.self).map { Double($0) }))
      case .int64: return CaseTensor(dtype, shape, .integers(generator.random(count: count, of: Int64.self)))
      case .int32:
        return CaseTensor(
          dtype, shape, .integers(generator.random(count: count, of: Int32.self).map(Int64.init)))
      case .uint8:
        return CaseTensor(
          dtype, shape, .integers(generator.random(count: count, of: UInt8.self).map(Int64.init)))
      case .bool: return CaseTensor(dtype, shape, .truths(generator.randomBooleans(count: count)))
      }
    }
    let largest: Int64 =
      switch dtype {
      case .float64: 1 << 53
      case .float32: 1 << 24
      case .int64: .max
      case .int32: Int64(Int32.max)
      case .uint8: Int64(UInt8.max)
      case .bool: 1
      }
    let low = from ?? 0
    let range = try to.map { try validRange(from: low, to: $0) } ?? (low...max(low, largest))
    return CaseTensor(dtype, shape, whole: generator.randint(in: range, count: count))
  }

  private func bernoulli(_ arguments: JSONValue) throws -> CaseTensor {
    let dtype = try arguments.dtype(default: .float32)
    let (shape, elements) = try arguments.entry("p").flattened("p")
    let p = try elements.map { try $0.real("p") }
    guard p.allSatisfy((0...1).contains) else {
      throw CaseFailure("bernoulli: a probability is not in 0...1")
    }
    let truths: [Bool]
    switch dtype {
    case .float64: truths = generator.bernoulli(probabilities: p)
    case .float32: truths = generator.bernoulli(probabilities: p.map { Float($0) })
    default: throw CaseFailure("bernoulli: probabilities of dtype \(dtype)")
    }
    return CaseTensor(dtype, shape, whole: truths.map { $0 ? 1 : 0 })
  }
}

// MARK: - TensorFlow

/// A random operation of a TensorFlow graph, with its own place in the stream.
private struct TensorFlowOperation {
  let name: String
  private let arguments: JSONValue
  private let dtype: CaseDType
  private let shape: [Int]
  private var random: TensorFlowRandomOperation

  /// The operation of this number. The seeds must follow from those of graph and operation where the operation has one.
  init(_ json: JSONValue, graphSeed: Int64?, number: Int) throws {
    name = try json.entry("op").text("op")
    arguments = try json.entry("arguments")
    dtype = try arguments.dtype(default: .float32)
    shape = try arguments["shape"]?.shape("shape") ?? []
    let pair = try json.entry("seeds").elements("seeds").map { try $0.integer("seeds") }
    guard pair.count == 2 else { throw MalformedCase("seeds should be two integers") }
    let seeds = TensorFlowSeeds(pair[0], pair[1])
    if let seed = try arguments.wholeNumber("op_seed") {
      let derived = TensorFlowSeeds(graph: graphSeed, operation: seed)
      if derived != seeds {
        let got = derived.map { "[\($0.first), \($0.second)]" } ?? "none"
        throw CaseFailure("operation \(number), \(name): expected the seeds \(pair), got \(got)")
      }
    }
    random = TensorFlowRandomOperation(seeds: seeds)
  }

  /// One run.
  mutating func run() throws -> RandomFamily.Drawn {
    switch dtype {
    case .float32: try run(in: Float.self)
    case .float64: try run(in: Double.self)
    case .int32: try runIntegers(Int32.self)
    case .int64: try runIntegers(Int64.self)
    default: throw CaseFailure("\(name): the dtype \(dtype) is not drawn")
    }
  }

  private mutating func run<Scalar: TensorFlowFloatingPoint>(in type: Scalar.Type) throws
    -> RandomFamily.Drawn
  {
    let count = shape.reduce(1, *)
    let values: [Scalar]
    var agreement = Agreement.mixed(dtype == .float32 ? 1e-5 : 1e-12)
    switch name {
    case "random_uniform":
      let low = try arguments.real("minval", default: 0)
      let high = try arguments.real("maxval", default: 1)
      agreement = low == 0 && high == 1 ? .exact : .ulps(1)
      values = random.uniform(minval: low, maxval: high, count: count, of: type)
    case "random_normal", "truncated_normal":
      let mean = try arguments.real("mean", default: 0)
      let stddev = try arguments.real("stddev", default: 1)
      values =
        name == "random_normal"
        ? random.normal(mean: mean, stddev: stddev, count: count, of: type)
        : random.truncatedNormal(mean: mean, stddev: stddev, count: count, of: type)
    default: throw CaseFailure("the operation tensorflow.\(name) is unknown")
    }
    return (CaseTensor(dtype, shape, .reals(values.map { Double($0) })), agreement)
  }

  private mutating func runIntegers<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type
  ) throws -> RandomFamily.Drawn {
    guard name == "random_uniform" else { throw CaseFailure("\(name): the dtype \(dtype) is not drawn") }
    let low = try arguments.wholeNumber("minval") ?? 0
    let high = try arguments.entry("maxval").integer("maxval")
    guard let low = Value(exactly: low), let high = Value(exactly: high), low < high else {
      throw CaseFailure("random_uniform: \(low) to \(high) is no range of \(dtype)")
    }
    let values = random.uniform(in: low..<high, count: shape.reduce(1, *))
    return (CaseTensor(dtype, shape, .integers(values.map { Int64($0) })), .exact)
  }
}
