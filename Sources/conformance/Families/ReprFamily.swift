import Autograd
import Operations

/// Runs `repr` cases: an array printed as NumPy prints it, or a tensor as PyTorch does.
struct ReprFamily: FamilyRunner {
  let kinds: Set = ["repr"]

  func operations(of testCase: ConformanceCase) throws -> [String] {
    [try testCase.json.entry("library").text("library")]
  }

  func run(_ testCase: ConformanceCase) throws {
    let json = testCase.json
    let source = try ReprSource.array(json.entry("source"))
    switch try json.entry("library").text("library") {
    case "numpy":
      try check(source.numpyRepr(), json, "repr")
      try check(source.numpyStr(), json, "str")
    case "torch":
      try check(tensor(source, json).description, json, "str")
    case let other:
      throw CaseFailure("the library \"\(other)\" is unknown")
    }
  }

  private func check(_ text: String, _ json: JSONValue, _ key: String) throws {
    let expected = try json.entry(key).text(key)
    if text != expected {
      throw CaseFailure("\(key): expected\n\(expected)\n     got\n\(text)")
    }
  }

  /// The tensor that the case prints: a leaf, or the result of the operation whose node it names.
  private func tensor(_ source: NDArray, _ json: JSONValue) throws -> Tensor {
    let node = try json["grad_fn"]?.text("grad_fn")
    let requiresGrad = try json["requires_grad"]?.truth("requires_grad") ?? false
    var tensor = Tensor(source, requiresGrad: requiresGrad || node != nil)
    if let node { tensor = try result(of: node, tensor) }
    if try json["transpose"]?.truth("transpose") ?? false { tensor = try call("t", tensor) }
    return tensor
  }

  private func result(of node: String, _ leaf: Tensor) throws -> Tensor {
    switch node {
    case "MulBackward0": try call("mul", leaf, ["other": .scalar(.int(1))])
    case "AddBackward0": try call("add", leaf, ["other": .scalar(.int(0))])
    case "SumBackward0": try call("sum", leaf)
    case "ViewBackward0": try call("view", leaf, ["size": .ints([-1])])
    case "TBackward0": try call("t", leaf)
    case "ExpBackward0": try call("exp", leaf)
    case "CloneBackward0": try call("clone", leaf)
    case "NegBackward0": try call("neg", leaf)
    default: throw CaseFailure("the node \"\(node)\" is unknown")
    }
  }

  private func call(
    _ operation: String, _ tensor: Tensor, _ attributes: [String: Attribute] = [:]
  ) throws -> Tensor {
    try OperationTable.call(operation, [tensor], attributes) { Tensor($0) }[0]
  }
}
