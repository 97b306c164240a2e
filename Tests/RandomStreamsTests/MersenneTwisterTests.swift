import RandomStreams
import Testing

@Suite struct `Mersenne Twister` {
  /// C++ fixes the 10 000th word of `std::mt19937` (seed 5489): ISO/IEC 14882, [rand.predef].
  @Test func `the 10 000th word is the one the C++ standard names`() {
    var twister = MersenneTwister(seed: 5489)
    #expect(twister.nextWord() == 3_499_211_612)
    for _ in 0..<9998 { _ = twister.nextWord() }
    #expect(twister.nextWord() == 4_123_659_995)
  }

  /// The first word that the authors' test program prints for these four seeds.
  @Test func `the authors' own seeds give the authors' own first words`() {
    var twister = MersenneTwister(seeds: [0x123, 0x234, 0x345, 0x456])
    #expect(twister.nextWord() == 1_067_595_299)
    #expect(twister.nextWord() == 955_945_823)
  }

  @Test func `a saved state goes on from its place`() {
    var twister = MersenneTwister(seed: 1)
    for _ in 0..<700 { _ = twister.nextWord() }
    var restored = MersenneTwister(key: twister.key, position: twister.position)
    #expect(restored == twister)
    #expect((0..<700).map { _ in restored.nextWord() } == (0..<700).map { _ in twister.nextWord() })
  }

  @Test func `Swift's own draws can use the stream`() {
    var twister = MersenneTwister(seed: 1)
    let values = (0..<100).map { _ in Int.random(in: 0..<10, using: &twister) }
    #expect(Set(values) == Set(0..<10))
  }
}
