import Arrays
import Operations
import Testing

@Suite("Operations on arrays")
struct ArrayOperationTests {
  @Test("Broadcasting adds a row to every row of a column")
  func broadcasting() {
    let column = NDArray([1.0, 2, 3], shape: [3, 1])
    let row = NDArray([10.0, 20])
    let sum = column + row
    #expect(sum.shape == [3, 2])
    #expect(sum.toArray(of: Double.self) == [11, 21, 12, 22, 13, 23])
  }

  @Test("A sum over each dimension equals the sums written out")
  func sums() {
    let x = NDArray([1.0, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect(x.sum(0).toArray(of: Double.self) == [5, 7, 9])
    #expect(x.sum(1).toArray(of: Double.self) == [6, 15])
    #expect(x.t().sum(0).toArray(of: Double.self) == [6, 15])
    #expect(x.sum().item(as: Double.self) == 21)
    #expect(x.mean([0], keepDim: true).shape == [1, 3])
  }

  @Test("A matrix product takes transposed operands as they are")
  func matrixProduct() {
    let a = NDArray([1.0, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect(a.mm(a.t()).toArray(of: Double.self) == [14, 32, 32, 77])
    let integers = NDArray([1, 2, 3, 4], shape: [2, 2])
    #expect(integers.mm(integers).toArray(of: Int.self) == [7, 10, 15, 22])
  }

  @Test("A view shows what is written through another view of the same memory")
  func aliasing() {
    let x = NDArray([1, 2, 3, 4, 5, 6], shape: [2, 3])
    let row = x[1]
    row.add_(10)
    #expect(x.toArray(of: Int.self) == [1, 2, 3, 14, 15, 16])
    #expect(x[.all, 1..<3].toArray(of: Int.self) == [2, 3, 15, 16])
    #expect(x[.ellipsis, .newAxis].shape == [2, 3, 1])
    #expect(x.storage.version == 1)
  }

  @Test("What cannot be broadcast is refused with operation and shapes")
  func refusal() {
    let error = #expect(throws: ArrayError.self) {
      try OperationTable.call("add", [NDArray([1.0, 2]), NDArray([1.0, 2, 3])])
    }
    #expect(
      error?.message.contains("add: The size of tensor a (2) must match the size of tensor b (3)") == true)
  }

  @Test("Gather reads where the index points, and max gives values with positions")
  func selection() {
    let x = NDArray([3.0, 9, 1, 7, 7, 2], shape: [2, 3])
    let (values, indices) = x.max(dim: 1)
    #expect(values.toArray(of: Double.self) == [9, 7])
    #expect(indices.toArray(of: Int.self) == [1, 0])
  }

  /// Shapes whose runs are copied by blocks, with a rest, and others whose runs are not.
  static let shapes: [Shape] = [[70, 33, 20], [9, 300, 3], [4, 5], [2000, 9], [1, 8, 8], [3, 1, 40]]

  @Test(
    "What is done along a dimension is what is done along the last of the array turned", arguments: shapes)
  func alongEveryDimension(_ shape: Shape) throws {
    let numbers = NDArray((0..<shape.elementCount).map { Float(($0 &* 7919) % 1013) / 100 - 5 }, shape: shape)
    let across = try numbers.transpose(0, -1).clone().transpose(0, -1)
    for x in [numbers, across] {
      for dim in 0..<x.rank {
        let turned = try x.transpose(dim, -1).clone()
        for operation in [SoftmaxOperation.init, LogSoftmaxOperation.init, CumSum.init, CumProd.init]
          as [(Int) -> any WritingUnary]
        {
          let wanted = try operation(-1).forward(turned).transpose(dim, -1).bits
          #expect(try operation(dim).forward(x).bits == wanted, "\(operation(dim))")
          let target = try across.clone().transpose(0, -1).clone().transpose(0, -1)
          try operation(dim).forward(x, into: target)
          #expect(target.bits == wanted, "\(operation(dim)) into an array that lies across")
        }
        let places = turned.argmax(-1, keepDim: true).transpose(dim, -1).toArray(of: Int.self)
        for keepDim in [false, true] {
          #expect(x.argmax(dim, keepDim: keepDim).toArray(of: Int.self) == places)
        }
        let order = turned.argsort(-1).transpose(dim, -1).toArray(of: Int.self)
        #expect(x.argsort(dim).toArray(of: Int.self) == order)
      }
    }
  }

  @Test("What a composed operation is given and cannot fit is refused in its own name")
  func ownName() throws {
    let (x, y) = (NDArray.zeros([2, 3], dtype: .float64), NDArray.zeros([4], dtype: .float64))
    let error = #expect(throws: ArrayError.self) { try OperationTable.call("dist", [x, y], [:]) }
    #expect(error?.message.hasPrefix("dist:") == true)
  }

  @Test("What would have a ninth dimension is refused, naming the operation")
  func ninthDimension() throws {
    let x = try NDArray(full: Shape(repeating: 1, rank: 8), 0, .int64)
    let calls: [(String, [NDArray], [String: Attribute])] = [
      ("unsqueeze", [x], ["dim": .int(-1)]), ("stack", [x, x], [:]),
      ("nn.functional.one_hot", [x], ["num_classes": .int(2)]),
      ("nn.functional.embedding", [x, NDArray([1.0], shape: [1, 1])], [:]),
    ]
    for (name, inputs, attributes) in calls {
      let error = #expect(throws: ArrayError.self) { try OperationTable.call(name, inputs, attributes) }
      let operation = name.split(separator: ".").last ?? ""
      #expect(error?.message == "\(operation): the result has 9 dimensions, at most 8 are supported")
    }
  }
}

extension NDArray {
  /// The elements of a float32 array, NaN comparing equal to itself.
  fileprivate var bits: [UInt32] { toArray(of: Float.self).map(\.bitPattern) }
}
