import StaticGraph
import Testing

@Suite struct `A session` {
  @Test func `gives fetches back in the structure in which they were asked for`() throws {
    let graph = Graph()
    let a = graph.constant(2.0, .float64, name: "a")
    let b = (a * a).identity()
    let session = Session(graph)
    #expect(try session.run(b).item() == 4.0)
    #expect(try session.run("a").item() == 2.0)
    #expect(try session.run([a, b, a]).map { $0.item(as: Double.self) } == [2, 4, 2])
    #expect(try session.run(["left": [a], "right": [b, b]])["right"]?.count == 2)
    let (one, more) = try session.run(a, [b])
    #expect(one.item() == 2.0 && more[0].item() == 4.0)
  }

  @Test func `takes feeds in place of any value, and does not calculate what they replace`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [2], name: "x")
    let y = x.square()
    let z = y + 1
    let session = Session(graph)
    #expect(numbers(try session.run(z, feeding: [y: array([5, 6])])) == [6, 7])
    #expect(numbers(try session.run(z, feeding: Feeds(named: ["x": array([1, 2])]))) == [2, 5])
    #expect(numbers(try session.run(x, feeding: [x: array([1, 2])])) == [1, 2])
  }

  @Test func `takes a feed for one of several results, and calculates the others`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [4])
    let parts = x.split(2, dim: 0)
    let feeds: Feeds = [x: array([1, 2, 3, 4]), parts[0]: array([70, 80])]
    let values = try Session(graph).run([parts[0], parts[1], parts[0] + parts[1]], feeding: feeds)
    #expect(values.map(numbers) == [[70, 80], [3, 4], [73, 84]])
  }

  @Test func `plans anew for other shapes`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, name: "x")
    let mean = (x * 2).mean()
    let session = Session(graph)
    #expect(try session.run(mean, feeding: [x: array([1, 2, 3])]).item() == 4.0)
    #expect(try session.run(mean, feeding: [x: array([1, 2, 3, 4], [2, 2])]).item() == 5.0)
    #expect(try session.run(mean, feeding: [x: array([7], [])]).item() == 14.0)
  }

  @Test func `reads feeds whose elements do not follow each other`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [nil, nil])
    let y = x.exp().sum([0])
    let turned = array([0, 1, 2, 3, 4, 5], [2, 3]).t()
    let session = Session(graph)
    let expected = try session.run(y, feeding: [x: try turned.clone()])
    #expect(bits(try session.run(y, feeding: [x: turned])) == bits(expected))
    let prepared = try session.prepare([y], feeding: [x: turned])
    #expect(bits(try prepared.run()[0]) == bits(expected))
  }

  @Test func `says what is wrong with a run`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [nil, 2], name: "x")
    let v = graph.variable(array([1, 2]), name: "v")
    let y = x * v
    let session = Session(graph)
    #expect(
      sessionError { () throws(SessionError) in try session.run(y, feeding: [x: array([1, 2], [1, 2])]) }?
        .kind == .uninitializedVariable)
    try session.run(graph.initializer())
    let missing = sessionError { () throws(SessionError) in try session.run(y) }
    #expect(missing?.kind == .missingFeed)
    #expect(missing?.message.contains("'x' (float64[?, 2])") == true)
    let misfit = sessionError { () throws(SessionError) in try session.run(y, feeding: [x: array([1, 2, 3])])
    }
    #expect(misfit?.kind == .misfittingFeed)
    #expect(misfit?.message == "feed 'x': a float64[3] was fed, but the graph says float64[?, 2]")
    #expect(sessionError { () throws(SessionError) in try session.run("nobody") }?.kind == .unknownFetch)
    #expect(
      sessionError { () throws(SessionError) in
        try session.run(y, feeding: Feeds(named: ["nobody": array([1])]))
      }?.kind == .unknownFeed)
    let other = Graph().constant(1.0)
    #expect(sessionError { () throws(SessionError) in try session.run(other) }?.kind == .unknownFetch)
    let sized = graph.placeholder(.float64, name: "sized") + graph.placeholder(.float64, name: "other")
    let clash = sessionError { () throws(SessionError) in
      try session.run(sized, feeding: Feeds(named: ["sized": array([1, 2]), "other": array([1, 2, 3])]))
    }
    #expect(clash?.kind == .calculation)
  }

  @Test func `keeps its variables apart from those of another session on the same graph`() throws {
    let graph = Graph()
    let v = graph.variable(array([1], []), name: "v")
    let next = v.assignAdd(graph.constant(array([1], [])))
    let initialize = graph.initializer()
    let (one, two) = (Session(graph), Session(graph))
    try one.run(initialize)
    #expect(try one.run(next).item() == 2.0)
    #expect(sessionError { () throws(SessionError) in try two.run(v) }?.kind == .uninitializedVariable)
    try two.run(initialize)
    #expect(try two.run(v).item() == 1.0)
    #expect(one.value(of: v)?.item() == 2.0)
  }

  @Test func `commits assignments together at the end of a run`() throws {
    let graph = Graph()
    let (a, b) = (graph.variable(array([1, 2]), name: "a"), graph.variable(array([5, 6]), name: "b"))
    let swap = graph.group([a.assign(b), b.assign(a)])
    let session = Session(graph)
    try session.run(graph.initializer())
    for expected in [[5.0, 6], [1, 2], [5, 6]] {
      try session.run(swap)
      #expect(numbers(try session.run(a)) == expected)
    }
  }

  @Test func `reads a variable again after what it was told to wait for`() throws {
    let graph = Graph()
    let v = graph.variable(array([3], []), name: "v")
    let raised = v.assignAdd(graph.constant(1.0, .float64))
    let product = graph.controlDependencies([raised]) { v * v }
    let session = Session(graph)
    try session.run(graph.initializer())
    #expect(try session.run(product).item() == 16.0)
    #expect(try session.run(v).item() == 4.0)
  }

  @Test func `changes no variable in a run that fails`() throws {
    let graph = Graph()
    let v = graph.variable(NDArray([Int64(6)]), name: "v")
    let d = graph.placeholder(.int64, shape: [1], name: "d")
    let raised = v.assignAdd(graph.constant(NDArray([Int64(1)])))
    let quotient = v.identity().div(d, rounding: .floor)
    let session = Session(graph)
    try session.run(graph.initializer())
    let error = sessionError { () throws(SessionError) in
      try session.run([raised, quotient], feeding: [d: NDArray([Int64(0)])])
    }
    #expect(error?.kind == .calculation)
    #expect(
      error?.message.contains("node 'floor_divide'") == true || error?.message.contains("node 'div'") == true)
    #expect(session.value(of: v)?.item(as: Int64.self) == 6)
  }

  @Test func `is safe to use from several threads`() async throws {
    let graph = Graph()
    let v = graph.variable(array([0], []), name: "v")
    let x = graph.placeholder(.float64, shape: [nil])
    let raised = v.assignAdd(graph.constant(1.0, .float64))
    let sum = x.sum()
    let session = Session(graph)
    try session.run(graph.initializer())
    let prepared = try session.prepare([raised])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for round in 0..<200 {
            if round % 2 == 0 { try prepared.run() } else { try session.run(raised) }
            let size = (task + round) % 17 + 1
            let total = try session.run(sum, feeding: [x: array((1...size).map(Double.init))])
            #expect(total.item() == Double(size * (size + 1) / 2))
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try session.run(v).item() == 1600.0)
  }

  @Test func `a graph may grow while a session runs`() throws {
    let graph = Graph()
    let a = graph.constant(1.0, .float64)
    let session = Session(graph)
    #expect(try session.run(a + 1).item() == 2.0)
    #expect(try session.run(a + 2).item() == 3.0)
  }
}

@Suite struct `A prepared run` {
  @Test func `sees what is written into the fed arrays`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [nil])
    let data = array([1, 2])
    let run = try Session(graph).prepare([x.square()], feeding: [x: data])
    #expect(numbers(try run.run()[0]) == [1, 4])
    try data.withMutableElements(of: Double.self) { $0[0] = 3 }
    #expect(numbers(try run.run()[0]) == [9, 4])
  }

  @Test func `leaves results alone that somebody still holds, and writes over those nobody does`() throws {
    let graph = Graph()
    let v = graph.variable(array([1], []), name: "v")
    let raised = v.assignAdd(graph.constant(1.0, .float64))
    let session = Session(graph)
    try session.run(graph.initializer())
    let run = try session.prepare([raised])
    let first = try run.run()[0]
    let second = try run.run()[0]
    #expect(first.item() == 2.0 && second.item() == 3.0)
    var places: Set<UnsafeMutableRawPointer> = []
    for _ in 0..<10 { places.insert(try run.run()[0].pointer) }
    #expect(places.count == 1)
  }
}
