import StaticGraph
import Testing

/// Expected values: TensorFlow 2.21, `tf.compat.v1`, resource variables, every write and read ordered by control dependencies.
@Suite struct `The order of reads and assignments` {
  private let graph = Graph()

  private func variable(_ value: Double, _ name: String) -> Symbol {
    graph.variable(array([value], []), name: name)
  }

  private func started(passes: Passes = .standard) throws -> Session {
    let session = Session(graph, passes: passes)
    try session.run(graph.initializer())
    return session
  }

  private func item(_ array: NDArray) -> Double { array.item() }

  @Test func `is that of the control dependencies, through nested blocks`() throws {
    let (v, u) = (variable(3, "v"), variable(10, "u"))
    let a = v.assignAdd(graph.constant(2.0, .float64))
    let b = graph.controlDependencies([a]) { v.assign(v * v) }
    let (c, d, r, e, s) = graph.controlDependencies([b]) {
      let c = v.assignSub(u)
      let (d, r) = graph.controlDependencies([c]) { (u.assignAdd(v), v.read()) }
      let (e, s) = graph.controlDependencies([d, r]) {
        let e = v.assign(graph.constant(1.0, .float64))
        return (e, graph.controlDependencies([e]) { v + u })
      }
      return (c, d, r, e, s)
    }
    let session = try started()
    #expect(try session.run([a, b, c, d, r, e, s]).map(item) == [5, 25, 15, 25, 15, 1, 26])
    #expect(try session.run([v, u]).map(item) == [1, 25])
    #expect(try item(session.run(a)) == 3)
    #expect(try item(session.run(d)) == 25)
    #expect(try session.run([v, u]).map(item) == [0, 25])
  }

  @Test func `lets several additions to one variable add up, and the last assignment stay`() throws {
    let v = variable(1, "v")
    let one = graph.constant(1.0, .float64)
    let first = v.assignAdd(one)
    let second = graph.controlDependencies([first]) { v.assignAdd(one * 10) }
    let third = graph.controlDependencies([second]) { v.assignSub(one * 3) }
    let session = try started()
    #expect(try session.run([first, second, third]).map(item) == [2, 12, 9])
    #expect(try item(session.run(v)) == 9)
    let set = graph.controlDependencies([third]) { v.assign(one) }
    try session.run(set)
    #expect(try item(session.run(v)) == 1)
  }

  @Test func `holds for a read that waits for data that waits`() throws {
    let (v, u) = (variable(3, "v"), variable(7, "u"))
    let raised = v.assignAdd(graph.constant(1.0, .float64))
    // Reads wait for `sum`, which is calculated from the assignment's value; u's is another variable's.
    let sum = raised + 1
    let set = u.assign(sum * 2)
    let later = graph.controlDependencies([graph.group([sum, set])]) { [v.read(), u.read()] }
    let session = try started()
    #expect(try session.run(later).map(item) == [4, 10])
    // What is only read does not run where it is fed; what is waited for does.
    #expect(try item(session.run(later[0], feeding: [raised: array([50], []), set: array([0], [])])) == 4)
    #expect(try session.run([v, u]).map(item) == [4, 102])
  }

  @Test func `ends where a value is fed`() throws {
    let v = variable(3, "v")
    let x = graph.placeholder(.float64, shape: [])
    let set = v.assign(graph.constant(5.0, .float64))
    let between = graph.controlDependencies([set]) { graph.constant(1.0, .float64) + 1 }
    let read = graph.controlDependencies([between]) { v.read() }
    let waiting = graph.controlDependencies([x, set]) { v.read() }
    let session = try started()
    #expect(try item(session.run(between + v, feeding: [between: array([0], [])])) == 3)
    #expect(try item(session.run(waiting, feeding: [x: array([0], []), set: array([0], [])])) == 5)
    #expect(try item(session.run(read)) == 5)
    // What is assigned first needs no value before, with passes or without.
    let fresh = graph.controlDependencies([set]) { v.read() }
    for passes in [Passes.standard, .none] {
      #expect(try item(Session(graph, passes: passes).run(fresh)) == 5)
    }
  }

  // What `tf.compat.v1.Session` gives, with variables of either kind: only a fed placeholder has nothing left to run.
  @Test func `runs what it waits for though its value is fed`() throws {
    let v = variable(3, "v")
    let set = v.assign(graph.constant(5.0, .float64))
    let between = set + graph.constant(1.0, .float64)
    let read = graph.controlDependencies([between]) { v.read() }
    let all = graph.group([between])
    for passes in [Passes.standard, .none] {
      let session = try started(passes: passes)
      #expect(try session.run([read, between * 1], feeding: [between: array([7], [])]).map(item) == [5, 7])
      #expect(try item(session.run(v)) == 5)
      try session.run(graph.initializer())
      try session.run(all, feeding: [between: array([7], [])])
      #expect(try item(session.run(v)) == 5)
      // A value that is only read is not calculated where another is fed.
      try session.run(graph.initializer())
      #expect(try item(session.run(between * 2, feeding: [between: array([7], [])])) == 14)
      #expect(try item(session.run(v)) == 3)
      // What is assigned is what the variable keeps; who reads the assignment gets the value fed.
      let added = graph.controlDependencies([set]) { set * 10 }
      #expect(try item(session.run(added, feeding: [set: array([2], [])])) == 20)
      #expect(try item(session.run(v)) == 5)
    }
  }

