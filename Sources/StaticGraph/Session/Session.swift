import Guarding

/// Runs a graph and keeps its variables' values.
///
/// The first run of a set of fetches, with feeds of certain shapes, makes a plan; later ones only carry it out. All
/// fetches of one run see variables as of its start; assignments take effect together at its end, or not at all when the run
/// fails. Several sessions on one graph have variables of their own. Runs of one session from several threads are safe: they
/// happen one after the other.
public final class Session: Sendable {
  /// The graph it runs.
  public let graph: Graph

  struct State {
    let store = SessionStore()
    var plans: [PlanKey: Plan] = [:]
    var compilation = CompilationReport()
  }
  let state = Guarded(State())

  /// How plans are made.
  let options: PlanOptions

  /// A session without any variable's value.
  ///
  /// - Parameters:
  ///   - passes: what is done to a program before it runs.
  ///   - threads: how many threads a kernel over many elements may use; results do not depend on it.
  ///   - compile: whether fused kernels are interpreted or compiled to native code; results do not depend on it.
  public init(
    _ graph: Graph, passes: Passes = .standard, threads: Int = 1, compile: Compilation = .interpreted
  ) {
    self.graph = graph
    options = PlanOptions(passes: passes, threads: max(threads, 1), compilation: compile)
  }

  // MARK: Running

  /// The value of one fetch: a symbol, a name, or an array or dictionary of fetches.
  @discardableResult
  public func run<Fetch: Fetchable>(_ fetch: Fetch, feeding feeds: Feeds = Feeds()) throws(SessionError)
    -> Fetch.Fetched
  {
    let values = try calculate(try fetch.symbols(in: graph), feeds)
    var rest = values[...]
    return fetch.assemble(&rest)
  }

  /// The values of several fetches of any kind, as a tuple.
  public func run<First: Fetchable, Second: Fetchable, each Rest: Fetchable>(
    _ first: First, _ second: Second, _ rest: repeat each Rest, feeding feeds: Feeds = Feeds()
  ) throws(SessionError) -> (First.Fetched, Second.Fetched, repeat (each Rest).Fetched) {
    var symbols = try first.symbols(in: graph)
    symbols += try second.symbols(in: graph)
    for fetch in repeat each rest { symbols += try fetch.symbols(in: graph) }
    var values = try calculate(symbols, feeds)[...]
    return (first.assemble(&values), second.assemble(&values), repeat (each rest).assemble(&values))
  }

  private func calculate(_ fetches: [Symbol], _ feeds: Feeds) throws(SessionError) -> [NDArray] {
    let feeds = try resolved(feeds)
    let plan = try plan(fetches, feeds)
    return try execute(plan, feeds.map { Session.rowByRow($0.value) }, RunState(keepsFeeds: false))
  }

  // MARK: Feeds

  typealias ResolvedFeed = (symbol: Symbol, value: NDArray)

  /// The feeds as symbols of this graph, checked against what the graph says of them.
  func resolved(_ feeds: Feeds) throws(SessionError) -> [ResolvedFeed] {
    var result: [ResolvedFeed] = []
    for (key, value) in feeds.entries {
      let symbol = try symbol(key)
      guard symbol.hasValue else {
        throw SessionError(
          .unknownFeed, "feed '\(symbol.name)': it is a group, which has no value to replace")
      }
      guard symbol.staticType.admits(value.type) else {
        throw SessionError(
          .misfittingFeed,
          "feed '\(symbol.name)': a \(value.dtype)\(value.shape) was fed, but the graph says \(symbol.staticType)"
        )
      }
      if result.contains(where: { $0.symbol == symbol }) {
        throw SessionError(.unknownFeed, "feed '\(symbol.name)': fed twice")
      }
      result.append((symbol, value))
    }
    return result
  }

  private func symbol(_ key: Feeds.Target) throws(SessionError) -> Symbol {
    switch key {
    case .symbol(let symbol):
      guard symbol.graph === graph else {
        throw SessionError(
          .unknownFeed, "feed '\(symbol.name)': it belongs to another graph than the session's")
      }
      return symbol
    case .name(let name):
      guard let symbol = graph.symbol(named: name) else {
        throw SessionError(.unknownFeed, "feed '\(name)': there is no such node in the graph")
      }
      return symbol
    }
  }

  // MARK: Plans

  /// What a plan is made for.
  struct PlanKey: Hashable {
    let fetches: [Port]
    let feeds: [Port]
    let types: [ArrayType]
  }

  /// The plan for these fetches and feeds: made now, or kept from an earlier run.
  func plan(_ fetches: [Symbol], _ feeds: [ResolvedFeed]) throws(SessionError) -> Plan {
    let key = PlanKey(
      fetches: fetches.map(\.port), feeds: feeds.map(\.symbol.port), types: feeds.map(\.value.type))
    if let plan = state.withLock({ $0.plans[key] }) { return plan }
    let program = try lowered(fetches, feeds)
    var report = CompilationReport()
    let plan = try Plan(options.passes.applied(to: program), graph.nodes, options, &report)
    let news = report
    state.withLock { state in
      state.plans[key] = plan
      state.compilation.add(news)
    }
    return plan
  }

  /// What these fetches need, as a program before all passes.
  func lowered(_ fetches: [Symbol], _ feeds: [ResolvedFeed]) throws(SessionError) -> Program {
    try Lowering.program(
      nodes: graph.nodes, fetches: fetches.map(\.port), feeds: feeds.map { ($0.symbol.port, $0.value.type) })
  }

  /// Runs a plan under the session's lock. `run` has the results of an earlier run, to be written over where nobody holds them.
  @inline(__always)
  func execute(_ plan: Plan, _ feeds: [NDArray], _ run: RunState) throws(SessionError) -> [NDArray] {
    try state.withLock { state throws(SessionError) in
      try plan.run(feeds, run, state.store)
      return run.results
    }
  }

  // MARK: Variables

  /// The value a variable has now, or nil when it has none. The elements are copied.
  public func value(of variable: Symbol) -> NDArray? {
    state.withLock { state in
      state.store.variable(variable.port.node).value.map { value in
        checked { () throws(ArrayError) in try value.clone() }
      }
    }
  }

  /// Sets variables, by node number, to copies of these values of their type.
  func setVariables(_ values: [(node: Int, value: NDArray)]) {
    state.withLock { state in
      for (node, value) in values {
        state.store.variable(node).set(value)
      }
    }
  }
}
