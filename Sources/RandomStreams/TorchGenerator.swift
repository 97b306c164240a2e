import Guarding

/// PyTorch's CPU generator (`torch.Generator`, `torch.manual_seed`), bit for bit.
///
///     TorchGenerator.default.manualSeed(100)
///     let noise = TorchGenerator.default.rand(count: 100)          // [Float]
///     let start = TorchGenerator.default.randn(count: 1, of: Double.self)
///
/// A generator is shared by reference, as in PyTorch: whoever draws moves the stream for all. It may be used from several
/// threads; each call is one draw that is not interrupted. Methods carry PyTorch's names; the ones that begin with
/// `fill` are the in-place forms (`uniform_`, `normal_`, `exponential_`) over a buffer. Results are flat, in row-major order.
///
/// Checked against PyTorch 2.15.0 on x86-64. Its compiled code fuses the multiplication and addition that scale a
/// value, and so does this.
public final class TorchGenerator: RandomNumberGenerator, Sendable {
  /// The seed of a new generator, as in PyTorch.
  public static let defaultSeed: UInt64 = 67_280_421_310_721

  /// The generator that is used when none is named; it starts from a seed of the system's.
  public static let `default` = TorchGenerator(seed: .random(in: .min ... .max))

  /// Where a generator stands: what `torch.get_rng_state` saves.
  public struct State: Sendable, Hashable {
    /// The seed that the stream started from.
    public let initialSeed: UInt64
    /// The source of all words.
    var twister: MersenneTwister
    /// The second normal value of the last pair, if it has not been given out yet.
    var cachedNormal: Double?

    /// The state right after seeding. The stream depends on the lower 32 bits of the seed.
    public init(seed: UInt64) {
      initialSeed = seed
      twister = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed))
    }
  }

  private let guarded: Guarded<State>

  /// A generator that starts from this seed, of which the lower 32 bits count.
  public init(seed: UInt64 = TorchGenerator.defaultSeed) {
    guarded = Guarded(State(seed: seed))
  }

  /// Where the generator stands; setting it goes on from there.
  public var state: State {
    get { guarded.withLock { $0 } }
    set { guarded.withLock { $0 = newValue } }
  }

  /// The seed that the stream started from.
  public var initialSeed: UInt64 {
    guarded.withLock { $0.initialSeed }
  }

  /// Starts the stream anew from this seed, and forgets a normal value that was kept.
  public func manualSeed(_ seed: UInt64) {
    state = State(seed: seed)
  }

  /// The next two words of the stream as 64 bits.
  public func next() -> UInt64 {
    guarded.withLock { $0.twister.next() }
  }

  /// Draws under the lock.
  func draw<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
    guarded.withLock { body(&$0) }
  }

  // MARK: Real numbers

  /// `count` values in [0, 1): 24 bits of one word each for `Float`, 53 bits of two words for `Double`.
  public func rand<Scalar: TorchFloatingPoint>(count: Int, of type: Scalar.Type = Float.self) -> [Scalar] {
    uniform(from: 0, to: 1, count: count, of: type)
  }

  /// `count` values in [from, to): `uniform_`. Stops when the bounds are not finite or in the wrong order.
  public func uniform<Scalar: TorchFloatingPoint>(
    from: Double = 0, to: Double = 1, count: Int, of type: Scalar.Type = Float.self
  ) -> [Scalar] {
    makeArray(count: count) { fillUniform($0, from: from, to: to) }
  }

  /// Fills the buffer with values in [from, to): `uniform_`. Stops when the bounds are not finite or in the wrong order.
  public func fillUniform<Scalar: TorchFloatingPoint>(
    _ buffer: UnsafeMutableBufferPointer<Scalar>, from: Double = 0, to: Double = 1
  ) {
    if !(from <= to) || !(to - from).isFinite {
      stop("uniform_: got bounds from \(from) to \(to); they must be finite and in order")
    }
    nonisolated(unsafe) let buffer = buffer
    draw { Scalar.fillUniform(buffer, from: Scalar(from), to: Scalar(to), state: &$0) }
  }

  /// `count` values of the standard normal distribution.
  public func randn<Scalar: TorchFloatingPoint>(count: Int, of type: Scalar.Type = Float.self) -> [Scalar] {
    normal(mean: 0, std: 1, count: count, of: type)
  }

  /// `count` normal values: `torch.normal(mean, std, [count])`, `normal_`. Stops when `std` is negative.
  public func normal<Scalar: TorchFloatingPoint>(
    mean: Double = 0, std: Double = 1, count: Int, of type: Scalar.Type = Float.self
  ) -> [Scalar] {
    makeArray(count: count) { fillNormal($0, mean: mean, std: std) }
  }

  /// Fills the buffer with normal values: `normal_`. Stops when `std` is negative.
  ///
  /// Fewer than 16 values come from pairs in float64 of which the second is kept for the next call. From 16 on, blocks of
  /// 16 uniform values become 16 normal ones, and if the count is not a multiple of 16 the last 16 are drawn anew.
  ///
  /// Source: G. E. P. Box, M. E. Muller, "A note on the generation of random normal deviates" (1958).
  public func fillNormal<Scalar: TorchFloatingPoint>(
    _ buffer: UnsafeMutableBufferPointer<Scalar>, mean: Double = 0, std: Double = 1
  ) {
    if !(std >= 0) { stop("normal_: got std \(std); a standard deviation is zero or more") }
    nonisolated(unsafe) let buffer = buffer
    draw { state in
      if buffer.count >= normalBlock {
        state.fillNormalBlocks(buffer, mean: Scalar(mean), std: Scalar(std))
      } else {
        for index in buffer.indices {
          buffer[index] = Scalar(mean.addingProduct(state.nextNormal(), std))
        }
      }
    }
  }

  /// `count` values of the exponential distribution with rate `lambd`: `exponential_`. Stops unless `lambd` is positive.
  public func exponential<Scalar: TorchFloatingPoint>(
    lambd: Double = 1, count: Int, of type: Scalar.Type = Float.self
  ) -> [Scalar] {
    makeArray(count: count) { fillExponential($0, lambd: lambd) }
  }

  /// Fills the buffer with values of the exponential distribution with rate `lambd`. Stops unless `lambd` is positive.
  public func fillExponential<Scalar: TorchFloatingPoint>(
    _ buffer: UnsafeMutableBufferPointer<Scalar>, lambd: Double = 1
  ) {
    if !(lambd > 0) { stop("exponential_: got lambd \(lambd); a rate is positive") }
    nonisolated(unsafe) let buffer = buffer
    draw { state in
      for index in buffer.indices { buffer[index] = Scalar(state.nextExponential(lambd: lambd)) }
    }
  }
}
