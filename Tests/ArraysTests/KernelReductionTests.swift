import CKernels
import Testing

/// Extremes, truth, products, softmax and copies. Values are PyTorch's (torch 2.15.0).
@Suite struct `Kernel reductions and copies` {
  private func reduce<In: BitwiseCopyable, Out: BitwiseCopyable>(
    _ op: ck_reduce_op, _ type: ck_dtype, _ values: [In], to outType: ck_dtype, as _: Out.Type
  ) throws -> Out {
    let function = try #require(ck_reduce(op, type))
    return calling(1, outType, CallStrides(out: 1, inputs: []), [Run(type, values)]) {
      function(values.count, $1[0], 1, $0)
    }
    .elements(as: Out.self)[0]
  }

  @Test func `the first extreme is found wherever it lies, and the first NaN before it`() throws {
    for n in [1, 2, 31, 32, 33, 100, 1023, 1024, 1025, 3000] {
      for place in Set([0, n / 3, n / 2, n - 1]) {
        var values = (0..<n).map { Double($0 % 7) }
        values[place] = 50
        if place + 5 < n { values[place + 5] = 50 }
        #expect(try reduce(CK_MAX, CK_FLOAT64, values, to: CK_FLOAT64, as: Double.self) == 50)
        #expect(try reduce(CK_ARGMAX, CK_FLOAT64, values, to: CK_INT64, as: Int64.self) == Int64(place))
        let negated = values.map { Int32(-$0) }
        #expect(try reduce(CK_MIN, CK_INT32, negated, to: CK_INT32, as: Int32.self) == -50)
        #expect(try reduce(CK_ARGMIN, CK_INT32, negated, to: CK_INT64, as: Int64.self) == Int64(place))
        values[n - 1] = .nan
        #expect(try reduce(CK_MAX, CK_FLOAT64, values, to: CK_FLOAT64, as: Double.self).isNaN)
        #expect(try reduce(CK_MIN, CK_FLOAT64, values, to: CK_FLOAT64, as: Double.self).isNaN)
        #expect(try reduce(CK_ARGMAX, CK_FLOAT64, values, to: CK_INT64, as: Int64.self) == Int64(n - 1))
        values[place] = .nan
        #expect(try reduce(CK_ARGMIN, CK_FLOAT64, values, to: CK_INT64, as: Int64.self) == Int64(place))
      }
    }
  }

  @Test func `truth and counts know NaN, and the empty run its identities`() throws {
    for n in [1, 100, 4096, 4097, 9000] {
      var values = [Float](repeating: 0, count: n)
      #expect(try reduce(CK_ANY, CK_FLOAT32, values, to: CK_BOOL, as: UInt8.self) == 0)
      values[n - 1] = .nan
      #expect(try reduce(CK_ANY, CK_FLOAT32, values, to: CK_BOOL, as: UInt8.self) == 1)
      #expect(try reduce(CK_COUNT_NONZERO, CK_FLOAT32, values, to: CK_INT64, as: Int64.self) == 1)
      var ones = [Int16](repeating: 256, count: n)
      #expect(try reduce(CK_ALL, CK_INT16, ones, to: CK_BOOL, as: UInt8.self) == 1)
      ones[n - 1] = 0
      #expect(try reduce(CK_ALL, CK_INT16, ones, to: CK_BOOL, as: UInt8.self) == 0)
    }
    #expect(try reduce(CK_ANY, CK_BOOL, [] as [UInt8], to: CK_BOOL, as: UInt8.self) == 0)
    #expect(try reduce(CK_ALL, CK_BOOL, [] as [UInt8], to: CK_BOOL, as: UInt8.self) == 1)
    #expect(try reduce(CK_PROD, CK_FLOAT64, [] as [Double], to: CK_FLOAT64, as: Double.self) == 1)
    #expect(try reduce(CK_PROD, CK_INT8, [] as [Int8], to: CK_INT64, as: Int64.self) == 1)
  }

