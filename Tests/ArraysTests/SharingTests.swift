import Arrays
import Testing

@Suite("Sharing elements with Swift")
struct SharingTests {
  @Test("An array made from Swift values is a copy, and so is what comes out")
  func copies() {
    var values = [1, 2, 3]
    let array = NDArray(values)
    values[0] = 10
    #expect(array.toArray(of: Int.self) == [1, 2, 3])
    var out = array.toArray(of: Int.self)
    out[1] = 20
    #expect(array.toArray(of: Int.self) == [1, 2, 3])
    #expect(values == [10, 2, 3] && out == [1, 20, 3])
  }

  @Test("Elements can be written in place while an array is made")
  func initializing() throws {
    let array = try NDArray(shape: [2, 3], of: Int32.self) { buffer in
      #expect(buffer.count == 6)
      for position in 0..<6 { buffer[position] = Int32(position * position) }
    }
    #expect(array.toArray(of: Int32.self) == [0, 1, 4, 9, 16, 25])
    #expect(throws: ArrayError.self) {
      try NDArray(shape: [.max, 4], of: Double.self) { _ in Issue.record("nothing to fill") }
    }
  }

  @Test("Reading lends the storage itself where it is row-major, else a copy in that order")
  func reading() throws {
    let array = NDArray([0, 1, 2, 3, 4, 5] as [Float], shape: [2, 3])
    try array.withElements(of: Float.self) { elements in
      #expect(UnsafeRawPointer(elements.baseAddress!) == UnsafeRawPointer(array.pointer))
      #expect(Array(elements) == [0, 1, 2, 3, 4, 5])
    }
    let transposed = array.strided([3, 2], [1, 3], offset: 0)
    #expect(try transposed.withElements(of: Float.self) { Array($0) } == [0, 3, 1, 4, 2, 5])
    #expect(try NDArray([] as [Float]).withElements(of: Float.self) { $0.count } == 0)
    let error = #expect(throws: ArrayError.self) { try array.withElements(of: Double.self) { $0.count } }
    #expect(error?.kind == .type && error?.message.contains("float32, not float64") == true)
  }

  @Test("Writing changes the storage under all views and counts as one change")
  func writing() throws {
    let array = NDArray([0, 1, 2, 3], shape: [2, 2])
    let version = array.storage.version
    let secondRow = array.strided([2], [1], offset: 2)
    try secondRow.withMutableElements(of: Int.self) { $0[0] = 20 }
    #expect(array.toArray(of: Int.self) == [0, 1, 20, 3])
    #expect(array.storage.version == version + 1)
    let column = array.strided([2], [2], offset: 0)
    let error = #expect(throws: ArrayError.self) {
      try column.withMutableElements(of: Int.self) { $0[0] = 9 }
    }
    #expect(error?.message.contains("not contiguous") == true)
    #expect(array.toArray(of: Int.self) == [0, 1, 20, 3])
    #expect(array.storage.version == version + 1)
  }
}
