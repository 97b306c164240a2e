public import GraphDrawing

/// The graph of one training step, as an approach shows it: forward what the loss needs, backward the gradients and the updates as well,
/// which in a static graph are ordinary nodes; and what a session does with it.
///
/// It has a session of its own that begins where the given one is, so that showing the step changes nothing.
public struct StepGraph: PlannedGraph {
  private let loss: Symbol
  private let updates: [Symbol]
  private let fetches: [Symbol]
  private let purposes: [String]
  private let session: Session
  private let feeds: Feeds

  /// The graph of a step that calculates `loss`, and for each of `parameters` its gradient and its next value, as `session` would run it
  /// now. Stops unless there are as many of each.
  public init(
    loss: Symbol, learning parameters: [Symbol], gradients: [Symbol], updates: [Symbol], in session: Session,
    feeding feeds: Feeds
  ) {
    guard parameters.count == gradients.count, parameters.count == updates.count else {
      stop(
        .value(
          "StepGraph: \(parameters.count) parameters with \(gradients.count) gradients and \(updates.count) updates; one each is needed"
        ))
    }
    self.loss = loss
    self.updates = updates
    fetches = [loss] + gradients + updates
    purposes =
      [GraphDrawing.Purpose.loss] + parameters.map { GraphDrawing.Purpose.gradient(of: $0.name) }
      + parameters.map { GraphDrawing.Purpose.update(of: $0.name) }
    self.session = session.copy()
    self.feeds = feeds
  }

  /// `forward`, `backward`, and `step`: the same as a session runs it for these feeds before any optimising, with all shapes known and
  /// every value bit for bit.
  public func drawings(title: String) throws -> [GraphDrawing] {
    [
      loss.graph.drawing(of: [loss], name: "forward", title: title),
      loss.graph.drawing(of: [loss] + updates, name: "backward", title: title),
      try step(title: title),
    ]
  }

  private func step(title: String) throws -> GraphDrawing {
    let session = session.copy(passes: Passes([ShapeResolution()], planBuffers: false))
    var bits: [Int: String] = [:]
    let program = try session.observe(fetches, feeding: feeds) { step, arrays, _ in
      for (result, array) in zip(step.results, arrays) { bits[result] = array.fingerprint }
    }.program
    let results = zip(purposes, program.fetches).compactMap { purpose, fetch in
      fetch.map { (purpose: purpose, value: $0) }
    }
    return program.drawing(name: "step", title: title, results: results, bits: bits)
  }

  public var passNames: [String] { session.options.passes.names }

  public func plan(title: String, without off: [String]) throws -> GraphPlan {
    let session = session.copy(passes: session.options.passes.without(off))
    let explanation = try session.explain(fetches, feeding: feeds)
    return GraphPlan(
      passNames: passNames, switchedOff: passNames.filter(off.contains),
      stages: explanation.drawn(title: title),
      code: try session.nativeSource(of: fetches, feeding: feeds), timeline: try spans(session))
  }

  /// What a typical one of several runs takes: the one whose time is the median, after some to warm up.
  private func spans(_ session: Session) throws -> [GraphPlan.Span] {
    let (warmUps, counted) = (3, 21)
    var runs: [Timeline] = []
    for _ in 0..<warmUps + counted { runs.append(try session.timeline(fetches, feeding: feeds).timeline) }
    runs.removeFirst(warmUps)
    runs.sort { $0.total < $1.total }
    return runs[counted / 2].entries.filter { !$0.isLeaf }.map { entry in
      GraphPlan.Span(
        name: entry.name, operation: entry.operation, start: entry.start, duration: entry.duration,
        bytes: entry.bytes, kernel: entry.kernel)
    }
  }
}

extension Explanation {
  /// The stages with their drawings; the planning of memory is the last, where there is one.
  func drawn(title: String) -> [GraphPlan.Stage] {
    let count = stages.count - 1 + (buffers == nil ? 0 : 1)
    var drawn = stages.enumerated().map { position, stage in
      let program = stage.program
      let name = position == 0 ? "before all passes" : "pass \(position) of \(count)"
      return GraphPlan.Stage(
        name: stage.name, summary: stage.summary, nodes: program.nodeCount, launches: program.launchCount,
        bytes: program.isStatic
          ? BufferPlan(program, aliases: Layouts(program).aliases).unplannedBytes : nil,
        changes: position == 0 ? [] : program.changes(from: stages[position - 1].program),
        listing: program.description,
        drawing: program.drawing(
          name: "passes-\(position)", title: title, subtitle: "\(name), \(stage.name): \(stage.summary)"))
    }
    if let buffers {
      drawn.append(
        GraphPlan.Stage(
          name: BufferPlan.passName, summary: BufferPlan.summary, nodes: program.nodeCount,
          launches: program.launchCount, bytes: buffers.peakBytes, changes: buffers.changes(program),
          listing: program.description,
          drawing: program.drawing(
            name: "passes-\(count)", title: title,
            subtitle: "pass \(count) of \(count), \(BufferPlan.passName): \(BufferPlan.summary)",
            buffers: buffers)
        ))
    }
    return drawn
  }
}

extension BufferPlan {
  /// Which values share a place, a line for each.
  fileprivate func changes(_ program: Program) -> [String] {
    var places: [(offset: Int, names: [String])] = []
    for buffer in buffers {
      let name = program.values[buffer.value].name
      if let known = places.firstIndex(where: { $0.offset == buffer.offset }) {
        places[known].names.append(name)
      } else {
        places.append((buffer.offset, [name]))
      }
    }
    return places.sorted { $0.offset < $1.offset }.filter { $0.names.count > 1 }.map {
      "puts at byte \($0.offset), one after the other: \($0.names.joined(separator: ", "))"
    }
  }
}
