import Autograd
import Operations

/// Runs `error` cases: calls that must be refused with a thrown error, their inputs unchanged.
struct ErrorFamily: FamilyRunner {
  let kinds: Set = ["error"]

  func operations(of testCase: ConformanceCase) throws -> [String] {
    if testCase.json["steps"] != nil { return ["steps"] }
    return [try testCase.json.entry("op").text("op")]
  }

  func run(_ testCase: ConformanceCase) throws {
    if testCase.json["steps"] != nil {
      return try ProgramFamily.runRefused(testCase, reason(testCase))
    }
    let call = try OperationCall(testCase.json)
    let inputs = try OperationCall.tensors(testCase.json.entry("inputs"), "inputs")
    let tensors = try inputs.map { input in try input.map { Tensor(try NDArray($0)) } }
    do {
      let results = try call.results(tensors)
      throw CaseFailure(
        "expected to be refused, as PyTorch does with \(try reason(testCase)), got \(results.map(\.array.type))"
      )
    } catch is ArrayError {
      for (index, (tensor, input)) in zip(tensors, inputs).enumerated() {
        guard let tensor, let input else { continue }
        try CaseTensor(tensor.array).check(against: input, within: .exact, "input \(index) after the refusal")
      }
    }
  }

  private func reason(_ testCase: ConformanceCase) throws -> String {
    "\(try testCase.json.entry("error").text("error")): \(try testCase.json.entry("message").text("message"))"
  }
}
