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
    case .fused(let kernel): "\(kernel.steps.count) steps over \(kernel.elements)"
    case .constant(let array):
      array.uniformScalar.map { (array.dtype == .float32 ? $0.shortestInFloat32 : $0).description } ?? ""
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
    for commit in commits { lines.append("\(commit.name) := %\(commit.value)") }
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

  /// The number of nodes: calculations, those inside kernels counted one by one, and what they start from.
  public var nodeCount: Int { calculationCount + steps.count(where: \.isLeaf) }

  /// How many times a run goes over memory: once for each calculation that stands alone and for each kernel.
  public var launchCount: Int { steps.count { !$0.isLeaf } }

  /// All steps that calculate or begin, kernels opened.
  var openedSteps: [Step] {
    steps.flatMap { step in
      if case .fused(let kernel) = step.kind { kernel.steps } else { [step] }
    }
  }
}
