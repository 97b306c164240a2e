import Operations
import StaticGraph

/// Builds the nodes of a case, one after the other. Throws `ArrayError` for what must not be built.
struct GraphCaseBuilder {
  let graph = Graph()
  /// The nodes by the names that the case gives them.
  private(set) var symbols: [String: Symbol] = [:]

  /// Why nodes could not be built.
  private(set) var refused: [String: String] = [:]

  /// Notes that a node, or the node of several names that `gradients` is, could not be built.
  mutating func refuse(_ json: JSONValue, _ reason: String) throws {
    let entry = try json.entry("name")
    let names = if case .array(let names) = entry { names } else { [entry] }
    for name in try names.map({ try $0.text("name") }) {
      refused[name] = "node '\(name)' cannot be built: \(reason)"
    }
  }

  /// Adds a node.
  mutating func add(_ json: JSONValue) throws {
    let inputs = try json["inputs"]?.elements("inputs").map { try symbol($0.text("input")) } ?? []
    let control =
      try json["control_inputs"]?.elements("control_inputs").map { try symbol($0.text("input")) } ?? []
    if try json.entry("op").text("op") == "gradients" {
      let found = try graph.controlDependencies(control) { try gradients(json, inputs) }
      for (name, gradient) in zip(try json.entry("name").elements("name"), found) {
        if let gradient { symbols[try name.text("name")] = gradient }
      }
      return
    }
    let name = try json.entry("name").text("name")
    symbols[name] = try graph.controlDependencies(control) {
      try node(json, name, control.isEmpty ? inputs : inputs.map(read))
    }
  }

  /// What an assignment gives is, to TensorFlow, its variable: read where it is used, after the control inputs there.
  private func read(_ input: Symbol) -> Symbol {
    guard case .assign = input.node.kind, let target = input.node.inputs.first,
      let variable = graph.variables.first(where: { $0.port == target })
    else { return input }
    return graph.controlDependencies([input]) { variable.read() }
  }

  private func symbol(_ name: String) throws -> Symbol {
    if let reason = refused[name] { throw ArrayError.runtime(reason) }
    guard let symbol = symbols[name] else { throw MalformedCase("there is no node \"\(name)\" yet") }
    return symbol
  }

  private func gradients(_ json: JSONValue, _ ys: [Symbol]) throws -> [Symbol?] {
    let xs = try json.entry("xs").elements("xs").map { try symbol($0.text("xs")) }
    let seeds = try json["grad_ys"]?.elements("grad_ys").map {
      $0 == .null ? nil : try symbol($0.text("grad_ys"))
    }
    let found = try graph.differentiating(ys, xs, seeds)
    if let none = try json["none"]?.elements("none").map({ try $0.truth("none") }) {
      for ((x, gradient), isNone) in zip(zip(xs, found), none) where (gradient == nil) != isNone {
        throw CaseFailure(
          "gradient by \(x.name): expected \(isNone ? "none" : "one"), got \(isNone ? "one" : "none")")
      }
    }
    return found
  }

  private func node(_ json: JSONValue, _ name: String, _ inputs: [Symbol]) throws -> Symbol {
    let operation = try json.entry("op").text("op")
    func input(_ index: Int) throws -> Symbol {
      guard index < inputs.count else { throw MalformedCase("\(operation) has \(inputs.count) inputs") }
      return inputs[index]
    }
    switch operation {
    case "placeholder": return try placeholder(json, name)
    case "constant": return graph.constant(try NDArray(CaseTensor(json.entry("value"))), name: name)
    case "variable":
      let trainable = try json["trainable"]?.truth("trainable") ?? true
      return graph.variable(try NDArray(CaseTensor(json.entry("initial"))), name: name, trainable: trainable)
    case "read": return try input(0).read(name: name)
    case "assign": return try input(0).assigning(.set, input(1))
    case "assign_add": return try input(0).assigning(.add, input(1))
    case "assign_sub": return try input(0).assigning(.subtract, input(1))
    case "group": return graph.group(inputs, name: name)
    case "global_variables_initializer": return graph.initializer(name: name)
    case "minimize": return try GraphCaseOptimizer.minimize(json, try input(0), variables(json))
    default:
      return try GraphCaseOperations.call(operation, inputs, GraphCaseAttributes(json["attributes"]))
    }
  }

  private func placeholder(_ json: JSONValue, _ name: String) throws -> Symbol {
    guard let dtype = DType(name: try json.entry("dtype").text("dtype")) else {
      throw MalformedCase("the dtype is unknown")
    }
    guard let shape = json["shape"] else { return graph.placeholder(dtype, name: name) }
    let sizes = try shape.elements("shape").map { $0 == .null ? nil : Int(try $0.integer("shape")) }
    return graph.placeholder(dtype, shape: sizes, name: name)
  }

  private func variables(_ json: JSONValue) throws -> [Symbol]? {
    try json["var_list"]?.elements("var_list").map { try symbol($0.text("var_list")) }
  }
}

/// The optimizers by their names in `tf.train`. Rates are float32 there.
enum GraphCaseOptimizer {
  static func minimize(_ json: JSONValue, _ loss: Symbol, _ variables: [Symbol]?) throws -> Symbol {
    let options = try json["options"]?.entries("options") ?? [:]
    func number(_ key: String, _ fallback: Double? = nil) throws -> Double {
      guard let value = try options[key]?.real(key) ?? fallback else {
        throw MalformedCase("the option \(key) is missing")
      }
      return value
    }
    func flag(_ key: String) throws -> Bool { try options[key]?.truth(key) ?? false }
    func rate(_ fallback: Double? = nil) throws -> Rate { .number(try number("learning_rate", fallback)) }

    var optimizer: any GraphOptimizer
    switch try json.entry("optimizer").text("optimizer") {
    case "GradientDescentOptimizer": optimizer = GradientDescentOptimizer(learningRate: try rate())
    case "MomentumOptimizer":
      optimizer = MomentumOptimizer(
        learningRate: try rate(), momentum: try number("momentum"), useNesterov: try flag("use_nesterov"))
    case "AdamOptimizer":
      optimizer = AdamOptimizer(
        learningRate: try rate(0.001), beta1: try number("beta1", 0.9), beta2: try number("beta2", 0.999),
        epsilon: try number("epsilon", 1e-8))
    case "RMSPropOptimizer":
      optimizer = RMSPropOptimizer(
        learningRate: try rate(), decay: try number("decay", 0.9), momentum: try number("momentum", 0),
        epsilon: try number("epsilon", 1e-10), centered: try flag("centered"))
    case "AdagradOptimizer":
      optimizer = AdagradOptimizer(
        learningRate: try rate(), initialAccumulatorValue: try number("initial_accumulator_value", 0.1))
    case let other: throw CaseFailure("the optimizer \"\(other)\" is unknown")
    }
    optimizer.precision = .float32
    return try optimizer.minimizing(loss, variables: variables)
  }
}
