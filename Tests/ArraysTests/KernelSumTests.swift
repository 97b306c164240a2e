import CKernels
import Testing

/// Sums have NumPy's order, bit for bit.
@Suite struct `Kernel sums` {
  /// x[i] = ((7919 i mod 10007) - 5003) · 0.001, the input of the reference values.
  private func doubles(_ n: Int) -> [Double] { (0..<n).map { Double(($0 * 7919) % 10007 - 5003) * 0.001 } }
  private func floats(_ n: Int) -> [Float] { (0..<n).map { Float(($0 * 7919) % 10007 - 5003) * 0.001 } }

  private func sum<Value: BitwiseCopyable>(
    _ op: ck_reduce_op, _ type: ck_dtype, _ level: ck_level, _ values: [Value], count: Int? = nil,
    stride: Int = 1
  ) -> Value {
    let function = kernel(at: level) { ck_reduce(op, type)! }
    return calling(1, type, CallStrides(out: 1, inputs: []), [Run(type, values)]) {
      function(count ?? values.count, $1[0], stride, $0)
    }.elements(as: Value.self)[0]
  }

  // n, numpy.sum(x), numpy.sum(x * x): NumPy 2.4.6, float64.
  static let float64: [(Int, UInt64, UInt64)] = [
    (0, 0x0000_0000_0000_0000, 0x0000_0000_0000_0000), (1, 0xc014_0312_6e97_8d50, 0x4039_07ae_ab79_95ee),
    (3, 0xbff4_24dd_2f1a_9fbf, 0x4041_1bfc_b0c0_26cc), (7, 0x3ff2_fdf3_b645_a1ca, 0x4052_84c7_9b34_a44d),
    (8, 0x3ff9_4fdf_3b64_5a1c, 0x4052_8ec3_eb7c_bb3c), (9, 0xbfbc_6a7e_f9db_22e0, 0x4053_4634_8b22_0791),
    (100, 0x3ffa_e560_4189_3746, 0x408a_20ea_89fc_6da4), (127, 0x3fe5_2f1a_9fbe_76b8, 0x4090_c16e_e84a_d795),
    (128, 0x3fe5_8106_24dd_2f10, 0x4090_c16f_0281_ba80), (129, 0xbff6_7ef9_db22_d0fa, 0x4090_d2b4_ba51_a006),
    (136, 0xc011_77ce_d916_872e, 0x4091_f62f_a658_c4be), (255, 0xc01d_d3f7_ced9_168c, 0x40a0_c0b3_9735_3b4b),
    (256, 0xc012_1687_2b02_0c5a, 0x40a0_d1ee_12e8_3a10), (257, 0xc00d_6666_6666_6668, 0x40a0_d35d_6323_bbc7),
    (511, 0xbff4_3d70_a3d7_0a78, 0x40b0_b125_6249_a134), (512, 0xc003_e560_4189_3768, 0x40b0_b2a3_aa25_d8d8),
    (520, 0x4005_0e56_0418_9348, 0x40b0_ffed_d441_3554), (1000, 0x4010_3e76_c8b4_394c, 0x40c0_5047_819d_2392),
    (1024, 0x3ff3_d70a_3d70_a3a0, 0x40c0_b442_6655_9f6f),
    (4099, 0x402a_af9d_b22d_0e5c, 0x40e0_b5e4_37b6_bb13),
    (10000, 0x401a_4fdf_3b64_5a4c, 0x40f4_6034_47a5_b0ff),
    (99999, 0x3ffc_5604_1893_819c, 0x4129_7794_086a_b150),
  ]

  // The same in float32.
  static let float32: [(Int, UInt32, UInt32)] = [
    (0, 0x0000_0000, 0x0000_0000), (1, 0xc0a0_1894, 0x41c8_3d77), (3, 0xbfa1_26ea, 0x4208_dfe7),
    (7, 0x3f97_ef9e, 0x4294_263e), (8, 0x3fca_7ef8, 0x4294_7620), (9, 0xbde3_5420, 0x429a_31a5),
    (100, 0x3fd7_2ae8, 0x4451_0755), (127, 0x3f29_78a0, 0x4486_0b79), (128, 0x3f2c_07f0, 0x4486_0b79),
    (129, 0xbfb3_f7e8, 0x4486_95a6), (136, 0xc08b_be7e, 0x448f_b17e), (255, 0xc0ee_9fbe, 0x4506_059e),
    (256, 0xc090_b43a, 0x4506_8f72), (257, 0xc06b_3340, 0x4506_9aec), (511, 0xbfa1_eba8, 0x4585_892c),
    (512, 0xc01f_2b00, 0x4585_951e), (520, 0x4028_72ac, 0x4587_ff70), (1000, 0x4081_f3bc, 0x4602_823c),
    (1024, 0x3f9e_b820, 0x4605_a214), (4099, 0x4155_7cc2, 0x4705_af22), (10000, 0x40d2_7f22, 0x47a3_01a3),
    (99999, 0x3fe2_ae40, 0x494b_bca2),
  ]

