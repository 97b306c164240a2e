import Autograd
import Operations

/// A program while it runs: its named variables.
///
/// Every step goes through a throwing form, so that what PyTorch refuses is an `ArrayError` and never the end of the process.
struct ProgramRun {
  private var variables: [String: Tensor?] = [:]

  /// Runs the steps in order.
  mutating func run(_ steps: [ProgramStep]) throws {
    for step in steps { try run(step) }
  }

  /// The variable as it is now; nil where it is null. Throws `MalformedCase` when there is none of this name.
  func optional(_ name: String) throws -> Tensor? {
    guard let variable = variables[name] else { throw MalformedCase("there is no variable \"\(name)\"") }
    return variable
  }

  private func tensor(_ name: String) throws -> Tensor {
    guard let tensor = try optional(name) else { throw MalformedCase("the variable \"\(name)\" is null") }
    return tensor
  }

  private func tensors(_ names: [String]) throws -> [Tensor] { try names.map { try tensor($0) } }

  private func optionals(_ names: [String?]) throws -> [Tensor?] {
    try names.map { name in try name.map { try tensor($0) } }
  }

  /// Runs one step.
  mutating func run(_ step: ProgramStep) throws {
    switch step {
    case .leaf(let name, let value, let requiresGrad):
      let leaf = Tensor(try NDArray(value))
      if requiresGrad { try leaf.setRequiresGrad(true) }
      variables[name] = leaf
    case .call(let names, let call, let arguments):
      bind(names, try call.results(optionals(arguments)))
    case .inPlace(let target, let call, let arguments):
      let (target, rest) = (try tensor(target), try tensors(arguments))
      for argument in rest { try target.checkOverlap(with: argument, call.name) }
      try target.overwrite(call.name) { x throws(ArrayError) in try call.results([x] + rest)[0] }
    case .fill(let target, let value):
      try tensor(target).applyInPlace(Fill(value))
    case .copy(let target, let source):
      try tensor(target).applyInPlace(CopyFrom(), tensor(source))
    case .assign(let target, let index, let value):
      switch value {
      case .number(let number): try tensor(target).assign(number, at: index)
      case .variable(let name): try tensor(target).assign(tensor(name), at: index)
      }
    case .detach(let name, let source):
      variables[name] = try tensor(source).detach()
    case .detachInPlace(let target):
      try tensor(target).detachInPlace()
    case .gradient(let name, let source):
      variables.updateValue(try tensor(source).grad.map { Tensor(try $0.array.clone()) }, forKey: name)
    case .requiresGrad(let target, let value):
      try tensor(target).setRequiresGrad(value)
    case .retainGrad(let target):
      try tensor(target).retainingGrad()
    case .zeroGrad(let names, let setToNone):
      for name in names { try tensor(name).zeroGrad(setToNone: setToNone) }
    case .backward(let root, let options):
      try tensor(root).differentiate(
        gradient: options.gradient.map { try tensor($0) }, retainGraph: options.retainGraph,
        createGraph: options.createGraph, inputs: options.inputs.map { try tensors($0) })
    case .grad(let names, let outputs, let inputs, let options):
      bind(
        names,
        try gradients(
          outputs: tensors(outputs), inputs: tensors(inputs),
          gradOutputs: options.gradOutputs.map { try optionals($0) }, retainGraph: options.retainGraph,
          createGraph: options.createGraph, allowUnused: options.allowUnused))
    case .recording(let isOn, let steps):
      try gradEnabled(isOn) { try run(steps) }
    case .repeated(let count, let steps):
      for _ in 0..<count { try run(steps) }
    case .refused(let step, let reason):
      try runRefused(step, reason)
    }
  }

  /// Runs a step that must be refused.
  mutating func runRefused(_ step: ProgramStep, _ reason: String) throws {
    do {
      try run(step)
    } catch is ArrayError {
      return
    }
    throw CaseFailure("a step passed that PyTorch refuses: \(reason)")
  }

  private mutating func bind(_ names: [String], _ results: [Tensor?]) {
    for (name, result) in zip(names, results) { variables.updateValue(result, forKey: name) }
  }
}