  @Test func `products and running values of integers are int64`() throws {
    #expect(try reduce(CK_PROD, CK_INT32, [Int32.max, 2], to: CK_INT64, as: Int64.self) == 4_294_967_294)
    func row(_ op: ck_row_op) throws -> [Int64] {
      map(try #require(ck_row(op, CK_INT8)), CK_INT8, [100, 100, -3] as [Int8], to: CK_INT64, as: Int64.self)
    }
    #expect(try row(CK_CUMSUM) == [100, 200, 197])
    #expect(try row(CK_CUMPROD) == [100, 10000, -30000])
  }

  @Test func `softmax and its kin equal PyTorch's, infinities too`() throws {
    let inf = Double.infinity
    func row(_ op: ck_row_op, _ values: [Double]) throws -> [Double] {
      map(try #require(ck_row(op, CK_FLOAT64)), CK_FLOAT64, values, to: CK_FLOAT64, as: Double.self)
    }
    func close(_ a: [Double], _ b: [Double]) -> Bool {
      zip(a, b).allSatisfy { $0 == $1 || abs($0 - $1) <= 1e-15 * max(1, abs($1)) }
    }
    #expect(
      close(
        try row(CK_SOFTMAX, [1, 2, 3, -inf]),
        [0.09003057317038045, 0.2447284710547976, 0.6652409557748218, 0]))
    #expect(
      close(
        try row(CK_LOG_SOFTMAX, [1, 2, 3, -inf]),
        [-2.4076059644443806, -1.4076059644443804, -0.4076059644443804, -inf]))
    #expect(try row(CK_SOFTMAX, [-inf, -inf]).allSatisfy(\.isNaN))
    #expect(try row(CK_SOFTMAX, [1000, 1000]) == [0.5, 0.5])
    func logSumExp(_ values: [Double]) throws -> Double {
      try reduce(CK_LOGSUMEXP, CK_FLOAT64, values, to: CK_FLOAT64, as: Double.self)
    }
    #expect(close([try logSumExp([1, 2, 3, -inf])], [3.4076059644443806]))
    #expect(try logSumExp([-inf, -inf]) == -inf)
    #expect(try logSumExp([inf, 1]) == inf)
    #expect(try logSumExp([.nan, 1]).isNaN)
  }

  @Test func `matrices of every element size are copied in every layout`() {
    func check<Element: FixedWidthInteger & BitwiseCopyable>(_: Element.Type) {
      for (rows, columns) in [(1, 1), (3, 5), (16, 16), (17, 33), (64, 7), (130, 70), (0, 4), (4, 0)] {
        let source = (0..<rows * columns + 1).map { Element(truncatingIfNeeded: $0 &* 37 &+ 1) }
        for transposedSource in [false, true] {
          for transposedResult in [false, true] {
            var result = [Element](repeating: 0, count: rows * columns + 1)
            let (sourceRow, sourceColumn) = transposedSource ? (1, rows) : (columns, 1)
            let (row, column) = transposedResult ? (1, rows) : (columns, 1)
            source.withUnsafeBytes { from in
              result.withUnsafeMutableBytes { to in
                ck_copy_2d(
                  rows, columns, to.baseAddress!, row, column, from.baseAddress!, sourceRow, sourceColumn,
                  MemoryLayout<Element>.size)
              }
            }
            let right = (0..<rows).allSatisfy { i in
              (0..<columns).allSatisfy {
                result[i * row + $0 * column] == source[i * sourceRow + $0 * sourceColumn]
              }
            }
            #expect(right && result.last == 0, "\(Element.self) \(rows)×\(columns)")
          }
        }
      }
    }
    check(UInt8.self)
    check(UInt16.self)
    check(UInt32.self)
    check(UInt64.self)
  }

  @Test func `filling and strided copying touch their elements only`() {
    var target = [Int32](repeating: -1, count: 10)
    var value: Int32 = 7
    target.withUnsafeMutableBytes { ck_fill(4, $0.baseAddress!, 3, &value, 4) }
    #expect(target == [7, -1, -1, 7, -1, -1, 7, -1, -1, 7])
    let source: [Int32] = [1, 2, 3, 4, 5, 6]
    source.withUnsafeBytes { from in
      target.withUnsafeMutableBytes { to in
        // Backwards: the last element first, every second one.
        ck_copy_strided(3, to.baseAddress!, 1, from.baseAddress! + 5 * 4, -2, 4)
      }
    }
    #expect(target == [6, 4, 2, 7, -1, -1, 7, -1, -1, 7])
  }
}
