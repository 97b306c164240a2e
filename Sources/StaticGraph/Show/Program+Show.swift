extension Program.Step {
  /// The operation's name: `mul`, `feed`, `kernel`.
  public var operationName: String {
    switch kind {
    case .feed: "feed"
    case .constant: "constant"
    case .state: "variable"
    case .random(let source): source.name
    case .operation(let operation): operation.name
    case .fused: "kernel"
    }
  }

  /// Its parameters in one line.
  var parameters: String {
    switch kind {
    case .operation(let operation):
      operation.attributes.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
    case .fused(let kernel): "\(kernel.steps.count) steps over \(kernel.count) elements"
    case .constant(let array): array.uniformScalar.map(\.description) ?? ""
    case .feed, .state, .random: ""
    }
  }
}

extension Program: CustomStringConvertible {
  /// A line per step, the steps of a kernel indented under it; then what is handed out.
  ///
  ///     %4 = square(%1)                  float64[100, 1]  square
  ///     fetch %12; w := %14
  public var description: String {
    var lines = steps.flatMap { self.lines($0, indent: "") }
    let fetched = fetches.map { $0.map { "%\($0)" } ?? "nothing" }
    lines.append("fetch " + (fetched.isEmpty ? "nothing" : fetched.joined(separator: ", ")))
    for commit in commits { lines.append("variable \(commit.variable) := %\(commit.value)") }
    return lines.joined(separator: "\n") + "\n"
  }

  private func lines(_ step: Step, indent: String) -> [String] {
    let results = step.results.map { "%\($0)" }.joined(separator: ", ")
    let inputs = step.inputs.map { "%\($0)" }.joined(separator: ", ")
    let parameters = step.parameters.isEmpty ? "" : " {\(step.parameters)}"
    let types = step.results.map { values[$0].type.description }.joined(separator: ", ")
    var lines = [
      "\(indent)\(results) = \(step.operationName)(\(inputs))\(parameters)  \(types)  \(step.name)"
    ]
    if case .fused(let kernel) = step.kind {
      lines += kernel.steps.flatMap { self.lines($0, indent: indent + "    ") }
    }
    return lines
  }

  /// The number of calculations, those inside kernels counted one by one.
  public var calculationCount: Int {
    steps.reduce(0) { count, step in
      switch step.kind {
      case .operation: count + 1
      case .fused(let kernel): count + kernel.steps.count
      case .feed, .constant, .state, .random: count
      }
    }
  }

  /// The program as a picture; kernels are frames around what they calculate.
  public func diagram(title: String = "program") -> Diagram {
    var diagram = Diagram(title: title)
    for step in steps { add(step, [], &diagram) }
    for commit in commits {
      let id = "commit\(commit.variable)"
      diagram.nodes.append(
        Diagram.Node(
          id: id, label: "assign", detail: "variable \(commit.variable)", kind: .assignment, scope: []))
      diagram.edges.append(Diagram.Edge(from: "v\(commit.value)", to: id, isControl: false))
    }
    return diagram
  }

  private func add(_ step: Step, _ scope: [String], _ diagram: inout Diagram) {
    if case .fused(let kernel) = step.kind {
      let name = "kernel \(diagram.nodes.count): \(kernel.count) elements"
      for step in kernel.steps { add(step, scope + [name], &diagram) }
      return
    }
    let leafKind: Diagram.Kind? =
      switch step.kind {
      case .feed: .placeholder
      case .constant: .constant
      case .state: .variable
      case .random, .operation, .fused: nil
      }
    if leafKind == nil {
      let id = "s\(step.results.first ?? -1)"
      diagram.nodes.append(
        Diagram.Node(
          id: id, label: step.operationName, detail: step.parameters, kind: .operation, scope: scope))
      for input in step.inputs {
        diagram.edges.append(Diagram.Edge(from: "v\(input)", to: id, isControl: false))
      }
      for result in step.results {
        diagram.edges.append(Diagram.Edge(from: id, to: "v\(result)", isControl: false))
      }
    }
    for result in step.results {
      diagram.nodes.append(
        Diagram.Node(
          id: "v\(result)", label: values[result].name, detail: values[result].type.description,
          kind: leafKind ?? .value, scope: scope))
    }
  }
}
