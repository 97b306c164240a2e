/// Turns the part of a graph that some fetches need into a program.
///
/// - What is fed is a leaf; what only it was calculated from is not needed. Only a fed placeholder ends a wait too: any other node that a
///   control dependency names runs, though those who read its result get the value fed (TensorFlow's `FeedInputs`).
/// - A variable is read as of the run's start. A `read` under control dependencies gives the value of the last assignment to the variable
///   among what must run before it.
/// - `assignAdd` and `assignSub` start from the assignment to the same variable made before them in this run, if there is one; of several
///   assignments the last made is what the session keeps.
struct Lowering {
  let nodes: [Node]
  let feeds: [(port: Port, type: ArrayType)]
  private var fed: [Port: Int] = [:]
  private var needed: [Bool]
  private var program = Program()
  private var valueOf: [Port: Int] = [:]
  private var startOf: [Int: Int] = [:]
  private var lastAssignment: [Int: (node: Int, value: Int)] = [:]
  private var valueOfAssignment: [Int: Int] = [:]

  /// The program for these fetches, or an error that names what is missing or does not fit.
  static func program(
    nodes: [Node], fetches: [Port], feeds: [(port: Port, type: ArrayType)]
  ) throws(SessionError) -> Program {
    var lowering = Lowering(nodes: nodes, feeds: feeds)
    return try lowering.run(fetches)
  }

  private init(nodes: [Node], feeds: [(port: Port, type: ArrayType)]) {
    self.nodes = nodes
    self.feeds = feeds
    needed = [Bool](repeating: false, count: nodes.count)
    for (index, feed) in feeds.enumerated() { fed[feed.port] = index }
  }

  private mutating func run(_ fetches: [Port]) throws(SessionError) -> Program {
    markNeeded(fetches)
    for node in nodes where needed[node.id] { try lower(node) }
    for port in fetches { program.fetches.append(try nodes[port.node].outputs.isEmpty ? nil : value(port)) }
    program.commits = lastAssignment.sorted { $0.key < $1.key }.map {
      Program.Commit(variable: $0.key, name: nodes[$0.key].name, value: $0.value.value)
    }
    return program
  }

  // MARK: What is needed

  /// The values a node reads when it runs: not a variable's initial value, nor the variable an assignment overwrites.
  private func reads(_ node: Node) -> ArraySlice<Port> {
    switch node.kind {
    case .variable, .read: []
    case .assign: node.inputs[1...]
    default: node.inputs[...]
    }
  }

  private mutating func markNeeded(_ fetches: [Port]) {
    var stack = fetches.filter { fed[$0] == nil }.map(\.node)
    while let id = stack.popLast() {
      if needed[id] { continue }
      needed[id] = true
      for port in reads(nodes[id]) where fed[port] == nil { stack.append(port.node) }
      for other in nodes[id].controlInputs where !isFedPlaceholder(other) { stack.append(other) }
    }
  }

  private func isFedPlaceholder(_ id: Int) -> Bool {
    guard case .placeholder = nodes[id].kind else { return false }
    return fed[Port(node: id, output: 0)] != nil
  }

  // MARK: Steps

  private mutating func value(_ port: Port) throws(SessionError) -> Int {
    if let known = valueOf[port] { return known }
    guard let feed = fed[port] else {
      if case .variable = nodes[port.node].kind { return start(port.node) }
      fatalError("lowering: value of '\(nodes[port.node].name)' is read before it is set")
    }
    let id = program.newValue(
      StaticType(feeds[feed].type.dtype, feeds[feed].type.shape), nodes[port.node].name)
    append(.feed(feed), [], [id], nodes[port.node])
    valueOf[port] = id
    return id
  }

  /// The variable's value at the start of the run.
  private mutating func start(_ variable: Int) -> Int {
    if let known = startOf[variable] { return known }
    let id = program.newValue(nodes[variable].outputs[0], nodes[variable].name)
    append(.state(variable), [], [id], nodes[variable])
    startOf[variable] = id
    return id
  }

  private mutating func append(
    _ kind: Program.Step.Kind, _ inputs: [Int], _ results: [Int], _ node: Node, name: String? = nil
  ) {
    program.steps.append(
      Program.Step(kind: kind, inputs: inputs, results: results, node: node.id, name: name ?? node.name))
  }

  /// Notes what a node gives, unless another value is fed in its place.
  private mutating func give(_ value: Int, _ output: Int = 0, of node: Node) {
    let port = Port(node: node.id, output: output)
    if fed[port] == nil { valueOf[port] = value }
  }

