/// NumPy's `numpy.random.RandomState` (and the functions of `numpy.random` after `numpy.random.seed`), bit for bit.
///
///     var random = NumPyRandomState(seed: 100)
///     let noise = random.randomSample(count: 100)
///
/// Every method draws from the one stream, so the order of calls decides. A copy of the value forks the stream.
/// Methods carry NumPy's names; results are flat, in row-major order; `rand` is `randomSample` and `randn` is
/// `standardNormal` here. Uniform and integer results have NumPy's bits; those that pass through a logarithm have them
/// where the mathematics library is the same (glibc), otherwise they are within a few units in the last place.
///
/// Checked against NumPy 2.4.6.
public struct NumPyRandomState: RandomNumberGenerator, Sendable, Hashable {
  /// The source of all words.
  var twister: MersenneTwister
  /// The second normal value of the last pair, if it has not been given out yet.
  var cachedNormal: Double?

  /// `RandomState(seed)` for an integer seed.
  public init(seed: UInt32) {
    twister = MersenneTwister(seed: seed)
  }

  /// `RandomState([…])` for a list of seeds; a list of one differs from that integer. Stops when `seeds` is empty.
  public init(seeds: [UInt32]) {
    twister = MersenneTwister(seeds: seeds)
  }

  /// The next two words of the stream as 64 bits, so that Swift's own `random(in:using:)` and `shuffled(using:)` can
  /// draw from it.
  public mutating func next() -> UInt64 {
    twister.next()
  }

  // MARK: Uniform

  /// One value in [0, 1), a multiple of 2⁻⁵³.
  public mutating func randomSample() -> Double {
    let high = twister.nextWord()
    return Self.unitInterval(high, twister.nextWord())
  }

  /// `count` values in [0, 1): `random_sample(count)`.
  public mutating func randomSample(count: Int) -> [Double] {
    makeArray(count: count) { fillRandomSample($0) }
  }

  /// Fills the buffer with values in [0, 1).
  public mutating func fillRandomSample(_ buffer: UnsafeMutableBufferPointer<Double>) {
    twister.fillPairs(buffer, each: Self.unitInterval)
  }

  /// One value in [low, high): low + (high − low) · u. Stops when the width is not finite.
  public mutating func uniform(low: Double = 0, high: Double = 1) -> Double {
    low + Self.width(low, high) * randomSample()
  }

  /// `count` values in [low, high): low + (high − low) · u. Stops when the width is not finite.
  public mutating func uniform(low: Double = 0, high: Double = 1, count: Int) -> [Double] {
    let width = Self.width(low, high)
    return makeArray(count: count) { buffer in
      twister.fillPairs(buffer) { low + width * Self.unitInterval($0, $1) }
    }
  }

  /// The upper 27 and 26 bits of two words as a number in [0, 1) with 53 bits.
  @inline(__always)
  private static func unitInterval(_ first: UInt32, _ second: UInt32) -> Double {
    let high = Double(Int32(bitPattern: first >> 5))
    let low = Double(Int32(bitPattern: second >> 6))
    return (high * 0x1p26 + low) * 0x1p-53
  }

  private static func width(_ low: Double, _ high: Double) -> Double {
    if !(high - low).isFinite {
      stop(
        "uniform: the width of [\(low), \(high)) is not finite; give finite bounds that are nearer to each other"
      )
    }
    return high - low
  }
}
