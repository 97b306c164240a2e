import Autograd
import Operations

/// Runs `program` cases: steps on named variables, then the variables' values, gradients and flags.
struct ProgramFamily: FamilyRunner {
  let kinds: Set = ["program"]

  func operations(of testCase: ConformanceCase) throws -> [String] {
    try ProgramStep.list(testCase.json.entry("steps"), "steps").flatMap(\.operations)
  }

  func run(_ testCase: ConformanceCase) throws {
    var program = ProgramRun()
    try program.run(ProgramStep.list(testCase.json.entry("steps"), "steps"))
    for (name, expected) in try testCase.json.entry("expected").entries("expected").sorted(by: {
      $0.key < $1.key
    }) {
      try check(program.optional(name), expected, name)
    }
  }

  /// Runs a program whose steps all work but the last, which must be refused.
  static func runRefused(_ testCase: ConformanceCase, _ reason: String) throws {
    var steps = try ProgramStep.list(testCase.json.entry("steps"), "steps")
    guard let last = steps.popLast() else { throw MalformedCase("there are no steps") }
    var program = ProgramRun()
    try program.run(steps)
    try program.runRefused(last, reason)
  }

  private func check(_ tensor: Tensor?, _ expected: JSONValue, _ name: String) throws {
    if expected == .null {
      if let tensor { throw CaseFailure("\(name): expected null, got \(tensor)") }
      return
    }
    guard let tensor else { throw CaseFailure("\(name): expected a tensor, got null") }
    let entries = try expected.entries("expected")
    if let value = expected["value"] {
      let value = try CaseTensor(value)
      try CaseTensor(tensor.array).check(against: value, within: .values(value), name)
    }
    switch (entries["grad"], tensor.grad) {
    case (nil, _), (.null, nil): break
    case (.null, let grad?): throw CaseFailure("\(name).grad: expected none, got \(grad)")
    case (let grad?, nil): throw CaseFailure("\(name).grad: expected \(grad), got none")
    case (let wanted?, let grad?):
      let wanted = try CaseTensor(wanted)
      try CaseTensor(grad.array).check(against: wanted, within: .gradients(wanted), "\(name).grad")
    }
    try check(tensor.requiresGrad, expected["requires_grad"], "\(name).requires_grad")
    try check(tensor.isLeaf, expected["is_leaf"], "\(name).is_leaf")
  }

  private func check(_ flag: Bool, _ expected: JSONValue?, _ what: String) throws {
    guard let expected = try expected?.truth(what), expected != flag else { return }
    throw CaseFailure("\(what): expected \(expected), got \(flag)")
  }
}
