import StaticGraph
import Testing

/// Products and gradients whose sizes, or rank, are only known when they run. Expected values: the sums written out.
@Suite struct `Open shapes` {
  private let graph = Graph()

  private func ramp(_ shape: Shape) -> NDArray {
    array((0..<shape.elementCount).map { Double($0 + 1) }, shape)
  }

  @Test func `of batches of matrices are multiplied like known ones`() throws {
    let known = (graph.placeholder(.float64, shape: [2, 2, 3]), graph.placeholder(.float64, shape: [3, 2]))
    let feeds = [ramp([2, 2, 3]), ramp([3, 2])]
    let product = known.0.matmul(known.1)
    let gradients = graph.gradients(of: product.square().sum(), withRespectTo: [known.0, known.1])
    let expected = try Session(graph).run(
      [product] + gradients, feeding: [known.0: feeds[0], known.1: feeds[1]])
    #expect(numbers(expected[0]) == [22, 28, 49, 64, 76, 100, 103, 136])
    for shapes: ([Int?]?, [Int?]?) in [
      ([nil, 2, 3], [3, 2]), ([nil, nil, nil], [nil, nil]), ([2, nil, 3], [nil, 2]), (nil, nil),
      (nil, [3, nil]),
    ] {
      let (a, b) = (placeholder(shapes.0), placeholder(shapes.1))
      let product = a.matmul(b)
      let gradients = graph.gradients(of: product.square().sum(), withRespectTo: [a, b])
      let values = try Session(graph).run([product] + gradients, feeding: [a: feeds[0], b: feeds[1]])
      #expect(values.map(\.shape) == expected.map(\.shape))
      #expect(values.map(numbers) == expected.map(numbers))
    }
  }

  @Test func `of factors may turn out to be those of vectors`() throws {
    let (a, b) = (placeholder(nil), placeholder(nil))
    let product = a.matmul(b)
    let gradients = graph.gradients(of: product.square().sum(), withRespectTo: [a, b])
    let session = Session(graph)
    for (first, second): (Shape, Shape) in [
      ([3], [3]), ([2, 3], [3]), ([3], [3, 2]), ([3], [2, 3, 2]), ([2, 2, 3], [3]), ([2, 3], [3, 2]),
    ] {
      let known = Graph()
      let x = known.placeholder(.float64, shape: first.map { $0 })
      let y = known.placeholder(.float64, shape: second.map { $0 })
      let plain = x.matmul(y)
      let slopes = known.gradients(of: plain.square().sum(), withRespectTo: [x, y])
      let expected = try Session(known).run([plain] + slopes, feeding: [x: ramp(first), y: ramp(second)])
      let values = try session.run([product] + gradients, feeding: [a: ramp(first), b: ramp(second)])
      #expect(values.map(\.shape) == expected.map(\.shape))
      #expect(values.map(numbers) == expected.map(numbers))
    }
    // [1, 2, 3]·[1, 2, 3] = 14, whose square has the slope 28·[1, 2, 3].
    let values = try session.run([product, gradients[0]], feeding: [a: ramp([3]), b: ramp([3])])
    #expect(values[0].shape == [] && numbers(values[0]) == [14] && numbers(values[1]) == [28, 56, 84])
    let error = sessionError { () throws(SessionError) in
      try session.run(product, feeding: [a: ramp([]), b: ramp([3])])
    }
    #expect(error?.message.contains("matmul: both arguments to matmul need to be at least 1D") == true)
  }

  private func placeholder(_ shape: [Int?]?) -> Symbol {
    shape.map { graph.placeholder(.float64, shape: $0) } ?? graph.placeholder(.float64)
  }

  @Test func `in front of matrices are broadcast, and gradients summed over them`() throws {
    let (a, b) = (placeholder([nil, nil, 1]), placeholder([nil, 1, nil]))
    let product = a.matmul(b)
    #expect(product.staticType.description == "float64[?, ?, ?]")
    let gradients = graph.gradients(of: product, withRespectTo: [a, b])
    let feeds: Feeds = [a: ramp([1, 2, 1]), b: ramp([3, 1, 2])]
    let values = try Session(graph).run([product] + gradients, feeding: feeds)
    #expect(values[0].shape == [3, 2, 2])
    #expect(numbers(values[0]) == [1, 2, 2, 4, 3, 4, 6, 8, 5, 6, 10, 12])
    // Σ over the batches and columns of b; Σ over the rows of a.
    #expect(values[1].shape == [1, 2, 1] && numbers(values[1]) == [21, 21])
    #expect(values[2].shape == [3, 1, 2] && numbers(values[2]) == [3, 3, 3, 3, 3, 3])
  }

