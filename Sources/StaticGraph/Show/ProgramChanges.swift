extension Program {
  /// What a pass changed that made this program of `before`, a line each: what it dropped, replaced, added and joined.
  func changes(from before: Program) -> [String] {
    let (old, new) = (before.openedSteps, openedSteps)
    let (kept, known) = (Set(new.flatMap(\.results)), Set(old.flatMap(\.results)))
    let dropped = old.filter { !$0.results.contains(where: kept.contains) }
    let added = new.filter { !$0.results.contains(where: known.contains) }
    return before.grouped("drops", dropped) + replacements(of: old, in: before, by: new)
      + grouped("adds", added) + kernels(beyond: before)
  }

  /// `drops 3 constant: a, b, c`.
  private func grouped(_ verb: String, _ steps: [Step]) -> [String] {
    var groups: [(operation: String, names: [String])] = []
    for step in steps {
      let name = step.results.first.map { values[$0].name } ?? step.name
      if let known = groups.firstIndex(where: { $0.operation == step.operationName }) {
        groups[known].names.append(name)
      } else {
        groups.append((step.operationName, [name]))
      }
    }
    return groups.map { "\(verb) \($0.names.count) \($0.operation): \($0.names.joined(separator: ", "))" }
  }

  /// Steps that set the same value in another way: another operation, other parameters, more or fewer operands.
  private func replacements(of old: [Step], in before: Program, by new: [Step]) -> [String] {
    var makers: [Int: Step] = [:]
    for step in old { for result in step.results { makers[result] = step } }
    return new.compactMap { step in
      guard let result = step.results.first, let other = makers[result],
        other.inputs.count != step.inputs.count || other.operationName != step.operationName
          || other.parameters != step.parameters
      else { return nil }
      return "\(values[result].name): \(before.call(other)) → \(call(step))"
    }
  }

  /// `mul(w, square) {left=2}`.
  private func call(_ step: Step) -> String {
    if case .constant(let array) = step.kind { return "the constant \(array.brief)" }
    let operands = step.inputs.map { values[$0].name }.joined(separator: ", ")
    return "\(step.operationName)(\(operands))" + (step.parameters.isEmpty ? "" : " {\(step.parameters)}")
  }

  private func kernels(beyond before: Program) -> [String] {
    let known = Set(before.steps.compactMap { if case .fused = $0.kind { $0.results.first } else { nil } })
    return steps.compactMap { step in
      guard case .fused(let kernel) = step.kind, step.results.first.map(known.contains) != true else {
        return nil
      }
      let names = kernel.steps.map(\.name).joined(separator: ", ")
      return "joins \(kernel.steps.count) over \(kernel.elements): \(names)"
    }
  }
}
