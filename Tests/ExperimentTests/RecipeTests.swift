import Testing

@testable import Experiment

/// Expected values from NumPy 2.4.6 and PyTorch 2.15.0, which ran the recipe as the chapter writes it.
@Suite struct `A recipe` {
  /// What the library drew: a hash over the bytes of x and y as float64, and the start values.
  struct Golden: Sendable {
    var seed: UInt32
    var points: Int
    var noise: Double
    var hash: UInt64
    var w0: Double
    var b0: Double
  }

  static let numPy = [
    Golden(
      seed: 100, points: 100, noise: 0.2, hash: 0x983f_8d98_f3b7_5d15, w0: 0x1.8e7bec8e5f89bp-1,
      b0: 0x1.8f2785741822fp-1),
    Golden(
      seed: 7, points: 1, noise: 0.2, hash: 0x39f2_e321_04c2_064f, w0: 0x1.8f5184146a0a7p-1,
      b0: 0x1.c0ee597d36686p-2),
    Golden(
      seed: 7, points: 8, noise: 0.2, hash: 0x4948_adb8_2f0a_3286, w0: 0x1.12e1ab020959cp-2,
      b0: 0x1.ffe132c38dcbep-2),
    Golden(
      seed: 7, points: 15, noise: 1.5, hash: 0x5b95_09dc_e1e8_0a9, w0: 0x1.d1b63e2c6b036p-1,
      b0: 0x1.b503615891ae8p-3),
    Golden(
      seed: .max, points: 1001, noise: 0, hash: 0x7ab9_5504_4727_ae98, w0: 0x1.99bbe98eb663dp-1,
      b0: 0x1.492009e4a168ep-2),
    Golden(
      seed: 3, points: 2048, noise: 0.2, hash: 0x436b_f899_6ff0_9e8b, w0: 0x1.ccaf2969c1336p-2,
      b0: 0x1.5db8e0bf3675ap-1),
  ]

  static let torch = [
    Golden(
      seed: 100, points: 100, noise: 0.2, hash: 0xf976_91b5_a768_51c9, w0: 0x1.f300140000000p-3, b0: 0),
    Golden(
      seed: 7, points: 1, noise: 0.2, hash: 0xea1e_7c81_abea_cac2, w0: -0x1.4b3a000000000p-1, b0: 0),
    Golden(
      seed: 7, points: 8, noise: 0.2, hash: 0xdb48_8f02_1b05_fe1b, w0: 0x1.b0d7a00000000p+0, b0: 0),
    Golden(
      seed: 7, points: 15, noise: 1.5, hash: 0x1ae4_3760_3cf6_782b, w0: 0x1.dd9e9e0000000p-1, b0: 0),
    Golden(
      seed: .max, points: 1001, noise: 0, hash: 0x2981_5904_99ac_b266, w0: 0x1.63e5280000000p-1, b0: 0),
    Golden(
      seed: 3, points: 2048, noise: 0.2, hash: 0xfff9_4121_7b88_74c9, w0: -0x1.d914d60000000p-2, b0: 0),
  ]

  @Test(arguments: numPy) func `Draws NumPy's bits`(golden: Golden) throws {
    try expect(golden, generator: .numpy)
  }

  @Test(arguments: torch) func `Draws PyTorch's bits`(golden: Golden) throws {
    try expect(golden, generator: .torch)
  }

  private func expect(_ golden: Golden, generator: Recipe.Generator) throws {
    let draw = try Recipe(
      seed: golden.seed, points: golden.points, noise: golden.noise, generator: generator
    ).draw()
    #expect(draw.x.count == golden.points && draw.y.count == golden.points)
    #expect(hash(draw.x + draw.y) == golden.hash)
    #expect(draw.w0 == golden.w0)
    #expect(draw.b0 == golden.b0)
  }

  /// FNV-1a over the little-endian bytes.
  private func hash(_ values: [Double]) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for value in values {
      for byte in 0..<8 {
        hash = (hash ^ (value.bitPattern >> UInt64(8 * byte)) & 0xff) &* 0x100_0000_01b3
      }
    }
    return hash
  }

  @Test func `Begins 2·6 with the numbers its readers see`() throws {
    let draw = try Recipe().draw()
    for (value, printed) in zip(
      draw.y.prefix(3) + [draw.w0, draw.b0], [5.10868099, 4.93568612, 4.84737674, 0.77828922, 0.7795984])
    {
      #expect(abs(value - printed) <= 0.5e-8)
    }
  }

  @Test func `Spreads x evenly from −1 to 1, ends included`() throws {
    for generator in Recipe.Generator.allCases {
      #expect(try Recipe(points: 5, generator: generator).draw().x == [-1, -0.5, 0, 0.5, 1])
      #expect(try Recipe(points: 2, generator: generator).draw().x == [-1, 1])
      #expect(try Recipe(points: 1, generator: generator).draw().x == [-1])
    }
  }

  @Test func `Without noise y is 3x² + 2`() throws {
    for generator in Recipe.Generator.allCases {
      #expect(try Recipe(points: 5, noise: 0, generator: generator).draw().y == [5, 2.75, 2, 2.75, 5])
    }
  }

  @Test func `Another seed gives other noise over the same x`() throws {
    let (a, b) = (try Recipe(seed: 1).draw(), try Recipe(seed: 2).draw())
    #expect(a.x == b.x)
    #expect(zip(a.y, b.y).allSatisfy { $0 != $1 })
    #expect(a.w0 != b.w0 && a.b0 != b.b0)
    #expect(try Recipe(seed: 1).draw() == a)
  }

  @Test(arguments: [
    (Recipe(points: 0), "points is 0; at least 1 is needed"),
    (Recipe(points: -3), "points is -3; at least 1 is needed"),
    (Recipe(points: 1 << 40), "points is 1099511627776; at most 1073741824 can be held"),
    (Recipe(noise: .nan), "noise is nan; a finite number is needed"),
    (Recipe(noise: -.infinity), "noise is -inf; a finite number is needed"),
  ])
  func `What cannot be drawn is a usage failure`(recipe: Recipe, message: String) {
    #expect(throws: Failure.usage(message)) { try recipe.draw() }
  }

  @Test func `Noise too large for float32 is refused where PyTorch draws`() {
    #expect(throws: Failure.self) { try Problem(recipe: Recipe(noise: 1e300, generator: .torch)) }
  }
}
