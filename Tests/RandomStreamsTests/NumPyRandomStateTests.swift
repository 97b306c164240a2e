import RandomStreams
import Testing

/// Expected values: NumPy 2.4.6, `numpy.random.RandomState(seed)`, printed with `tolist()`.
@Suite struct `NumPy's RandomState` {
  @Test func `seed 100 draws the chapter's noise and start values`() {
    var random = NumPyRandomState(seed: 100)
    let noise = random.randomSample(count: 100)
    #expect(noise[..<3] == [0.5434049417909654, 0.27836938509379616, 0.4245175907491331])
    #expect(3.0 * 1 + 2 + 0.2 * noise[0] == 5.108680988358193)
    #expect(abs(random.randomSample() - 0.77828922) < 5e-9)
    #expect(abs(random.randomSample() - 0.7795984) < 5e-9)
  }

  @Test func `lists of seeds of any length start their own streams`() {
    var two = NumPyRandomState(seeds: [4_294_967_295, 5])
    #expect(two.randomSample(count: 2) == [0.7785437772982764, 0.012401259556227506])
    var one = NumPyRandomState(seeds: [5])
    #expect(one.randomSample(count: 2) == [0.6229016948897019, 0.7417869892607294])
    var many = NumPyRandomState(seeds: Array(0..<700))
    #expect(many.randomSample(count: 2) == [0.867898393018711, 0.9148838731573538])
    #expect(many.randint(in: 0..<(1 << 40), count: 2) == [823_032_884_016, 659_258_743_191])
  }

