import CKernels
import Foundation
import Testing

/// Elementary functions against values of higher precision, and at their edges.
@Suite struct `Kernel functions` {
  // Arguments and correctly rounded values, calculated with 1500 bits (mpmath 1.3).
  static let rounded: [(ck_unary_op, [(Double, Double)])] = [
    (
      CK_EXP,
      [
        (-745.13, .leastNonzeroMagnitude), (-708.3, 2.450295530965988e-308), (-37.25, 6.64554417291507e-17),
        (-1e-09, 0.999999999),
        (0.3, 1.3498588075760032), (1.0, 2.718281828459045), (20.5, 799902177.4755054),
        (709.78, 1.7928227943945155e+308),
      ]
    ),
    (
      CK_LOG,
      [
        (.leastNonzeroMagnitude, -744.4400719213812), (3e-308, -708.0975963534979),
        (0.7071, -0.346583180371942),
        (0.9999999, -1.0000000494736474e-07), (1.0000001, 9.999999505838704e-08), (2.0, 0.6931471805599453),
        (10000000000.0, 23.025850929940457), (1.7e+308, 709.7268368932282),
      ]
    ),
    (
      CK_SIN,
      [
        (-1e-08, -1e-08), (0.5, 0.479425538604203), (3.141592653589793, 1.2246467991473532e-16),
        (22.0, -0.008851309290403876), (355.0, -3.014435335948845e-05), (100000.0, 0.03574879797201651),
        (1048575.5, -0.1624508310778367), (6e+22, 0.16141170821152986), (1e+300, -0.8178819121159085),
      ]
    ),
    (
      CK_COS,
      [
        (1e-08, 1.0), (0.5, 0.8775825618903728), (1.5707963267948966, 6.123233995736766e-17),
        (11.0, 0.004425697988050785), (355.0, -0.999999999545659), (100000.0, -0.9993608074382124),
        (1048575.5, 0.9867166399134658), (6e+22, 0.9868871568990225), (1e+300, -0.5753861119575491),
      ]
    ),
    (
      CK_TANH,
      [
        (-1e-09, -1e-09), (0.03114, 0.031129938420817703), (0.25, 0.24491866240370913),
        (0.5, 0.46211715726000974),
        (1.0, 0.7615941559557649), (5.0, 0.9999092042625951), (19.0, 0.9999999999999999), (22.5, 1.0),
      ]
    ),
    (
      CK_EXPM1,
      [
        (-50.0, -1.0), (-0.5, -0.3934693402873666), (-1e-10, -9.999999999500001e-11),
        (1e-10, 1.00000000005e-10),
        (0.35, 0.41906754859325723), (0.36, 0.43332941456034024), (10.0, 22025.465794806718),
        (700.0, 1.0142320547350045e+304),
      ]
    ),
    (
      CK_LOG1P,
      [
        (-0.9999999, -16.118095651484676), (-0.5, -0.6931471805599453), (-1e-10, -1.00000000005e-10),
        (1e-10, 9.999999999500001e-11), (0.41, 0.3435897043900769), (1.0, 0.6931471805599453),
        (10000000000.0, 23.025850930040455), (1e+300, 690.7755278982137),
      ]
    ),
  ]