  private mutating func lower(_ node: Node) throws(SessionError) {
    switch node.kind {
    case .group: break
    case .placeholder:
      throw SessionError(
        .missingFeed, "placeholder '\(node.name)' (\(node.outputs[0])) is needed but no value was fed for it")
    case .variable: give(start(node.id), of: node)
    case .read: give(current(node), of: node)
    case .constant(let array):
      let id = program.newValue(node.outputs[0], node.name)
      append(.constant(array), [], [id], node)
      give(id, of: node)
    case .random(let source):
      let id = program.newValue(node.outputs[0], node.name)
      append(.random(source), [], [id], node)
      give(id, of: node)
    case .assign(let assignment): try lower(assignment, node)
    case .operation(let operation):
      var inputs: [Int] = []
      for port in node.inputs { inputs.append(try value(port)) }
      for (output, id) in try calculate(operation, inputs, node).enumerated() {
        give(id, output, of: node)
      }
    }
  }

  /// Appends an operation; its results' types follow from the inputs'. It has the node's name unless it is only a part of it.
  private mutating func calculate(
    _ operation: any StaticOperation, _ inputs: [Int], _ node: Node, name: String? = nil
  ) throws(SessionError) -> [Int] {
    if let spreading = operation as? Spreading, let whole = try repeated(inputs, by: spreading, node) {
      return try calculate(spreading.elementwise, whole, node)
    }
    do {
      let types = try operation.inferred(inputs.map { program.values[$0].type })
      let results = types.indices.map {
        program.newValue(types[$0], $0 == 0 ? name ?? node.name : "\(node.name):\($0)")
      }
      append(.operation(operation), inputs, results, node, name: name)
      return results
    } catch {
      throw SessionError.calculation(error, node, inputs.map { program.values[$0].type })
    }
  }

  /// The operands in the shape in which they meet, by steps that repeat them; nil where the shapes are open or do not meet.
  private mutating func repeated(
    _ inputs: [Int], by spreading: Spreading, _ node: Node
  ) throws(SessionError) -> [Int]? {
    let shapes = inputs.compactMap { program.values[$0].type.shape }
    guard shapes.count == inputs.count, shapes.allSatisfy(\.isKnown),
      let shape = try? spreading.common(shapes)
    else { return nil }
    let repetition = StaticUnary(operation: BroadcastTo(shape))
    var whole: [Int] = []
    for (input, own) in zip(inputs, shapes) {
      let name = Lowering.name(of: program.values[input].name, for: node.name)
      whole += own == shape ? [input] : try calculate(repetition, [input], node, name: name)
    }
    return whole
  }

  /// `gradients/w for mul`, what the node `gradients/mul` makes of `layer/w` for itself.
  private static func name(of operand: String, for node: String) -> String {
    func parts(_ name: String) -> (scope: String, own: String) {
      let list = name.split(separator: "/", omittingEmptySubsequences: false)
      return (list.dropLast().map { $0 + "/" }.joined(), String(list.last ?? ""))
    }
    return "\(parts(node).scope)\(parts(operand).own) for \(parts(node).own)"
  }

  private mutating func lower(_ assignment: Assignment, _ node: Node) throws(SessionError) {
    let variable = node.inputs[0].node
    var next = try value(node.inputs[1])
    if let shape = program.values[next].type.shape, let own = nodes[variable].outputs[0].shape,
      !own.agrees(with: shape)
    {
      throw SessionError(
        .calculation,
        "\(assignment.rawValue) '\(node.name)': variable '\(nodes[variable].name)' has shape \(own), but the value has \(shape)"
      )
    }
    if assignment != .set {
      let base = lastAssignment[variable]?.value ?? start(variable)
      let operation: any StaticOperation =
        assignment == .add ? StaticBinary(operation: Add()) : StaticBinary(operation: Sub())
      next = try calculate(operation, [base, next], node)[0]
    }
    lastAssignment[variable] = (node.id, next)
    valueOfAssignment[node.id] = next
    give(next, of: node)
  }

  /// What a `read` sees: the last assignment to the variable among all that must run before it, else the start value.
  private mutating func current(_ read: Node) -> Int {
    let variable = read.inputs[0].node
    var latest = -1
    var seen = Set<Int>()
    var stack = read.controlInputs
    while let id = stack.popLast() {
      if !seen.insert(id).inserted || !needed[id] { continue }
      let node = nodes[id]
      if case .assign = node.kind, node.inputs[0].node == variable { latest = max(latest, id) }
      stack += node.controlInputs
      for port in reads(node) where fed[port] == nil { stack.append(port.node) }
    }
    return latest >= 0 ? valueOfAssignment[latest]! : start(variable)
  }
}

extension SessionError {
  /// An operation's refusal, with the node it comes from.
  static func calculation(_ error: ArrayError, _ node: Node, _ inputs: [StaticType]) -> SessionError {
    let types = inputs.map(\.description).joined(separator: ", ")
    let place = node.origin.text.map { ", made at \($0)" } ?? ""
    return SessionError(
      .calculation, "\(error.message) (node '\(node.name)' of \(types)\(place))")
  }
}
