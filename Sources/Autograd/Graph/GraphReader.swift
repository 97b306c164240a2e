import Operations

/// Reads a recording into a `ComputationGraph`.
struct GraphReader {
  var graph = ComputationGraph()
  /// The recorded nodes of the operations, by position.
  private(set) var nodes: [Node] = []
  /// The accumulators of the leaves with their variables.
  private(set) var leaves: [(node: AccumulateGrad, variable: Int)] = []
  /// The tensors with a name that are no results of recorded operations.
  private(set) var namedConstants: [(name: String, tensor: Tensor)] = []
  /// Per variable the value that the recording kept; empty unless asked for.
  private(set) var arrays: [NDArray?] = []
  private let keepsArrays: Bool

  private struct Result: Hashable {
    var node: ObjectIdentifier
    var index: Int
  }
  private var variables: [Result: Int] = [:]
  private var operations: [ObjectIdentifier: Int] = [:]
  private var constants: [ObjectIdentifier: Int] = [:]
  private var named: [Result: (name: String, tensor: Tensor)] = [:]
  private let givenNames: Set<String>
  private var counts: [Character: Int] = [:]

  init(_ names: some Collection<(key: String, value: Tensor)>, keepsArrays: Bool = false) {
    self.keepsArrays = keepsArrays
    givenNames = Set(names.map(\.key))
    for (name, tensor) in names {
      if let node = tensor.currentNode {
        let result = Result(node: ObjectIdentifier(node), index: Int(tensor.outputIndex))
        if named[result] == nil { named[result] = (name, tensor) }
      } else {
        namedConstants.append((name, tensor))
      }
    }
  }

  /// Adds everything behind `roots`.
  mutating func read(_ roots: [Tensor]) {
    for root in roots {
      guard let node = root.currentNode else {
        graph.roots.append(constant(root, root.array.type))
        continue
      }
      visit(node)
      let index = Int(root.outputIndex)
      let position = variable(node, index)
      keep(root.array, of: position)
      if let grad = root.grad {
        graph.variables[position].gradient = ComputationGraph.Gradient(value: grad.array.brief)
      }
      graph.roots.append(position)
    }
    for root in graph.roots { graph.variables[root].role = .root }
  }

  // MARK: Walking

  /// Visits what lies behind `root`, arguments before the operations that read them, without recursion.
  private mutating func visit(_ root: Node) {
    if isVisited(root) { return }
    var path: [(node: Node, input: Int)] = [(root, 0)]
    if root.isAccumulator { path = [] }
    while let (node, input) = path.last {
      if input == node.inputCount {
        path.removeLast()
        if !isVisited(node) { addOperation(node) }
        continue
      }
      path[path.count - 1].input += 1
      if let edge = node.edge(input), !edge.isAccumulator, !isVisited(edge) { path.append((edge, 0)) }
    }
  }

  private func isVisited(_ node: Node) -> Bool { operations[ObjectIdentifier(node)] != nil }

  private mutating func addOperation(_ node: Node) {
    let position = graph.operations.count
    operations[ObjectIdentifier(node)] = position
    nodes.append(node)
    var inputs: [Int] = []
    for case let input? in node.gradientEntries {
      let saved = node.savedInput(input)
      if let edge = node.edge(input) {
        let variable = variable(edge, node.edgeIndex(of: input))
        if let saved { keep(saved.array, of: variable) }
        inputs.append(variable)
      } else {
        inputs.append(constant(saved, node.inputType(input)))
      }
    }
    graph.operations.append(
      ComputationGraph.Operation(
        name: node.operation.map { type(of: $0).name } ?? node.name, gradFn: node.name,
        attributes: node.operation?.attributes ?? [], sequenceNumber: node.sequenceNumber, inputs: inputs,
        outputs: [], isFreed: node.isFreed))
    if node.outputCount == 1 { _ = variable(node, 0) }
  }

  // MARK: Variables

  /// Notes a variable's value, unless it is known.
  private mutating func keep(_ array: NDArray, of variable: Int) {
    if graph.variables[variable].value == nil { graph.variables[variable].value = array.brief }
    if keepsArrays, arrays[variable] == nil { arrays[variable] = array }
  }

  /// Adds a variable whose value may be known.
  private mutating func add(_ variable: ComputationGraph.Variable, _ array: NDArray?) {
    graph.variables.append(variable)
    if keepsArrays { arrays.append(array) }
  }

  /// The variable that is result `index` of `node`, or the leaf of an accumulator.
  private mutating func variable(_ node: Node, _ index: Int) -> Int {
    let key = Result(node: ObjectIdentifier(node), index: index)
    if let known = variables[key] { return known }
    let position = graph.variables.count
    variables[key] = position
    let operation = operations[ObjectIdentifier(node)]
    let accumulator = node.isAccumulator ? unsafeDowncast(node, to: AccumulateGrad.self) : nil
    // A tensor that retains its gradient is known to the node even without a name.
    let tensor = named[key]?.tensor ?? node.retaining(index)
    let array = tensor?.array ?? accumulator?.array ?? node.savedOutput(index)?.array
    let grad = accumulator?.grad ?? tensor?.grad
    let type = node.outputType(index)
    add(
      ComputationGraph.Variable(
        role: accumulator == nil ? .inner : .leaf, name: named[key]?.name,
        label: label(named[key]?.name, accumulator == nil ? "v" : "p"), dtype: type.dtype, shape: type.shape,
        value: array?.brief, requiresGrad: true,
        gradient: grad.map { ComputationGraph.Gradient(value: $0.array.brief) }, operation: operation,
        output: index), array)
    if let accumulator { leaves.append((accumulator, position)) }
    if let operation { graph.operations[operation].outputs.append(position) }
    return position
  }

  /// The variable of an input that requires no gradient; `tensor` is nil where the recording did not keep it.
  private mutating func constant(_ tensor: Tensor?, _ type: ArrayType) -> Int {
    if let tensor, let known = constants[ObjectIdentifier(tensor)] { return known }
    let position = graph.variables.count
    var name: String?
    var label: String?
    if let tensor {
      constants[ObjectIdentifier(tensor)] = position
      // The recording may hold a tensor of its own over the same elements.
      let sharing = namedConstants.filter { $0.tensor.array.storage === tensor.array.storage }
      name =
        (sharing.first { $0.tensor === tensor }
        ?? sharing.first { $0.tensor.array.elementLayout == tensor.array.elementLayout })?
        .name
      label = name ?? sharing.first.map { "view of \($0.name)" }
    }
    add(
      ComputationGraph.Variable(
        role: .constant, name: name, label: label ?? self.label(nil, "c"), dtype: type.dtype,
        shape: type.shape,
        value: tensor?.array.brief, requiresGrad: false, gradient: nil, operation: nil, output: 0),
      tensor?.array)
    return position
  }

  private mutating func label(_ name: String?, _ letter: Character) -> String {
    if let name { return name }
    while true {
      let number = counts[letter, default: 0] + 1
      counts[letter] = number
      let label = "\(letter)\(number)"
      if !givenNames.contains(label) { return label }
    }
  }
}

extension Node {
  /// The tensor that keeps the gradient of result `index` though it is no leaf, if it is still there.
  fileprivate func retaining(_ index: Int) -> Tensor? {
    guard let hooks else { return nil }
    for entry in hooks.list where entry.index == index {
      if case .retain(let reference) = entry.body, let tensor = reference.tensor { return tensor }
    }
    return nil
  }
}
