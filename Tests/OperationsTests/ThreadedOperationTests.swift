import Arrays
import Foundation
import Operations
import Testing

/// Work that is shared among threads, by operations that order their sums. The number of threads is one for the process, so these run
/// one after the other.
@Suite("Operations on several threads", .serialized)
struct ThreadedOperationTests {
  /// An operation, by the name it is called in a failure.
  struct Shared: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let run: @Sendable (NDArray) throws -> NDArray

    init(_ name: String, _ operation: some UnaryOperation) {
      testDescription = name
      run = { try operation.forward($0) }
    }
  }

  static let operations = [
    Shared("sum", Sum()), Shared("sum over rows", Sum([0])), Shared("sum along rows", Sum([1])),
    Shared("mean along rows", Mean([1])), Shared("var along rows", Var([1])), Shared("max", AMax()),
    Shared("max along rows", AMax([1])), Shared("norm", Norm()), Shared("softmax along rows", Softmax(1)),
    Shared("softmax over rows", Softmax(0)), Shared("log softmax along rows", LogSoftmax(1)),
    Shared("logsumexp along rows", LogSumExp([1])), Shared("cumsum along rows", CumSum(1)),
  ]

  /// Elements whose sums all have to be rounded.
  private static let matrix: NDArray = {
    let numbers = (0..<(1201 * 1777)).map { (i: Int) -> Double in 0.1 + Double(i * 7919 % 10007) / 997 }
    return NDArray(numbers, shape: [1201, 1777])
  }()

  private func hasSameBits(_ x: NDArray, _ y: NDArray) throws -> Bool {
    let (x, y) = (try x.contiguous(), try y.contiguous())
    return withExtendedLifetime((x, y)) {
      x.hasType(of: y) && memcmp(x.pointer, y.pointer, x.count * x.dtype.byteSize) == 0
    }
  }

  @Test(
    "Reductions and softmax have the same bits on one, two, three and eight threads",
    arguments: operations, [DType.float32, .float64])
  func sameBits(_ operation: Shared, _ dtype: DType) throws {
    let before = threadCount
    defer { setThreadCount(before) }
    let matrix = try Self.matrix.converted(to: dtype)
    for x in [matrix, matrix.t()] {
      let results = try [1, 2, 3, 8].map { count in
        setThreadCount(count)
        #expect(count == 1 || Parallel.isWorthwhile(x.count, size: dtype.byteSize))
        return try operation.run(x)
      }
      for result in results.dropFirst() {
        #expect(try hasSameBits(result, results[0]), "shape \(x.shape), strides \(x.strides)")
      }
    }
  }
}
