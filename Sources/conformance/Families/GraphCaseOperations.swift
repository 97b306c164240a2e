import Operations
import StaticGraph

/// The plain arguments of a node.
struct GraphCaseAttributes {
  private let entries: [String: JSONValue]

  init(_ json: JSONValue?) throws { entries = try json?.entries("attributes") ?? [:] }

  func flag(_ key: String) throws -> Bool { try given(key)?.truth(key) ?? false }
  func int(_ key: String) throws -> Int {
    guard let value = try ints(key), value.count == 1 else {
      throw MalformedCase("\(key) should be an integer")
    }
    return value[0]
  }
  func ints(_ key: String) throws -> [Int]? {
    guard let value = given(key) else { return nil }
    if case .array(let items) = value { return try items.map { Int(try $0.integer(key)) } }
    return [Int(try value.integer(key))]
  }
  func dtype() throws -> DType {
    let name = try given("dtype")?.text("dtype") ?? ""
    guard let dtype = DType(name: name) else { throw MalformedCase("the dtype \"\(name)\" is unknown") }
    return dtype
  }
  private func given(_ key: String) -> JSONValue? {
    if let value = entries[key], value != .null { return value }
    return nil
  }
}

/// TensorFlow's operations by those of the common table, and TensorFlow's rules where they differ from PyTorch's.
enum GraphCaseOperations {
  static func call(_ name: String, _ inputs: [Symbol], _ attributes: GraphCaseAttributes) throws -> Symbol {
    try refuse(name, inputs)
    switch name {
    case "add", "subtract", "multiply", "divide", "pow": return try binary(name, inputs)
    case "square", "negative", "exp", "log", "tanh", "sigmoid":
      return try table(unary[name]!, [try one(name, inputs)])
    case "sqrt": return try Symbol.apply(TensorFlowSqrt(), try one(name, inputs))
    case "relu": return try Symbol.apply(TensorFlowRelu(), try one(name, inputs))
    case "abs": return try Symbol.apply(TensorFlowAbs(), try one(name, inputs))
    case "identity": return try one(name, inputs).identity()
    case "stop_gradient": return try one(name, inputs).stopGradient()
    case "matmul": return try matmul(inputs, attributes)
    case "reduce_sum", "reduce_mean", "reduce_max":
      return try reduction(name, try one(name, inputs), attributes)
    default: return try shaping(name, inputs, attributes)
    }
  }

  private static let unary = [
    "square": "square", "negative": "neg", "exp": "exp", "log": "log", "tanh": "tanh", "sigmoid": "sigmoid",
  ]
  private static let floating: Set = ["exp", "log", "sqrt", "tanh", "sigmoid"]
  private static let numeric: Set = [
    "add", "subtract", "multiply", "divide", "pow", "square", "negative", "relu", "abs", "matmul",
    "reduce_sum", "reduce_mean", "reduce_max",
  ]

  /// Throws where TensorFlow's operation is not for the dtype of an input.
  private static func refuse(_ name: String, _ inputs: [Symbol]) throws {
    for input in inputs where input.hasValue {
      let dtype = input.dtype
      if floating.contains(name) && !dtype.isFloatingPoint || numeric.contains(name) && dtype == .bool {
        throw ArrayError.type("\(name): is not for \(dtype)")
      }
    }
  }

  /// `x`, which must have so many dimensions: where that is open, it is seen when the graph runs.
  private static func dimensioned(_ x: Symbol, _ name: String, least: Int = 1) throws -> Symbol {
    if let rank = x.staticShape?.rank, rank >= least { return x }
    return try Symbol.apply(TensorFlowDimensioned(user: name, least: least), x)
  }

  private static func one(_ name: String, _ inputs: [Symbol]) throws -> Symbol {
    guard inputs.count == 1 else { throw MalformedCase("\(name) has \(inputs.count) inputs, it needs one") }
    return inputs[0]
  }

  private static func table(
    _ name: String, _ inputs: [Symbol], _ attributes: [String: Attribute] = [:]
  ) throws(ArrayError) -> Symbol {
    try OperationTable.call(name, inputs, attributes) { inputs[0].constant($0) }[0]
  }

