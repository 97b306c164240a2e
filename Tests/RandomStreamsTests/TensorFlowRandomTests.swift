import RandomStreams
import Testing

@Suite struct Philox4x32 {
  /// The known answers that come with Random123 1.14.
  @Test(arguments: [
    (
      SIMD4<UInt32>.zero, SIMD2<UInt32>.zero,
      SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
    ),
    (
      SIMD4<UInt32>(repeating: .max), SIMD2<UInt32>(repeating: .max),
      SIMD4<UInt32>(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    ),
    (
      SIMD4<UInt32>(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
      SIMD2<UInt32>(0xa409_3822, 0x299f_31d0),
      SIMD4<UInt32>(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    ),
  ])
  func `a block is the published function of counter and key`(
    counter: SIMD4<UInt32>, key: SIMD2<UInt32>, expected: SIMD4<UInt32>
  ) {
    var philox = Philox(key: key, counter: counter)
    #expect(philox.nextBlock() == expected)
  }

  @Test func `leaving out blocks carries through all four words`() {
    var walking = Philox(key: [1, 2], counter: [.max - 2, .max, .max, 7])
    var jumping = walking
    for _ in 0..<5 { _ = walking.nextBlock() }
    jumping.skip(5)
    #expect(walking == jumping)
    #expect(walking.counter == [2, 0, 0, 8])
  }

  @Test func `words come in the order of the blocks`() {
    var words = Philox(key: [1, 2])
    var blocks = words
    let (first, second) = (words.next(), words.next())
    let block = blocks.nextBlock()
    #expect(first == UInt64(block[1]) << 32 | UInt64(block[0]))
    #expect(second == UInt64(block[3]) << 32 | UInt64(block[2]))
    #expect(words.next() != first)
  }
}

/// Expected values: TensorFlow 2.21.0, `tf.compat.v1` with `set_random_seed(42)`, two runs of one session.
@Suite struct `TensorFlow's random operations` {
  @Test func `uniform values go on from run to run`() {
    var floats = TensorFlowRandomOperation(seeds: TensorFlowSeeds(42, 1))
    #expect(
      floats.uniform(count: 5) == [
        0.15012848377227783, 0.6399253606796265, 0.8178777694702148, 0.3457217216491699, 0.9966193437576294,
      ])
    #expect(
      floats.uniform(count: 5) == [
        0.7910692691802979, 0.9979641437530518, 0.6126135587692261, 0.561774492263794, 0.5208142995834351,
      ])
    var doubles = TensorFlowRandomOperation(seeds: TensorFlowSeeds(42, 1))
    #expect(
      doubles.uniform(count: 3, of: Double.self) == [
        0.20102799057946608, 0.54302283440851, 0.9729556956170642,
      ])
    #expect(
      doubles.uniform(count: 3, of: Double.self) == [
        0.8630249019757663, 0.762170672200666, 0.5358506231389073,
      ])
  }

  @Test func `normal values go on from run to run`() {
    var floats = TensorFlowRandomOperation(seeds: TensorFlowSeeds(42, 2))
    expectNear(
      floats.normal(count: 5),
      [0.11935383826494217, -0.10138487815856934, 0.529117226600647, 0.05450074374675751, 0.5469106435775757])
    expectNear(
      floats.normal(count: 5),
      [0.04512641951441765, -0.184384286403656, 0.8549910187721252, 1.854961633682251, -0.8378016948699951])
    var doubles = TensorFlowRandomOperation(seeds: TensorFlowSeeds(42, 2))
    expectClose(
      doubles.normal(count: 3, of: Double.self),
      [-0.1543252717394975, 0.4258535236787724, 0.13449239845059224])
  }

  @Test func `truncated normal values leave room for what was drawn again`() {
    var floats = TensorFlowRandomOperation(seeds: TensorFlowSeeds(42, 3))
    expectNear(
      floats.truncatedNormal(count: 9),
      [
        0.8021454811096191, 0.5056790113449097, 1.8120126724243164, -0.03189123049378395, 0.36362436413764954,
        -0.3596656918525696, 0.7162177562713623, -0.7485489249229431, 0.5065540671348572,
      ])
    var doubles = TensorFlowRandomOperation(seeds: TensorFlowSeeds(42, 3))
    expectClose(
      doubles.truncatedNormal(count: 4, of: Double.self),
      [-0.6385052437399857, 0.4885306245984202, -1.7512737908604237, 0.6239704310979591])
    expectClose(
      doubles.truncatedNormal(count: 4, of: Double.self),
      [-1.948309197333041, 0.01191718221644345, 0.546416655976066, 0.9036764157616474])
    #expect(doubles.truncatedNormal(count: 10_000, of: Double.self).allSatisfy { abs($0) < 2 })
  }

  @Test func `whole numbers take one word or two`() {
    var narrow = TensorFlowRandomOperation(seeds: TensorFlowSeeds(42, 3))
    #expect(narrow.uniform(in: Int32(0)..<1000, count: 6) == [250, 817, 601, 695, 924, 451])
    #expect(narrow.uniform(in: Int32(0)..<1000, count: 6) == [181, 697, 64, 823, 468, 825])
    var wide = TensorFlowRandomOperation(seeds: TensorFlowSeeds(42, 4))
    #expect(
      wide.uniform(in: -7..<1_000_000_000_000, count: 3) == [
        693_101_259_825, 396_548_850_221, 900_280_688_174,
      ])
  }

  @Test(
    arguments: [
      (42, 1, 0, [42, 1]), (0, 0, 0, [0, 2_147_483_647]), (nil, 3, 0, [87_654_321, 3]), (nil, nil, 4, nil),
      (2_147_483_647, 5, 0, [0, 5]), (-3, -7, 0, [2_147_483_644, 2_147_483_640]), (1, 1 << 35, 0, [1, 16]),
      (42, nil, 0, [42, 0]), (42, nil, 1, [42, 1]),
    ] as [(Int64?, Int64?, Int64, [Int64]?)])
  func `seeds are derived as get_seed does`(
    graph: Int64?, operation: Int64?, before: Int64, expected: [Int64]?
  ) {
    let seeds = TensorFlowSeeds(graph: graph, operation: operation, unseededBefore: before)
    #expect(seeds.map { [$0.first, $0.second] } == expected)
  }

  /// Within 2 units of float32 in the last place of 1 + |expected|.
  private func expectNear(
    _ actual: [Float], _ expected: [Float], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(actual.count == expected.count, sourceLocation: sourceLocation)
    for (actual, expected) in zip(actual, expected) {
      #expect(abs(actual - expected) <= 2 * (1 + abs(expected)).ulp, sourceLocation: sourceLocation)
    }
  }
}
