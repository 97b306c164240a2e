/// The Mersenne Twister MT19937: 32-bit words with period 2¹⁹⁹³⁷ − 1.
///
/// NumPy's `RandomState` and PyTorch's CPU generator both draw from it; they differ in how they make numbers of its words.
/// Words are made in blocks of 624, so filling a buffer costs no call per element.
/// A copy goes on independently from the same place.
///
/// Source: M. Matsumoto, T. Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random
/// number generator", ACM TOMACS 8 (1998), and its 2002 seeding.
public struct MersenneTwister: RandomNumberGenerator, Sendable, Hashable {
  /// The number of words in a block.
  public static let blockSize = 624
  /// How far ahead the recurrence looks for its second term.
  private static let reach = 397

  /// The current block, before tempering: NumPy's `key`.
  public private(set) var key: [UInt32]
  /// The index in the block of the next word; 624 when the block is used up: NumPy's `pos`.
  public private(set) var position: Int
  /// The current block, tempered: the words that are given out.
  private var outputs: [UInt32]

  /// The stream that starts from one 32-bit seed (`init_genrand`).
  public init(seed: UInt32) {
    var key = [UInt32](repeating: 0, count: Self.blockSize)
    key[0] = seed
    for index in 1..<Self.blockSize {
      let previous = key[index - 1]
      key[index] = 1_812_433_253 &* (previous ^ (previous >> 30)) &+ UInt32(index)
    }
    self.init(key: key, position: Self.blockSize)
  }

  /// The stream that starts from several seeds (`init_by_array`). Stops when `seeds` is empty.
  public init(seeds: [UInt32]) {
    if seeds.isEmpty { stop("MersenneTwister(seeds:): got no seed; give at least one") }
    var key = MersenneTwister(seed: 19_650_218).key
    var index = 1
    /// Steps to the next word; after the last one the first becomes its copy.
    func advance() {
      index += 1
      if index == Self.blockSize {
        key[0] = key[Self.blockSize - 1]
        index = 1
      }
    }
    for step in 0..<max(Self.blockSize, seeds.count) {
      let slot = step % seeds.count
      let previous = key[index - 1]
      key[index] = (key[index] ^ ((previous ^ (previous >> 30)) &* 1_664_525)) &+ seeds[slot] &+ UInt32(slot)
      advance()
    }
    for _ in 1..<Self.blockSize {
      let previous = key[index - 1]
      key[index] = (key[index] ^ ((previous ^ (previous >> 30)) &* 1_566_083_941)) &- UInt32(index)
      advance()
    }
    key[0] = 0x8000_0000
    self.init(key: key, position: Self.blockSize)
  }

  /// The stream that goes on from a saved state. Stops unless `key` has 624 words and `position` is in 0...624.
  public init(key: [UInt32], position: Int) {
    if key.count != Self.blockSize || !(0...Self.blockSize).contains(position) {
      stop(
        "MersenneTwister(key:position:): got \(key.count) words and position \(position);"
          + " a state has 624 words and a position in 0...624")
    }
    self.key = key
    self.position = position
    self.outputs = key.map(Self.temper)
  }

  /// The next 32-bit word.
  public mutating func nextWord() -> UInt32 {
    if position == Self.blockSize { refill() }
    defer { position &+= 1 }
    return outputs[position]
  }

  /// The next two words as one 64-bit number, the first in the upper half.
  public mutating func next() -> UInt64 {
    let high = nextWord()
    let low = nextWord()
    return UInt64(high) << 32 | UInt64(low)
  }

  /// Fills the buffer with one value per word.
  @inline(__always)
  mutating func fill<Value>(_ buffer: UnsafeMutableBufferPointer<Value>, each value: (UInt32) -> Value) {
    var filled = 0
    while filled < buffer.count {
      if position == Self.blockSize { refill() }
      let count = min(Self.blockSize - position, buffer.count - filled)
      outputs.withUnsafeBufferPointer { words in
        let source = words.baseAddress! + position
        let target = buffer.baseAddress! + filled
        for index in 0..<count { target[index] = value(source[index]) }
      }
      position += count
      filled += count
    }
  }

  /// Fills the buffer with one value per pair of words, also where a pair straddles two blocks.
  @inline(__always)
  mutating func fillPairs<Value>(
    _ buffer: UnsafeMutableBufferPointer<Value>, each value: (UInt32, UInt32) -> Value
  ) {
    var filled = 0
    while filled < buffer.count {
      let count = min((Self.blockSize - position) / 2, buffer.count - filled)
      if count == 0 {
        let first = nextWord()
        buffer[filled] = value(first, nextWord())
        filled += 1
        continue
      }
      outputs.withUnsafeBufferPointer { words in
        let source = words.baseAddress! + position
        let target = buffer.baseAddress! + filled
        for index in 0..<count { target[index] = value(source[2 &* index], source[2 &* index &+ 1]) }
      }
      position += 2 * count
      filled += count
    }
  }

  /// Makes the next block.
  private mutating func refill() {
    let (size, reach) = (Self.blockSize, Self.reach)
    key.withUnsafeMutableBufferPointer { words in
      for index in 0..<(size - reach) {
        words[index] = words[index + reach] ^ Self.twist(words[index], words[index + 1])
      }
      for index in (size - reach)..<(size - 1) {
        words[index] = words[index + reach - size] ^ Self.twist(words[index], words[index + 1])
      }
      words[size - 1] = words[reach - 1] ^ Self.twist(words[size - 1], words[0])
      outputs.withUnsafeMutableBufferPointer { outputs in
        for index in 0..<size { outputs[index] = Self.temper(words[index]) }
      }
    }
    position = 0
  }

  /// The twist of the recurrence: the upper bit of one word and the rest of the next, times the matrix A.
  @inline(__always)
  private static func twist(_ word: UInt32, _ next: UInt32) -> UInt32 {
    let joined = (word & 0x8000_0000) | (next & 0x7FFF_FFFF)
    return (joined >> 1) ^ ((0 &- (next & 1)) & 0x9908_B0DF)
  }

  /// The tempering of a word on its way out.
  @inline(__always)
  private static func temper(_ word: UInt32) -> UInt32 {
    var word = word
    word ^= word >> 11
    word ^= (word << 7) & 0x9D2C_5680
    word ^= (word << 15) & 0xEFC6_0000
    return word ^ (word >> 18)
  }
}