  @Test func `lie within two units in the last place of correctly rounded values`() throws {
    for (op, points) in Self.rounded {
      let function = try #require(ck_unary(op, CK_FLOAT64))
      let results = map(function, CK_FLOAT64, points.map(\.0), to: CK_FLOAT64, as: Double.self)
      for ((x, expected), result) in zip(points, results) {
        #expect(
          abs(result - expected) <= 2 * expected.ulp, "op \(op.rawValue) at \(x): \(result), not \(expected)")
      }
    }
  }

  #if arch(x86_64) && os(Linux)
    /// A function with the bound on its error in ulps, and intervals to draw arguments from.
    struct Case: Sendable {
      var name: String
      var op: ck_unary_op
      var bound: Float80
      var reference: @Sendable (Float80) -> Float80
      var intervals: [(ClosedRange<Double>, ClosedRange<Float>)]
    }

    private static func both(_ range: ClosedRange<Double>) -> (ClosedRange<Double>, ClosedRange<Float>) {
      (range, Float(range.lowerBound)...Float(range.upperBound))
    }

    static let exponential = [both(-0.4...0.4), both(-3...3), both(-80...80), (-745...709, -103...88)]
    static let positive = [
      both(0.5...2), both(0.99...1.01), both(0...1e-30), both(1e3...1e30), (0...1e-307, 0...1e-37),
    ]
    static let angles = [
      both(-0.8...0.8), both(-8...8), both(-1e4...1e4), both(-1.04e6...1.04e6), both(-1e7...1e7),
    ]

    // Measured maxima over 10⁶ arguments per interval: exp 1.06, expm1 1.11, log 0.85, log1p 0.85, sin 1.80, cos 1.78, tanh 1.42, in either type.
    static let cases = [
      Case(name: "exp", op: CK_EXP, bound: 1.1, reference: { exp($0) }, intervals: exponential),
      Case(
        name: "exp2", op: CK_EXP2, bound: 1.2, reference: { exp2($0) },
        intervals: [both(-1...1), (-1070...1023, -148...127)]),
      Case(name: "expm1", op: CK_EXPM1, bound: 1.3, reference: { expm1($0) }, intervals: exponential),
      Case(name: "log", op: CK_LOG, bound: 1.1, reference: { log($0) }, intervals: positive),
      Case(
        name: "log1p", op: CK_LOG1P, bound: 1, reference: { log1p($0) },
        intervals: positive + [both(-0.999...0.5)]),
      Case(name: "sin", op: CK_SIN, bound: 1.9, reference: { sin($0) }, intervals: angles),
      Case(name: "cos", op: CK_COS, bound: 1.9, reference: { cos($0) }, intervals: angles),
      Case(
        name: "tanh", op: CK_TANH, bound: 1.6, reference: { tanh($0) },
        intervals: [both(-0.1...0.1), both(-1...1), both(-25...25)]),
      Case(
        name: "sigmoid", op: CK_SIGMOID, bound: 2.5, reference: { 1 / (1 + exp(-$0)) },
        intervals: [both(-1...1), both(-80...80)]),
      Case(name: "sqrt", op: CK_SQRT, bound: 0.5, reference: { $0.squareRoot() }, intervals: positive),
    ]

    private func largestError<Value: BinaryFloatingPoint & BitwiseCopyable>(
      _ function: Case, _ type: ck_dtype, _ arguments: [Value], _ level: ck_level = ck_best_level()
    ) throws -> Float80 {
      let kernel = try #require(kernel(at: level) { ck_unary(function.op, type) })
      let results = map(kernel, type, arguments, to: type, as: Value.self)
      return zip(arguments, results).map { x, result in
        let exact = function.reference(Float80(x))
        let rounded = Value(exact)
        if rounded == result { return abs(Float80(result) - exact) / Float80(rounded.ulp) <= 0.5 ? 0 : 0.5 }
        return abs(Float80(result) - exact) / Float80(rounded.ulp)
      }.max() ?? 0
    }

    @Test(arguments: cases.indices)
    func `stay within their bound of the 80-bit function at every level`(_ index: Int) throws {
      let function = Self.cases[index]
      var bits = TestBits(state: UInt64(index))
      for (doubles, floats) in function.intervals {
        let wide = (0..<4096).map { _ in Double.random(in: doubles, using: &bits) }
        let narrow = (0..<4096).map { _ in Float.random(in: floats, using: &bits) }
        for level in kernelLevels {
          #expect(
            try largestError(function, CK_FLOAT64, wide, level) <= function.bound,
            "\(function.name) in \(doubles), level \(level.rawValue)")
          #expect(
            try largestError(function, CK_FLOAT32, narrow, level) <= function.bound,
            "\(function.name) in \(floats), level \(level.rawValue)")
        }
      }
    }

    @Test func `a wrong coefficient would be seen`() throws {
      // The measure itself: results off by three units must exceed every bound.
      let off = Case(
        name: "off", op: CK_SQRT, bound: 2, reference: { ($0.squareRoot() as Float80) * (1 + 0x1.8p-51) },
        intervals: [])
      #expect(try largestError(off, CK_FLOAT64, [1.1, 1.2, 1.3]) > off.bound)
    }
  #endif

  /// The value at an edge, for both types.
  private func edge(_ op: ck_unary_op, _ arguments: [Double], _ expected: [Double]) throws {
    let wide = try #require(ck_unary(op, CK_FLOAT64))
    let narrow = try #require(ck_unary(op, CK_FLOAT32))
    let doubles = map(wide, CK_FLOAT64, arguments, to: CK_FLOAT64, as: Double.self)
    #expect(same(doubles, expected), "op \(op.rawValue): \(doubles)")
    let floats = map(narrow, CK_FLOAT32, arguments.map { Float($0) }, to: CK_FLOAT32, as: Float.self)
    #expect(same(floats, expected.map { Float($0) }), "op \(op.rawValue) in float32: \(floats)")
  }

  @Test func `have the limits IEEE 754 asks for`() throws {
    let inf = Double.infinity
    let nan = Double.nan
    try edge(CK_EXP, [0, -0.0, inf, -inf, nan, 800, -800], [1, 1, inf, 0, nan, inf, 0])
    try edge(CK_EXP2, [0, inf, -inf, nan, 10, -3, 1100, -1100], [1, inf, 0, nan, 1024, 0.125, inf, 0])
    try edge(CK_EXPM1, [0, -0.0, inf, -inf, nan, 800, -800], [0, -0.0, inf, -1, nan, inf, -1])
    try edge(CK_LOG, [0, -0.0, 1, inf, -1, -inf, nan], [-inf, -inf, 0, inf, nan, nan, nan])
    try edge(CK_LOG2, [0, 1, 8, 0.5, inf, -1, nan], [-inf, 0, 3, -1, inf, nan, nan])
    try edge(CK_LOG10, [0, 1, 10, 1000, inf, -1, nan], [-inf, 0, 1, 3, inf, nan, nan])
    try edge(CK_LOG1P, [0, -0.0, -1, inf, -2, nan], [0, -0.0, -inf, inf, nan, nan])
    try edge(CK_SIN, [0, -0.0, inf, -inf, nan], [0, -0.0, nan, nan, nan])
    try edge(CK_COS, [0, -0.0, inf, -inf, nan], [1, 1, nan, nan, nan])
    try edge(CK_TAN, [0, -0.0, inf, nan], [0, -0.0, nan, nan])
    try edge(CK_TANH, [0, -0.0, inf, -inf, nan, 1e30], [0, -0.0, 1, -1, nan, 1])
    try edge(CK_SIGMOID, [0, inf, -inf, nan], [0.5, 1, 0, nan])
    try edge(
      CK_LOGSIGMOID, [inf, -inf, nan, -1e10], [0, -inf, nan, -1e10].map { $0 == 0 ? -0.0 + 0.0 : $0 })
    try edge(CK_ERF, [0, -0.0, inf, -inf, nan], [0, -0.0, 1, -1, nan])
    try edge(CK_SQRT, [0, -0.0, 4, inf, -1, nan], [0, -0.0, 2, inf, nan, nan])
    try edge(CK_RSQRT, [0, 4, inf, -1, nan], [inf, 0.5, 0, nan, nan])
    try edge(CK_RECIPROCAL, [0, -0.0, 4, inf, nan], [inf, -inf, 0.25, 0, nan])
  }

  @Test func `powers of two come out exactly`() throws {
    let wide = try #require(ck_unary(CK_EXP2, CK_FLOAT64))
    let narrow = try #require(ck_unary(CK_EXP2, CK_FLOAT32))
    let exponents = Array(-1074...1023)
    #expect(
      map(wide, CK_FLOAT64, exponents.map(Double.init), to: CK_FLOAT64, as: Double.self)
        == exponents.map { scalbn(1.0, $0) })
    let short = Array(-149...127)
    #expect(
      map(narrow, CK_FLOAT32, short.map { Float($0) }, to: CK_FLOAT32, as: Float.self)
        == short.map { scalbn(Float(1), $0) })
  }

  @Test func `activations equal PyTorch's`() throws {
    // torch 2.15.0, float64.
    let x: [Double] = [-3, -1, -0.5, 0, 0.5, 1, 3]
    let expected: [(ck_unary_op, [Double])] = [
      (
        CK_GELU,
        [
          -0.00404969409489031, -0.15865525393145702, -0.15426876936299344, 0, 0.34573123063700656,
          0.841344746068543,
          2.99595030590511,
        ]
      ),
      (
        CK_GELU_TANH,
        [
          -0.0036373920817729943, -0.15880800939172324, -0.15428599017485606, 0, 0.34571400982514394,
          0.8411919906082768,
          2.996362607918227,
        ]
      ),
      (
        CK_SILU,
        [
          -0.14227761953270035, -0.2689414213699951, -0.1887703343990727, 0, 0.3112296656009273,
          0.7310585786300049,
          2.8577223804672998,
        ]
      ),
      (
        CK_LOGSIGMOID,
        [
          -3.048587351573742, -1.3132616875182228, -0.9740769841801067, -0.6931471805599453,
          -0.4740769841801067,
          -0.31326168751822286, -0.04858735157374206,
        ]
      ),
      (
        CK_ERF,
        [
          -0.9999779095030014, -0.8427007929497149, -0.5204998778130465, 0, 0.5204998778130465,
          0.8427007929497149,
          0.9999779095030014,
        ]
      ),
      (
        CK_ERFC,
        [
          1.9999779095030015, 1.8427007929497148, 1.5204998778130465, 1, 0.4795001221869535,
          0.15729920705028513,
          2.209049699858544e-05,
        ]
      ),
    ]
    for (op, values) in expected {
      let function = try #require(ck_unary(op, CK_FLOAT64))
      for (result, value) in zip(map(function, CK_FLOAT64, x, to: CK_FLOAT64, as: Double.self), values) {
        #expect(
          abs(result - value) <= 1e-15 * max(1, abs(value)), "op \(op.rawValue): \(result), not \(value)")
      }
    }
  }
}
