public import GraphDrawing
import Operations

/// Watches a backward pass through a tensor's graph: which operation ran when, and what gradient came to each variable.
///
///     let watch = GradientWatch(of: z, naming: ["w": w, "x": x, "b": b])
///     z.backward()
///     print(watch.graph.text)
///
/// The graph is taken when the watch is made, with the values of that moment; the gradients are those of the latest pass, before leaves add
/// them to their `grad`. It keeps the recorded graph alive as long as it lives, and is not synchronised: the pass and the reader must be
/// one thread.
public final class GradientWatch {
  private let taken: ComputationGraph
  private let log: Log
  private var removals: [(hooks: NodeHooks, id: Int)] = []
  // Keeps the hooks' nodes, so that identifiers stay theirs.
  private let nodes: [Node]

  /// Watches passes that start at `root` (or reach it).
  public init(of root: Tensor, naming names: KeyValuePairs<String, Tensor> = [:]) {
    var reader = GraphReader(names)
    reader.read([root])
    taken = reader.graph
    nodes = reader.nodes
    log = Log(operations: taken.operations.count, variables: taken.variables.count)
    for (position, node) in reader.nodes.enumerated() {
      for variable in taken.operations[position].outputs {
        listen(node, taken.variables[variable].output) { [log] in log.ran(position, variable, $0) }
      }
    }
    for leaf in reader.leaves {
      listen(leaf.node, 0) { [log] in log.arrived(leaf.variable, $0) }
    }
  }

  deinit { stop() }

  /// Watches no further.
  public func stop() {
    for removal in removals { removal.hooks.remove(removal.id) }
    removals = []
  }

  private func listen(_ node: Node, _ index: Int, _ body: @escaping (Tensor) -> Void) {
    let hooks = node.hooks ?? NodeHooks()
    node.hooks = hooks
    let id = hooks.add(
      index,
      .hook { gradient in
        body(gradient)
        return nil
      })
    removals.append((hooks, id))
  }

  /// The graph with the gradients of the latest pass so far. Those that were in `grad` before are not shown.
  public var graph: ComputationGraph {
    var graph = taken
    graph.watchedSteps = log.order.isEmpty ? nil : log.order.count
    for variable in graph.variables.indices { graph.variables[variable].gradient = nil }
    for (step, operation) in log.order.enumerated() { graph.operations[operation].step = step + 2 }
    // A gradient is complete when the last of those that read the variable has run.
    var complete = [Int](repeating: 0, count: graph.variables.count)
    for root in graph.roots { complete[root] = 1 }
    for operation in graph.operations {
      guard let step = operation.step else { continue }
      for input in operation.inputs { complete[input] = max(complete[input], step) }
    }
    for (variable, value) in log.gradients.enumerated() {
      guard let value else { continue }
      graph.variables[variable].gradient = ComputationGraph.Gradient(value: value, step: complete[variable])
    }
    return graph
  }

  /// What the hooks saw.
  private final class Log {
    var order: [Int] = []
    var gradients: [String?]
    private var hasRun: [Bool]
    private var arrivedNow: [Bool]

    init(operations: Int, variables: Int) {
      gradients = [String?](repeating: nil, count: variables)
      arrivedNow = [Bool](repeating: false, count: variables)
      hasRun = [Bool](repeating: false, count: operations)
    }

    /// The gradient of one of an operation's results, which is about to run.
    func ran(_ operation: Int, _ variable: Int, _ gradient: Tensor) {
      arrived(variable, gradient)
      if hasRun[operation] { return }
      hasRun[operation] = true
      order.append(operation)
    }

    func arrived(_ variable: Int, _ gradient: Tensor) {
      if arrivedNow[variable] { restart() }
      arrivedNow[variable] = true
      gradients[variable] = gradient.array.brief
    }

    /// A variable's gradient has come once more: this is another pass.
    private func restart() {
      order = []
      for index in gradients.indices {
        gradients[index] = nil
        arrivedNow[index] = false
      }
      for index in hasRun.indices { hasRun[index] = false }
    }
  }
}

extension GradientWatch: DrawnGraph {
  /// The graph forward, with the gradients of the watched pass, and that pass step by step.
  public func drawings(title: String) -> [GraphDrawing] {
    let graph = graph
    return [
      graph.drawing(.forward, name: "forward", title: title),
      graph.drawing(.backward(), name: "backward", title: title),
    ] + graph.backwardFrames(name: "backward", title: title)
  }
}
