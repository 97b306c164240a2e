import CKernels
import Testing

/// What elementwise kernels mean: wrapping, division, NaN, ties, conversion. Values are PyTorch's (torch 2.15.0) unless they follow from IEEE 754.
@Suite struct `Kernel elements` {
  private func binary<Element: BitwiseCopyable>(
    _ op: ck_binary_op, _ type: ck_dtype, _ a: [Element], _ b: [Element]
  ) throws -> [Element] {
    map2(try #require(ck_binary(op, type)), type, a, b, to: type, as: Element.self)
  }
  private func unary<Element: BitwiseCopyable>(_ op: ck_unary_op, _ type: ck_dtype, _ a: [Element]) throws
    -> [Element]
  {
    map(try #require(ck_unary(op, type)), type, a, to: type, as: Element.self)
  }

  @Test func `integer arithmetic wraps and divides as PyTorch's`() throws {
    let a: [Int8] = [-128, -128, 7, -7, 7, -7, 100, -1, 0]
    let b: [Int8] = [-1, 3, 2, 2, -2, -2, 7, 3, 5]
    #expect(try binary(CK_ADD, CK_INT8, a, b) == [127, -125, 9, -5, 5, -9, 107, 2, 5])
    #expect(try binary(CK_SUB, CK_INT8, a, b) == [-127, 125, 5, -9, 9, -5, 93, -4, -5])
    #expect(try binary(CK_MUL, CK_INT8, a, b) == [-128, -128, 14, -14, -14, 14, -68, -3, 0])
    #expect(try binary(CK_FLOOR_DIVIDE, CK_INT8, a, b) == [-128, -43, 3, -4, -4, 3, 14, -1, 0])
    #expect(try binary(CK_DIV_TRUNC, CK_INT8, a, b) == [-128, -42, 3, -3, -3, 3, 14, 0, 0])
    #expect(try binary(CK_REMAINDER, CK_INT8, a, b) == [0, 1, 1, 1, -1, -1, 2, 2, 0])
    #expect(try binary(CK_FMOD, CK_INT8, a, b) == [0, -2, 1, -1, 1, -1, 2, -1, 0])
    #expect(try binary(CK_MAXIMUM, CK_INT8, a, b) == [-1, 3, 7, 2, 7, -2, 100, 3, 5])
    #expect(try binary(CK_MINIMUM, CK_INT8, a, b) == [-128, -128, 2, -7, -2, -7, 7, -1, 0])
    #expect(
      try binary(
        CK_POW, CK_INT8, [2, 3, -2, -3, 0, 1, -1, -1, 5] as [Int8], [7, 5, 3, 4, 0, -3, -3, -2, -1])
        == [-128, -13, -8, 81, 1, 1, -1, 1, 0])
    #expect(try unary(CK_NEG, CK_UINT8, [0, 1, 200, 255] as [UInt8]) == [0, 255, 56, 1])
    #expect(try unary(CK_SQUARE, CK_UINT8, [0, 1, 200, 255] as [UInt8]) == [0, 1, 64, 1])
    #expect(try unary(CK_BITWISE_NOT, CK_UINT8, [0, 1, 200, 255] as [UInt8]) == [255, 254, 55, 0])
    #expect(try unary(CK_ABS, CK_INT8, [-128, -5] as [Int8]) == [-128, 5])
    #expect(try unary(CK_SIGN, CK_INT8, [-128, 0, 5] as [Int8]) == [-1, 0, 1])
  }

  @Test func `a product with twice the second operand doubles that first`() throws {
    #expect(
      try binary(CK_MUL_DOUBLED, CK_FLOAT64, [3, 0x1p-1000, 0.5, -1], [5, 0x1p1023, 0x1p-1074, 0])
        == [30, .infinity, 0x1p-1074, -0.0])
    #expect(try binary(CK_MUL_DOUBLED, CK_FLOAT32, [3, 0.5] as [Float], [5, 0x1p-149]) == [30, 0x1p-149])
    #expect(ck_binary(CK_MUL_DOUBLED, CK_INT32) == nil)
  }

