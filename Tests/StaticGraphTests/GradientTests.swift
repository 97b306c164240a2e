import StaticGraph
import Testing

@Suite struct `Gradients of a graph` {
  @Test func `are nodes that a session runs like any other`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [nil], name: "x")
    let y = (x.square() * x).sum()
    let first = graph.gradients(of: y, withRespectTo: [x])[0]
    let second = graph.gradients(of: first, withRespectTo: [x])[0]
    let session = Session(graph)
    #expect(numbers(try session.run(first, feeding: [x: array([1, 2, -3])])) == [3, 12, 27])
    #expect(numbers(try session.run(second, feeding: [x: array([1, 2, -3])])) == [6, 12, -18])
  }

  @Test func `are summed over broadcast dimensions, whatever sizes are fed`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [nil, 2])
    let b = graph.placeholder(.float64)
    let gradient = graph.gradients(of: (x * b).sum(), withRespectTo: [b])[0]
    let session = Session(graph)
    let data = array([1, 2, 3, 4, 5, 6], [3, 2])
    #expect(numbers(try session.run(gradient, feeding: [x: data, b: array([1, 1])])) == [9, 12])
    #expect(numbers(try session.run(gradient, feeding: [x: data, b: array([2], [])])) == [21])
  }

  @Test func `stop at stopGradient, and are absent where nothing is joined`() {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [2], name: "x")
    let u = graph.placeholder(.float64, shape: [2], name: "u")
    let z = x.square() * u.stopGradient()
    let found = graph.gradientsWhereConnected(of: [z], withRespectTo: [x, u])
    #expect(found[0] != nil)
    #expect(found[1] == nil)
  }

  @Test func `start from the seeds that are given`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [2], name: "x")
    let seed = graph.constant(array([10, 100]))
    let gradient = graph.gradients(of: [x.square()], withRespectTo: [x], seeds: [seed])[0]
    #expect(numbers(try Session(graph).run(gradient, feeding: [x: array([1, 2])])) == [20, 400])
    #expect(
      buildError { () throws(ArrayError) in
        try graph.differentiating([x], [x], [graph.constant(array([1, 2, 3]), name: "long")])
      }?.contains("the seed 'long: float64[3]' does not fit") == true)
  }

  @Test func `of integers are refused`() {
    let graph = Graph()
    let n = graph.placeholder(.int32, shape: [2], name: "n")
    #expect(
      buildError { () throws(ArrayError) in try graph.differentiating([n], [n]) }?.contains(
        "'n' is int32; only floating values have gradients") == true)
  }
}
