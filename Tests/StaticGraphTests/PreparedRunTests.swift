import StaticGraph
import Testing

@Suite struct `Prepared runs` {
  @Test func `of one plan take turns, each with its own feeds`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [nil])
    let y = (x * 3 - 1).square().sum()
    let session = Session(graph)
    let first = try session.prepare([y], feeding: [x: array([1, 2])])
    let second = try session.prepare([y], feeding: [x: array([3, 4])])
    for _ in 0..<3 {
      #expect(numbers(try first.run()[0]) == [29])
      #expect(numbers(try second.run()[0]) == [185])
    }
    #expect(numbers(try session.run(y, feeding: [x: array([1, 2])])) == [29])
  }

  @Test func `write over results that were let go of, and over no others`() throws {
    let graph = Graph()
    let w = graph.variable(array([0.5]))
    let session = Session(graph)
    try session.run(graph.initializer())
    let run = try session.prepare([w.assign(w * 2)])
    let held = try (0..<3).map { _ in try run.run()[0] }
    #expect(held.map { numbers($0)[0] } == [1, 2, 4])
    let free = try (0..<3).map { _ in try run.run()[0].pointer }
    #expect(Set(free).count == 1)
    #expect(!held.map(\.pointer).contains(free[0]))
  }

  @Test func `do not keep their session alive`() throws {
    weak var session: Session?
    do {
      let graph = Graph()
      let x = graph.placeholder(.float64, shape: [nil])
      let made = Session(graph)
      let run = try made.prepare([x.sum()], feeding: [x: array([1, 2])])
      try run.run()
      session = made
    }
    #expect(session == nil)
  }
}
