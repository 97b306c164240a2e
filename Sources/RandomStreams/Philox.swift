/// Philox 4×32-10: a counter-based generator, as TensorFlow uses it.
///
/// A block of four words is a function of a 128-bit counter and a 64-bit key alone, so any place of the stream is reached
/// at once. A copy goes on independently from the same place.
///
/// Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
public struct Philox: RandomNumberGenerator, Sendable, Hashable {
  /// The counter of the next block, least significant word first.
  public private(set) var counter: SIMD4<UInt32>
  /// The key.
  public let key: SIMD2<UInt32>
  /// The half of a block that `next` has not given out yet.
  private var pending: UInt64?

  /// The stream of this key from this counter on.
  public init(key: SIMD2<UInt32>, counter: SIMD4<UInt32> = .zero) {
    self.key = key
    self.counter = counter
  }

  /// TensorFlow's stream for a pair of seeds: the first is the key, the second the upper half of the counter.
  public init(seeds: TensorFlowSeeds) {
    func halves(_ seed: Int64) -> SIMD2<UInt32> {
      SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    }
    self.init(
      key: halves(seeds.first), counter: SIMD4(lowHalf: .zero, highHalf: halves(seeds.second)))
  }

  /// The next four words.
  public mutating func nextBlock() -> SIMD4<UInt32> {
    defer { skip(1) }
    return Self.block(counter: counter, key: key)
  }

  /// The next 64 bits: two halves of a block in turn, the earlier word in the lower half. Blocks drawn in between are
  /// left out.
  public mutating func next() -> UInt64 {
    if let half = pending {
      pending = nil
      return half
    }
    let block = nextBlock()
    pending = UInt64(block[3]) << 32 | UInt64(block[2])
    return UInt64(block[1]) << 32 | UInt64(block[0])
  }

  /// Leaves out this many blocks.
  public mutating func skip(_ blocks: UInt64) {
    let low = UInt64(counter[1]) << 32 | UInt64(counter[0])
    let high = UInt64(counter[3]) << 32 | UInt64(counter[2])
    let (sum, overflow) = low.addingReportingOverflow(blocks)
    let carried = high &+ (overflow ? 1 : 0)
    counter = SIMD4(
      UInt32(truncatingIfNeeded: sum), UInt32(truncatingIfNeeded: sum >> 32),
      UInt32(truncatingIfNeeded: carried), UInt32(truncatingIfNeeded: carried >> 32))
  }

  /// The block of a counter under a key: ten rounds of two multiplications each.
  private static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var (a, b, c, d) = (counter[0], counter[1], counter[2], counter[3])
    var (first, second) = (key[0], key[1])
    for _ in 0..<10 {
      let even = UInt64(a) * 0xD251_1F53
      let odd = UInt64(c) * 0xCD9E_8D57
      (a, b, c, d) = (
        UInt32(truncatingIfNeeded: odd >> 32) ^ b ^ first, UInt32(truncatingIfNeeded: odd),
        UInt32(truncatingIfNeeded: even >> 32) ^ d ^ second, UInt32(truncatingIfNeeded: even)
      )
      first &+= 0x9E37_79B9
      second &+= 0xBB67_AE85
    }
    return SIMD4(a, b, c, d)
  }
}
