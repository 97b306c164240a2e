import Testing

@testable import conformance

@Suite struct `The format of cases` {
  private func parse(_ text: String) throws -> JSONValue {
    try JSONParser.parse(ArraySlice(text.utf8))
  }

  @Test func `integers stay exact and differ from numbers with fractions`() throws {
    #expect(try parse("-9223372036854775808") == .integer(.min))
    #expect(try parse(" 9007199254740993 ") == .integer(9_007_199_254_740_993))
    #expect(try parse("[1, 1.0, 1e2]") == .array([.integer(1), .number(1), .number(100)]))
  }

  @Test(arguments: ["-0.0", "-0"]) func `negative zero keeps its sign`(text: String) throws {
    #expect(try parse(text).real("value").sign == .minus)
  }

  @Test func `the strings for what JSON lacks are numbers where a number is due`() throws {
    #expect(try parse("\"NaN\"").real("value").isNaN)
    #expect(try parse("\"-Infinity\"").real("value") == -.infinity)
    #expect(throws: MalformedCase.self) { try parse("\"nan\"").real("value") }
  }

  @Test func `strings keep escapes and characters beyond the basic plane`() throws {
    #expect(try parse(#""a\n\"\u00e9\ud83d\ude00é""#) == .string("a\n\"é😀é"))
  }

  @Test(arguments: [
    "", "{", "[1,]", "[1 2]", "{\"a\":1,\"a\":2}", "01", "1.", "-", "tru", "\"a", "\"\\x\"", "\"\\ud800\"",
    "1 1",
    "9223372036854775808", "\"\u{1}\"", String(repeating: "[", count: 10_000),
  ])
  func `what is not JSON is refused with its column`(text: String) {
    let error = #expect(throws: MalformedCase.self) { try parse(text) }
    #expect(error?.description.hasPrefix("column ") == true)
  }

  @Test func `a tensor with strides is read in row-major order and keeps its memory`() throws {
    let json = try parse(
      #"{"dtype":"float32","shape":[2,2],"strides":[1,2],"offset":1,"storage":[9,0.1,2,3,4]}"#)
    let tensor = try CaseTensor(json)
    #expect(tensor.values == .reals([Double(Float(0.1)), 3, 2, 4]))
    #expect(tensor.layout?.strides == [1, 2])
    #expect(tensor.layout?.storage.count == 5)
  }

  @Test(arguments: [
    #"{"dtype":"int64","shape":[2],"data":[1]}"#, #"{"dtype":"int64","shape":[-1],"data":[]}"#,
    #"{"dtype":"int64","shape":[1],"data":[1.5]}"#, #"{"dtype":"bool","shape":[1],"data":[1]}"#,
    #"{"dtype":"complex64","shape":[1],"data":[1]}"#, #"{"shape":[1],"data":[1]}"#,
    #"{"dtype":"int64","shape":[2],"strides":[3],"offset":0,"storage":[1,2,3]}"#,
    #"{"dtype":"int64","shape":[4611686018427387904,4],"data":[]}"#,
  ])
  func `a tensor that contradicts itself is refused`(text: String) throws {
    let json = try parse(text)
    #expect(throws: MalformedCase.self) { try CaseTensor(json) }
  }
}

@Suite struct `Comparing tensors` {
  private let expected = CaseTensor(.float64, [2, 2], .reals([1, .nan, .infinity, 0]))

  @Test func `NaN, infinities and zeros of either sign agree with themselves`() {
    let actual = CaseTensor(.float64, [2, 2], .reals([1, .nan, .infinity, -0.0]))
    #expect(actual.difference(from: expected, within: .exact) == nil)
  }

  @Test(arguments: [
    (CaseTensor(.float32, [2, 2], .reals([1, .nan, .infinity, 0])), "dtype"),
    (CaseTensor(.float64, [4], .reals([1, .nan, .infinity, 0])), "shape"),
    (CaseTensor(.float64, [2, 2], .reals([1, .nan, .infinity])), "3"),
    (CaseTensor(.float64, [2, 2], .integers([1, 1, 1, 1])), "kinds"),
    (CaseTensor(.float64, [2, 2], .reals([1, 2, .infinity, 0])), "at [0, 1]: expected nan, got 2.0"),
    (CaseTensor(.float64, [2, 2], .reals([.nan, .nan, .infinity, 0])), "at [0, 0]: expected 1.0, got nan"),
    (CaseTensor(.float64, [2, 2], .reals([1, .nan, -.infinity, 0])), "at [1, 0]"),
    (CaseTensor(.float64, [2, 2], .reals([1, .nan, 1e308, 0])), "at [1, 0]"),
    (CaseTensor(.float64, [2, 2], .reals([1, .nan, .infinity, 1])), "at [1, 1]"),
  ])
  func `every kind of difference is seen, even within a wide tolerance`(actual: CaseTensor, reason: String) {
    let difference = actual.difference(from: expected, within: .mixed(0.5))
    #expect(difference?.contains(reason) == true, "\(difference ?? "no difference")")
  }

  @Test func `rules accept up to their bound and no further`() {
    let next = 1.0.nextUp
    #expect(Agreement.ulps(1).accepts(next, 1, .float64))
    #expect(!Agreement.ulps(1).accepts(next.nextUp, 1, .float64))
    #expect(!Agreement.exact.accepts(next, 1, .float64))
    #expect(Agreement.ulps(2).accepts(.leastNonzeroMagnitude, -.leastNonzeroMagnitude, .float64))
    #expect(Agreement.ulps(1).accepts(Double(Float(1).nextUp), 1, .float32))
    #expect(!Agreement.ulps(1).accepts(Double(Float(1).nextUp), 1, .float64))
    #expect(Agreement.relative(0.5).accepts(1.5, 1, .float64))
    #expect(!Agreement.relative(0.5).accepts(1.501, 1, .float64))
    #expect(!Agreement.relative(0.5).accepts(1e-300, 0, .float64))
    #expect(Agreement.mixed(0.5).accepts(2, 1, .float64))
    #expect(!Agreement.mixed(0.5).accepts(2.001, 1, .float64))
  }
}
