import Foundation
import GraphDrawing
import StaticGraph
import Testing

/// One step of w ← w − 0.1 ∂(Σ (w x)²)/∂w, ready to run.
private struct Step {
  let session: Session
  let loss: Symbol
  let gradient: Symbol
  let update: Symbol
  let w: Symbol
  let feeds: Feeds

  init(passes: Passes = .standard) throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [nil], name: "x")
    w = graph.variable(array([2]), name: "w")
    loss = (w * x).square().sum()
    gradient = graph.gradients(of: loss, withRespectTo: [w])[0]
    update = w.assign(w - 0.1 * gradient)
    session = Session(graph, passes: passes)
    feeds = [x: array([1, 2, 3])]
    try session.run(graph.initializer())
  }

  var fetches: [Symbol] { [loss, gradient, update] }
  var shown: StepGraph {
    StepGraph(
      loss: loss, learning: [w], gradients: [gradient], updates: [update], in: session, feeding: feeds)
  }
}

@Suite struct `A program's drawing` {
  @Test func `has a box for each calculation and a frame for each kernel`() throws {
    let step = try Step()
    let program = try step.session.explain(step.fetches, feeding: step.feeds).program
    let drawing = program.drawing(title: "t")
    let boxes = drawing.nodes.filter { $0.role == .operation }
    #expect(boxes.count == program.calculationCount + 1, "and one for the assignment")
    #expect(
      drawing.clusters.map(\.title).filter { $0.hasPrefix("one pass") } == [
        "one pass over 3 elements", "one pass over one element",
      ])
    let inside = drawing.nodes.filter { $0.cluster == 0 }.map(\.title)
    #expect(inside.contains("square") && inside.contains("sum") && !inside.contains("assign"))
    #expect(Set(drawing.nodes.filter { $0.role == .leaf }.map(\.title)) == ["w"])
    let assign = try #require(drawing.nodes.last { $0.title == "assign" })
    #expect(assign.fact(.label) == "w")
    #expect(drawing.dot.contains("one pass over 3 elements"))
  }

  @Test func `has the name scopes as frames before anything is fused`() throws {
    let step = try Step(passes: .none)
    let program = try step.session.explain(step.fetches, feeding: step.feeds).program
    let drawing = program.drawing(title: "t")
    #expect(drawing.clusters.map(\.title) == ["gradients"])
    #expect(drawing.nodes.first { $0.title == "w" }?.cluster == nil)
    #expect(drawing.nodes.contains { $0.cluster == 0 && $0.role == .operation })
    let repeated = drawing.nodes.filter { $0.title == "broadcast_to" }.map { $0.fact(.label) }
    #expect(repeated == ["w for mul"], "what an operation does for itself is told apart from it")
  }

  @Test func `says where values lie once memory is planned`() throws {
    let step = try Step()
    let explanation = try step.session.explain(step.fetches, feeding: step.feeds)
    let drawing = explanation.program.drawing(title: "t", buffers: explanation.buffers)
    let notes = drawing.nodes.compactMap { $0.fact(.note) }
    #expect(notes.count == explanation.buffers?.buffers.count)
    #expect(notes.contains("bytes 0–7"))
  }
}

