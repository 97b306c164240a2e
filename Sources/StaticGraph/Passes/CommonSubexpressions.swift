/// Calculates once what is the same calculation of the same values.
public struct CommonSubexpressions: Pass {
  public init() {}
  public var name: String { "common subexpressions" }
  public var summary: String { "calculate once what is the same calculation of the same values" }

  private struct Key: Hashable {
    let operation: String
    let inputs: [Int]
  }

  public func rewrite(_ program: inout Program) {
    var known: [Key: [Int]] = [:]
    var substitutions: [Int: Int] = [:]
    var steps: [Program.Step] = []
    for var step in program.steps {
      step.inputs = step.inputs.map { substitutions[$0] ?? $0 }
      if let operation = identity(of: step) {
        let key = Key(operation: operation, inputs: step.inputs)
        if let results = known[key] {
          for (result, same) in zip(step.results, results) { substitutions[result] = same }
          continue
        }
        known[key] = step.results
      }
      steps.append(step)
    }
    program.steps = steps
    program.replace(substitutions)
  }

  /// What two steps have in common that do the same to the same inputs; nil where that cannot be told.
  private func identity(of step: Program.Step) -> String? {
    switch step.kind {
    case .operation(let operation): return OperationIdentity.text(operation.base)
    case .constant(let array):
      guard array.isUniform else { return nil }
      let bytes = UnsafeRawBufferPointer(start: array.address, count: array.dtype.byteSize).map(String.init)
      return "\(array.dtype)\(array.shape)\(array.strides) \(bytes.joined(separator: ","))"
    case .feed, .state, .random, .fused: return nil
    }
  }
}

/// An operation written out with all its parameters, so that equal texts mean equal operations.
enum OperationIdentity {
  /// The text, or nil when a parameter is of a kind whose equality cannot be seen.
  static func text(_ operation: any Operation) -> String? {
    guard let parameters = text(of: operation) else { return nil }
    return String(reflecting: type(of: operation)) + parameters
  }

  private static func text(of value: Any) -> String? {
    switch value {
    case let value as Double: return "\(value.bitPattern)"
    case let value as Float: return "\(value.bitPattern)"
    case let value as any BinaryInteger: return "\(value)"
    case let value as Bool: return "\(value)"
    case let value as String: return "\"\(value)\""
    case let value as Shape: return "\(value)"
    case is NDArray: return nil
    default: break
    }
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .class, .foreignReference: return nil
    case .enum where mirror.children.isEmpty: return "\(type(of: value)).\(value)"
    case nil: return mirror.children.isEmpty && !(MemoryLayout.size(ofValue: value) == 0) ? nil : ""
    default: break
    }
    var parts: [String] = []
    for child in mirror.children {
      guard let part = text(of: child.value) else { return nil }
      parts.append((child.label ?? "") + ":" + part)
    }
    return "(" + parts.joined(separator: ";") + ")"
  }
}
