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

    init(_ name: String, _ run: @escaping @Sendable (NDArray) throws -> NDArray) {
      (testDescription, self.run) = (name, run)
    }
  }

  static let operations = [
    Shared("sum", Sum()), Shared("sum over rows", Sum([0])), Shared("sum along rows", Sum([1])),
    Shared("mean along rows", Mean([1])), Shared("var along rows", Var([1])), Shared("max", AMax()),
    Shared("max along rows", AMax([1])), Shared("norm", Norm()),
    Shared("softmax along rows", SoftmaxOperation(1)),
    Shared("softmax over rows", SoftmaxOperation(0)),
    Shared("log softmax along rows", LogSoftmaxOperation(1)),
    Shared("logsumexp along rows", LogSumExp([1])), Shared("cumsum along rows", CumSum(1)),
    Shared("where") { $0.gt(5).where($0, $0.neg()) }, Shared("lerp") { $0.lerp($0.neg(), 0.3) },
    Shared("clamp between arrays") { $0.clamp(min: $0.mul(0.9), max: $0.mul(0.95)) },
    Shared("mse loss") { $0.mseLoss($0.sqrt()) },
    Shared("sums of stretches") { try sumsOfStretches($0) { try Sum().forward($0) } },
  ]

  /// Elements whose sums all have to be rounded.
  private static let matrix: NDArray = {
    let numbers = (0..<(1201 * 1777)).map { (i: Int) -> Double in 0.1 + Double(i * 7919 % 10007) / 997 }
    return NDArray(numbers, shape: [1201, 1777])
  }()

  /// The sums of sixteen long stretches: of one sum alone the bits may be the same by chance.
  private static func sumsOfStretches(
    _ x: NDArray, _ sum: (NDArray) throws -> NDArray
  ) throws -> NDArray {
    let flat = try x.contiguous().reshape([x.count])
    return NDArray(
      try (0..<16).map { (k: Int) throws -> Double in
        try sum(flat.slab((k * 1001)..<x.count, 0)).converted(to: .float64).item(as: Double.self)
      })
  }

  private func hasSameBits(_ x: NDArray, _ y: NDArray) throws -> Bool {
    let (x, y) = (try x.contiguous(), try y.contiguous())
    return withExtendedLifetime((x, y)) {
      x.hasType(of: y) && memcmp(x.pointer, y.pointer, x.count * x.dtype.byteSize) == 0
    }
  }

  @Test(
    "Reductions, softmax and operations on three arrays have the same bits on one, two, three and eight threads",
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

  @Test("The squared error in one pass has the bits of differences, squares and their sum or mean")
  func squaredError() throws {
    for dtype in [DType.float32, .float64] {
      let matrix = try Self.matrix.converted(to: dtype)
      for (x, y) in [
        (matrix, matrix.sqrt()), (matrix.t(), matrix.sqrt().t()),
        (matrix, matrix[0].expanded(to: matrix.shape)),
      ] {
        let squares = x.sub(y).square()
        #expect(try hasSameBits(x.mseLoss(y, reduction: .none), squares))
        #expect(try hasSameBits(x.mseLoss(y, reduction: .sum), squares.sum()))
        #expect(try hasSameBits(x.mseLoss(y), squares.mean()))
      }
    }
  }

  @Test("Sums put together from equal parts, as by threads that only share the elements, have other bits")
  func otherOrder() throws {
    for dtype in [DType.float32, .float64] {
      let x = try Self.matrix.converted(to: dtype)
      let other = try Self.sumsOfStretches(x) { stretch in
        let third = stretch.count / 3
        let sums = try [0..<third, third..<(2 * third), (2 * third)..<stretch.count].map {
          try Sum().forward(stretch.slab($0, 0))
        }
        return sums[0] + sums[1] + sums[2]
      }
      let sums = try Self.sumsOfStretches(x) { try Sum().forward($0) }
      #expect(try !hasSameBits(other, sums))
    }
  }
}
