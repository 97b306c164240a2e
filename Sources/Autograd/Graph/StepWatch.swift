public import GraphDrawing
import Operations

/// Watches one training step: its graph, the backward pass, and what became of what is learned.
///
/// Beside the drawings of a `GradientWatch` there is one of the whole step, in which the gradients are calculations like any other, as
/// `createGraph` records them, and every node knows its value bit for bit. Updates are not recorded, since they are made in place and
/// without a graph: the drawing says what each starts from and what it leaves.
///
///     let watch = StepWatch(of: loss, learning: [w, b], naming: ["w": w, "b": b, "x": x, "y": y])
///     loss.backward()
///     noGrad { w.sub_(rate * w.grad!) }
///
/// It is to be made between the calculation of the loss and the backward pass, and asked for drawings when the updates are made.
public final class StepWatch: DrawnGraph {
  private let watch: GradientWatch
  private let step: GraphDrawing
  /// What is learned, with its name, the variable it is and its gradient's.
  private let learned: [(name: String, tensor: Tensor, leaf: Int, gradient: Int)]

  /// Watches the step that calculates `loss` and will change `parameters`, which must require gradients and be named.
  /// Data that are named are found again where the recording did not keep them.
  public init(
    of loss: Tensor, learning parameters: [Tensor], naming names: KeyValuePairs<String, Tensor>
  ) {
    let called = parameters.map { parameter in
      guard let name = names.first(where: { $0.value === parameter })?.key else {
        stop(.value("StepWatch: a parameter that is learned has no name; give it one in 'naming'"))
      }
      return name
    }
    let target = names.first { $0.value === loss }?.key ?? "loss"
    let gradients = grad(outputs: [loss], inputs: parameters, createGraph: true, allowUnused: true)
    let found = zip(zip(called, parameters), gradients).compactMap { pair, gradient in
      gradient.map { (name: pair.0, tensor: pair.1, gradient: $0) }
    }
    var reader = GraphReader(
      names + found.map { (key: "∂\(target)/∂\($0.name)", value: $0.gradient) }, keepsArrays: true)
    reader.read([loss] + found.map(\.gradient))
    let values = TapeValues(reader)
    let graph = reader.graph
    var drawing = graph.drawing(name: "step", title: "")
    for (position, array) in values.arrays.enumerated() {
      if let array { drawing.nodes[position].facts.append(GraphDrawing.Fact(.bits, array.fingerprint)) }
    }
    for (position, name) in values.names { drawing.nodes[position].title = name }
    let purposes =
      [GraphDrawing.Purpose.loss] + found.map { GraphDrawing.Purpose.gradient(of: $0.name) }
    for (root, purpose) in zip(graph.roots, purposes) {
      drawing.nodes[root].facts.append(GraphDrawing.Fact(.purpose, purpose))
    }
    step = drawing
    learned = zip(found, graph.roots.dropFirst()).compactMap { found, root in
      let leaf = graph.variables.firstIndex { $0.role == .leaf && $0.name == found.name }
      return leaf.map { (found.name, found.tensor, $0, root) }
    }
    watch = GradientWatch(of: loss, naming: names)
  }

  /// Those of the `GradientWatch`, and `step`.
  public func drawings(title: String) -> [GraphDrawing] {
    var drawing = step
    drawing.title = title
    for (name, tensor, leaf, gradient) in learned {
      let update = drawing.add(
        GraphDrawing.Node(
          .operation, "update",
          facts: [GraphDrawing.Fact(.label, name), GraphDrawing.Fact(.unrecorded, "in place, not recorded")]))
      drawing.edges.append(GraphDrawing.Edge(leaf, update, port: 0))
      drawing.edges.append(GraphDrawing.Edge(gradient, update, port: 1))
      let root = drawing.add(
        GraphDrawing.Node(
          .root, name,
          facts: [
            GraphDrawing.Fact(.type, "\(tensor.dtype) \(tensor.shape)"),
            GraphDrawing.Fact(.value, tensor.array.brief),
            GraphDrawing.Fact(.bits, tensor.array.fingerprint),
            GraphDrawing.Fact(.purpose, GraphDrawing.Purpose.update(of: name)),
          ]))
      drawing.edges.append(GraphDrawing.Edge(update, root))
    }
    return watch.drawings(title: title) + [drawing]
  }
}
