import Guarding
@_exported import Operations

/// A static graph: operations that are remembered while they are written down and calculated later, by a `Session`.
///
/// Nothing is calculated while a graph is built; dtypes and shapes are inferred, and what cannot fit is refused at once, with the
/// node's name and the source line that made it. Nodes are only ever added. The order in which they were made is an order
/// in which they can run.
///
/// Building is synchronised node by node, so that sessions on other threads can run an earlier part; two threads that build at the same
/// time share one current name scope.
public final class Graph: Sendable {
  struct State {
    var nodes: [Node] = []
    var byName: [String: Int] = [:]
    /// How often a name, in lower case, was asked for, so that the next one gets a number.
    var usedNames: [String: Int] = [:]
    /// The name scopes around what is made now, in full; empty for the graph's root.
    var scopes: [String] = []
    var controlScopes: [ControlScope] = []
    var variables: [Int] = []
    /// The nodes that set variables to their initial values.
    var initializations: [Int] = []
    /// Where nodes come from that are made on the user's behalf (gradients, optimizers).
    var origin: SourceLocation?
    var seed: Int?
    /// How many random nodes were made that took the graph's seed alone.
    var unseededRandomNodes: Int64 = 0
  }
  /// A block of control dependencies.
  struct ControlScope {
    /// The nodes that run first.
    let dependencies: [Int]
    /// The nodes made in the block.
    var members: Set<Int> = []
  }
  let state = Guarded(State())

  /// An empty graph.
  public init() {}

  /// The number of nodes.
  public var nodeCount: Int { state.withLock { $0.nodes.count } }

  /// All nodes, in the order they were made.
  public var nodes: [Node] { state.withLock { $0.nodes } }

  /// The node with this number.
  func node(_ id: Int) -> Node { state.withLock { $0.nodes[id] } }

  // MARK: Names