  // TensorFlow adds no control dependency to a node that has an input from the same block, or the dependency itself as an input.
  @Test func `waits by what it is calculated from, and not where that is fed`() throws {
    let v = variable(3, "v")
    let set = v.assign(graph.constant(5.0, .float64))
    let (inner, outer, own, ten) = graph.controlDependencies([set]) {
      let inner = v.read()
      return (inner, inner * inner, set * set, inner * 10)
    }
    for passes in [Passes.standard, .none] {
      let session = try started(passes: passes)
      #expect(try item(session.run(outer, feeding: [inner: array([2], [])])) == 4)
      #expect(try item(session.run(own, feeding: [set: array([4], [])])) == 16)
      #expect(try item(session.run(v)) == 3)
      // The number is a constant of the block.
      #expect(try item(session.run(ten, feeding: [inner: array([2], [])])) == 20)
      #expect(try item(session.run(v)) == 5)
      #expect(try session.run([inner, outer, own]).map(item) == [5, 25, 25])
    }
  }

  @Test func `takes one fed result of several for that one alone`() throws {
    let x = graph.placeholder(.float64, shape: [3])
    let sorted = x.sort()
    let results = try Session(graph).run(
      [sorted.values * 2, sorted.indices.to(.float64)],
      feeding: [x: array([3, 1, 2]), sorted.values: array([10, 20, 30])])
    #expect(results.map(numbers) == [[20, 40, 60], [1, 2, 0]])
  }

  @Test func `holds for the outer of two nested blocks`() throws {
    let (v, u) = (variable(1, "v"), variable(2, "u"))
    let raised = v.assignAdd(graph.constant(1.0, .float64))
    let read = graph.controlDependencies([raised]) {
      graph.controlDependencies([u.assignAdd(graph.constant(5.0, .float64))]) { v.read() }
    }
    let session = try started()
    #expect(try item(session.run(read)) == 2)
    #expect(try session.run([v, u]).map(item) == [2, 7])
  }

  @Test func `refuses to assign or start from what has no value or no known shape`() {
    let v = variable(1, "v")
    let none = graph.group([v], name: "none")
    #expect(
      buildError { () throws(ArrayError) in try v.assigning(.set, none) }?.contains(
        "assign: 'none' has no value to assign") == true)
    #expect(
      buildError { () throws(ArrayError) in try none.assigning(.set, v) }?.contains(
        "'none' is not a variable and cannot be assigned to") == true)
  }

  @Test func `of what is not asked for plays no part`() throws {
    let v = variable(3, "v")
    let ignored = v.assign(graph.constant(100.0, .float64))
    let read = graph.controlDependencies([graph.constant(0.0, .float64)]) { v.read() }
    let session = try started()
    #expect(try item(session.run(read)) == 3)
    #expect(try item(session.run(ignored)) == 100)
  }

  @Test func `does not bind variables that are made among dependencies`() throws {
    let v = variable(1, "v")
    let raised = v.assignAdd(graph.constant(1.0, .float64))
    let inner = graph.controlDependencies([raised]) { variable(5, "inner") }
    let session = Session(graph)
    try session.run(graph.initializer())
    #expect(try session.run([v, inner]).map(item) == [1, 5])
    let set = graph.controlDependencies([raised]) { inner.assign(inner + v) }
    #expect(try item(session.run(set)) == 7)
  }

  @Test func `initialises variables whose name would be another's assignment`() throws {
    let other = graph.variable(array([2], []), name: "w/assign")
    let w = variable(1, "w")
    let session = try started()
    #expect(try session.run([w, other]).map(item) == [1, 2])
  }

  @Test func `refuses values that do not fit their variable only when they run, where shapes are open`()
    throws
  {
    let v = graph.variable(array([1, 2]), name: "v")
    let x = graph.placeholder(.float64, name: "x")
    let session = try started()
    let set = v.assign(x)
    let error = sessionError { () throws(SessionError) in
      try session.run(set, feeding: [x: array([1, 2, 3])])
    }
    #expect(error?.message.contains("variable 'v' has shape [2], but the value has [3]") == true)
    #expect(numbers(try session.run(v)) == [1, 2])
    try session.run(set, feeding: [x: array([5, 6])])
    #expect(numbers(try session.run(v)) == [5, 6])
  }

  @Test func `of commits belongs to each variable`() throws {
    let names = ["a", "b", "c", "d"]
    let variables = names.enumerated().map { variable(Double($0.offset), $0.element) }
    let rotate = graph.group(variables.indices.map { variables[$0].assign(variables[($0 + 1) % 4]) })
    let session = try started()
    try session.run(rotate)
    #expect(try session.run(variables).map(item) == [1, 2, 3, 0])
  }
}

