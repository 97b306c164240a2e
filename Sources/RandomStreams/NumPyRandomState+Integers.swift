// Integers in a range.
extension NumPyRandomState {
  /// `count` integers of the closed range, as `randint(low, high + 1, count, dtype)` gives them.
  ///
  /// Values outside the range are masked off and drawn again. How many bits a draw takes depends on the type: 64-bit types
  /// take one word when the range fits in 32 bits and two otherwise; 16- and 8-bit types share a word among 2 and 4
  /// draws. A range of one value draws nothing. Stops for types wider than 64 bits.
  public mutating func randint<Value: FixedWidthInteger & BitwiseCopyable>(
    in range: ClosedRange<Value>, count: Int
  ) -> [Value] {
    let offset = UInt64(truncatingIfNeeded: range.lowerBound)
    let span = UInt64(truncatingIfNeeded: range.upperBound) &- offset
    return makeArray(count: count) { buffer in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      switch Value.bitWidth {
      case 64: fillIntegers(raw.bindMemory(to: UInt64.self), offset: offset, span: span)
      case 32:
        fillIntegers(
          raw.bindMemory(to: UInt32.self), offset: UInt32(truncatingIfNeeded: offset),
          span: UInt32(truncatingIfNeeded: span))
      case 16:
        fillIntegers(
          raw.bindMemory(to: UInt16.self), offset: UInt16(truncatingIfNeeded: offset),
          span: UInt16(truncatingIfNeeded: span))
      case 8:
        fillIntegers(
          raw.bindMemory(to: UInt8.self), offset: UInt8(truncatingIfNeeded: offset),
          span: UInt8(truncatingIfNeeded: span))
      default: stop("randint: \(Value.self) has \(Value.bitWidth) bits; types of 8 to 64 bits are drawn")
      }
    }
  }

  /// `count` integers of the half-open range: `randint(low, high, count, dtype)`. Stops when the range is empty.
  public mutating func randint<Value: FixedWidthInteger & BitwiseCopyable>(
    in range: Range<Value>, count: Int
  ) -> [Value] {
    if range.isEmpty { stop("randint: the range \(range) is empty; the lower bound must be below the upper") }
    return randint(in: range.lowerBound...(range.upperBound - 1), count: count)
  }

  /// One integer of the closed range.
  public mutating func randint<Value: FixedWidthInteger & BitwiseCopyable>(in range: ClosedRange<Value>)
    -> Value
  {
    randint(in: range, count: 1)[0]
  }

  /// One integer of the half-open range. Stops when the range is empty.
  public mutating func randint<Value: FixedWidthInteger & BitwiseCopyable>(in range: Range<Value>) -> Value {
    randint(in: range, count: 1)[0]
  }

  /// `count` truth values, 32 from each word: `randint(0, 2, count, dtype=bool)`.
  public mutating func randomBooleans(count: Int) -> [Bool] {
    var bits = WordBuffer(bitsPerPiece: 1)
    return makeArray(count: count) { buffer in
      for index in buffer.indices { buffer[index] = bits.next(from: &twister) & 1 == 1 }
    }
  }

  /// An integer in 0...bound by masking and drawing again: one word per try up to 2³² − 1, two above.
  @usableFromInline
  mutating func interval(_ bound: UInt64) -> UInt64 {
    if bound == 0 { return 0 }
    let mask = UInt64.max >> UInt64(bound.leadingZeroBitCount)
    var value: UInt64
    repeat {
      value = (bound <= UInt64(UInt32.max) ? UInt64(twister.nextWord()) : twister.next()) & mask
    } while value > bound
    return value
  }

  private mutating func fillIntegers(
    _ buffer: UnsafeMutableBufferPointer<UInt64>, offset: UInt64, span: UInt64
  ) {
    for index in buffer.indices { buffer[index] = offset &+ interval(span) }
  }

  private mutating func fillIntegers(
    _ buffer: UnsafeMutableBufferPointer<UInt32>, offset: UInt32, span: UInt32
  ) {
    for index in buffer.indices {
      buffer[index] = offset &+ UInt32(truncatingIfNeeded: interval(UInt64(span)))
    }
  }

  private mutating func fillIntegers(
    _ buffer: UnsafeMutableBufferPointer<UInt16>, offset: UInt16, span: UInt16
  ) {
    var pieces = WordBuffer(bitsPerPiece: 16)
    for index in buffer.indices {
      buffer[index] = offset &+ UInt16(truncatingIfNeeded: pieces.interval(UInt32(span), from: &twister))
    }
  }

  private mutating func fillIntegers(
    _ buffer: UnsafeMutableBufferPointer<UInt8>, offset: UInt8, span: UInt8
  ) {
    var pieces = WordBuffer(bitsPerPiece: 8)
    for index in buffer.indices {
      buffer[index] = offset &+ UInt8(truncatingIfNeeded: pieces.interval(UInt32(span), from: &twister))
    }
  }
}

/// Gives out a word in pieces, the lowest bits first. Each call of `randint` starts with a new word.
private struct WordBuffer {
  let bitsPerPiece: UInt32
  private var word: UInt32 = 0
  private var piecesLeft: UInt32 = 0

  init(bitsPerPiece: UInt32) {
    self.bitsPerPiece = bitsPerPiece
  }

  /// The word shifted so that the next piece stands lowest.
  mutating func next(from twister: inout MersenneTwister) -> UInt32 {
    if piecesLeft == 0 {
      word = twister.nextWord()
      piecesLeft = 32 / bitsPerPiece - 1
    } else {
      word >>= bitsPerPiece
      piecesLeft -= 1
    }
    return word
  }

  /// An integer in 0...bound, which fits in a piece.
  mutating func interval(_ bound: UInt32, from twister: inout MersenneTwister) -> UInt32 {
    if bound == 0 { return 0 }
    let mask = UInt32.max >> UInt32(bound.leadingZeroBitCount)
    var value: UInt32
    repeat { value = next(from: &twister) & mask } while value > bound
    return value
  }
}
