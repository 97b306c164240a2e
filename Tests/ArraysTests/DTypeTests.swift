import Arrays
import Testing

@Suite("Element types")
struct DTypeTests {
  @Test("Two types meet where PyTorch's promote_types says, in either order")
  func promotion() {
    let table: [[DType]] = [
      [.bool, .uint8, .int8, .int16, .int32, .int64, .float32, .float64],
      [.uint8, .uint8, .int16, .int16, .int32, .int64, .float32, .float64],
      [.int8, .int16, .int8, .int16, .int32, .int64, .float32, .float64],
      [.int16, .int16, .int16, .int16, .int32, .int64, .float32, .float64],
      [.int32, .int32, .int32, .int32, .int32, .int64, .float32, .float64],
      [.int64, .int64, .int64, .int64, .int64, .int64, .float32, .float64],
      [.float32, .float32, .float32, .float32, .float32, .float32, .float32, .float64],
      [.float64, .float64, .float64, .float64, .float64, .float64, .float64, .float64],
    ]
    let types: [DType] = [.bool, .uint8, .int8, .int16, .int32, .int64, .float32, .float64]
    for (row, a) in types.enumerated() {
      for (column, b) in types.enumerated() {
        #expect(DType.promote(a, b) == table[row][column], "\(a) with \(b)")
      }
    }
  }

  @Test(
    "An array keeps its type beside a number of no higher kind, as PyTorch's result_type",
    arguments: [
      (Scalar.bool(true), [.bool, .uint8, .int8, .int16, .int32, .int64, .float32, .float64]),
      (.int(1), [.int64, .uint8, .int8, .int16, .int32, .int64, .float32, .float64]),
      (.float(1), [.float32, .float32, .float32, .float32, .float32, .float32, .float32, .float64]),
    ] as [(Scalar, [DType])])
  func numbers(_ number: Scalar, results: [DType]) {
    let types: [DType] = [.bool, .uint8, .int8, .int16, .int32, .int64, .float32, .float64]
    for (dtype, result) in zip(types, results) { #expect(number.promoted(with: dtype) == result, "\(dtype)") }
  }

  @Test("Names lead back to their types")
  func names() {
    for dtype in DType.allCases { #expect(DType(name: dtype.name) == dtype) }
    #expect(DType(name: "float16") == nil)
  }

  @Test("Sizes are those of the Swift types")
  func sizes() {
    func check<Element: ArrayElement>(_ type: Element.Type) {
      #expect(Element.dtype.byteSize == MemoryLayout<Element>.size)
    }
    check(Bool.self)
    check(UInt8.self)
    check(Int8.self)
    check(Int16.self)
    check(Int32.self)
    check(Int64.self)
    check(Int.self)
    check(Float.self)
    check(Double.self)
  }

  @Test("Numbers that fit every type convert as in PyTorch")
  func conversion() throws {
    let source = NDArray([-1.9, -1, -0.5, 0, 0.5, 1.9, 2.5, 127])
    let expected: [(DType, [Double])] = [
      (.bool, [1, 1, 1, 0, 1, 1, 1, 1]), (.int8, [-1, -1, 0, 0, 0, 1, 2, 127]),
      (.int16, [-1, -1, 0, 0, 0, 1, 2, 127]), (.int32, [-1, -1, 0, 0, 0, 1, 2, 127]),
      (.int64, [-1, -1, 0, 0, 0, 1, 2, 127]),
      (.float32, [Double(Float(-1.9)), -1, -0.5, 0, 0.5, Double(Float(1.9)), 2.5, 127]),
      (.float64, [-1.9, -1, -0.5, 0, 0.5, 1.9, 2.5, 127]),
    ]
    for (dtype, values) in expected {
      let converted = try source.converted(to: dtype)
      #expect(converted.dtype == dtype)
      #expect(converted.toArray(of: Double.self) == values, "\(dtype)")
    }
  }

  @Test("Integers too large for a type lose their high bits, as in PyTorch")
  func wrapping() throws {
    let source = NDArray([0, 1, -1, 127, 128, 255, 256, 300, -129, 32768, 2_147_483_648, (1 << 62) + 1])
    let expected: [(DType, [Int])] = [
      (.bool, [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
      (.uint8, [0, 1, 255, 127, 128, 255, 0, 44, 127, 0, 0, 1]),
      (.int8, [0, 1, -1, 127, -128, -1, 0, 44, 127, 0, 0, 1]),
      (.int16, [0, 1, -1, 127, 128, 255, 256, 300, -129, -32768, 0, 1]),
      (.int32, [0, 1, -1, 127, 128, 255, 256, 300, -129, 32768, -2_147_483_648, 1]),
      (.float64, [0, 1, -1, 127, 128, 255, 256, 300, -129, 32768, 2_147_483_648, 1 << 62]),
    ]
    for (dtype, values) in expected {
      #expect(try source.converted(to: dtype).toArray(of: Int.self) == values, "\(dtype)")
    }
  }
}