@Suite struct `A session's checks` {
  private let graph = Graph()

  @Test func `of feeds name what cannot be fed`() throws {
    let x = graph.placeholder(.float64, shape: [2], name: "x")
    let none = graph.group([x], name: "none")
    let foreign = Graph().constant(1.0, name: "foreign")
    let session = Session(graph)
    func failure(_ feeds: Feeds) -> SessionError? {
      sessionError { () throws(SessionError) in try session.run(x, feeding: feeds) }
    }
    #expect(
      failure([none: array([1])])?.message == "feed 'none': it is a group, which has no value to replace")
    #expect(failure([x: array([1, 2]), x: array([3, 4])])?.message == "feed 'x': fed twice")
    #expect(
      failure([foreign: array([1])])?.message
        == "feed 'foreign': it belongs to another graph than the session's")
    let single = failure([x: try array([1, 2]).converted(to: .float32)])
    #expect(single?.kind == .misfittingFeed)
  }

  @Test func `of feeds see what was set, replaced and taken away`() throws {
    let x = graph.placeholder(.float64, shape: [1], name: "x")
    let session = Session(graph)
    var feeds = Feeds(named: ["x": array([1])])
    #expect(feeds[x].map(numbers) == [1])
    feeds[x] = array([2])
    #expect(numbers(try session.run(x, feeding: feeds)) == [2])
    feeds[x] = nil
    #expect(feeds[x] == nil)
    #expect(
      sessionError { () throws(SessionError) in try session.run(x, feeding: feeds) }?.kind == .missingFeed)
  }

  @Test func `of named fetches keep names and values together`() throws {
    let fetches = Dictionary(
      uniqueKeysWithValues: (0..<12).map { ("k\($0)", graph.constant(Double($0), .float64)) })
    for (key, value) in try Session(graph).run(fetches) {
      #expect("k\(Int(value.item(as: Double.self)))" == key)
    }
  }

  @Test func `of saved variables refuse what is none`() throws {
    let x = graph.constant(1.0, name: "x")
    let foreign = Graph().variable(array([1]), name: "foreign")
    let session = Session(graph)
    for symbol in [x, foreign] {
      let (saving, restoring) = (
        sessionError { () throws(SessionError) in try session.save(to: "/dev/null", variables: [symbol]) },
        sessionError { () throws(SessionError) in try session.restore(from: "/dev/null", variables: [symbol])
        }
      )
      #expect(saving?.message == "save: '\(symbol.name)' is not a variable of the session's graph")
      #expect(restoring?.message == "restore: '\(symbol.name)' is not a variable of the session's graph")
    }
  }

  @Test func `keep values apart from the arrays that were given or handed out`() throws {
    let (initial, number) = (array([1, 2]), array([3, 4]))
    let v = graph.variable(initial, name: "v")
    let c = graph.constant(number)
    for given in [initial, number] { try given.withMutableElements(of: Double.self) { $0[0] = 99 } }
    let session = Session(graph)
    #expect(session.value(of: v) == nil)
    try session.run(graph.initializer())
    let out = session.value(of: v)
    try out?.withMutableElements(of: Double.self) { $0[1] = 77 }
    #expect(try session.run([v, c]).map(numbers) == [[1, 2], [3, 4]])
  }

  @Test func `see that a variable has no value also where no memory is planned`() throws {
    let v = graph.variable(array([1]), name: "v")
    let set = v.assign(graph.constant(array([2])))
    for passes in [Passes.none, .standard] {
      let session = Session(graph, passes: passes)
      for fetch in [v, v + 1, v.assignAdd(v)] {
        #expect(
          sessionError { () throws(SessionError) in try session.run(fetch) }?.kind == .uninitializedVariable)
      }
      let nothing = graph.group([set])
      let values = try session.run([graph.constant(5.0, .float64), nothing, set])
      #expect(values.map(\.count) == [1, 0, 1] && values[0].item(as: Double.self) == 5)
      #expect(numbers(try session.run(v)) == [2])
    }
  }

  @Test func `run again for feeds that lie elsewhere`() throws {
    let x = graph.placeholder(.float64, shape: [nil, nil])
    let y = x.exp() * 2
    let session = Session(graph)
    let data = array((0..<6).map(Double.init), [2, 3])
    let run = try session.prepare([y.sum(), y], feeding: [x: data.t()])
    let expected = try session.run([y.sum(), y], feeding: [x: try data.t().clone()]).map(bits)
    #expect(try run.run().map(bits) == expected)
    try data.withMutableElements(of: Double.self) { $0[0] = 1 }
    let changed = try session.run([y.sum(), y], feeding: [x: try data.t().clone()]).map(bits)
    #expect(try run.run().map(bits) == changed)
    #expect(changed != expected)
  }
}
