import Autograd
import Operations

/// Runs `op` cases: one call's values, its gradients through recording and the backward sweep, and the gradients of these.
struct OpFamily: FamilyRunner {
  let kinds: Set = ["op"]

  func operations(of testCase: ConformanceCase) throws -> [String] {
    [try testCase.json.entry("op").text("op")]
  }

  func run(_ testCase: ConformanceCase) throws {
    let json = testCase.json
    let call = try OperationCall(json)
    let inputs = try OperationCall.tensors(json.entry("inputs"), "inputs")
    let expected = try json.entry("expected").elements("expected").map { try CaseTensor($0) }
    let gradients = try json["gradients"].map { try OperationCall.tensors($0, "gradients") }
    let cotangents = try json["cotangents"].map { try OperationCall.tensors($0, "cotangents") }
    if let cotangents {
      guard cotangents.count == expected.count, let gradients, gradients.count == inputs.count else {
        throw MalformedCase("there must be a cotangent per result and a gradient per input")
      }
    }

    let asksGradient = inputs.indices.map { gradients?[$0] != nil }
    let pass = try Pass(call, inputs, asksGradient)
    try pass.check(expected)
    guard let cotangents, let gradients, asksGradient.contains(true) else { return }
    try pass.checkBackward(cotangents, gradients)
    if let second = json["second_order"] {
      try Pass(call, inputs, asksGradient).checkSecondOrder(cotangents, gradients, second)
    }
  }
}

/// One call with fresh inputs and its recorded results.
private struct Pass {
  let inputs: [Tensor?]
  let results: [Tensor]

  init(_ call: OperationCall, _ cases: [CaseTensor?], _ asksGradient: [Bool]) throws {
    inputs = try zip(cases, asksGradient).map { input, asks in
      guard let input else { return nil }
      let tensor = Tensor(try NDArray(input))
      if asks { try tensor.setRequiresGrad(true) }
      return tensor
    }
    results = try call.results(inputs)
  }

  /// Compares the values.
  func check(_ expected: [CaseTensor]) throws {
    guard results.count == expected.count else {
      throw CaseFailure("expected \(expected.count) results, got \(results.count)")
    }
    for (index, (result, expected)) in zip(results, expected).enumerated() {
      let what = results.count > 1 ? "result \(index)" : "result"
      try CaseTensor(result.array).check(against: expected, within: .values(expected), what)
    }
  }

  /// The results that take part in the sum whose gradient is asked for, with what they are multiplied by.
  private func roots(_ cotangents: [CaseTensor?], requireGrad: Bool) throws -> [(
    result: Tensor, cotangent: Tensor
  )] {
    try zip(results, cotangents).compactMap { result, cotangent in
      guard let cotangent else { return nil }
      guard result.requiresGrad else {
        throw CaseFailure("the result was not recorded, so it has no gradients")
      }
      return (result, Tensor(try NDArray(cotangent), requiresGrad: requireGrad))
    }
  }

  /// Compares the gradients that the backward sweep leaves in the inputs.
  func checkBackward(_ cotangents: [CaseTensor?], _ expected: [CaseTensor?]) throws {
    for (result, cotangent) in try roots(cotangents, requireGrad: false) {
      try result.differentiate(gradient: cotangent, retainGraph: true)
    }
    for (index, (input, expected)) in zip(inputs, expected).enumerated() {
      guard let expected else { continue }
      try Self.check(input?.grad, expected, "gradient of input \(index)")
    }
  }

  /// Compares the gradients calculated as a graph of their own, and the gradients of that.
  func checkSecondOrder(
    _ cotangents: [CaseTensor?], _ expected: [CaseTensor?], _ second: JSONValue
  ) throws {
    let roots = try roots(cotangents, requireGrad: true)
    let asked = inputs.indices.filter { expected[$0] != nil }
    let gradients = try Autograd.gradients(
      outputs: roots.map(\.result), inputs: asked.compactMap { inputs[$0] },
      gradOutputs: roots.map(\.cotangent), createGraph: true, allowUnused: true)
    for (index, gradient) in zip(asked, gradients) {
      guard let expected = expected[index] else { continue }
      try Self.check(gradient, expected, "gradient of input \(index), recorded")
    }

    let directions = try OperationCall.tensors(second.entry("cotangents"), "second_order cotangents")
    let inputGradients = try OperationCall.tensors(second.entry("gradients"), "second_order gradients")
    let resultGradients = try OperationCall.tensors(
      second.entry("cotangent_gradients"), "second_order cotangent_gradients")
    guard directions.count == inputs.count, inputGradients.count == inputs.count,
      resultGradients.count == cotangents.count
    else {
      throw MalformedCase("second_order must have an entry per input and per cotangent")
    }
    var outputs: [Tensor] = []
    var seeds: [Tensor] = []
    for (index, gradient) in zip(asked, gradients) {
      guard let gradient, gradient.requiresGrad, let direction = directions[index] else { continue }
      outputs.append(gradient)
      seeds.append(Tensor(try NDArray(direction)))
    }
    let cotangentTensors = roots.map(\.cotangent)
    let sources = asked.compactMap { inputs[$0] } + cotangentTensors
    let twice =
      outputs.isEmpty
      ? [Tensor?](repeating: nil, count: sources.count)
      : try Autograd.gradients(
        outputs: outputs, inputs: sources, gradOutputs: seeds, allowUnused: true)
    let wanted =
      asked.map { inputGradients[$0] }
      + resultGradients.enumerated().filter { cotangents[$0.offset] != nil }.map(\.element)
    for (index, (gradient, expected)) in zip(twice, wanted).enumerated() {
      guard let expected else { continue }
      let what =
        index < asked.count
        ? "second-order gradient of input \(asked[index])"
        : "second-order gradient of cotangent \(index - asked.count)"
      // None is zero: PyTorch sees dependence in places where the derivative does not.
      if gradient == nil, expected.isZero { continue }
      try Self.check(gradient, expected, what)
    }
  }

  private static func check(_ gradient: Tensor?, _ expected: CaseTensor, _ what: String) throws {
    guard let gradient else { throw CaseFailure("\(what): expected \(expected.values), got none") }
    try CaseTensor(gradient.array).check(against: expected, within: .gradients(expected), what)
  }
}

extension CaseTensor {
  /// Whether no element differs from zero.
  fileprivate var isZero: Bool {
    switch values {
    case .reals(let values): values.allSatisfy { $0 == 0 }
    case .integers(let values): values.allSatisfy { $0 == 0 }
    case .truths(let values): !values.contains(true)
    }
  }
}
