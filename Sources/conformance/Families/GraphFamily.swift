import Operations
import StaticGraph

/// Runs `graph` cases: builds the nodes in a new graph and makes the runs in a session.
struct GraphFamily: FamilyRunner {
  let kinds: Set = ["graph"]

  func operations(of testCase: ConformanceCase) throws -> [String] {
    let nodes = try testCase.json.entry("nodes").elements("nodes")
    return Array(Set(try nodes.map { try $0.entry("op").text("op") })).sorted()
  }

  func run(_ testCase: ConformanceCase) throws {
    let json = testCase.json
    var builder = GraphCaseBuilder()
    let nodes = try json.entry("nodes").elements("nodes")
    if json["build_error"] != nil {
      try refuse(nodes, &builder)
      return
    }
    for node in nodes { try built(node, &builder) }
    let runs = try json["runs"]?.elements("runs") ?? []
    if let reason = builder.refused.first?.value, !runs.contains(where: { $0["error"] != nil }) {
      throw CaseFailure(reason)
    }
    try checkShapes(json, builder)
    try runAll(json, builder)
  }

  /// Builds a node. One that is refused here may still be one that TensorFlow refuses only when it runs: then the runs must fail.
  private func built(_ node: JSONValue, _ builder: inout GraphCaseBuilder) throws {
    do {
      try builder.add(node)
    } catch let error as ArrayError {
      try builder.refuse(node, "\(error)")
    }
  }

  /// All nodes but the last are built; the last must be refused.
  private func refuse(_ nodes: [JSONValue], _ builder: inout GraphCaseBuilder) throws {
    for node in nodes.dropLast() { try built(node, &builder) }
    if let reason = builder.refused.first?.value { throw CaseFailure(reason) }
    guard let last = nodes.last else { throw MalformedCase("there are no nodes") }
    do {
      try builder.add(last)
    } catch is ArrayError {
      return
    }
    throw CaseFailure("expected an error while building node \(last["name"] ?? .null), got none")
  }

  /// What is known of a shape while building: as much as TensorFlow knows, or more, and never something else.
  private func checkShapes(_ json: JSONValue, _ builder: GraphCaseBuilder) throws {
    for (name, expected) in try json["static_shapes"]?.entries("static_shapes").sorted(by: { $0.key < $1.key }
    ) ?? [] {
      guard expected != .null, let symbol = builder.symbols[name] else { continue }
      let sizes = try expected.elements("static_shapes").map { $0 == .null ? nil : Int(try $0.integer(name)) }
      guard let shape = symbol.staticShape, shape.rank == sizes.count else {
        throw CaseFailure("static shape of \(name): expected \(expected), got \(symbol.staticType)")
      }
      for (actual, size) in zip(shape, sizes) where size != nil && actual != size {
        throw CaseFailure("static shape of \(name): expected \(expected), got \(symbol.staticType)")
      }
    }
  }

  private func runAll(_ json: JSONValue, _ builder: GraphCaseBuilder) throws {
    var session = Session(builder.graph)
    for (index, run) in try json["runs"]?.elements("runs").enumerated().map({ ($0, $1) }) ?? [] {
      if try run["new_session"]?.truth("new_session") ?? false { session = Session(builder.graph) }
      let count = try run["repeat"]?.integer("repeat") ?? 1
      var results: [CaseTensor?] = []
      do {
        for _ in 0..<max(count, 1) { results = try fetched(run, json, builder, session) }
      } catch let error as SessionError {
        if run["error"] != nil { continue }
        throw CaseFailure("run \(index): \(error)")
      }
      if let error = run["error"] {
        throw CaseFailure("run \(index): expected an error (\(try error.text("error"))), got values")
      }
      try check(results, run, index)
    }
  }

  private func check(_ results: [CaseTensor?], _ run: JSONValue, _ index: Int) throws {
    let names = try run.entry("fetches").elements("fetches")
    let expected = try run.entry("expected").elements("expected")
    guard expected.count == results.count else {
      throw MalformedCase("run \(index): \(expected.count) expected values for \(results.count) fetches")
    }
    for ((name, expected), result) in zip(zip(names, expected), results) {
      let what = "run \(index), \(try name.text("fetch"))"
      switch (expected, result) {
      case (.null, nil): continue
      case (.null, _?): throw CaseFailure("\(what): expected no value, got one")
      case (_, nil): throw CaseFailure("\(what): expected a value, got none")
      case (_, let result?):
        let expected = try CaseTensor(expected)
        let isLong = try run["repeat"]?.integer("repeat") ?? 1 > 1
        let agreement: Agreement = expected.dtype == .float32 ? .mixed(isLong ? 1e-3 : 1e-4) : .mixed(1e-9)
        try result.check(against: expected, within: agreement, what)
      }
    }
  }

  /// One run; nil for a fetch without a value. A name that no node has is asked for as it stands.
  private func fetched(
    _ run: JSONValue, _ json: JSONValue, _ builder: GraphCaseBuilder, _ session: Session
  ) throws -> [CaseTensor?] {
    var symbols: [Symbol] = []
    for fetch in try run.entry("fetches").elements("fetches") {
      let name = try fetch.text("fetch")
      guard let symbol = builder.symbols[name] else {
        throw SessionError(
          .unknownFetch, builder.refused[name] ?? "fetch '\(name)': there is no such node in the graph")
      }
      symbols.append(symbol)
    }
    var feeds = Feeds()
    for (name, value) in try run["feeds"]?.entries("feeds").sorted(by: { $0.key < $1.key }) ?? [] {
      guard let symbol = builder.symbols[name] else {
        throw SessionError(.unknownFeed, "feed '\(name)': there is no such node in the graph")
      }
      var tensor = value
      if case .string(let entry) = value { tensor = try json.entry("data").entry(entry) }
      feeds[symbol] = try NDArray(CaseTensor(tensor))
    }
    let values = try session.run(symbols, feeding: feeds)
    return try zip(symbols, values).map { symbol, value in symbol.hasValue ? try CaseTensor(value) : nil }
  }
}
