import Autograd
import Operations

/// One call of an operation as a case writes it: its name and the arguments that are not tensors.
struct OperationCall {
  /// PyTorch's name without `torch.`.
  let name: String
  /// The plain arguments by parameter name.
  let attributes: [String: Attribute]

  /// Reads `op` and `attributes`. Throws `CaseFailure` when the table has no operation of this name.
  init(_ json: JSONValue) throws {
    name = try json.entry("op").text("op")
    guard let entry = OperationTable.entry(name) else {
      throw CaseFailure("the operation \"\(name)\" is unknown")
    }
    let kinds = Dictionary(
      entry.signature.parameters.map { ($0.name, $0.kind) }, uniquingKeysWith: { first, _ in first })
    var attributes: [String: Attribute] = [:]
    for (key, value) in try json["attributes"]?.entries("attributes") ?? [:] {
      attributes[key] = try Self.attribute(value, kinds[key] ?? "")
    }
    self.attributes = attributes
  }

  /// The results for these tensors, recorded where one of them requires a gradient.
  func results(_ inputs: [Tensor?]) throws(ArrayError) -> [Tensor] {
    try OperationTable.call(name, inputs, attributes) { Tensor($0) }
  }

  /// The tensors of a list in which null stands for an absent one.
  static func tensors(_ json: JSONValue, _ what: String) throws -> [CaseTensor?] {
    try json.elements(what).map { $0 == .null ? nil : try CaseTensor($0) }
  }

  /// A plain argument for a parameter of this kind (see `Signature`).
  private static func attribute(_ value: JSONValue, _ kind: String) throws -> Attribute {
    switch value {
    case .null: return .null
    case .boolean(let truth): return .bool(truth)
    case .integer(let integer): return kind == "float" ? .float(Double(integer)) : .int(Int(integer))
    case .number(let number): return .float(number)
    case .string(let text):
      if kind.hasPrefix("float"), let number = try? value.real(text) { return .float(number) }
      return .string(text)
    case .array(let items):
      return kind == "index"
        ? .index(try indexItems(value)) : .ints(try items.map { Int(try $0.integer("item")) })
    case .object: return .scalar(try scalar(value))
    }
  }

  /// A number whose kind matters: `{"int": 2}`, `{"float": 2.0}` or `{"bool": true}`.
  static func scalar(_ json: JSONValue) throws -> Scalar {
    let entries = try json.entries("scalar")
    guard let (kind, value) = entries.first, entries.count == 1 else {
      throw MalformedCase("a scalar has one kind, found \(json)")
    }
    switch kind {
    case "int": return .int(try value.integer("int"))
    case "float": return .float(try value.real("float"))
    case "bool": return .bool(try value.truth("bool"))
    default: throw MalformedCase("a scalar is an int, a float or a bool, found \(json)")
    }
  }

  /// What stands between the brackets of `x[...]`.
  static func indexItems(_ json: JSONValue) throws -> [IndexItem] {
    try json.elements("index").map { item in
      switch item {
      case .integer(let position): .integer(Int(position))
      case .string("..."): .remaining
      case .string("newaxis"): .inserted
      case .object:
        .range(
          start: try item["start"].map { Int(try $0.integer("start")) },
          stop: try item["stop"].map { Int(try $0.integer("stop")) },
          step: try item["step"].map { Int(try $0.integer("step")) } ?? 1)
      default: throw MalformedCase("\(item) is no index")
      }
    }
  }
}
