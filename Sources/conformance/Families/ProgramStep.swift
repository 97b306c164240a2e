import Operations

/// One step of a program: a case's JSON read once, so that `repeat` runs it often without reading it again.
indirect enum ProgramStep {
  /// `let name = tensor`.
  case leaf(name: String, value: CaseTensor, requiresGrad: Bool)
  /// `let names = operation(arguments)`.
  case call(names: [String], OperationCall, arguments: [String?])
  /// `target.operation_(arguments)`.
  case inPlace(target: String, OperationCall, arguments: [String])
  /// `target.fill_(value)`; `zero` fills with 0.
  case fill(target: String, Scalar)
  /// `target.copy_(source)`.
  case copy(target: String, source: String)
  /// `target[index] = value`.
  case assign(target: String, [IndexItem], AssignedValue)
  /// `let name = source.detach()`.
  case detach(name: String, source: String)
  /// `target.detach_()`.
  case detachInPlace(String)
  /// `let name` = a detached copy of the gradient of `source`.
  case gradient(name: String, source: String)
  /// `root.backward(…)`.
  case backward(root: String, BackwardOptions)
  /// `let names = grad(outputs, inputs, …)`.
  case grad(names: [String], outputs: [String], inputs: [String], GradOptions)
  /// `target.requires_grad_(value)`.
  case requiresGrad(target: String, Bool)
  /// `target.retain_grad()`.
  case retainGrad(String)
  /// Gradients set to none, or to zero in place.
  case zeroGrad([String], setToNone: Bool)
  /// Steps with or without recording.
  case recording(Bool, [ProgramStep])
  /// Steps several times.
  case repeated(Int, [ProgramStep])
  /// A step that must be refused; the program goes on.
  case refused(ProgramStep, reason: String)

  /// What is assigned to elements.
  enum AssignedValue {
    case variable(String)
    case number(Scalar)
  }

  /// The options of `backward`.
  struct BackwardOptions {
    var gradient: String?
    var retainGraph: Bool?
    var createGraph = false
    var inputs: [String]?
  }

  /// The options of `grad`.
  struct GradOptions {
    var gradOutputs: [String?]?
    var retainGraph: Bool?
    var createGraph = false
    var allowUnused = false
  }
}

extension ProgramStep {
  /// The steps of a list.
  static func list(_ json: JSONValue, _ what: String) throws -> [ProgramStep] {
    try json.elements(what).map { try ProgramStep($0) }
  }

  /// Reads a step. Throws `MalformedCase` for one of no known form, `CaseFailure` for an operation that is unknown.
  init(_ json: JSONValue) throws {
    if let binding = json["let"] {
      self = try ProgramStep.binding(binding, json)
    } else if let target = try json["inplace"]?.text("inplace") {
      self = try ProgramStep.change(target, json)
    } else if let target = try json["assign"]?.text("assign") {
      let value = try json.entry("value")
      let assigned: AssignedValue =
        if case .string(let name) = value { .variable(name) } else {
          .number(try OperationCall.scalar(value))
        }
      self = .assign(target: target, try OperationCall.indexItems(json.entry("index")), assigned)
    } else if let target = try json["detach_"]?.text("detach_") {
      self = .detachInPlace(target)
    } else if let root = try json["backward"]?.text("backward") {
      self = .backward(
        root: root,
        BackwardOptions(
          gradient: try json["gradient"]?.text("gradient"),
          retainGraph: try json["retain_graph"]?.truth("retain_graph"),
          createGraph: try json["create_graph"]?.truth("create_graph") ?? false,
          inputs: try json["inputs"].map { try variableNames($0, "inputs") }))
    } else if let target = try json["requires_grad"]?.text("requires_grad") {
      self = .requiresGrad(target: target, try json["value"]?.truth("value") ?? true)
    } else if let target = try json["retain_grad"]?.text("retain_grad") {
      self = .retainGrad(target)
    } else if let targets = json["zero_grad"] {
      self = .zeroGrad(
        try variableNames(targets, "zero_grad"),
        setToNone: try json["set_to_none"]?.truth("set_to_none") ?? true)
    } else if let steps = json["no_grad"] {
      self = .recording(false, try ProgramStep.list(steps, "no_grad"))
    } else if let steps = json["enable_grad"] {
      self = .recording(true, try ProgramStep.list(steps, "enable_grad"))
    } else if let count = try json["repeat"]?.integer("repeat") {
      self = .repeated(Int(count), try ProgramStep.list(json.entry("steps"), "steps"))
    } else if let refusal = json["fails"] {
      self = .refused(try ProgramStep(json.entry("step")), reason: refusal.description)
    } else {
      throw MalformedCase("the step \(json) has no known form")
    }
  }

  /// A step that begins with `let`.
  private static func binding(_ binding: JSONValue, _ json: JSONValue) throws -> ProgramStep {
    let names = try variableNames(binding, "let")
    guard let name = names.first else { throw MalformedCase("\"let\" names nothing") }
    if let tensor = json["tensor"] {
      return .leaf(
        name: name, value: try CaseTensor(tensor),
        requiresGrad: try json["requires_grad"]?.truth("requires_grad") ?? false)
    }
    if let source = try json["detach"]?.text("detach") { return .detach(name: name, source: source) }
    if let source = try json["grad_of"]?.text("grad_of") { return .gradient(name: name, source: source) }
    if let grad = json["grad"] {
      return .grad(
        names: names, outputs: try variableNames(grad.entry("outputs"), "outputs"),
        inputs: try variableNames(grad.entry("inputs"), "inputs"),
        GradOptions(
          gradOutputs: try grad["grad_outputs"].map { try optionalVariableNames($0, "grad_outputs") },
          retainGraph: try grad["retain_graph"]?.truth("retain_graph"),
          createGraph: try grad["create_graph"]?.truth("create_graph") ?? false,
          allowUnused: try grad["allow_unused"]?.truth("allow_unused") ?? false))
    }
    return .call(
      names: names, try OperationCall(json),
      arguments: try json["args"].map { try optionalVariableNames($0, "args") } ?? [])
  }

  /// A step that begins with `inplace`.
  private static func change(_ target: String, _ json: JSONValue) throws -> ProgramStep {
    let arguments = try json["args"].map { try variableNames($0, "args") } ?? []
    switch try json.entry("op").text("op") {
    case "zero": return .fill(target: target, 0)
    case "fill":
      return .fill(target: target, try OperationCall.scalar(json.entry("attributes").entry("value")))
    case "copy":
      guard arguments.count == 1 else { throw MalformedCase("copy takes one argument, found \(arguments)") }
      return .copy(target: target, source: arguments[0])
    default: return .inPlace(target: target, try OperationCall(json), arguments: arguments)
    }
  }

  /// The operations that a step calls.
  var operations: [String] {
    switch self {
    case .call(_, let call, _), .inPlace(_, let call, _): [call.name]
    case .recording(_, let steps), .repeated(_, let steps): steps.flatMap(\.operations)
    case .refused(let step, _): step.operations
    default: []
    }
  }
}

/// Names of variables; a single one counts as a list.
private func variableNames(_ json: JSONValue, _ what: String) throws -> [String] {
  if case .string(let name) = json { return [name] }
  return try json.elements(what).map { try $0.text(what) }
}

/// Names of variables, null where there is none.
private func optionalVariableNames(_ json: JSONValue, _ what: String) throws -> [String?] {
  try json.elements(what).map { $0 == .null ? nil : try $0.text(what) }
}