@Suite struct `A step's plan` {
  @Test func `tells what each pass changed, and how much is left`() throws {
    let plan = try Step().shown.plan(title: "t", without: [])
    #expect(plan.stages.map(\.name) == ["lowered"] + Passes.standard.names)
    #expect(plan.stages.map(\.drawing.name) == (0...7).map { "passes-\($0)" })
    let changes = Dictionary(uniqueKeysWithValues: plan.stages.map { ($0.name, $0.changes) })
    #expect(
      changes["shape resolution"] == [
        "gradients/spread_like: spread_like(gradients/one, square) → spread(gradients/one) {shape=[3]}"
      ])
    #expect(changes["fusion"]!.contains { $0.hasPrefix("joins ") && $0.contains(" over 3 elements: mul, ") })
    for (before, after) in zip(plan.stages, plan.stages.dropFirst()) {
      #expect(after.nodes <= before.nodes && after.launches <= before.launches)
      #expect((before.listing == after.listing) == (after.changes.isEmpty || after.name == "buffer planning"))
    }
    let fused = try #require(plan.stages.last)
    #expect(fused.launches < plan.stages[0].launches)
  }

  @Test func `leaves out the passes that are switched off`() throws {
    let plan = try Step().shown.plan(title: "t", without: ["fusion", "buffer planning"])
    #expect(plan.switchedOff == ["fusion", "buffer planning"])
    #expect(plan.passNames == Passes.standard.names)
    #expect(plan.stages.last?.name == "pruning")
    #expect(!plan.code.contains("kernel_0"))
    #expect(plan.timeline.allSatisfy { $0.kernel == nil })
  }

  @Test func `has the steps of a run in order, kernels opened, with what each made`() throws {
    let plan = try Step().shown.plan(title: "t", without: [])
    #expect(plan.timeline.count == plan.stages.last!.nodes - 2, "all but x and w")
    for (a, b) in zip(plan.timeline, plan.timeline.dropFirst()) { #expect(a.start + a.duration <= b.start) }
    let square = try #require(plan.timeline.first { $0.operation == "square" })
    #expect(square.bytes == 24 && square.kernel == 0)
    #expect(plan.timeline.first { $0.operation == "broadcast_to" }?.bytes == 0, "a view")
  }

  @Test func `is written to a file and read again`() throws {
    let plan = try Step().shown.plan(title: "t", without: [])
    #expect(try GraphPlan(json: Data(plan.json.utf8)) == plan)
    #expect(throws: DrawingFileError(reason: "is not a plan in the form workbench-plan-1")) {
      try GraphPlan(json: Data("{}".utf8))
    }
  }

  @Test func `changes nothing in the session it is taken from`() throws {
    let step = try Step()
    _ = try step.shown.plan(title: "t", without: [])
    _ = try step.shown.drawings(title: "t")
    #expect(numbers(step.session.value(of: step.w)!) == [2])
  }
}

@Suite struct `A step's drawing as a whole` {
  @Test func `says of every value which bits it has, and of results what they are for`() throws {
    let drawing = try #require(try Step().shown.drawings(title: "t").last)
    #expect(drawing.name == "step")
    let calculated = drawing.nodes.filter { $0.role != .root }
    #expect(calculated.allSatisfy { $0.fact(.bits) != nil })
    // (2·1)² + (2·2)² + (2·3)² = 56; its gradient is Σ 2 w x² = 56; 2 − 0.1·56 = −3.6.
    let sources = drawing.edges.filter { drawing.nodes[$0.to].role == .root }
    let bits = sources.map { drawing.nodes[$0.from].fact(.bits) }
    #expect(bits == [array([56]), array([56]), array([2 - 0.1 * 56.0])].map(\.fingerprint))
    #expect(
      drawing.nodes.compactMap { $0.fact(.purpose) } == ["loss", "gradient of w", "next w"])
  }
}

@Suite struct `A copy of a session` {
  @Test func `begins where the other is, and goes its own way`() throws {
    let graph = Graph()
    let w = graph.variable(array([1]), name: "w")
    let more = w.assignAdd(graph.constant(array([1])))
    let noise = graph.random(.uniform(low: 0, high: 1), shape: [2], seed: 7)
    let session = Session(graph)
    try session.run(graph.initializer())
    try session.run(more)
    _ = try session.run(noise)
    let copy = session.copy()
    #expect(numbers(try copy.run(more)) == [3])
    #expect(numbers(session.value(of: w)!) == [2])
    #expect(try bits(copy.run(noise)) == bits(session.run(noise)), "the next of the stream for both")
  }
}
