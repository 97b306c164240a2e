import Arrays
import Testing

@Suite("Shapes")
struct ShapeTests {
  @Test("Number of elements and row-major strides")
  func strides() {
    #expect(Shape().elementCount == 1)
    #expect(Shape([2, 3, 4]).elementCount == 24)
    #expect(Shape([2, 3, 4]).contiguousStrides == [12, 4, 1])
    #expect(Shape([2, 0, 4]).elementCount == 0)
    #expect(Shape().contiguousStrides == [])
  }

  @Test("Sizes that overflow or are negative are refused, unless one is zero")
  func overflow() throws {
    #expect(throws: ArrayError.self) { try Shape([1 << 32, 1 << 32]).checkedElementCount("zeros") }
    #expect(throws: ArrayError.self) { try Shape([.max, 2]).checkedElementCount("zeros") }
    #expect(try Shape([.max, 1]).checkedElementCount("zeros") == .max)
    #expect(try Shape([.max, .max, 0]).checkedElementCount("zeros") == 0)
    for shape in [[2, -1], [0, -1], [.max, .max, -1]] as [Shape] {
      let error = #expect(throws: ArrayError.self) { try shape.checkedElementCount("zeros") }
      #expect(
        error?.message.contains("zeros") == true && error?.message.contains("negative dimension -1") == true)
    }
  }

  @Test("Dimensions count from the end when negative, and out of range says the range")
  func axis() throws {
    let shape: Shape = [2, 3, 4]
    #expect(try [-3, -1, 0, 2].map { try shape.axis($0, "sum") } == [0, 2, 0, 2])
    for dim in [3, -4] {
      let error = #expect(throws: ArrayError.self) { try shape.axis(dim, "sum") }
      #expect(error?.kind == .index)
      #expect(
        error?.message
          == "sum: Dimension out of range (expected to be in range of [-3, 2], but got \(dim))")
    }
    #expect(try Shape().axis(-1, "sum") == 0)
    #expect(throws: ArrayError.self) { try Shape().axis(1, "sum") }
  }

  @Test("A dimension named twice is refused; none named means all")
  func axes() throws {
    let shape: Shape = [2, 3, 4]
    #expect(try shape.axes([2, 0], "sum").axes == [0, 2])
    #expect(try shape.axes(nil, "sum").axes == [0, 1, 2])
    #expect(try shape.axes([], "sum").axes == [0, 1, 2])
    #expect(throws: ArrayError.self) { try shape.axes([1, -2], "sum") }
  }

  @Test("Reduced shapes drop dimensions or keep them at 1")
  func reduced() throws {
    let shape: Shape = [2, 3, 4]
    let axes = try shape.axes([0, 2], "sum")
    #expect(shape.reduced(axes, keepDim: false) == [3])
    #expect(shape.reduced(axes, keepDim: true) == [1, 3, 1])
  }

  @Test(
    "Broadcasting matches from the end",
    arguments: [
      ([2, 3], [3], [2, 3]), ([2, 1], [1, 3], [2, 3]), ([], [2, 0], [2, 0]), ([1], [0], [0]),
      ([4, 1, 5], [3, 1], [4, 3, 5]),
      ([2, 3], [2], nil), ([2], [0], nil), ([3, 1, 2], [2, 2, 2], nil),
    ] as [(Shape, Shape, Shape?)])
  func broadcast(_ a: Shape, _ b: Shape, result: Shape?) {
    #expect(Shape.broadcast(a, b) == result)
    #expect(Shape.broadcast(b, a) == result)
  }

  @Test("Dimensions can be put in and taken out")
  func insertion() {
    var shape: Shape = [2, 3]
    shape.insert(7, at: 1)
    #expect(shape == [2, 7, 3])
    shape.remove(at: 0)
    #expect(shape == [7, 3])
    shape.append(1)
    #expect(shape == [7, 3, 1] && shape.description == "[7, 3, 1]")
  }
}
