import Foundation

/// A floating-point type that PyTorch's CPU generator fills: `Float` and `Double`.
public protocol TorchFloatingPoint: BinaryFloatingPoint, BitwiseCopyable, Sendable {
  /// Fills the buffer with values in [from, to), as `uniform_` does for this type.
  static func fillUniform(
    _ buffer: UnsafeMutableBufferPointer<Self>, from: Self, to: Self, state: inout TorchGenerator.State)

  /// Makes 16 normal values of 16 uniform ones in place, as `normal_` does for this type.
  static func makeNormalBlock(_ block: UnsafeMutablePointer<Self>, mean: Self, std: Self)

  /// Fills the buffer with whole numbers of the range 0...2ᵖ (p the bits of precision), as `random_` does.
  static func fillRandom(_ buffer: UnsafeMutableBufferPointer<Self>, state: inout TorchGenerator.State)
}

/// How many normal values are made at a time in long runs.
let normalBlock = 16

extension TorchGenerator.State {
  /// Normal values in blocks, for 16 or more.
  mutating func fillNormalBlocks<Scalar: TorchFloatingPoint>(
    _ buffer: UnsafeMutableBufferPointer<Scalar>, mean: Scalar, std: Scalar
  ) {
    Scalar.fillUniform(buffer, from: 0, to: 1, state: &self)
    guard let start = buffer.baseAddress else { return }
    for offset in stride(from: 0, through: buffer.count - normalBlock, by: normalBlock) {
      Scalar.makeNormalBlock(start + offset, mean: mean, std: std)
    }
    if !buffer.count.isMultiple(of: normalBlock) {
      let last = start + (buffer.count - normalBlock)
      Scalar.fillUniform(
        UnsafeMutableBufferPointer(start: last, count: normalBlock), from: 0, to: 1, state: &self)
      Scalar.makeNormalBlock(last, mean: mean, std: std)
    }
  }

  /// One standard normal value in float64: the kept second of a pair, or the first of a new one.
  mutating func nextNormal() -> Double {
    if let cached = cachedNormal {
      cachedNormal = nil
      return cached
    }
    let angle = 2 * Double.pi * nextUniform()
    let radius = (-2 * log1p(-nextUniform())).squareRoot()
    cachedNormal = radius * sin(angle)
    return radius * cos(angle)
  }

  /// One value in [0, 1) in float64.
  mutating func nextUniform() -> Double {
    uniform53(twister.next())
  }

  /// One exponential value in float64: −log(1 − u) / λ.
  mutating func nextExponential(lambd: Double) -> Double {
    -1 / lambd * log1p(-nextUniform())
  }
}

/// The lower 53 bits as a number in [0, 1).
@inline(__always)
private func uniform53(_ bits: UInt64) -> Double {
  Double(Int64(bitPattern: bits & (1 << 53 - 1))) * 0x1p-53
}

extension Double: TorchFloatingPoint {
  /// Fills the buffer with values in [from, to): 53 bits of two words, scaled in one rounding.
  public static func fillUniform(
    _ buffer: UnsafeMutableBufferPointer<Double>, from: Double, to: Double, state: inout TorchGenerator.State
  ) {
    let width = to - from
    if from == 0 && width == 1 {
      state.twister.fillPairs(buffer) { uniform53(UInt64($0) << 32 | UInt64($1)) }
    } else {
      state.twister.fillPairs(buffer) {
        from.addingProduct(uniform53(UInt64($0) << 32 | UInt64($1)), width)
      }
    }
  }

  /// Box and Muller over 8 pairs: value i of the block gives the radius, value i + 8 the angle.
  public static func makeNormalBlock(_ block: UnsafeMutablePointer<Double>, mean: Double, std: Double) {
    for index in 0..<(normalBlock / 2) {
      let radius = (-2 * log(1 - block[index])).squareRoot()
      let angle = 2 * Double.pi * block[index + normalBlock / 2]
      block[index] = mean.addingProduct(radius * cos(angle), std)
      block[index + normalBlock / 2] = mean.addingProduct(radius * sin(angle), std)
    }
  }

  /// Whole numbers in 0...2⁵³, from two words each.
  public static func fillRandom(
    _ buffer: UnsafeMutableBufferPointer<Double>, state: inout TorchGenerator.State
  ) {
    state.twister.fillPairs(buffer) { Double((UInt64($0) << 32 | UInt64($1)) % (1 << 53 + 1)) }
  }
}

extension Float: TorchFloatingPoint {
  /// Fills the buffer with values in [from, to): 24 bits of one word, scaled in one rounding.
  public static func fillUniform(
    _ buffer: UnsafeMutableBufferPointer<Float>, from: Float, to: Float, state: inout TorchGenerator.State
  ) {
    let width = to - from
    if from == 0 && width == 1 {
      state.twister.fill(buffer) { uniform24($0) }
    } else {
      state.twister.fill(buffer) { from.addingProduct(uniform24($0), width) }
    }
  }

  /// Box and Muller over 8 pairs, with the single-precision functions of PyTorch's vector code.
  public static func makeNormalBlock(_ block: UnsafeMutablePointer<Float>, mean: Float, std: Float) {
    // Not `2 * Float.pi`, which Swift rounds toward zero.
    let fullTurn = Float(2 * Double.pi)
    for index in 0..<(normalBlock / 2) {
      let radius = (-2 * SinglePrecision.log(1 - block[index])).squareRoot()
      let (sine, cosine) = SinglePrecision.sinCos(fullTurn * block[index + normalBlock / 2])
      block[index] = mean.addingProduct(radius * cosine, std)
      block[index + normalBlock / 2] = mean.addingProduct(radius * sine, std)
    }
  }

  /// Whole numbers in 0...2²⁴, from one word each.
  public static func fillRandom(
    _ buffer: UnsafeMutableBufferPointer<Float>, state: inout TorchGenerator.State
  ) {
    state.twister.fill(buffer) { Float($0 % (1 << 24 + 1)) }
  }
}

/// The lower 24 bits as a number in [0, 1).
@inline(__always)
private func uniform24(_ word: UInt32) -> Float {
  Float(Int32(bitPattern: word & (1 << 24 - 1))) * 0x1p-24
}