  @Test(arguments: kernelLevels.map(\.rawValue))
  func `equal NumPy's at every length`(_ raw: Int32) {
    let level = ck_level(rawValue: raw)
    for (n, sum, squares) in Self.float64 {
      #expect(self.sum(CK_SUM, CK_FLOAT64, level, doubles(n)).bitPattern == sum, "float64, n \(n)")
      #expect(
        self.sum(CK_SUM_SQUARES, CK_FLOAT64, level, doubles(n)).bitPattern == squares,
        "float64 squares, n \(n)")
    }
    for (n, sum, squares) in Self.float32 {
      #expect(self.sum(CK_SUM, CK_FLOAT32, level, floats(n)).bitPattern == sum, "float32, n \(n)")
      #expect(
        self.sum(CK_SUM_SQUARES, CK_FLOAT32, level, floats(n)).bitPattern == squares,
        "float32 squares, n \(n)")
    }
  }

  @Test func `of a strided run, products and running sums equal NumPy's`() throws {
    let level = ck_best_level()
    #expect(
      sum(CK_SUM, CK_FLOAT64, level, doubles(1000), count: 334, stride: 3).bitPattern == 0x4030_8c08_3126_e97e
    )
    #expect(sum(CK_SUM, CK_FLOAT32, level, floats(1000), count: 334, stride: 3).bitPattern == 0x4184_6043)
    let nearOne = doubles(200).map { 1 + $0 * 0.01 }
    #expect(sum(CK_PROD, CK_FLOAT64, level, nearOne).bitPattern == 0x3fef_e042_a2ba_53b6)
    #expect(sum(CK_PROD, CK_FLOAT32, level, floats(200).map { 1 + $0 * 0.01 }).bitPattern == 0x3f7f_0213)
    let cumsum64 = try #require(ck_row(CK_CUMSUM, CK_FLOAT64))
    let cumsum32 = try #require(ck_row(CK_CUMSUM, CK_FLOAT32))
    #expect(
      map(cumsum64, CK_FLOAT64, doubles(1000), to: CK_FLOAT64, as: Double.self).last?.bitPattern
        == 0x4010_3e76_c8b4_3948)
    // PyTorch's, which keeps the running sum in double; NumPy's ends with 0x4081_f3ad.
    #expect(
      map(cumsum32, CK_FLOAT32, floats(1000), to: CK_FLOAT32, as: Float.self).last?.bitPattern == 0x4081_f3b6)
  }

  /// The order as documented, written down once more.
  private func pairwise(_ x: ArraySlice<Double>) -> Double {
    let n = x.count
    let first = x.startIndex
    if n < 8 { return x.reduce(0, +) }
    if n <= 128 {
      var r = Array(x.prefix(8))
      var i = 8
      while i < n - n % 8 {
        for k in 0..<8 { r[k] += x[first + i + k] }
        i += 8
      }
      return x.dropFirst(i).reduce(((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7])), +)
    }
    let half = n / 2 - (n / 2) % 8
    return pairwise(x.prefix(half)) + pairwise(x.dropFirst(half))
  }

  @Test func `follow the documented order at every length up to 1200`() {
    let values = doubles(1200)
    for n in 0...1200 {
      let expected = pairwise(values[..<n])
      for level in kernelLevels {
        #expect(
          sum(CK_SUM, CK_FLOAT64, level, Array(values[..<n])).bitPattern == expected.bitPattern, "n \(n)")
      }
    }
  }

  @Test func `fused with a map have the bits of the two steps`() throws {
    for n in [5, 64, 300, 777, 5000] {
      let a = doubles(n)
      let b = Array(doubles(n + 50)[50...])
      func fused(_ op: ck_reduce2_op) throws -> Double {
        let function = try #require(ck_reduce2(op, CK_FLOAT64))
        return calling(
          1, CK_FLOAT64, CallStrides(out: 1, inputs: []), [Run(CK_FLOAT64, a), Run(CK_FLOAT64, b)]
        ) {
          function(n, $1[0], 1, $1[1], 1, $0)
        }.elements(as: Double.self)[0]
      }
      let pairs = Array(zip(a, b))
      #expect(try fused(CK_SUM_PRODUCTS) == pairwise(pairs.map { $0 * $1 }[...]))
      #expect(try fused(CK_SUM_SQUARED_DIFFERENCES) == pairwise(pairs.map { ($0 - $1) * ($0 - $1) }[...]))
      #expect(sum(CK_SUM_ABS, CK_FLOAT64, ck_best_level(), a) == pairwise(a.map(abs)[...]))
    }
  }

  @Test func `and that of products at once have the bits of the two alone`() throws {
    let (a, b) = (doubles(1200), Array(doubles(1300)[100...]))
    for level in kernelLevels {
      #expect(ck_force_level(level) == 0)
      defer { _ = ck_force_level(ck_best_level()) }
      let function = try #require(ck_reduce2(CK_SUM_AND_PRODUCTS, CK_FLOAT64))
      for n in 0...1200 {
        let sums = calling(
          2, CK_FLOAT64, CallStrides(out: 1, inputs: []), [Run(CK_FLOAT64, a), Run(CK_FLOAT64, b)]
        ) {
          function(n, $1[0], 1, $1[1], 1, $0)
        }.elements(as: Double.self)
        #expect(sums == [pairwise(a[..<n]), pairwise(zip(a, b).map { $0 * $1 }[..<n])], "n \(n)")
      }
    }
  }

  @Test
  func `grown while values are stored have the bits of storing first and summing then`()
    throws
  {
    let (a, e) = (doubles(700), Array(doubles(900)[200...]))
    let d = Array(doubles(1300)[600...])
    let (slope, height, scale) = (1 / 3.0, 0.3, 0.02)
    let thirds: [(ck_pair_op, (Double, Double) -> Double)] = [
      (CK_THEN_ADD, { $0 + $1 }), (CK_THEN_SUBTRACT, { $0 - $1 }), (CK_THEN_LEAVE, { $1 - $0 }),
      (CK_THEN_MULTIPLY, { $0 * $1 }),
    ]
    for level in kernelLevels {
      for n in [1, 7, 8, 9, 100, 128, 129, 248, 257, 272, 305, 488, 512, 513, 700] {
        for stride in [0, 1] {
          for (third, thirdOf) in thirds {
            let values = (0..<n).map { thirdOf(a[$0] * slope + height, d[$0 * stride]) }
            let products = zip(values, e).map { $0 * $1 }
            let scaled = values.map { $0 * scale }
            let plain = [values, values.map { $0 * $0 }, products].map { pairwise($0[...]) }
            let ofScaled = [scaled, values.map { $0 * $0 }, zip(scaled, e).map { $0 * $1 }]
              .map { pairwise($0[...]) }
            for set in Array(1..<CK_TERM_SCALED) + [15] {
              let terms = set < CK_TERM_SCALED ? plain : ofScaled
              let sums = terms.indices.filter { set >> $0 & 1 == 1 }.map { terms[$0] }
              let function = kernel(at: level) { ck_line_sums(third, Int32(set), CK_FLOAT64)! }
              // The values, and the sums behind them.
              let results = calling(
                n + sums.count, CK_FLOAT64, CallStrides(out: 1, inputs: []),
                [a, [slope], [height], d, e, [scale]].map { Run(CK_FLOAT64, $0) }
              ) {
                function(n, $0, $1[0], $1[1], $1[2], $1[3], stride, $1[4], $1[5], $0 + n * 8)
              }.elements(as: Double.self)
              #expect(
                results == values + sums,
                "level \(level.rawValue), n \(n), stride \(stride), third \(third.rawValue), sums \(set)"
              )
            }
          }
        }
      }
    }
    #expect(ck_line_sums(CK_THEN_ADD, Int32(CK_TERM_PLAIN), CK_INT64) == nil)
    #expect(ck_line_sums(CK_THEN_ADD, Int32(CK_TERM_PLAIN + CK_TERM_SCALED), CK_FLOAT64) == nil)
  }

  @Test func `of negative zeros are zero, as NumPy's`() {
    for n in [1, 9, 200] {
      #expect(sum(CK_SUM, CK_FLOAT64, ck_best_level(), [Double](repeating: -0.0, count: n)).bitPattern == 0)
    }
  }

  @Test func `of integers wrap in 64 bits`() throws {
    func total<Element: BitwiseCopyable>(_ type: ck_dtype, _ values: [Element]) throws -> Int64 {
      let function = try #require(ck_reduce(CK_SUM, type))
      return calling(1, CK_INT64, CallStrides(out: 1, inputs: []), [Run(type, values)]) {
        function(values.count, $1[0], 1, $0)
      }
      .elements(as: Int64.self)[0]
    }
    #expect(try total(CK_INT64, [Int64](repeating: 1 << 62, count: 4) + [5]) == 5)
    #expect(try total(CK_UINT8, [UInt8](repeating: 255, count: 1000)) == 255_000)
    #expect(try total(CK_INT8, [Int8](repeating: -128, count: 1000)) == -128_000)
    #expect(try total(CK_BOOL, [UInt8](repeating: 1, count: 77)) == 77)
  }
}
