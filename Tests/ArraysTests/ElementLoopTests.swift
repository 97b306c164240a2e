import Arrays
import CKernels
import Testing

@Suite("Loops over arrays of any layout")
struct ElementLoopTests {
  /// A kernel that is not symmetric in its operands and uses all of them: out = a − 2 b, in doubles, by the
  /// given steps.
  private static let difference: ck_binary_fn = { count, output, outputStep, a, aStep, b, bStep in
    for position in 0..<Int(count) {
      let x = a.load(fromByteOffset: position * aStep * 8, as: Double.self)
      let y = b.load(fromByteOffset: position * bStep * 8, as: Double.self)
      output.storeBytes(of: x - 2 * y, toByteOffset: position * outputStep * 8, as: Double.self)
    }
  }

  private static let negated: ck_unary_fn = { count, output, outputStep, a, aStep in
    for position in 0..<Int(count) {
      let x = a.load(fromByteOffset: position * aStep * 8, as: Double.self)
      output.storeBytes(of: -x, toByteOffset: position * outputStep * 8, as: Double.self)
    }
  }

  private func doubles(_ array: NDArray) -> [Double] { Layouts.values(array).map(\.doubleValue) }

  @Test("One operand: every element once, whatever both layouts are", arguments: Layouts.names)
  func unary(_ layout: String) throws {
    for shape in Layouts.shapes {
      for outputLayout in Layouts.names {
        let a = try Layouts.array(shape, .float64, layout)
        let output = try Layouts.array(shape, .float64, outputLayout)
        ElementLoop.unary(Self.negated, output, a)
        #expect(doubles(output) == doubles(a).map { -$0 }, "\(shape) into \(outputLayout)")
      }
    }
  }

  @Test("Two operands: every pair once, whatever the layouts are", arguments: Layouts.names)
  func binary(_ layout: String) throws {
    for shape in Layouts.shapes {
      for other in Layouts.names {
        let a = try Layouts.array(shape, .float64, layout)
        let b = try Layouts.array(shape, .float64, other)
        let output = try NDArray(uninitialized: shape, .float64)
        ElementLoop.binary(Self.difference, output, a, b)
        #expect(doubles(output) == zip(doubles(a), doubles(b)).map { $0 - 2 * $1 }, "\(shape) with \(other)")
      }
    }
  }

  @Test("Rows, columns and single elements repeat without a copy")
  func broadcast() throws {
    for shape in Layouts.shapes {
      for mask in 0..<(1 << shape.rank) {
        // Each dimension in the mask has size 1 in b and is repeated.
        var small = shape
        for axis in 0..<shape.rank where mask >> axis & 1 == 1 { small[axis] = 1 }
        let a = try Layouts.array(shape, .float64, "column-major")
        let b = try Layouts.array(small, .float64, "every second").expanded(to: shape)
        let output = try NDArray(uninitialized: shape, .float64)
        ElementLoop.binary(Self.difference, output, a, b)
        #expect(doubles(output) == zip(doubles(a), doubles(b)).map { $0 - 2 * $1 }, "\(shape) and \(small)")
      }
    }
  }

  @Test("A number stands on either side", arguments: Layouts.names)
  func scalars(_ layout: String) throws {
    for shape in Layouts.shapes {
      let a = try Layouts.array(shape, .float64, layout)
      let output = try Layouts.array(shape, .float64, "rotated")
      withUnsafeBytes(of: 3.0) { number in
        ElementLoop.binary(Self.difference, output, a, scalarAt: number.baseAddress!, scalarOnLeft: false)
        #expect(doubles(output) == doubles(a).map { $0 - 6 }, "\(shape)")
        ElementLoop.binary(Self.difference, output, a, scalarAt: number.baseAddress!, scalarOnLeft: true)
        #expect(doubles(output) == doubles(a).map { 3 - 2 * $0 }, "\(shape)")
        ElementLoop.unary(Self.negated, output, scalarAt: number.baseAddress!)
        #expect(doubles(output).allSatisfy { $0 == -3 }, "\(shape)")
      }
    }
  }

  @Test("Runs over four arrays cover every element of all four together")
  func runs() throws {
    for shape in Layouts.shapes {
      let arrays = try ["row-major", "rotated", "backwards", "inner gap"].map {
        try Layouts.array(shape, .float64, $0)
      }
      var seen: [[Double]] = []
      ElementLoop.forEachRun(arrays[0], arrays[1], arrays[2], arrays[3]) {
        length, o, so, a, sa, b, sb, c, sc in
        for position in 0..<length {
          seen.append(
            [(o, so), (a, sa), (b, sb), (c, sc)].map {
              $0.load(fromByteOffset: position * $1 * 8, as: Double.self)
            })
        }
      }
      // All four hold the same elements at the same indices.
      #expect(seen.allSatisfy { $0 == [Double](repeating: $0[0], count: 4) }, "\(shape)")
      #expect(seen.map { $0[0] }.sorted() == doubles(arrays[0]).sorted(), "\(shape)")
    }
  }

  @Test("Contiguous arrays are one run, and a row or column repeated is as few as there can be")
  func runCounts() throws {
    func count(_ a: NDArray, _ b: NDArray) -> Int {
      var runs = 0
      ElementLoop.forEachRun(a, b, b, b) { _, _, _, _, _, _, _, _, _ in runs += 1 }
      return runs
    }
    let cube = try Layouts.array([4, 30, 50], .float64, "row-major")
    #expect(count(cube, cube) == 1)
    #expect(count(cube, NDArray([1.0], shape: []).expanded(to: cube.shape)) == 1)
    let plane = try Layouts.array([30, 50], .float64, "row-major").expanded(to: cube.shape)
    #expect(count(cube, plane) == 4)
    let column = try Layouts.array([4, 1, 1], .float64, "row-major").expanded(to: cube.shape)
    #expect(count(cube, column) == 4)
  }
}
