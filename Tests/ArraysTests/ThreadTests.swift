import Arrays
import CKernels
import Foundation
import Synchronization
import Testing

/// Work shared among threads. The number of threads is one for the process, so these run one after the other.
@Suite("Threads", .serialized)
struct ThreadTests {
  /// What `body` gives with one, two and five threads.
  private func withThreads<Value>(_ body: () throws -> Value) rethrows -> [Value] {
    let before = threadCount
    defer { setThreadCount(before) }
    return try [1, 2, 5].map { count in
      setThreadCount(count)
      #expect(threadCount == count)
      return try body()
    }
  }

  @Test("Every part is done once, whoever does it")
  func parts() {
    _ = withThreads {
      let sum = Atomic(0)
      let calls = Atomic(0)
      Parallel.split(3..<1003) { range in
        sum.wrappingAdd(range.reduce(0, +), ordering: .relaxed)
        calls.wrappingAdd(range.count, ordering: .relaxed)
      }
      #expect(sum.load(ordering: .relaxed) == (3..<1003).reduce(0, +))
      #expect(calls.load(ordering: .relaxed) == 1000)
      Parallel.split(7..<7) { #expect($0.isEmpty) }
    }
  }

  @Test("A part may split work itself, and threads may split at the same time")
  func nested() async {
    let before = threadCount
    defer { setThreadCount(before) }
    setThreadCount(4)
    final class Counter: Sendable { let total = Atomic(0) }
    let counter = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<50 {
            Parallel.split(0..<8) { outer in
              Parallel.split(0..<8) { inner in
                counter.total.add(outer.count * inner.count, ordering: .relaxed)
              }
            }
          }
        }
      }
    }
    #expect(counter.total.load(ordering: .relaxed) == 4 * 50 * 64)
  }

  /// An array whose elements are all different and not exact.
  private func values(_ shape: Shape, _ dtype: DType) throws -> NDArray {
    let numbers = (0..<shape.elementCount).map { 0.1 + Double($0 &* 7919 % 10007) / 997 }
    return try NDArray(numbers, shape: shape).converted(to: dtype)
  }

  private func bytes(_ array: NDArray) throws -> [UInt8] {
    let array = try array.contiguous()
    return withExtendedLifetime(array) {
      Array(UnsafeRawBufferPointer(start: array.pointer, count: array.count * array.dtype.byteSize))
    }
  }

  @Test(
    "Elementwise results have the same bits on any number of threads", arguments: [DType.float32, .float64])
  func elementwise(_ dtype: DType) throws {
    // Long enough to be split, and for addition to be written around the caches.
    let count = 6_000_011
    let (x, y) = (try values([count], dtype), try values([count], dtype).slab(1..<count, 0))
    let add = try #require(ck_binary(CK_ADD, dtype.kernelType))
    let sums = try withThreads {
      let output = try NDArray(uninitialized: [count - 1], dtype)
      ElementLoop.binary(add, output, x.slab(0..<(count - 1), 0), y)
      return try bytes(output)
    }
    let plain = try NDArray(uninitialized: [count - 1], dtype)
    add(count - 1, plain.pointer, 1, x.pointer, 1, y.pointer, 1)
    let expected = try bytes(plain)
    #expect(sums.allSatisfy { $0 == expected })

    for op in [CK_EXP, CK_LOG, CK_TANH, CK_SIN, CK_ERF] {
      let kernel = try #require(ck_unary(op, dtype.kernelType))
      let results = try withThreads {
        let output = try NDArray(uninitialized: [1_000_003], dtype)
        ElementLoop.unary(
          kernel, output, x.slab(5..<1_000_008, 0), cost: ck_unary_cost(op, dtype.kernelType))
        return try bytes(output)
      }
      #expect(results[1] == results[0] && results[2] == results[0], "op \(op.rawValue)")
    }
  }

  @Test("Rows, columns and transposed copies have the same bits on any number of threads")
  func strided() throws {
    let (rows, columns) = (1201, 1003)
    let matrix = try values([rows, columns], .float64)
    let row = try values([columns], .float64)
    let add = try #require(ck_binary(CK_ADD, CK_FLOAT64))
    let results = try withThreads {
      let output = try NDArray(uninitialized: [rows, columns], .float64)
      ElementLoop.binary(add, output, matrix, row.expanded(to: [rows, columns]))
      let flipped = matrix.strided([columns, rows], [1, columns], offset: 0)
      return try (bytes(output), bytes(flipped.clone()))
    }
    for result in results {
      #expect(result.0 == results[0].0)
      #expect(result.1 == results[0].1)
    }
    let transposed = results[0].1.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
    let plain = matrix.toArray(of: Double.self)
    #expect(
      (0..<columns).allSatisfy { j in
        (0..<rows).allSatisfy { transposed[j * rows + $0] == plain[$0 * columns + j] }
      })
  }

  @Test("An impossible number of threads is refused and changes nothing")
  func impossible() async {
    let before = ck_thread_count()
    for count in [0, -1, 257] as [Int32] { #expect(ck_set_thread_count(count) == -1) }
    #expect(ck_thread_count() == before)
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      setThreadCount(0)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("the number of threads must be within 1...256, but is 0"))
  }

  @Test("The environment's number of threads is the first")
  func environment() async {
    await #expect(processExitsWith: .success) {
      setenv("OMP_NUM_THREADS", "3", 1)
      #expect(threadCount == 3)
    }
  }
}
