import Arrays
import Testing

@Suite("Arrays and their views")
struct NDArrayTests {
  @Test(
    "Every layout reads, copies and converts as the plain walk over its elements", arguments: Layouts.names)
  func layouts(_ layout: String) throws {
    for shape in Layouts.shapes {
      for dtype in [.float64, .int16, .bool] as [DType] {
        let array = try Layouts.array(shape, dtype, layout)
        let expected = Layouts.values(array)
        #expect(array.scalars == expected, "\(shape) \(dtype)")
        let copy = try array.clone()
        #expect(copy.isContiguous && !copy.sharesStorage(with: array))
        #expect(copy.scalars == expected, "\(shape) \(dtype)")
        #expect(array.toArray(of: Float.self) == expected.map { Float($0.doubleValue) }, "\(shape) \(dtype)")
      }
    }
  }

  @Test("Writing into a view changes its elements and no others", arguments: Layouts.names)
  func writing(_ layout: String) throws {
    for shape in Layouts.shapes {
      for source in Layouts.names {
        let values = try Layouts.array(shape, .int32, source)
        let target = try Layouts.array(shape, .float32, layout)
        let memory = target.strided([target.storage.byteCount / 4], [1], offset: 0)
        var expected = memory.toArray(of: Float.self)
        for (place, value) in zip(Layouts.places(target), Layouts.values(values)) {
          expected[place] = Float(value.doubleValue)
        }
        target.write(from: values)
        #expect(memory.toArray(of: Float.self) == expected, "\(shape) from \(source)")
      }
    }
  }

  @Test("Filling a view changes its elements and no others", arguments: Layouts.names)
  func filling(_ layout: String) throws {
    for shape in Layouts.shapes {
      let target = try Layouts.array(shape, .int64, layout)
      let memory = target.strided([target.storage.byteCount / 8], [1], offset: 0)
      var expected = memory.toArray(of: Int.self)
      for place in Layouts.places(target) { expected[place] = -7 }
      target.fill(with: -7)
      #expect(memory.toArray(of: Int.self) == expected, "\(shape)")
    }
  }

  @Test("A view shares its storage both ways; a copy does not")
  func sharing() throws {
    let base = NDArray([0, 1, 2, 3, 4, 5], shape: [2, 3])
    let transposed = base.strided([3, 2], [1, 3], offset: 0)
    #expect(transposed.sharesStorage(with: base))
    let copy = try base.clone()
    transposed.strided([], [], offset: 4).fill(with: 40)
    #expect(base.toArray(of: Int.self) == [0, 1, 2, 3, 40, 5])
    #expect(transposed.toArray(of: Int.self) == [0, 3, 1, 40, 2, 5])
    #expect(copy.toArray(of: Int.self) == [0, 1, 2, 3, 4, 5])
  }

  @Test("Overlapping views of one storage are written as if the source had been copied first")
  func overlapping() {
    let base = NDArray([0, 1, 2, 3, 4, 5])
    base.strided([5], [1], offset: 1).write(from: base.strided([5], [1], offset: 0))
    #expect(base.toArray(of: Int.self) == [0, 0, 1, 2, 3, 4])
    base.write(from: base.strided([6], [-1], offset: 5))
    #expect(base.toArray(of: Int.self) == [4, 3, 2, 1, 0, 0])
  }

  @Test("Contiguity is row-major order without gaps; dimensions of size 1 do not count")
  func contiguity() {
    let base = NDArray([Int](0..<24))
    #expect(base.strided([2, 3], [3, 1], offset: 4).isContiguous)
    #expect(base.strided([2, 1, 3], [3, 77, 1], offset: 0).isContiguous)
    #expect(base.strided([0, 3], [5, 5], offset: 0).isContiguous)
    #expect(base.strided([], [], offset: 3).isContiguous)
    #expect(!base.strided([2, 3], [1, 2], offset: 0).isContiguous)
    #expect(!base.strided([2, 3], [4, 1], offset: 0).isContiguous)
    #expect(!base.strided([2], [0], offset: 0).isContiguous)
  }