  private static func binary(_ name: String, _ inputs: [Symbol]) throws -> Symbol {
    guard inputs.count == 2 else { throw MalformedCase("\(name) has \(inputs.count) inputs, it needs two") }
    var (x, y) = (inputs[0], inputs[1])
    guard x.dtype == y.dtype else {
      throw ArrayError.type("\(name): both operands need one dtype; they are \(x.dtype) and \(y.dtype)")
    }
    switch name {
    case "add": return try Symbol.apply(broadcasting: Add(), x, y)
    case "subtract": return try Symbol.apply(broadcasting: Sub(), x, y)
    case "multiply": return try Symbol.apply(broadcasting: Mul(), x, y)
    case "pow":
      try Symbol.broadcast(&x, &y, name)
      return try Symbol.apply(TensorFlowPow(), x, y)
    default:
      return x.dtype.isFloatingPoint
        ? try Symbol.apply(broadcasting: Div(), x, y)
        : try Symbol.apply(broadcasting: Div(), x.to(.float64), y.to(.float64))
    }
  }

  /// The last two dimensions are multiplied; transposing exchanges them. Vectors are refused.
  private static func matmul(_ inputs: [Symbol], _ attributes: GraphCaseAttributes) throws -> Symbol {
    guard inputs.count == 2 else { throw MalformedCase("matmul has \(inputs.count) inputs, it needs two") }
    var a = try dimensioned(inputs[0], "matmul", least: 2)
    var b = try dimensioned(inputs[1], "matmul", least: 2)
    if try attributes.flag("transpose_a") { a = try Symbol.apply(Transpose(-2, -1), a) }
    if try attributes.flag("transpose_b") { b = try Symbol.apply(Transpose(-2, -1), b) }
    return try table("matmul", [a, b])
  }

  /// Sums and means of integers keep their dtype.
  private static func reduction(
    _ name: String, _ x: Symbol, _ attributes: GraphCaseAttributes
  ) throws -> Symbol {
    let axes = try attributes.ints("axis")
    let keepDim = try attributes.flag("keepdims")
    if let axes, axes.isEmpty {
      // The largest of each element alone: its derivative still asks whether the element is the result.
      guard name == "reduce_max" else { return try Symbol.apply(IdentityOperation(), x) }
      return try Symbol.apply(
        TensorFlowMax(largest: AMax([0], keepDim: false)), Symbol.apply(Unsqueeze(0), x))
    }
    let x = axes == nil ? x : try dimensioned(x, name)
    switch name {
    case "reduce_sum": return try Symbol.apply(Sum(axes, keepDim: keepDim), x).to(x.dtype)
    case "reduce_max": return try Symbol.apply(TensorFlowMax(largest: AMax(axes, keepDim: keepDim)), x)
    default:
      return x.dtype.isFloatingPoint
        ? try Symbol.apply(Mean(axes, keepDim: keepDim), x)
        : try Symbol.apply(TensorFlowIntegerMean(sum: Sum(axes, keepDim: keepDim)), x)
    }
  }

  private static func shaping(
    _ name: String, _ inputs: [Symbol], _ attributes: GraphCaseAttributes
  ) throws -> Symbol {
    if name == "concat" {
      // One value alone is not looked at.
      if inputs.count == 1 { return inputs[0].identity() }
      return try Symbol.apply(Cat(try attributes.int("axis")), inputs.map { try dimensioned($0, name) })[0]
    }
    let x = try one(name, inputs)
    switch name {
    case "transpose":
      guard let order = try attributes.ints("perm") ?? x.staticShape.map({ (0..<$0.rank).reversed() }) else {
        return try Symbol.apply(TensorFlowTranspose(), x)
      }
      return try Symbol.apply(Permute(order), x)
    case "reshape": return try Symbol.apply(Reshape(Shape(try attributes.ints("shape") ?? [])), x)
    case "squeeze":
      guard let axes = try attributes.ints("axis"), !axes.isEmpty else {
        return try Symbol.apply(TensorFlowSqueeze(dims: nil), x)
      }
      return try Symbol.apply(TensorFlowSqueeze(dims: axes), try dimensioned(x, name))
    case "expand_dims": return try Symbol.apply(Unsqueeze(try attributes.int("axis")), x)
    case "cast":
      let dtype = try attributes.dtype()
      return x.dtype == dtype && !x.isVariable ? x : x.to(dtype)
    default: throw CaseFailure("the operation \"\(name)\" is unknown")
    }
  }
}
