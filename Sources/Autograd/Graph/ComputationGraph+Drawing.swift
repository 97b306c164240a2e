public import GraphDrawing
import Operations

extension ComputationGraph {
  /// What a drawing shows.
  public enum Phase: Sendable, Equatable {
    /// How the root was calculated.
    case forward
    /// The gradients flowing back: those of the watched pass up to a step (counted from 1, nil: all of it), or those that were kept.
    case backward(step: Int? = nil)

    /// The step up to which gradients are seen.
    fileprivate var step: Int? {
      if case .backward(let step) = self { step } else { nil }
    }
  }

  /// How many steps the watched pass had: the start at the root, then one per operation that ran. 0 when none was watched.
  public var backwardStepCount: Int { watchedSteps.map { $0 + 1 } ?? 0 }

  /// The graph as a drawing: circles for variables, boxes for operations, gradients as arrows back.
  ///
  /// - `name`: for file names; `title` stands above the drawing.
  public func drawing(
    _ phase: Phase = .forward, name: String = "graph", title: String,
    direction: GraphDrawing.Direction = .automatic
  ) -> GraphDrawing {
    var drawing = GraphDrawing(
      name: name, title: title, subtitle: subtitle(phase), direction: direction, step: phase.step)
    for variable in variables { drawing.add(node(variable, phase)) }
    for operation in operations { drawing.add(node(operation)) }
    for (position, operation) in operations.enumerated() {
      let box = variables.count + position
      let isNumbered = operation.inputs.count > 1
      for (argument, input) in operation.inputs.enumerated() {
        drawing.edges.append(GraphDrawing.Edge(input, box, port: isNumbered ? argument : nil))
      }
      for output in operation.outputs {
        let index = variables[output].output
        drawing.edges.append(GraphDrawing.Edge(box, output, port: operation.outputs.count > 1 ? index : nil))
      }
    }
    if phase != .forward {
      for (position, operation) in operations.enumerated() {
        guard let step = operation.step else { continue }
        addFlow(of: operation, variables.count + position, step, to: &drawing)
      }
    }
    return drawing
  }

  /// The drawings of the watched pass, one per step, named `name-1`, `name-2` …
  public func backwardFrames(
    name: String, title: String, direction: GraphDrawing.Direction = .automatic
  ) -> [GraphDrawing] {
    (1..<max(1, backwardStepCount + 1)).map { step in
      drawing(.backward(step: step), name: "\(name)-\(step)", title: title, direction: direction)
    }
  }

  /// The graph as an indented tree from the root, `(w)` a variable, `[mul]` an operation.
  public var text: String { shown.text }

  /// The graph in the language of Graphviz.
  public var dot: String { shown.dot }

  /// With gradients where there are some.
  private var shown: GraphDrawing {
    let title = "graph of " + roots.map { variables[$0].label }.joined(separator: ", ")
    return drawing(.backward(), title: title)
  }

  // MARK: Nodes

  private func node(_ variable: Variable, _ phase: Phase) -> GraphDrawing.Node {
    let role: GraphDrawing.Role =
      switch variable.role {
      case .leaf: .leaf
      case .constant: .data
      case .inner: .inner
      case .root: .root
      }
    var facts = [GraphDrawing.Fact(.type, "\(variable.dtype) \(variable.shape)")]
    if let value = variable.value {
      facts.append(GraphDrawing.Fact(.value, value))
    } else if variable.role == .constant {
      facts.append(GraphDrawing.Fact(.note, "not kept"))
    }
    return GraphDrawing.Node(role, variable.label, facts: facts, flow: flow(variable, phase))
  }

  private func flow(_ variable: Variable, _ phase: Phase) -> GraphDrawing.Flow? {
    guard phase != .forward, let gradient = variable.gradient else { return nil }
    return GraphDrawing.Flow(gradientName(variable), gradient.value, step: gradient.step)
  }

  /// `∂z/∂w` where there is one root and it is a number; PyTorch's word otherwise.
  private func gradientName(_ variable: Variable) -> String {
    guard roots.count == 1, variables[roots[0]].shape.elementCount == 1 else { return "grad" }
    return "∂\(variables[roots[0]].label)/∂\(variable.label)"
  }

  private func node(_ operation: Operation) -> GraphDrawing.Node {
    var facts = operation.attributes.map { GraphDrawing.Fact(.parameter, "\($0.name)=\($0.value)") }
    facts.append(GraphDrawing.Fact(.derivative, operation.gradFn))
    return GraphDrawing.Node(.operation, operation.name, facts: facts)
  }

  // MARK: What flows back

  private func addFlow(
    of operation: Operation, _ box: Int, _ step: Int, to drawing: inout GraphDrawing
  ) {
    for output in operation.outputs where variables[output].gradient != nil {
      drawing.edges.append(GraphDrawing.Edge(output, box, kind: .back, step: step))
    }
    for input in distinct(operation.inputs) where variables[input].gradient != nil {
      drawing.edges.append(GraphDrawing.Edge(box, input, kind: .back, step: step))
    }
  }

  private func distinct(_ list: [Int]) -> [Int] {
    var seen = Set<Int>()
    return list.filter { seen.insert($0).inserted }
  }

  /// What happens in a step, in words.
  private func subtitle(_ phase: Phase) -> String {
    guard case .backward(let last?) = phase else { return "" }
    if last == 1 {
      let starts = roots.map { root in
        "\(gradientName(variables[root])) = \(variables[root].gradient?.value ?? "?")"
      }
      return "step 1 of \(backwardStepCount)\nbackward() starts with \(starts.joined(separator: ", "))"
    }
    guard let operation = operations.first(where: { $0.step == last }) else { return "" }
    let from = operation.outputs.filter { variables[$0].gradient != nil }.map { variables[$0].label }
    let to = distinct(operation.inputs).filter { variables[$0].gradient != nil }.map { variables[$0].label }
    return "step \(last) of \(backwardStepCount)\n\(operation.gradFn) takes the gradient of "
      + "\(from.joined(separator: ", ")) to \(to.joined(separator: " and "))"
  }
}

extension ComputationGraph: CustomStringConvertible {
  /// The tree, without a heading.
  public var description: String { shown.tree }
}