  /// Makes nodes inside a name scope: their names begin with `name/`. A scope asked for again gets a number (`layer`, `layer_1`).
  ///
  /// A name that ends in `/` is that of a scope in full: `layer/` goes on in the scope `layer`, wherever it is asked for. An empty name
  /// leaves all scopes.
  public func scope<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    try scope(name) { _ in try body() }
  }

  /// As `scope`, with the scope's name in full, `layer_1/`: what to ask for to go on in it, or to name a node like the scope.
  public func scope<Result>(
    _ name: String, _ body: (_ name: String) throws -> Result
  ) rethrows -> Result {
    let full = state.withLock { state in
      let full = name.isEmpty ? "" : Graph.fullName(name, &state)
      state.scopes.append(full)
      return full
    }
    defer { state.withLock { _ = $0.scopes.popLast() } }
    return try body(full.isEmpty ? "" : full + "/")
  }

  /// The name in full of a node or a scope made now: unique within the current scope, or, when it ends in `/`, taken as it is.
  static func fullName(_ name: String, _ state: inout State) -> String {
    let cleaned = cleaned(name)
    if name.hasSuffix("/") {
      state.usedNames[cleaned.lowercased(), default: 1] += 0
      return cleaned
    }
    let scope = state.scopes.last ?? ""
    return unique(scope.isEmpty ? cleaned : "\(scope)/\(cleaned)", &state)
  }

  /// `name` as it may stand in a node name: no spaces or slashes at the ends, nothing empty.
  private static func cleaned(_ name: String) -> String {
    let parts = name.split(separator: "/").map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
    return parts.isEmpty ? "node" : parts.joined(separator: "/")
  }

  /// The name itself the first time, then `name_1`, `name_2` … Names that differ in upper and lower case only count as the same.
  private static func unique(_ name: String, _ state: inout State) -> String {
    let key = name.lowercased()
    var number = state.usedNames[key] ?? 0
    state.usedNames[key] = number + 1
    if number == 0 { return name }
    while state.usedNames["\(key)_\(number)"] != nil { number += 1 }
    state.usedNames[key] = number + 1
    state.usedNames["\(key)_\(number)"] = 1
    return "\(name)_\(number)"
  }

  /// The value a name stands for: `loss`, or `split:1` for the second result of a node. Nil when there is none.
  public func symbol(named name: String) -> Symbol? {
    var (base, output) = (name, Int?.none)
    if let colon = name.lastIndex(of: ":"), let number = Int(name[name.index(after: colon)...]) {
      (base, output) = (String(name[..<colon]), number)
    }
    return state.withLock { state in
      guard let id = state.byName[base] else { return nil }
      let node = state.nodes[id]
      if node.outputs.isEmpty { return output == nil ? Symbol(self, node, 0) : nil }
      let output = output ?? 0
      return node.outputs.indices.contains(output) ? Symbol(self, node, output) : nil
    }
  }

  // MARK: Control dependencies

  /// Makes nodes that run after `dependencies`: whatever is made in `body` (reads of variables included) waits for them.
  ///
  /// As in TensorFlow, a node that is calculated from others made in `body`, or from a dependency itself, waits by waiting for these; where
  /// another value is fed in their place, it does not wait. A number (`x * 10`) is a constant made in `body`.
  public func controlDependencies<Result>(
    _ dependencies: [Symbol], _ body: () throws -> Result
  ) rethrows -> Result {
    for dependency in dependencies { checkOwn(dependency, "controlDependencies") }
    state.withLock { $0.controlScopes.append(ControlScope(dependencies: dependencies.map(\.port.node))) }
    defer { state.withLock { _ = $0.controlScopes.popLast() } }
    return try body()
  }

  /// One value that stands for running all of `members`; it has no value of its own.
  @discardableResult
  public func group(
    _ members: [Symbol], name: String = "group", fileID: String = #fileID, line: Int = #line
  ) -> Symbol {
    for member in members { checkOwn(member, "group") }
    return checked { () throws(ArrayError) in
      try append(
        .group, [], [], name: name, control: members.map(\.port.node), at: SourceLocation(fileID, line))
    }
  }

  /// The seed of the whole graph, from which random nodes without a seed of their own derive one (TensorFlow's `set_random_seed`).
  public var seed: Int? {
    get { state.withLock { $0.seed } }
    set { state.withLock { $0.seed = newValue } }
  }

  // MARK: Appending

  /// Runs `body`, whose nodes are all said to come from `location`.
  func attributing<Result, Failure: Error>(
    to location: SourceLocation, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let outer = state.withLock { state in
      let outer = state.origin
      if outer == nil { state.origin = location }
      return outer
    }
    defer { state.withLock { $0.origin = outer } }
    return try body()
  }

  /// Where a node made now comes from: what `attributing` says, else `given`, else the caller's frame.
  func origin(_ given: SourceLocation?) -> SourceLocation {
    state.withLock { $0.origin } ?? given ?? SourceLocation.ofCaller()
  }

  /// Adds a node. The current control dependencies are added to `control`.
  ///
  /// The name is made unique within the current scope, or is `exact`, which the caller has reserved. Throws when a name to be taken as it
  /// is, one that ends in `/`, is another node's.
  func append(
    _ kind: Node.Kind, _ inputs: [Symbol], _ outputs: [StaticType], name: String = "",
    exactly exact: String? = nil, control: [Int] = [], at location: SourceLocation? = nil
  ) throws(ArrayError) -> Symbol {
    for input in inputs { checkOwn(input, exact ?? name) }
    let origin = origin(location)
    var ports = inputs.map(\.port)
    if state.withLock({ !$0.controlScopes.isEmpty }) { ports = try readAgain(inputs, of: kind) }
    return try state.withLock { state throws(ArrayError) in
      let id = state.nodes.count
      let full = exact ?? Graph.fullName(name, &state)
      try require(
        state.byName[full] == nil,
        .value("'\(full)': the graph has a node of this name; leave out the '/' at its end to get a number"))
      let node = Node(
        id: id, name: full, kind: kind, inputs: ports,
        controlInputs: Graph.distinct(control + Graph.scopedDependencies(of: kind, ports.map(\.node), state)),
        outputs: outputs, origin: origin)
      state.nodes.append(node)
      for index in state.controlScopes.indices { state.controlScopes[index].members.insert(id) }
      state.byName[node.name] = id
      if case .variable = kind { state.variables.append(id) }
      return Symbol(self, node, 0)
    }
  }

  /// The inputs with variables replaced by reads made here, that is, after the current control dependencies.
  private func readAgain(_ inputs: [Symbol], of kind: Node.Kind) throws(ArrayError) -> [Port] {
    if case .read = kind { return inputs.map(\.port) }
    var ports: [Port] = []
    for (position, input) in inputs.enumerated() {
      var isTarget = false
      if case .assign = kind { isTarget = position == 0 }
      ports.append(input.isVariable && !isTarget ? try input.reading().port : input.port)
    }
    return ports
  }

  /// What a node with these inputs waits for on account of the blocks around it: nothing of a block that one of the inputs was made in,
  /// and no input. A number that an operation holds is an input made here.
  private static func scopedDependencies(of kind: Node.Kind, _ inputs: [Int], _ state: State) -> [Int] {
    if state.controlScopes.isEmpty { return [] }
    if case .operation(let operation) = kind, operation.base is any HoldingNumber {
      return state.controlScopes.flatMap(\.dependencies)
    }
    return state.controlScopes.filter { scope in !inputs.contains { scope.members.contains($0) } }
      .flatMap(\.dependencies).filter { !inputs.contains($0) }
  }

  private static func distinct(_ ids: [Int]) -> [Int] {
    var seen = Set<Int>()
    return ids.filter { seen.insert($0).inserted }
  }

  /// Stops when a value belongs to another graph.
  func checkOwn(_ symbol: Symbol, _ operation: String) {
    if symbol.graph !== self {
      stop(
        .value("\(operation): '\(symbol.name)' belongs to another graph; values of one graph cannot be mixed")
      )
    }
  }
}

/// An operation one of whose operands is a number that it holds: where TensorFlow makes a constant.
private protocol HoldingNumber {}
extension WithScalar: HoldingNumber {}
