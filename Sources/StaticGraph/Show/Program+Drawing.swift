public import GraphDrawing

extension Program {
  /// The program as a drawing in the language of all graphs: what it starts from are circles, calculations boxes, a kernel is a frame
  /// around what it does in one pass; what stands alone is in the frames of its name scopes. Boxes `assign` say what variables become; what else is fetched ends in a circle.
  ///
  /// - `buffers`: with a plan of the memory, each calculated value says where it lies.
  public func drawing(
    name: String = "program", title: String, subtitle: String = "", buffers: BufferPlan? = nil,
    direction: GraphDrawing.Direction = .automatic
  ) -> GraphDrawing {
    var sketch = ProgramSketch(
      self, GraphDrawing(name: name, title: title, subtitle: subtitle, direction: direction))
    for buffer in buffers?.buffers ?? [] {
      let last = buffer.offset + buffer.byteCount - 1
      sketch.remarks[buffer.value] = GraphDrawing.Fact(.note, "bytes \(buffer.offset)–\(last)")
    }
    sketch.drawSteps()
    sketch.drawEnds()
    return sketch.drawing
  }

  /// The program with these results, each in a circle that says what it is for, and the names of all values' bits.
  func drawing(
    name: String, title: String, results: [(purpose: String, value: Int)], bits: [Int: String]
  ) -> GraphDrawing {
    var sketch = ProgramSketch(self, GraphDrawing(name: name, title: title))
    sketch.remarks = bits.mapValues { GraphDrawing.Fact(.bits, $0) }
    sketch.drawSteps()
    for (purpose, value) in results {
      sketch.drawRoot(value, [GraphDrawing.Fact(.purpose, purpose)])
    }
    return sketch.drawing
  }
}

/// Draws steps one by one.
private struct ProgramSketch {
  private let program: Program
  private(set) var drawing: GraphDrawing
  /// What else is to be said of a value, beside the step that sets it.
  var remarks: [Int: GraphDrawing.Fact] = [:]
  /// The node and the result of it that is each value.
  private var made: [Int: (node: Int, port: Int?)] = [:]

  init(_ program: Program, _ drawing: GraphDrawing) {
    self.program = program
    self.drawing = drawing
  }

  mutating func drawSteps() {
    for step in program.steps {
      guard case .fused(let kernel) = step.kind else {
        draw(step, in: nil)
        continue
      }
      drawing.clusters.append(GraphDrawing.Cluster("one pass over \(kernel.elements)"))
      for step in kernel.steps { draw(step, in: drawing.clusters.count - 1) }
    }
  }

  /// What variables become, and what else is fetched.
  mutating func drawEnds() {
    for commit in program.commits {
      let box = drawing.add(
        GraphDrawing.Node(
          .operation, Assignment.set.rawValue, facts: [GraphDrawing.Fact(.label, commit.name)]))
      connect(commit.value, to: box)
    }
    var ended = Set(program.commits.map(\.value))
    for fetch in program.fetches.compactMap({ $0 }) where ended.insert(fetch).inserted {
      guard let source = made[fetch], drawing.nodes[source.node].role == .operation else { continue }
      drawRoot(fetch, [])
    }
  }

  /// A circle that a value ends in.
  mutating func drawRoot(_ value: Int, _ facts: [GraphDrawing.Fact]) {
    guard let source = made[value] else { return }
    let (name, type) = (program.values[value].name, program.values[value].type.description)
    let root = drawing.add(named(.root, name, [GraphDrawing.Fact(.type, type)] + facts))
    drawing.edges.append(GraphDrawing.Edge(source.node, root, port: source.port))
  }

  private mutating func draw(_ step: Program.Step, in cluster: Int?) {
    let node = drawing.add(drawn(step, cluster))
    for (position, result) in step.results.enumerated() {
      made[result] = (node, step.results.count > 1 ? position : nil)
    }
    for (argument, input) in step.inputs.enumerated() {
      connect(input, to: node, argument: step.inputs.count > 1 ? argument : nil)
    }
  }

  private mutating func connect(_ value: Int, to node: Int, argument: Int? = nil) {
    guard let source = made[value] else { return }
    drawing.edges.append(GraphDrawing.Edge(source.node, node, port: argument ?? source.port))
  }

  private mutating func drawn(_ step: Program.Step, _ kernel: Int?) -> GraphDrawing.Node {
    let type = step.results.map { GraphDrawing.Fact(.type, program.values[$0].type.description) }
    let said = step.results.compactMap { remarks[$0] }
    switch step.kind {
    case .feed, .random: return named(.data, step.name, type + said)
    case .state: return named(.leaf, step.name, type + said)
    case .constant(let array):
      return named(.data, step.name, type + [GraphDrawing.Fact(.value, array.brief)] + said)
    case .operation(let operation):
      // A kernel joins what comes from several scopes, so that names are whole in it.
      let own = kernel == nil ? ProgramSketch.parts(step.name).own : step.name
      let label = own == operation.name ? [] : [GraphDrawing.Fact(.label, own)]
      let parameters = operation.attributes.map { GraphDrawing.Fact(.parameter, "\($0.name)=\($0.value)") }
      return GraphDrawing.Node(
        .operation, operation.name, facts: label + parameters + type + said,
        cluster: kernel ?? drawing.frame(ProgramSketch.parts(step.name).scope))
    case .fused: fatalError("drawing: a kernel inside a kernel")
    }
  }

  /// A circle with the last part of a name, in the frames of the others.
  private mutating func named(
    _ role: GraphDrawing.Role, _ name: String, _ facts: [GraphDrawing.Fact]
  ) -> GraphDrawing.Node {
    let (scope, own) = ProgramSketch.parts(name)
    return GraphDrawing.Node(role, own, facts: facts, cluster: drawing.frame(scope))
  }

  private static func parts(_ name: String) -> (scope: [String], own: String) {
    let parts = name.split(separator: "/").map(String.init)
    return (parts.dropLast(), parts.last ?? name)
  }
}
