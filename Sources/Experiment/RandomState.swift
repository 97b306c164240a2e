/// NumPy's legacy stream of uniform numbers: MT19937 (Matsumoto and Nishimura 1998) seeded by Knuth's
/// recurrence, 53 bits a number.
final class RandomState {
  private var words = [UInt32](repeating: 0, count: 624)
  private var place = 624

  init(seed: UInt32) {
    words[0] = seed
    for i in 1..<624 { words[i] = 1_812_433_253 &* (words[i - 1] ^ (words[i - 1] >> 30)) &+ UInt32(i) }
  }

  /// Uniform in [0, 1).
  func randomSample() -> Double {
    let high = Double(next() >> 5)
    let low = Double(next() >> 6)
    return (high * 67_108_864 + low) / 9_007_199_254_740_992
  }

  private func next() -> UInt32 {
    if place == 624 { twist() }
    var y = words[place]
    place += 1
    y ^= y >> 11
    y ^= (y << 7) & 0x9d2c_5680
    y ^= (y << 15) & 0xefc6_0000
    return y ^ (y >> 18)
  }

  private func twist() {
    for i in 0..<624 {
      let y = (words[i] & 0x8000_0000) | (words[(i + 1) % 624] & 0x7fff_ffff)
      words[i] = words[(i + 397) % 624] ^ (y >> 1) ^ (y & 1 == 1 ? 0x9908_b0df : 0)
    }
    place = 0
  }
}