  @Test func `get new dimensions whatever their rank, up to the largest that arrays have`() throws {
    let (x, y) = (placeholder(nil), placeholder(nil))
    let row = x.unsqueeze(0)
    let both = try Symbol.apply(Stack(-1), [x, y])[0]
    #expect(row.staticShape == nil && both.staticShape == nil)
    let values = try Session(graph).run([row, both], feeding: [x: array([1, 2]), y: array([3, 4])])
    #expect(values[0].shape == [1, 2] && values[1].shape == [2, 2])
    #expect(numbers(values[1]) == [1, 3, 2, 4])
    let largest = array([1], Shape(repeating: 1, rank: Shape.maximumRank))
    let error = sessionError { () throws(SessionError) in try Session(graph).run(row, feeding: [x: largest]) }
    #expect(error?.message.contains("unsqueeze: the result has 9 dimensions, at most 8") == true)
  }

  @Test func `of gradients are those of their values, as far as these are known`() throws {
    // TensorFlow 2.21 knows [4, 4] as well: the derivative's own product only says [?, 4].
    let c = graph.constant(ramp([4, 4]))
    let product = c.transpose(0, 1).matmul(placeholder([nil, nil]))
    #expect(graph.gradients(of: product, withRespectTo: [c])[0].staticShape == [4, 4])
    // A seed of another shape is refused when it is fed.
    let x = placeholder([2, 2])
    let seed = placeholder([nil, 2])
    let gradient = graph.gradients(of: [x.square()], withRespectTo: [x], seeds: [seed])[0]
    #expect(gradient.staticShape == [2, 2])
    let session = Session(graph)
    #expect(
      numbers(try session.run(gradient, feeding: [x: ramp([2, 2]), seed: ramp([2, 2])])) == [2, 8, 18, 32])
    let error = sessionError { () throws(SessionError) in
      try session.run(gradient, feeding: [x: ramp([2, 2]), seed: ramp([3, 2])])
    }
    #expect(error?.message.contains("ensure_shape: the shape is [3, 2], it must be [2, 2]") == true)
  }

  // TensorFlow 2.21 knows these too.
  @Test func `of contributions to one gradient are known as far as one of them is`() throws {
    let (x, y) = (placeholder(nil), placeholder(nil))
    let seed = graph.constant(ramp([2]))
    let sum = graph.gradients(of: [x.square(), -x], withRespectTo: [x], seeds: [y, seed])[0]
    #expect(sum.staticShape == [2])
    let session = Session(graph)
    #expect(numbers(try session.run(sum, feeding: [x: ramp([2]), y: ramp([2])])) == [1, 6])
    // Contributions of two shapes are not broadcast.
    let other = placeholder(nil)
    let both = graph.gradients(of: [x.square(), -x], withRespectTo: [x], seeds: [y, other])[0]
    let error = sessionError { () throws(SessionError) in
      try session.run(both, feeding: [x: ramp([2]), y: ramp([2]), other: ramp([3, 2])])
    }
    #expect(error?.message.contains("add") == true)
  }

  @Test func `of parts of a concatenation are those of the whole but along its dimension`() throws {
    let (x, y) = (placeholder(nil), placeholder([nil, nil, 3]))
    let joined = try Symbol.apply(Cat(1), [x, y])[0]
    #expect(joined.staticType.description == "float64[?, ?, 3]")
    let gradients = graph.gradients(of: joined.square(), withRespectTo: [x, y])
    #expect(gradients.map(\.staticType.description) == ["float64[?, ?, 3]", "float64[?, ?, 3]"])
    let values = try Session(graph).run(gradients, feeding: [x: ramp([1, 1, 3]), y: ramp([1, 2, 3])])
    #expect(values.map(numbers) == [[2, 4, 6], [2, 4, 6, 8, 10, 12]])
    let whole = graph.constant(ramp([2, 4, 3]))
    let seeded = graph.gradients(of: [joined], withRespectTo: [x], seeds: [whole])[0]
    #expect(seeded.staticType.description == "float64[2, ?, 3]")
  }

  @Test func `without elements stay so when reshaped`() {
    let x = placeholder([nil])
    let empty = x.reshape(0, -1)
    #expect(empty.staticType.description == "float64[0, ?]")
    #expect(graph.gradients(of: empty, withRespectTo: [x])[0].staticShape == [0])
    #expect(placeholder([nil, 0]).reshape(3, -1).staticShape == [3, 0])
  }

  @Test func `of what is seen in another value's shape are its own where they are not 1`() throws {
    let (x, y) = (placeholder([2, 1]), placeholder([nil, nil]))
    #expect(x.broadcast(to: y.shapeReference).staticType.description == "float64[2, ?]")
    let indices = graph.placeholder(.int64, shape: [nil, nil])
    let values = try Session(graph).run(
      y.takeAlongDim(indices, 1), feeding: [y: ramp([2, 3]), indices: NDArray([0, -1], shape: [1, 2])])
    // Each row's first and last element: the one row of indices is for both.
    #expect(values.shape == [2, 2] && numbers(values) == [1, 3, 4, 6])
  }

  @Test func `stay open where the answers for several ranks differ`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64)
    let flat = x.reshape(-1)
    #expect(flat.staticShape == Shape([Shape.unknown]))
    let sum = flat + graph.constant(array([1, 2, 3, 4]))
    #expect(
      numbers(try Session(graph).run(sum, feeding: [x: array([1, 1, 1, 1], [2, 2])])) == [2, 3, 4, 5])
  }

  @Test func `of products are refused where they cannot fit`() {
    let (a, b) = (placeholder([nil, 2, 3]), placeholder([nil, 2, nil]))
    let inner = buildError { () throws(ArrayError) in
      try OperationTable.call("matmul", [a, b], [:]) { a.constant($0) }
    }
    #expect(
      inner?.contains("the inner sizes of [?, 2, 3] and [?, 2, ?] must be equal, but are 3 and 2") == true)
    let number = buildError { () throws(ArrayError) in
      try OperationTable.call("matmul", [placeholder(nil), placeholder([])], [:]) { a.constant($0) }
    }
    #expect(number?.contains("at least 1D") == true)
    let dtypes = buildError { () throws(ArrayError) in
      try OperationTable.call("matmul", [a, graph.placeholder(.float32)], [:]) { a.constant($0) }
    }
    #expect(dtypes?.contains("same dtype") == true)
  }

  /// y = p / v, summed; the square of ∂y/∂v, differentiated again: TensorFlow 2.21 gives these.
  @Test func `of second derivatives follow from what is fed`() throws {
    let p = placeholder(nil)
    let v = graph.variable(array([2, -1, 0.5], [1, 3]), name: "v")
    let first = graph.gradients(of: p / v, withRespectTo: [v])[0]
    let second = graph.gradients(of: first.square(), withRespectTo: [v])[0]
    let session = Session(graph)
    try session.run(graph.initializer())
    for rows in [1, 2] {
      let data = array([Double](repeating: 3, count: 3 * rows), [rows, 3])
      let n = Double(rows) * 3
      // first = −n/v², second = d(n²/v⁴)/dv = −4 n²/v⁵.
      let values = try session.run([first, second], feeding: [p: data])
      #expect(numbers(values[0]) == [-n / 4, -n, -n * 4])
      #expect(numbers(values[1]) == [-n * n / 8, n * n * 4, -n * n * 128])
    }
  }

  @Test func `of which several are open are what gradients are brought back to`() throws {
    let x = placeholder([nil, nil, 3])
    let row = placeholder([2, 1, 1, 3])
    // x seen as [?, ?, 1, 3], over which two copies are laid.
    let y = x.unsqueeze(2) * row
    let gradient = graph.gradients(of: y, withRespectTo: [x])[0]
    #expect(gradient.staticType.description == "float64[?, ?, 3]")
    let value = try Session(graph).run(
      gradient, feeding: [x: ramp([2, 2, 3]), row: array([1, 2, 3, 10, 20, 30], [2, 1, 1, 3])])
    #expect(numbers(value) == [1, 2, 3, 1, 2, 3, 10, 20, 30, 10, 20, 30])
  }

  @Test func `that depend on the values are broadcast as they turn out`() throws {
    let x = graph.placeholder(.float64, shape: [4], name: "x")
    let mask = graph.placeholder(.bool, shape: [4], name: "mask")
    let w = graph.placeholder(.float64, shape: [1], name: "w")
    let b = graph.placeholder(.float64, shape: [2, 1], name: "b")
    let y = (x.maskedSelect(mask) * w + b).sum()
    let gradients = graph.gradients(of: y, withRespectTo: [x, w, b])
    let feeds: Feeds = [
      x: array([1, 2, 3, 4]), mask: NDArray([true, false, true, false]), w: array([10]),
      b: array([1, 2], [2, 1]),
    ]
    for passes in [Passes.none, .standard] {
      let values = try Session(graph, passes: passes).run([y] + gradients, feeding: feeds)
      #expect(values.map(numbers) == [[86], [20, 0, 20, 0], [8], [2, 2]])
    }
  }

  @Test func `stay open where ones may be repeated`() throws {
    let x = graph.placeholder(.float64, shape: [nil, 3], name: "x")
    let y = graph.placeholder(.float64, shape: [2, nil], name: "y")
    #expect((x + y).staticType.description == "float64[2, 3]")
    #expect((x + graph.placeholder(.float64)).staticType.shape == nil)
    #expect(graph.placeholder(.float64).square().staticType.shape == nil)
    #expect((graph.placeholder(.float64).sum() + x).staticType.description == "float64[?, 3]")
    #expect(graph.placeholder(.float64, shape: [nil, 2]).squeeze().staticType.shape == nil)
    #expect(graph.placeholder(.float64, shape: [2, 3]).squeeze().staticType.description == "float64[2, 3]")
  }
}