  @Test func `pairs of words that straddle two blocks are not lost`() {
    var random = NumPyRandomState(seed: 42)
    _ = random.randint(in: 0..<9)
    _ = random.randomSample(count: 1000)
    let sample = random.randomSample(count: 1000)
    #expect(
      [0, 310, 311, 312, 999].map { sample[$0] } == [
        0.0867052118621836, 0.6608201182992507, 0.5530014525919584, 0.5974758626319301, 0.03628762261350216,
      ])
  }

  @Test func `64-bit integers take one word or two as the range needs`() {
    var random = NumPyRandomState(seed: 7)
    #expect(
      random.randint(in: Int.min...(Int.max - 2), count: 3) == [
        -7_815_732_517_915_138_876, 5_163_590_386_780_219_894, -1_136_149_262_272_507_693,
      ])
    #expect(random.randint(in: 0..<(1 << 33 + 7), count: 3) == [1_322_904_761, 372_560_217, 3_731_473_840])
  }

  @Test func `narrow integers share words within one call and not between calls`() {
    var random = NumPyRandomState(seed: 7)
    #expect(random.randint(in: UInt8(0)..<100, count: 9) == [47, 8, 19, 68, 50, 58, 25, 66, 40])
    #expect(random.randint(in: Int8(-100)...100, count: 7) == [-59, 68, -19, -33, 50, -41, 12])
    #expect(random.randint(in: Int16(-3000)...3000, count: 5) == [1307, -2081, 2735, 2281, -1628])
    #expect(
      random.randint(in: Int32.min..<(Int32.max), count: 3) == [-824_578_887, 165_338_510, -1_014_167_017])
    let bits = random.randomBooleans(count: 35).map { $0 ? "1" : "0" }.joined()
    #expect(bits == "00010010011101101001001000000001100")
    #expect(
      random.randint(in: 0...UInt64.max, count: 2) == [1_329_108_821_600_893_482, 4_951_825_274_897_609_608])
    #expect(random.randint(in: 0...UInt16.max, count: 3) == [19623, 32760, 38886])
    #expect(random.randint(in: 0...UInt32.max, count: 3) == [2_917_270_596, 3_731_473_840, 3_452_032_895])
  }

  @Test func `a range of one value draws nothing`() {
    var random = NumPyRandomState(seed: 1)
    let before = random
    #expect(random.randint(in: 3...3, count: 4) == [3, 3, 3, 3])
    #expect(random.randint(in: UInt8(3)...3, count: 2) == [3, 3])
    #expect(random == before)
  }

  @Test func `the second normal value of a pair waits through other draws`() {
    var random = NumPyRandomState(seed: 7)
    expectClose(
      random.standardNormal(count: 3), [1.690525703800356, -0.4659373705408328, 0.0328201636785844])
    expectClose(random.standardExponential(count: 2), [0.6953906225148929, 0.0747786483172218])
    expectClose([random.standardNormal()], [0.40751628299650783])
    expectClose(random.normal(loc: 2, scale: 3, count: 2), [1.997328842426206, -3.2641729190362625])
  }

  @Test func `permutation and choice draw as NumPy does`() throws {
    var random = NumPyRandomState(seed: 7)
    #expect(random.permutation(count: 10) == [8, 5, 0, 2, 1, 9, 7, 3, 6, 4])
    let p = [0.1, 0.2, 0.3, 0.2, 0.2]
    #expect(try random.choice(probabilities: p, count: 3) == [0, 1, 2])
    #expect(try random.choice(probabilities: p, count: 4, replace: false) == [3, 4, 2, 0])
    #expect(try random.choice(from: 9, count: 4, replace: false) == [2, 7, 1, 5])
    #expect(try random.choice(from: 9, count: 4) == [0, 2, 8, 6])
    #expect(
      random.uniform(low: -2, high: 5, count: 3) == [
        4.363898624207119, -1.0678138796852488, 1.6638880647163607,
      ])
  }

  @Test func `one by one or all at once, the stream is the same`() {
    var single = NumPyRandomState(seed: 3)
    var whole = NumPyRandomState(seed: 3)
    #expect((0..<1000).map { _ in single.randomSample() } == whole.randomSample(count: 1000))
    #expect((0..<7).map { _ in single.standardNormal() } == whole.standardNormal(count: 7))
    #expect((0..<7).map { _ in single.randint(in: 0..<1000) } == whole.randint(in: 0..<1000, count: 7))
    #expect(single == whole)
  }

  @Test func `a copy forks the stream`() {
    var random = NumPyRandomState(seed: 3)
    _ = random.standardNormal()
    var copy = random
    #expect(copy.standardNormal(count: 5) == random.standardNormal(count: 5))
    _ = copy.randomSample()
    #expect(copy != random)
  }

  @Test func `impossible selections are refused with the reason`() {
    var random = NumPyRandomState(seed: 3)
    func message(_ body: () throws -> [Int]) -> String? {
      do {
        _ = try body()
        return nil
      } catch { return "\(error)" }
    }
    #expect(message { try random.choice(from: 0, count: 1) }?.contains("must not be empty") == true)
    #expect(message { try random.choice(from: 3, count: 4, replace: false) }?.contains("4 of 3") == true)
    #expect(message { try random.choice(probabilities: [], count: 1) } != nil)
    #expect(
      message { try random.choice(probabilities: [0.5, 0.4], count: 1) }?.contains("sum to 0.9") == true)
    #expect(message { try random.choice(probabilities: [-0.5, 1.5], count: 1) }?.contains("-0.5") == true)
    #expect(message { try random.choice(probabilities: [.nan, 1], count: 1) }?.contains("nan") == true)
    #expect(
      message { try random.choice(probabilities: [1, 0], count: 2, replace: false) }?.contains("only 1 of 2")
        == true)
    #expect(message { try random.choice(from: 0, count: 0) } == nil)
  }

  @Test func `a negative scale stops the program with its reason`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var random = NumPyRandomState(seed: 1)
      _ = random.normal(loc: 0, scale: -1)
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("normal: got scale -1.0"))
  }
}

/// The values agree within 4 units in the last place of 1 + |expected|.
func expectClose(
  _ actual: [Double], _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.count == expected.count, sourceLocation: sourceLocation)
  for (actual, expected) in zip(actual, expected) {
    #expect(abs(actual - expected) <= 4 * (1 + abs(expected)).ulp, sourceLocation: sourceLocation)
  }
}