  @Test func `division by an integer zero and of the least integer by -1 do not trap`() throws {
    func check<Element: FixedWidthInteger & BitwiseCopyable>(_ type: ck_dtype, _: Element.Type) throws {
      for op in [CK_FLOOR_DIVIDE, CK_DIV_TRUNC] {
        #expect(try binary(op, type, [7, Element.max, 0] as [Element], [0, 0, 0]) == [0, 0, 0])
      }
      for op in [CK_REMAINDER, CK_FMOD] {
        #expect(try binary(op, type, [7, Element.max, 0] as [Element], [0, 0, 0]) == [7, Element.max, 0])
      }
      guard Element.isSigned else { return }
      for op in [CK_FLOOR_DIVIDE, CK_DIV_TRUNC] {
        #expect(try binary(op, type, [Element.min], [0 &- 1]) == [Element.min])
      }
      for op in [CK_REMAINDER, CK_FMOD] { #expect(try binary(op, type, [Element.min], [0 &- 1]) == [0]) }
    }
    try check(CK_UINT8, UInt8.self)
    try check(CK_INT8, Int8.self)
    try check(CK_INT16, Int16.self)
    try check(CK_INT32, Int32.self)
    try check(CK_INT64, Int64.self)
  }

  @Test func `float division keeps PyTorch's conventions at zero, infinity and NaN`() throws {
    let inf = Double.infinity
    let nan = Double.nan
    let a: [Double] = [7, -7, 7, -7, 1, -1, 0, inf, 5, -5, 1, nan, 0, -0.0, 5.5, 1e300]
    let b: [Double] = [2, 2, -2, -2, 0, 0, 0, 2, inf, inf, -inf, 1, 3, 3, -0.1, 1e-300]
    let floor = [3, -4, -4, 3, inf, -inf, nan, nan, 0, -1, -1, nan, 0, -0.0, -55, inf]
    let trunc = [3, -3, -3, 3, inf, -inf, nan, inf, 0, -0.0, -0.0, nan, 0, -0.0, -55, inf]
    let remainder = [
      1, 1, -1, -1, nan, nan, nan, nan, 5, inf, -inf, nan, 0, -0.0, -3.0531133177191805e-16, nan,
    ]
    let fmod = [1, -1, 1, -1, nan, nan, nan, nan, 5, -5, 1, nan, 0, -0.0, 0.0999999999999997, nan]
    #expect(same(try binary(CK_FLOOR_DIVIDE, CK_FLOAT64, a, b), floor))
    #expect(same(try binary(CK_DIV_TRUNC, CK_FLOAT64, a, b), trunc))
    // PyTorch gives NaN for the remainder of 1e300 by 1e-300 too, where C's fmod is exact; the finite value is kept here.
    #expect(same(Array(try binary(CK_REMAINDER, CK_FLOAT64, a, b).dropLast()), Array(remainder.dropLast())))
    #expect(same(Array(try binary(CK_FMOD, CK_FLOAT64, a, b).dropLast()), Array(fmod.dropLast())))
  }

  @Test func `NaN wins in maximum, minimum and clamp, and the first of equals is kept`() throws {
    let nan = Double.nan
    #expect(
      same(
        try binary(CK_MAXIMUM, CK_FLOAT64, [1, nan, 1, 0, -0.0], [2, 1, nan, -0.0, 0]),
        [2, nan, nan, 0, -0.0]))
    #expect(
      same(
        try binary(CK_MINIMUM, CK_FLOAT64, [1, nan, 1, 0, -0.0], [2, 1, nan, -0.0, 0]),
        [1, nan, nan, 0, -0.0]))
    let clamp = ck_clamp(CK_FLOAT64)
    let runs = [[1, 5, nan, 2, 2], [2, 2, 2, nan, 3], [3, 3, 3, 3, 1]].map { Run(CK_FLOAT64, $0) }
    let clamped = calling(5, CK_FLOAT64, CallStrides(out: 1, inputs: [1, 1, 1]), runs) {
      clamp(5, $0, 1, $1[0], 1, $1[1], 1, $1[2], 1)
    }
    #expect(same(clamped.elements(as: Double.self), [2, 3, nan, nan, 1]))
  }

  @Test func `comparisons with NaN are false but for inequality`() {
    let a: [Double] = [1, 1, 2, .nan, 1, .nan]
    let b: [Double] = [1, 2, 1, 1, .nan, .nan]
    func compare(_ op: ck_compare_op) -> [UInt8] {
      map2(ck_compare(op, CK_FLOAT64), CK_FLOAT64, a, b, to: CK_BOOL, as: UInt8.self)
    }
    #expect(compare(CK_EQ) == [1, 0, 0, 0, 0, 0])
    #expect(compare(CK_NE) == [0, 1, 1, 1, 1, 1])
    #expect(compare(CK_LT) == [0, 1, 0, 0, 0, 0])
    #expect(compare(CK_LE) == [1, 1, 0, 0, 0, 0])
    #expect(compare(CK_GT) == [0, 0, 1, 0, 0, 0])
    #expect(compare(CK_GE) == [1, 0, 1, 0, 0, 0])
  }

  @Test func `truth of floats counts NaN as true`() throws {
    let a: [Float] = [0, -0.0, 1, .nan]
    let b: [Float] = [1, 0, 0, .nan]
    func logical(_ op: ck_binary_op) throws -> [UInt8] {
      map2(try #require(ck_binary(op, CK_FLOAT32)), CK_FLOAT32, a, b, to: CK_BOOL, as: UInt8.self)
    }
    #expect(try logical(CK_LOGICAL_AND) == [0, 0, 0, 1])
    #expect(try logical(CK_LOGICAL_OR) == [1, 0, 1, 1])
    #expect(try logical(CK_LOGICAL_XOR) == [1, 0, 1, 0])
    #expect(
      map(try #require(ck_unary(CK_LOGICAL_NOT, CK_FLOAT32)), CK_FLOAT32, a, to: CK_BOOL, as: UInt8.self) == [
        1, 1, 0, 0,
      ])
  }

  @Test func `rounding goes to even, signs and predicates know NaN and negative zero`() throws {
    #expect(same(try unary(CK_ROUND, CK_FLOAT64, [0.5, 1.5, 2.5, -0.5, 1e300]), [0, 2, 2, -0.0, 1e300]))
    #expect(same(try unary(CK_FRAC, CK_FLOAT64, [1.25, -1.25]), [0.25, -0.25]))
    #expect(same(try unary(CK_SIGN, CK_FLOAT64, [-2, -0.0, 0, 3, .nan]), [-1, 0, 0, 1, 0]))
    #expect(same(try unary(CK_RELU, CK_FLOAT32, [-1, -0.0, 2, .nan] as [Float]), [0, -0.0, 2, .nan]))
    func predicate(_ op: ck_unary_op) throws -> [UInt8] {
      map(
        try #require(ck_unary(op, CK_FLOAT64)), CK_FLOAT64, [1, .infinity, -.infinity, .nan] as [Double],
        to: CK_BOOL, as: UInt8.self)
    }
    #expect(try predicate(CK_ISNAN) == [0, 0, 0, 1])
    #expect(try predicate(CK_ISINF) == [0, 1, 1, 0])
    #expect(try predicate(CK_ISFINITE) == [1, 0, 0, 0])
    #expect(
      map(
        try #require(ck_unary(CK_ISFINITE, CK_INT16)), CK_INT16, [1, 2] as [Int16], to: CK_BOOL,
        as: UInt8.self) == [1, 1])
  }

  @Test func `conversion truncates, wraps and has PyTorch's values out of range`() {
    let nan = Double.nan
    let inf = Double.infinity
    let x = [nan, inf, -inf, 3e9, -3e9, 1e19, -1e19, 300.7, -1.5, -300.5, 40000, -2147483648.5]
    func cast<To: BitwiseCopyable>(_ type: ck_dtype, _: To.Type) -> [To] {
      map(ck_cast(CK_FLOAT64, type), CK_FLOAT64, x, to: type, as: To.self)
    }
    #expect(cast(CK_UINT8, UInt8.self) == [0, 0, 0, 0, 0, 0, 0, 44, 255, 212, 64, 0])
    #expect(cast(CK_INT8, Int8.self) == [0, 0, 0, 0, 0, 0, 0, 44, -1, -44, 64, 0])
    #expect(cast(CK_INT16, Int16.self) == [0, 0, 0, 0, 0, 0, 0, 300, -1, -300, -25536, 0])
    let low = Int32.min
    #expect(cast(CK_INT32, Int32.self) == [low, low, low, low, low, low, low, 300, -1, -300, 40000, low])
    let least = Int64.min
    #expect(
      cast(CK_INT64, Int64.self)
        == [
          least, least, least, 3_000_000_000, -3_000_000_000, least, least, 300, -1, -300, 40000,
          -2_147_483_648,
        ])
    #expect(cast(CK_BOOL, UInt8.self) == [UInt8](repeating: 1, count: 12))
    #expect(
      map(ck_cast(CK_INT64, CK_INT8), CK_INT64, [300, -129] as [Int64], to: CK_INT8, as: Int8.self) == [
        44, 127,
      ])
    #expect(
      map(ck_cast(CK_INT64, CK_BOOL), CK_INT64, [256, 0] as [Int64], to: CK_BOOL, as: UInt8.self) == [1, 0])
    #expect(
      map(ck_cast(CK_FLOAT64, CK_FLOAT32), CK_FLOAT64, [1e300, 0.1], to: CK_FLOAT32, as: Float.self) == [
        .infinity, 0.1,
      ])
  }

  @Test func `factors, branches and interpolation follow their formulas`() throws {
    let a: [Double] = [1, 2]
    let b: [Double] = [3, 4]
    let c: [Double] = [5, 8]
    let runs = [a, b, c].map { Run(CK_FLOAT64, $0) }
    let strides = CallStrides(out: 1, inputs: [1, 1, 1])
    var factor = 0.5
    let addcmul = try #require(ck_addcmul(CK_FLOAT64))
    let addcdiv = try #require(ck_addcdiv(CK_FLOAT64))
    #expect(
      calling(2, CK_FLOAT64, strides, runs) { addcmul(2, $0, 1, $1[0], 1, $1[1], 1, $1[2], 1, &factor) }
        .elements(as: Double.self)
        == [8.5, 18])
    #expect(
      calling(2, CK_FLOAT64, strides, runs) { addcdiv(2, $0, 1, $1[0], 1, $1[1], 1, $1[2], 1, &factor) }
        .elements(as: Double.self)
        == [1.3, 2.25])
    // w - rate · g in two roundings: 0.1 · 0.3 rounds, then the difference.
    var rate = -0.1
    let step = try #require(ck_scaled(CK_ADD_SCALED, CK_FLOAT64))
    let moved = calling(1, CK_FLOAT64, strides, [Run(CK_FLOAT64, [0.7]), Run(CK_FLOAT64, [0.3])]) {
      step(1, $0, 1, $1[0], 1, $1[1], 1, &rate)
    }
    #expect(moved.elements(as: Double.self) == [0.7 - 0.1 * 0.3])
    let lerp = try #require(ck_lerp(CK_FLOAT64))
    let ends = [[1.0, 2, 0], [3.0, 5, 0.1], [0.25, 0.75, 1]].map { Run(CK_FLOAT64, $0) }
    #expect(
      calling(3, CK_FLOAT64, strides, ends) { lerp(3, $0, 1, $1[0], 1, $1[1], 1, $1[2], 1) }.elements(
        as: Double.self) == [1.5, 4.25, 0.1])
    let choose = ck_where(CK_INT64)
    let branches = [
      Run(CK_BOOL, [1, 0] as [UInt8]), Run(CK_INT64, [1, 2] as [Int64]), Run(CK_INT64, [3, 4] as [Int64]),
    ]
    #expect(
      calling(2, CK_INT64, strides, branches) { choose(2, $0, 1, $1[0], 1, $1[1], 1, $1[2], 1) }.elements(
        as: Int64.self) == [1, 4])
  }

  @Test func `two operations in one pass round like the two one after the other`() throws {
    let a = (0..<37).map { 0.1 * Double($0) }
    let b = (0..<37).map { 1 / Double($0 + 3) }
    let c = (0..<37).map { 0.7 - 0.3 * Double($0) }
    let operations: [(ck_binary_op, (Double, Double) -> Double)] = [
      (CK_ADD, { $0 + $1 }), (CK_SUB, { $0 - $1 }), (CK_MUL, { $0 * $1 }),
    ]
    let seconds: [(ck_pair_op, (Double, Double) -> Double)] = [
      (CK_THEN_ADD, { $0 + $1 }), (CK_THEN_SUBTRACT, { $0 - $1 }), (CK_THEN_LEAVE, { $1 - $0 }),
      (CK_THEN_MULTIPLY, { $0 * $1 }),
    ]
    let runs = [a, b, c].map { Run(CK_FLOAT64, $0) }
    for (first, firstOf) in operations {
      for (second, secondOf) in seconds {
        let pair = try #require(ck_pair(first, second, CK_FLOAT64))
        let result = calling(37, CK_FLOAT64, CallStrides(out: 1, inputs: [1, 1, 1]), runs) {
          pair(37, $0, 1, $1[0], 1, $1[1], 1, $1[2], 1)
        }
        let expected = (0..<37).map { secondOf(firstOf(a[$0], b[$0]), c[$0]) }
        #expect(result.elements(as: Double.self) == expected)
      }
    }
    #expect(ck_pair(CK_DIV, CK_THEN_ADD, CK_FLOAT64) == nil)
    #expect(ck_pair(CK_ADD, CK_THEN_ADD, CK_INT64) == nil)
  }

  @Test func `a straight line and an operation on its points round like the three one after the other`()
    throws
  {
    let a = (0..<37).map { 0.1 * Double($0) }
    let d = (0..<37).map { 0.7 - 0.3 * Double($0) }
    let (slope, height) = (1 / 3.0, 0.3)
    let thirds: [(ck_pair_op, (Double, Double) -> Double)] = [
      (CK_THEN_ADD, { $0 + $1 }), (CK_THEN_SUBTRACT, { $0 - $1 }), (CK_THEN_LEAVE, { $1 - $0 }),
      (CK_THEN_MULTIPLY, { $0 * $1 }),
    ]
    let runs = [a, [slope], [height], d].map { Run(CK_FLOAT64, $0) }
    for (third, thirdOf) in thirds {
      let affine = try #require(ck_affine(third, CK_FLOAT64))
      let result = calling(37, CK_FLOAT64, CallStrides(out: 1, inputs: [1, 0, 0, 1]), runs) {
        affine(37, $0, 1, $1[0], 1, $1[1], $1[2], $1[3], 1)
      }
      let expected = (0..<37).map { thirdOf(a[$0] * slope + height, d[$0]) }
      #expect(result.elements(as: Double.self) == expected)
    }
    #expect(ck_affine(CK_THEN_ADD, CK_INT64) == nil)
  }

  @Test func `activations with parameters equal PyTorch's`() throws {
    func apply(_ op: ck_param_op, _ x: [Double], _ p: Double, _ q: Double) throws -> [Double] {
      let function = try #require(ck_param(op, CK_FLOAT64))
      return calling(x.count, CK_FLOAT64, CallStrides(out: 1, inputs: [1]), [Run(CK_FLOAT64, x)]) {
        function(x.count, $0, 1, $1[0], 1, p, q)
      }
      .elements(as: Double.self)
    }
    #expect(same(try apply(CK_LEAKY_RELU, [-2, 3, .nan], 0.1, 0), [-0.2, 3, .nan]))
    #expect(same(try apply(CK_HARDTANH, [-2, 0.5, 3, .nan], -1, 1), [-1, 0.5, 1, .nan]))
    let elu = try apply(CK_ELU, [-2, 3], 1.5, 0)
    #expect(abs(elu[0] + 1.296997075145081) < 1e-15 && elu[1] == 3)
    let softplus = try apply(CK_SOFTPLUS, [-50, -1, 0, 1, 15], 2, 20)
    let expected = [1.860037988010418e-44, 0.06346400552148625, 0.34657359027997264, 1.0634640055214863, 15]
    for (result, value) in zip(softplus, expected) { #expect(abs(result - value) <= 4 * value.ulp) }
  }

  @Test func `what has no meaning for a dtype has no kernel`() {
    #expect(ck_unary(CK_NEG, CK_BOOL) == nil)
    #expect(ck_unary(CK_EXP, CK_INT64) == nil)
    #expect(ck_binary(CK_SUB, CK_BOOL) == nil)
    #expect(ck_binary(CK_DIV, CK_INT32) == nil)
    #expect(ck_binary(CK_BITWISE_AND, CK_FLOAT32) == nil)
    #expect(ck_reduce(CK_LOGSUMEXP, CK_INT8) == nil)
  }
}
