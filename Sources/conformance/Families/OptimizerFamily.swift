import Autograd
import Optim

/// Runs `optimizer` cases: parameters that follow given gradients, or for LBFGS a closure.
struct OptimizerFamily: FamilyRunner {
  let kinds: Set = ["optimizer"]

  func operations(of testCase: ConformanceCase) throws -> [String] {
    [try testCase.json.entry("optimizer").text("optimizer")]
  }

  func run(_ testCase: ConformanceCase) throws {
    let json = testCase.json
    let parameters = try json.entry("initial").elements("initial").map {
      try OptimCase.tensor($0).requiresGrad_()
    }
    let trajectory = try json.entry("trajectory").elements("trajectory").map {
      try $0.elements("trajectory").map { try CaseTensor($0) }
    }
    let optimizer = try self.optimizer(json, parameters)
    if let closure = json["closure"] {
      try follow(trajectory, parameters, optimizer, closure, json)
    } else {
      try follow(trajectory, parameters, optimizer, try json.entry("gradients").elements("gradients"))
    }
  }

  private func optimizer(_ json: JSONValue, _ parameters: [Tensor]) throws -> Optimizer {
    let name = try json.entry("optimizer").text("optimizer")
    let options = try OptimCase.options(json.entry("options"))
    guard let groups = try json["group_options"]?.elements("group_options") else {
      return try OptimizerTable.make(name, parameters, options)
    }
    guard groups.count == parameters.count else {
      throw MalformedCase("\(groups.count) group_options for \(parameters.count) parameters")
    }
    return try OptimizerTable.make(
      name, groups: try zip(parameters, groups).map { ([$0], try OptimCase.options($1)) }, options)
  }

  /// Sets the gradients of each step, steps and compares.
  private func follow(
    _ trajectory: [[CaseTensor]], _ parameters: [Tensor], _ optimizer: Optimizer, _ gradients: [JSONValue]
  ) throws {
    guard gradients.count == trajectory.count else {
      throw MalformedCase("\(gradients.count) steps of gradients, \(trajectory.count) of parameters")
    }
    for (step, (list, expected)) in zip(gradients, trajectory).enumerated() {
      let list = try list.elements("gradients")
      guard list.count == parameters.count else {
        throw MalformedCase("step \(step): \(list.count) gradients for \(parameters.count) parameters")
      }
      for (parameter, gradient) in zip(parameters, list) {
        try parameter.setGrad(gradient == .null ? nil : try OptimCase.tensor(gradient))
      }
      try optimizer.advance()
      try compare(parameters, expected, .mixed(1e-9), "after step \(step + 1)")
    }
  }

  /// Lets the closure calculate loss and gradients, and compares these losses and the number of evaluations, too.
  private func follow(
    _ trajectory: [[CaseTensor]], _ parameters: [Tensor], _ optimizer: Optimizer, _ closure: JSONValue,
    _ json: JSONValue
  ) throws {
    let losses = try json.entry("losses").elements("losses").map { try $0.real("losses") }
    let evaluations = try json.entry("evaluations").elements("evaluations").map {
      try $0.integer("evaluations")
    }
    let steps = Int(try json.entry("steps").integer("steps"))
    guard trajectory.count == steps, losses.count == steps, evaluations.count == steps else {
      throw MalformedCase("\(steps) steps, but trajectory, losses or evaluations have another length")
    }
    let function = try self.function(closure)
    var count: Int64 = 0
    for step in 0..<steps {
      let loss = try optimizer.advance {
        optimizer.zeroGrad()
        let loss = function(parameters[0])
        loss.backward()
        count += 1
        return loss
      }
      let what = "after step \(step + 1)"
      try compare(parameters, trajectory[step], .mixed(1e-6), what)
      let got = loss.item(as: Double.self)
      if !Agreement.mixed(1e-6).accepts(got, losses[step], .float64) {
        throw CaseFailure("loss \(what): expected \(losses[step]), got \(got)")
      }
      if count != evaluations[step] {
        throw CaseFailure("evaluations \(what): expected \(evaluations[step]), got \(count)")
      }
    }
  }

  private func function(_ closure: JSONValue) throws -> (Tensor) -> Tensor {
    switch try closure.entry("function").text("function") {
    case "quadratic":
      let vector = try OptimCase.numbers(closure.entry("vector"))
      let matrix = try OptimCase.numbers(closure.entry("matrix"))
      return { x in x.dot(matrix.mv(x)).mul(0.5) - vector.dot(x) }
    case "rosenbrock":
      return { p in
        let (x, y) = (p.select(0, 0), p.select(0, 1))
        return (1 - x).square() + (y - x.square()).square().mul(100)
      }
    case let other:
      throw CaseFailure("the function \"\(other)\" is unknown")
    }
  }

  private func compare(
    _ parameters: [Tensor], _ expected: [CaseTensor], _ agreement: Agreement, _ what: String
  ) throws {
    guard parameters.count == expected.count else {
      throw MalformedCase("\(what): \(expected.count) expected parameters for \(parameters.count)")
    }
    for (index, (parameter, expected)) in zip(parameters, expected).enumerated() {
      try OptimCase.caseTensor(parameter)
        .check(against: expected, within: agreement, "parameter \(index) \(what)")
    }
  }
}

/// What optimizer and scheduler cases share.
enum OptimCase {
  /// The tensor of a case, float64 or float32.
  static func tensor(_ json: JSONValue) throws -> Tensor {
    let tensor = try CaseTensor(json)
    guard case .reals(let values) = tensor.values, tensor.shape.count <= Shape.maximumRank else {
      throw MalformedCase(
        "a parameter or gradient must be floating and have at most \(Shape.maximumRank) dimensions")
    }
    let array = try NDArray(copying: values, shape: Shape(tensor.shape))
    return Tensor(try array.converted(to: tensor.dtype == .float64 ? .float64 : .float32))
  }

  /// Numbers in nested lists: a vector, or a matrix by rows.
  static func numbers(_ json: JSONValue) throws -> Tensor {
    let rows = try json.elements("a vector or matrix")
    guard case .array(let first)? = rows.first else {
      return Autograd.tensor(try rows.map { try $0.real("a vector") })
    }
    let values = try rows.map { try $0.elements("a matrix").map { try $0.real("a matrix") } }
    guard values.allSatisfy({ $0.count == first.count }) else {
      throw MalformedCase("the rows of a matrix differ in length")
    }
    return Autograd.tensor(values.flatMap { $0 }, shape: [rows.count, first.count])
  }

  static func caseTensor(_ tensor: Tensor) -> CaseTensor {
    CaseTensor(
      tensor.dtype == .float64 ? .float64 : .float32, Array(tensor.shape),
      .reals(tensor.toArray(of: Double.self)))
  }

  /// Options by name, as the case writes them.
  static func options(_ json: JSONValue) throws -> [String: OptionValue] {
    try json.entries("options").mapValues { try option($0) }
  }

  private static func option(_ json: JSONValue) throws -> OptionValue {
    switch json {
    case .null: return .none
    case .boolean(let value): return .flag(value)
    case .integer(let value): return .integer(Int(value))
    case .array(let list): return .reals(try list.map { try $0.real("option") })
    case .string(let text):
      if let number = try? json.real("option") { return .real(number) }
      return .word(text)
    case .number(let value): return .real(value)
    case .object: throw MalformedCase("an option is an object: \(json)")
    }
  }
}
