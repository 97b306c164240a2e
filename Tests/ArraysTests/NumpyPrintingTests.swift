import Arrays
import Testing

@Suite("Printing as NumPy")
struct NumpyPrintingTests {
  private func range(_ count: Int, _ dtype: DType = .float64, shape: Shape? = nil) throws -> NDArray {
    try NDArray((0..<count).map { Double($0) }, shape: shape ?? [count]).converted(to: dtype)
  }

  @Test("Notation, width, padding, shape and dtype are NumPy's", arguments: printedCases)
  func printed(_ given: PrintedCase) {
    #expect(given.array.numpyRepr() == given.repr)
    #expect(given.array.numpyStr() == given.str)
  }

  @Test("An array in a Swift string is NumPy's print")
  func description() {
    #expect("\(NDArray([1, 2.5]))" == "[1.  2.5]")
  }

  @Test("Lines wrap at 75 columns, and the dtype moves down where it does not fit")
  func wrapping() throws {
    let tenths = NDArray((0..<30).map { Double($0) * 1.1 })
    #expect(
      tenths.numpyStr() == """
        [ 0.   1.1  2.2  3.3  4.4  5.5  6.6  7.7  8.8  9.9 11.  12.1 13.2 14.3
         15.4 16.5 17.6 18.7 19.8 20.9 22.  23.1 24.2 25.3 26.4 27.5 28.6 29.7
         30.8 31.9]
        """)
    #expect(
      try range(17, .int32).numpyRepr() == """
        array([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16],
              dtype=int32)
        """)
    #expect(
      try range(18, .int32).numpyRepr() == """
        array([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16,
               17], dtype=int32)
        """)
  }

  @Test("Beyond 1000 elements only the edges are shown, with the shape")
  func summary() throws {
    #expect(try !range(1000).numpyRepr().contains("..."))
    #expect(
      try range(1001, .int64).numpyRepr()
        == "array([   0,    1,    2, ...,  998,  999, 1000], shape=(1001,))")
    #expect(
      try range(2000, .int32, shape: [2, 1000]).numpyRepr() == """
        array([[   0,    1,    2, ...,  997,  998,  999],
               [1000, 1001, 1002, ..., 1997, 1998, 1999]],
              shape=(2, 1000), dtype=int32)
        """)
    let small = NumpyPrintOptions(threshold: 5, edgeItems: 1)
    #expect(try range(9, .int64).numpyRepr(options: small) == "array([0, ..., 8], shape=(9,))")
    #expect(
      try range(16, shape: [4, 4]).numpyStr(options: small) == "[[ 0. ...  3.]\n ...\n [12. ... 15.]]")
  }

  @Test(
    "Precision, digits, small numbers and signs can be chosen per call",
    arguments: [
      (
        NumpyPrintOptions(precision: 2), "array([ 1.00e-05,  5.00e-01,  1.23e+02, -7.00e+00])",
        "[  0.5  123.46  -7.  ]"
      ),
      (
        NumpyPrintOptions(suppressSmall: true), "array([  0.00001,   0.5    , 123.456  ,  -7.     ])",
        "[  0.5   123.456  -7.   ]"
      ),
      (
        NumpyPrintOptions(precision: 3, floatMode: .fixed),
        "array([ 1.000e-05,  5.000e-01,  1.235e+02, -7.000e+00])", "[  0.500 123.456  -7.000]"
      ),
      (
        NumpyPrintOptions(floatMode: .maxprecEqual),
        "array([ 1.00000e-05,  5.00000e-01,  1.23456e+02, -7.00000e+00])", "[  0.500 123.456  -7.000]"
      ),
      (
        NumpyPrintOptions(sign: .plus), "array([+1.00000e-05, +5.00000e-01, +1.23456e+02, -7.00000e+00])",
        "[  +0.5   +123.456   -7.   ]"
      ),
      (
        NumpyPrintOptions(lineWidth: 20),
        "array([ 1.00000e-05,\n        5.00000e-01,\n        1.23456e+02,\n       -7.00000e+00])",
        "[  0.5   123.456\n  -7.   ]"
      ),
    ])
  func options(_ options: NumpyPrintOptions, repr: String, str: String) {
    #expect(NDArray([1e-5, 0.5, 123.456, -7]).numpyRepr(options: options) == repr)
    #expect(NDArray([0.5, 123.456, -7]).numpyStr(options: options) == str)
  }

  @Test("Signs of integers are shown on request")
  func integerSigns() {
    let array = NDArray([0, 1, 2])
    #expect(array.numpyStr(options: .init(sign: .plus)) == "[+0 +1 +2]")
    #expect(array.numpyStr(options: .init(sign: .blank)) == "[ 0  1  2]")
  }
}
