import RandomStreams
import Testing

/// Expected values: PyTorch 2.15.0 on x86-64, `torch.manual_seed(seed)` and the calls in this order, printed with
/// `tolist()` or as bit patterns of float32.
@Suite struct `PyTorch's generator` {
  @Test func `seed 100 draws the chapter's noise`() {
    let generator = TorchGenerator(seed: 100)
    #expect(generator.rand(count: 3) == [0x1.c9608p-4, 0x1.a1b63p-1, 0x1.0cdd0cp-2])
    _ = generator.rand(count: 3)
    #expect(abs(generator.randn(count: 1)[0] - 1.1869) < 5e-5)
  }

  @Test func `few normal values are made in pairs, of which the second waits for the next call`() {
    let generator = TorchGenerator(seed: 7)
    #expect(generator.rand(count: 2, of: Double.self) == [0.279380429906404, 0.27369371365176565])
    expectClose(
      generator.randn(count: 3, of: Double.self),
      [0.9468216090039564, -1.1143440212610307, 1.6907901257942333])
    expectClose(
      generator.randn(count: 2).map(Double.init), [-0.8948279023170471, -0.3556250333786011].map { $0 })
  }

  @Test func `many normal values are made in blocks of 16, and the last 16 anew`() {
    let generator = TorchGenerator(seed: 7)
    let values = generator.randn(count: 37)
    let bits: [Int32] = [-0x40ae_0baa, -0x409b_3966, 0x3f6d_31ec, 0x3e4b_352e, -0x40d6_8fd9, -0x4231_b235]
    #expect([0, 7, 8, 20, 21, 36].map { Int32(bitPattern: values[$0].bitPattern) } == bits)
    #expect(abs(generator.randn(count: 1)[0] - 0.03714681789278984) < 1e-8)
    generator.manualSeed(7)
    let doubles = generator.randn(count: 37, of: Double.self)
    expectClose(
      [0, 7, 8, 20, 21, 36].map { doubles[$0] },
      [
        0.06626753966449943, 0.7378295754101417, -0.8067815436367963, 1.457454937932726, 0.15963283549858176,
        0.6869951990820099,
      ])
  }

  @Test func `integers take two words from 2²⁸ values on`() {
    let generator = TorchGenerator(seed: 7)
    #expect(generator.randint(in: -5..<6, count: 6) == [-2, -2, -4, 4, -3, 5])
    #expect(generator.randint(in: 0..<((1 << 28) - 1), count: 2) == [154_469_282, 77_674_094])
    #expect(generator.randint(in: 0..<(1 << 28), count: 2) == [249_162_937, 59_574_807])
    #expect(
      generator.randint(in: -(1 << 62)..<(1 << 62), count: 2) == [
        -4_591_017_089_238_249_127, -3_282_577_196_826_494_422,
      ])
  }

  @Test func `orders and truth values follow the type of the draw`() {
    let generator = TorchGenerator(seed: 7)
    #expect(generator.randperm(9) == [0, 5, 8, 1, 7, 2, 3, 6, 4])
    #expect(generator.randperm(1) == [0])
    #expect(generator.bernoulli(p: 0.3, count: 5) == [false, false, true, false, false])
    #expect(
      generator.bernoulli(probabilities: [Float](repeating: 0.5, count: 5)) == [
        false, true, false, true, false,
      ])
    #expect(
      generator.bernoulli(probabilities: [Double](repeating: 0.5, count: 5)) == [
        false, false, true, false, true,
      ])
  }

  @Test func `numbers without bounds fill what the type holds exactly`() {
    let generator = TorchGenerator(seed: 7)
    #expect(generator.random(count: 2) == [1_407_639_518_939_636_932, 5_163_590_386_780_219_894])
    #expect(generator.random(count: 2, of: Int32.self) == [1_882_953_283, 2_053_951_699])
    #expect(generator.random(count: 2, of: UInt8.self) == [151, 103])
    #expect(generator.random(count: 2, of: Float.self) == [6_128_738, 14_281_835])
    #expect(generator.random(count: 2, of: Double.self) == [7_561_952_482_887_113, 2_654_530_679_655_767])
    #expect(generator.randomBooleans(count: 5) == [false, false, false, false, true])
  }

  @Test func `scaled values are rounded once`() {
    let generator = TorchGenerator(seed: 7)
    expectClose(
      generator.exponential(lambd: 2.5, count: 2, of: Double.self), [0.1310575691932316, 0.12791338844087138])
    #expect(
      generator.uniform(from: 2, to: 5, count: 3) == [2.69828462600708, 3.275184154510498, 2.621258020401001])
    #expect(
      generator.uniform(from: 0.1, to: 0.7, count: 3, of: Double.self) == [
        0.12273482646642196, 0.5860882392394652, 0.3444891455994982,
      ])
    #expect(
      generator.normal(mean: 1.3, std: 2.7, count: 16)[..<3] == [
        -0.26906129717826843, 1.4324183464050293, 0.4347122609615326,
      ])
  }

  @Test func `the lower 32 bits of a seed count`() {
    #expect(TorchGenerator(seed: .max - 2).rand(count: 1, of: Double.self) == [0.9989183312422804])
    #expect(TorchGenerator(seed: 1 << 40 + 5).rand(count: 1, of: Double.self) == [0.6420150066280941])
    #expect(TorchGenerator(seed: 5).rand(count: 1, of: Double.self) == [0.6420150066280941])
    #expect(TorchGenerator().initialSeed == 67_280_421_310_721)
  }

  @Test func `seeding forgets the value that was kept`() {
    let generator = TorchGenerator(seed: 7)
    let first = generator.randn(count: 1)
    generator.manualSeed(7)
    #expect(generator.randn(count: 1) == first)
  }

  @Test func `a saved state goes on from its place, kept value and all`() {
    let generator = TorchGenerator(seed: 7)
    _ = generator.randn(count: 3)
    let saved = generator.state
    let values = generator.randn(count: 40)
    generator.state = saved
    #expect(generator.randn(count: 40) == values)
  }

  @Test func `threads that share a generator take turns`() async {
    let generator = TorchGenerator(seed: 7)
    let drawn = await withTaskGroup(of: [Int64].self) { group in
      for _ in 0..<8 {
        group.addTask { (0..<500).flatMap { _ in generator.randint(in: 0..<1_000_000, count: 1) } }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    let alone = TorchGenerator(seed: 7).randint(in: 0..<1_000_000, count: 4000)
    #expect(drawn.sorted() == alone.sorted())
  }

  @Test func `bounds in the wrong order stop the program with the reason`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = TorchGenerator(seed: 1).uniform(from: 2, to: 1, count: 1)
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("uniform_: got bounds from 2.0 to 1.0"))
  }
}