  @Test("Expansion repeats elements with stride 0")
  func expansion() {
    let row = NDArray([1, 2, 3])
    #expect(row.expanded(to: [2, 3]).toArray(of: Int.self) == [1, 2, 3, 1, 2, 3])
    #expect(row.expanded(to: [2, 3]).strides == [0, 1])
    let column = NDArray([1, 2], shape: [2, 1])
    #expect(column.expanded(to: [2, 3]).toArray(of: Int.self) == [1, 1, 1, 2, 2, 2])
    #expect(NDArray([7], shape: []).expanded(to: [2, 2]).toArray(of: Int.self) == [7, 7, 7, 7])
    #expect(row.expanded(to: [0, 3]).count == 0)
  }

  /// All shapes of `count` elements with at most three dimensions.
  private func shapes(of count: Int) -> [Shape] {
    let divisors = (1...count).filter { count % $0 == 0 }
    let pairs = divisors.map { Shape([$0, count / $0]) }
    let triples = divisors.flatMap { first in
      (1...(count / first)).filter { (count / first) % $0 == 0 }.map {
        Shape([first, $0, count / first / $0])
      }
    }
    return [[count]] + pairs + triples
  }

  @Test(
    "A view of another shape exists exactly where the new indices step evenly through memory",
    arguments: Layouts.names)
  func viewStrides(_ layout: String) throws {
    for shape in shapes(of: 12) + shapes(of: 8) {
      let array = try Layouts.array(shape, .int32, layout)
      for expandedFirst in [false, true] {
        let source = expandedFirst ? array.expanded(to: Shape([2] + Array(array.shape))) : array
        let places = Layouts.places(source)
        for target in shapes(of: source.count) {
          // The step of each dimension is what one more of its index does to the first place.
          let steps = target.contiguousStrides
          let needed = Strides((0..<target.rank).map { target[$0] == 1 ? 0 : places[steps[$0]] - places[0] })
          let isEven = Layouts.places(source.strided(target, needed, offset: source.offset)) == places
          let found = source.viewStrides(for: target)
          #expect((found != nil) == isEven, "\(source.shape) \(source.strides) as \(target)")
          if let found {
            let view = source.strided(target, found, offset: source.offset)
            #expect(Layouts.places(view) == places, "\(source.shape) \(source.strides) as \(target)")
          }
        }
      }
    }
  }

  @Test("A single element is read whatever its rank; several are refused with their number")
  func item() throws {
    #expect(NDArray([2.5], shape: [1, 1]).item(as: Double.self) == 2.5)
    #expect(NDArray([2.5], shape: []).item(as: Int.self) == 2)
    #expect(try NDArray([UInt8(200)]).scalarValue() == .int(200))
    let error = #expect(throws: ArrayError.self) { try NDArray([1, 2]).scalarValue() }
    #expect(error?.kind == .runtime && error?.message.contains("2 elements") == true)
    #expect(throws: ArrayError.self) { try NDArray([] as [Int]).scalarValue() }
  }

  @Test("Values must fill the shape")
  func valuesFillShape() {
    let error = #expect(throws: ArrayError.self) { try NDArray(copying: [1, 2, 3], shape: [2, 2]) }
    #expect(error?.message.contains("3 values do not fill the shape [2, 2]") == true)
    #expect(NDArray([] as [Float]).shape == [0])
    #expect(NDArray([] as [Float], shape: [0, 4]).toArray(of: Float.self) == [])
  }

  @Test("Integers at the ends of 64 bits keep every digit")
  func wideIntegers() {
    let values: [Int64] = [.min, .max, (1 << 53) + 1]
    #expect(NDArray(values).toArray(of: Int64.self) == values)
    #expect(NDArray(values).scalars == values.map { .int($0) })
  }
}
