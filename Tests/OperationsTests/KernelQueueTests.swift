import CKernels
import Foundation
import Operations
import Testing

@testable import Arrays

/// Long elementwise operations, and sums over their results, wait until somebody looks, and then run together. Nobody may see a difference.
@Suite struct `Kernels that wait` {
  private static let count = 10_007

  private static func values(_ count: Int = count, _ dtype: DType = .float64, first: Int = 0) throws
    -> NDArray
  {
    let numbers = (0..<count).map { 0.25 + Double(($0 &+ first) &* 7919 % 10_007) / 4999 }
    return try NDArray(numbers).converted(to: dtype)
  }

  private static func bytes(_ array: NDArray) throws -> Data {
    let array = try array.contiguous()
    return withExtendedLifetime(array) {
      Data(bytes: array.pointer, count: array.count * array.dtype.byteSize)
    }
  }

  /// Runs `body` on a thread of its own and waits for it.
  private static func onThread(_ body: @escaping @Sendable () -> Void) {
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      body()
      done.signal()
    }
    thread.start()
    done.wait()
    while !thread.isFinished { usleep(100) }
  }

  // MARK: That they wait

  /// Whether `body` leaves something waiting. Any other thread may let it run meanwhile, but not every time.
  private func leavesWaiting(_ kernels: Int, _ body: () throws -> NDArray) throws -> Bool {
    for _ in 0..<200 {
      synchronize()
      let result = try body()
      if withExtendedLifetime(result, { KernelQueue.waiting.kernels }) == kernels { return true }
    }
    return false
  }

  @Test func `long ones wait, and sums over what waits`() throws {
    let (x, y) = (try Self.values(), try Self.values(first: 3))
    #expect(try leavesWaiting(1) { x + y })
    #expect(try leavesWaiting(3) { ((x + y) * 2).exp() })
    #expect(try leavesWaiting(3) { (x * 2).square().sum() })
    #expect(try leavesWaiting(3) { 0.5 * (x * 2).square().mean() })
    #expect(try leavesWaiting(2) { x.gt(1).where(x, y) })
    #expect(try leavesWaiting(1) { x.add_(1) })
  }

  @Test func `short ones, sums over what is there, and operations that are not elementwise do not wait`()
    throws
  {
    let x = try Self.values()
    let short = try Self.values(100)
    let view = x.slab(1..<Self.count, 0)
    let matrix = x.slab(0..<10_000, 0).reshape([100, 100])
    for operation in [
      { short + short }, { x.sum() }, { view + view }, { x.cumsum(0) }, { matrix.t() + matrix }, { x.erf() },
      { matrix.mm(matrix) },
    ] as [() -> NDArray] {
      synchronize()
      _ = operation()
      #expect(KernelQueue.waiting.kernels == 0)
    }
  }

  @Test func `run when somebody looks`() throws {
    let x = try Self.values()
    for look in [
      { _ = $0.toArray(of: Double.self) }, { _ = $0.slab(0..<1, 0).item(as: Double.self) },
      { _ = try! $0.clone() }, { _ = $0.pointer }, { _ = $0.description }, { _ in synchronize() },
    ] as [(NDArray) -> Void] {
      let y = x * 2
      look(y)
      #expect(KernelQueue.waiting.kernels == 0)
    }
  }

  @Test func `an array whose address was given out takes no longer part`() throws {
    let (x, view) = (try Self.values(), try Self.values())
    _ = x.pointer
    _ = view.slab(5..<9, 0).pointer
    for array in [x, view] {
      synchronize()
      _ = array * 2
      _ = array.mul_(2)
      #expect(KernelQueue.waiting.kernels == 0)
    }
  }

  @Test func `memory that serves again takes part again`() throws {
    let x = try Self.values()
    #expect(
      try leavesWaiting(2) {
        let number = NDArray([1.5], shape: [])
        _ = number.pointer
        (consume number).giveBack()
        return (x * 2).sum()
      })
  }

  @Test func `what nobody holds is bounded`() throws {
    var x = try Self.values()
    let y = try Self.values(first: 5)
    var most = (kernels: 0, orphans: 0)
    for _ in 0..<200 {
      x = x / y
      let waiting = KernelQueue.waiting
      most = (max(most.kernels, waiting.kernels), max(most.orphans, waiting.orphans))
    }
    #expect(most.orphans > 0 && most.orphans < 8 && most.kernels <= 32)
    for _ in 0..<200 {
      x.mul_(y)
      most.kernels = max(most.kernels, KernelQueue.waiting.kernels)
    }
    #expect(most.kernels > 8 && most.kernels <= 32)
  }

  // MARK: That nobody sees it

  /// A program of a few dozen operations on a few arrays, chosen by a seed. `atOnce`: every array's address is given out, so that nothing waits.
  private func results(seed: Int, _ count: Int, _ dtype: DType, atOnce: Bool) throws -> [Data] {
    var state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1
    func choose(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    func made(_ array: NDArray) -> NDArray {
      if atOnce { _ = array.pointer }
      return array
    }
    var arrays = try (0..<3).map { made(try Self.values(count, dtype, first: 11 * $0)) }
    var numbers = [NDArray([1.25], shape: [])].map { made(try! $0.converted(to: dtype)) }
    for _ in 0..<60 {
      let (x, y) = (arrays[choose(arrays.count)], arrays[choose(arrays.count)])
      let number = numbers[choose(numbers.count)]
      switch choose(20) {
      case 0: arrays.append(made(x + y))
      case 1: arrays.append(made(x - y))
      case 2: arrays.append(made(x.mul(0.5)))
      case 3: arrays.append(made(x.abs().add(1).rsqrt()))
      case 4: arrays.append(made(x.tanh()))
      case 5: arrays.append(made(x * number))
      case 6: arrays.append(made(number - x))
      case 7: x.add_(y)
      case 8: x.mul_(0.75)
      case 9: x.sub_(number)
      case 10: x.slab(3..<17, 0).fill(with: 0.5)
      case 11: numbers.append(made((x * y).mean()))
      case 12: numbers.append(made((x - y).square().sum().tanh()))
      case 13: numbers[numbers.count - 1].add_(0.125)
      case 18: numbers.append(made(1 - (x * y).sum().mul(0.5).div(3)))
      case 19: arrays.append(made(x.lerp(y, number)))
      case 14: arrays.append(made(x.gt(y).where(x, y)))
      case 15: arrays.append(made(x.gt(number).converted(dtype) + y))
      case 16:
        arrays.append(made(x.slab(0..<(count - 1), 0).square().mul(2).cumsum(0).tanh().padded(like: x)))
      default: if arrays.count > 2 { arrays.remove(at: choose(arrays.count)) }
      }
      if arrays.count > 6 { arrays.removeFirst() }
    }
    return try (arrays + numbers).map(Self.bytes)
  }

  @Test(
    "Programs have the bits that they have with one operation after the other",
    arguments: [8192, 10_007, 40_001], [DType.float32, .float64])
  func sameBits(_ count: Int, _ dtype: DType) throws {
    for seed in 1...40 {
      let waiting = try results(seed: seed, count, dtype, atOnce: false)
      #expect(try waiting == results(seed: seed, count, dtype, atOnce: true), "seed \(seed)")
    }
  }

  @Test("Sums have the order that they always have", arguments: [8192, 8193, 12_345, 65_536, 100_003])
  func sums(_ count: Int) throws {
    for dtype in [DType.float32, .float64] {
      let (x, y) = (try Self.values(count, dtype), try Self.values(count, dtype, first: 77))
      let waiting = (x / y).sum()
      let there = x / y
      _ = there.pointer
      #expect(try Self.bytes(waiting) == Self.bytes(there.sum()))
    }
  }

  @Test func `an operand that is changed later counts as it was`() throws {
    let changes: [(NDArray) throws -> Void] = [
      { $0.add_(1) }, { $0.fill(with: 7) }, { $0.slab(0..<4, 0).fill(with: 7) },
      { $0.slab(0..<4, 0).add_(1) },
      { try $0.withMutableElements(of: Double.self) { $0[0] = 7 } },
      { $0.write(from: try NDArray(full: [10_007], 7, .float64)) },
      { $0.pointer.storeBytes(of: 7, as: Double.self) }, { $0.clamp_(min: 0.5) },
    ]
    for change in changes {
      let x = try Self.values()
      let expected = x.toArray(of: Double.self).map { $0 * 2 }
      let doubled = x * 2
      try change(x)
      #expect(doubled.toArray(of: Double.self) == expected)
      #expect(x.item0 != expected[0] / 2)
    }
  }

  @Test func `a number that is changed later counts as it was`() throws {
    let (x, number) = (try Self.values(), NDArray([3.0], shape: [1]))
    let product = x * number
    number.fill(with: 5)
    #expect(product.item0 == 3 * x.item0)
    let mean = x.mul(2).mean()
    let shifted = x - mean
    mean.fill(with: 100)
    #expect(shifted.item0 < 10)
  }

  @Test func `a sum takes the place of one that waits, and of what was made of it`() throws {
    let x = try NDArray(full: [Self.count], 0.5, .float64)
    let sum = try NDArray(uninitialized: [], .float64)
    try Sum().forward(x * 2, into: sum)
    sum.mul_(0.25)
    let quarter = sum - 1
    try Sum().forward(x * 4, into: sum)
    #expect(sum.item() == Double(2 * Self.count) && quarter.item() == Double(Self.count) / 4 - 1)
  }

  @Test func `an address is that of the elements, also where it was given out while they waited`() throws {
    let x = try Self.values()
    let y = x * 2
    let place = y.pointer.assumingMemoryBound(to: Double.self)
    #expect(place[0] == 2 * x.item0)
    y.add_(1)
    #expect(place[0] == 2 * x.item0 + 1)
    place[0] = 9
    #expect((y * 3).item0 == 27)
  }

  // MARK: Threads

  @Test func `another thread sees what waits here, and what it changes is seen here`() throws {
    for round in 0..<20 {
      // Other numbers each time: those of the last round may still lie in the memory.
      let x = try Self.values(first: 1 + 17 * round)
      let first = x.item0
      let y = x * 2
      Self.onThread { #expect(y.item0 == 2 * first) }
      let operand = x * 5
      Self.onThread { #expect((operand + 1).item0 == 5 * first + 1) }
      let z = x * 3
      Self.onThread { x.add_(1) }
      #expect(z.item0 == 3 * first && x.item0 == first + 1)
      let w = x * 4
      Self.onThread { x.slab(0..<1, 0).fill(with: 0) }
      #expect(w.item0 == 4 * (first + 1) && x.item0 == 0)
    }
  }

  @Test func `a task that goes on on another thread sees what waited on the first`() async throws {
    let x = try Self.values(first: 23)
    await withTaskGroup(of: Void.self) { group in
      for factor in 1...8 {
        group.addTask {
          for round in 1...20 {
            let product = x * (factor * round)
            await Task.yield()
            #expect(product.item0 == Double(factor * round) * x.item0)
          }
        }
      }
    }
  }

  @Test func `what waits when a thread ends is there`() throws {
    let x = try Self.values()
    nonisolated(unsafe) var result = x
    Self.onThread { result = (x * 2).exp() + x }
    #expect(result.item0 == Foundation.exp(2 * x.item0) + x.item0)
  }

  @Test func `an array that waits may be given up by another thread`() throws {
    for _ in 0..<20 {
      let x = try Self.values()
      nonisolated(unsafe) var y: NDArray? = x * 2
      let z = y! + 1
      Self.onThread { y = nil }
      #expect(z.item0 == 2 * x.item0 + 1)
    }
  }

  @Test func `several threads may use one array`() throws {
    let (x, start) = (try Self.values(), try Self.values() * 2)
    let expected = try Self.bytes((x * 2 + x).exp())
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for _ in 0..<20 {
        let result = (start + x).exp()
        #expect((try? Self.bytes(result)) == expected)
      }
    }
  }
}

extension NDArray {
  /// The first element.
  fileprivate var item0: Double { slab(0..<1, 0).item() }
  /// Zeros behind the elements, up to the length of `other`.
  fileprivate func padded(like other: NDArray) -> NDArray {
    NDArray.cat([self, other.zerosLike().slab(0..<(other.count - count), 0)], dim: 0)
  }
  fileprivate func converted(_ dtype: DType) -> NDArray { to(dtype) }
}
