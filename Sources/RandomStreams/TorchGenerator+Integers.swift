// Whole numbers, order and truth values.
extension TorchGenerator {
  /// `count` integers of the closed range: `randint(low, high + 1, [count])`, `random_(from, to + 1)`.
  ///
  /// The remainder of one word, or of two when the range has 2²⁸ values or more. Narrower types draw the same numbers.
  public func randint(in range: ClosedRange<Int64>, count: Int) -> [Int64] {
    let base = range.lowerBound
    let size = UInt64(bitPattern: range.upperBound &- base) &+ 1
    return makeArray(count: count) { buffer in
      nonisolated(unsafe) let buffer = buffer
      draw { state in
        if size == 0 {
          state.twister.fillPairs(buffer) { Int64(bitPattern: joined($0, $1)) }
        } else if size >= 1 << 28 {
          state.twister.fillPairs(buffer) { base &+ Int64(bitPattern: joined($0, $1) % size) }
        } else {
          let size = UInt32(size)
          state.twister.fill(buffer) { base &+ Int64($0 % size) }
        }
      }
    }
  }

  /// `count` integers of the half-open range: `randint(low, high, [count])`. Stops when the range is empty.
  public func randint(in range: Range<Int64>, count: Int) -> [Int64] {
    if range.isEmpty { stop("randint: the range \(range) is empty; the lower bound must be below the upper") }
    return randint(in: range.lowerBound...(range.upperBound - 1), count: count)
  }

  /// `count` integers of 0...Value.max: `random_()` on a tensor of this type. Two words each for 64 bits, else one.
  @specialized(where Value == Int64)
  @specialized(where Value == Int32)
  @specialized(where Value == Int16)
  @specialized(where Value == Int8)
  @specialized(where Value == UInt8)
  public func random<Value: FixedWidthInteger & BitwiseCopyable & Sendable>(
    count: Int, of type: Value.Type = Int64.self
  ) -> [Value] {
    if Value.bitWidth > 64 { stop("random_: \(Value.self) has \(Value.bitWidth) bits; at most 64 are drawn") }
    let mask = UInt64(Value.max)
    return makeArray(count: count) { buffer in
      nonisolated(unsafe) let buffer = buffer
      draw { state in
        if Value.bitWidth == 64 {
          state.twister.fillPairs(buffer) { Value(truncatingIfNeeded: joined($0, $1) & mask) }
        } else {
          state.twister.fill(buffer) { Value(truncatingIfNeeded: UInt64($0) & mask) }
        }
      }
    }
  }

  /// `count` whole numbers of 0...2ᵖ as floating-point values, p their bits of precision: `random_()` on such a tensor.
  public func random<Scalar: TorchFloatingPoint>(count: Int, of type: Scalar.Type) -> [Scalar] {
    makeArray(count: count) { buffer in
      nonisolated(unsafe) let buffer = buffer
      draw { Scalar.fillRandom(buffer, state: &$0) }
    }
  }

  /// `count` truth values from the lowest bit of one word each: `random_()` on a tensor of truth values.
  public func randomBooleans(count: Int) -> [Bool] {
    makeArray(count: count) { buffer in
      nonisolated(unsafe) let buffer = buffer
      draw { state in state.twister.fill(buffer) { $0 & 1 == 1 } }
    }
  }

  /// 0, 1, …, count − 1 in random order: `randperm(count)`. Stops when `count` is negative.
  ///
  /// Fisher and Yates from the start, one word per place (two from 2³² / 20 places on); the last place draws nothing.
  public func randperm(_ count: Int) -> [Int] {
    if count < 0 { stop("randperm: got \(count); a count is zero or more") }
    var order = Array(0..<count)
    let isShort = count < Int(UInt32.max) / 20
    return draw { state in
      for place in 0..<max(0, count - 1) {
        let bits = isShort ? UInt64(state.twister.nextWord()) : state.twister.next()
        order.swapAt(place, place + Int(bits % UInt64(count - place)))
      }
      return order
    }
  }

  /// `count` truth values, true with probability `p`: `bernoulli_(p)`, whatever the type of the tensor. Stops unless `p` is
  /// in 0...1.
  public func bernoulli(p: Double = 0.5, count: Int) -> [Bool] {
    requireProbability(p)
    return makeArray(count: count) { buffer in
      nonisolated(unsafe) let buffer = buffer
      draw { state in
        for index in buffer.indices { buffer[index] = state.nextUniform() < p }
      }
    }
  }

  /// One truth value per probability: `torch.bernoulli(p)`; a draw has as many bits as the type of `p`. Stops unless each
  /// is in 0...1.
  public func bernoulli<Scalar: TorchFloatingPoint>(probabilities: [Scalar]) -> [Bool] {
    for p in probabilities { requireProbability(Double(p)) }
    return zip(rand(count: probabilities.count, of: Scalar.self), probabilities).map { $0 < $1 }
  }

  private func requireProbability(_ p: Double) {
    if !(0...1).contains(p) { stop("bernoulli: got probability \(p); probabilities are in 0...1") }
  }
}

/// Two words as one, the first in the upper half.
@inline(__always)
private func joined(_ high: UInt32, _ low: UInt32) -> UInt64 {
  UInt64(high) << 32 | UInt64(low)
}
