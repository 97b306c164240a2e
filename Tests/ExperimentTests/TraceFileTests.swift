import Foundation
import Testing

@testable import Experiment

@Suite struct `A trace's file` {
  private static let steps = [
    Step(loss: 0.1, dw: -1.0 / 3, db: 1e-300, w: 0x1.7ea09a338ac5cp+1, b: -0.0),
    Step(loss: .leastNonzeroMagnitude, dw: 1e23, db: .greatestFiniteMagnitude, w: 1.0.nextUp, b: 2),
    Step(loss: .infinity, dw: -.infinity, db: .nan, w: 1, b: 2),
  ]

  private static func trace(_ dtype: Precision?, steps: [Step]) -> Trace {
    Trace(
      approach: "some program", fingerprint: Fingerprint("0123456789abcdef")!, dtype: dtype,
      versions: ["Swift 6.3", "other 1.0"], microsecondsPerStep: 14.25, steps: steps)
  }

  private static func bits(_ trace: Trace) -> [UInt64] {
    trace.steps.flatMap { step in Quantity.allCases.map { step[$0].isNaN ? .max : step[$0].bitPattern } }
  }

  @Test(arguments: [Precision.float64, nil]) func `Float64 comes back bit for bit`(dtype: Precision?) throws {
    let trace = Self.trace(dtype, steps: Self.steps)
    let file = try TemporaryFile("trace.tsv")
    try trace.write(to: file.path)
    var read = try Trace(contentsOf: file.path)
    #expect(Self.bits(read) == Self.bits(trace))
    read.steps = trace.steps.dropLast()
    var finite = trace
    finite.steps = read.steps
    #expect(read == finite, "and the rest with it")
    #expect(file.neighbours == ["trace.tsv"])
  }

  @Test func `Float32 comes back bit for bit, in its own short decimals`() throws {
    let steps = [
      Step(
        loss: Double(Float(0.1)), dw: Double(Float.leastNonzeroMagnitude), db: Double(Float(1).nextUp),
        w: -0.0,
        b: Double(Float.greatestFiniteMagnitude))
    ]
    let trace = Self.trace(.float32, steps: steps)
    #expect(Self.bits(try Trace(trace.text, source: "t")) == Self.bits(trace))
    #expect(
      trace.text.contains(
        "\n1\t0.1\t1e-45\t1.0000001\t-0.0\t3.4028235e+38\t3dcccccd\t00000001\t3f800001\t80000000\t7f7fffff\n")
    )
  }

  /// The example of chapters/CONTRACT.md, written by hand.
  static let whole = """
    # workbench-trace-1
    # approach: numpy
    # fingerprint: 0123456789abcdef
    # version: numpy 2.4.6
    # microsecondsPerStep: 14.2
    step\tloss\tdw\tdb\tw\tb
    1\t59.5\t-24.5\t-100.25\t0.5\t0.125
    2\t20\t1e1\tnan\t-inf\tinf
    # end: 2

    """

  @Test func `The contract's own example is read`() throws {
    let trace = try Trace(Self.whole, source: "t")
    #expect(trace.approach == "numpy" && trace.versions == ["numpy 2.4.6"])
    #expect(trace.fingerprint.description == "0123456789abcdef")
    #expect(trace.microsecondsPerStep == 14.2 && trace.dtype == nil)
    #expect(trace.steps[0] == Step(loss: 59.5, dw: -24.5, db: -100.25, w: 0.5, b: 0.125))
    #expect(trace.steps[1].dw == 10 && trace.steps[1].db.isNaN && trace.steps[1].w == -.infinity)
  }

  @Test func `Line ends of other systems, other columns and other comments do no harm`() throws {
    let plain = try Trace(Self.whole.replacing("nan", with: "3"), source: "t")
    let other = Self.whole.replacing("nan", with: "3").replacing("\n", with: "\r\n")
      .replacing("step\tloss\tdw", with: "step\textra\tloss\tdw").replacing("1\t59.5", with: "1\twords\t59.5")
      .replacing("2\t20", with: "2\t\t20").replacing("# approach", with: "# colour: red\r\n#\r\n# approach")
      .replacing("cdef", with: "cdef \t")
    #expect(try Trace(other, source: "t") == plain)
  }

  /// What is replaced in the whole trace, by what, and the message.
  @Test(arguments: [
    (
      "# workbench-trace-1", "# something",
      "t:1: is not a trace: the first line must be \"# workbench-trace-1\""
    ),
    (whole, "garbage", "t:1: is not a trace: the first line must be \"# workbench-trace-1\""),
    (whole, "", "t:1: is not a trace: the first line must be \"# workbench-trace-1\""),
    ("0123456789abcdef", "0123", "t:3: the fingerprint is \"0123\"; 16 hex digits are needed"),
    ("# fingerprint: 0123456789abcdef\n", "", "t: the line \"# fingerprint: …\" is missing"),
    ("14.2", "fast", "t:5: microsecondsPerStep is \"fast\"; a number is needed"),
    ("14.2", "-1", "t:5: microsecondsPerStep is \"-1\"; a number is needed"),
    ("14.2", "nan", "t:5: microsecondsPerStep is \"nan\"; a number is needed"),
    ("# version: numpy 2.4.6", "# dtype: float16", "t:4: dtype is \"float16\"; float64 or float32 is needed"),
    ("\n2\t20", "\n# dtype: float32\n2\t20", "t:8: dtype must stand before the rows"),
    ("step\tloss", "number\tloss", "t:6: the first column must be step; it is \"number\""),
    ("\tdb\t", "\tdB\t", "t:6: the column db is missing"),
    ("\n1\t", "\n0\t", "t:7: step is \"0\"; 1 is next"),
    ("\n2\t", "\n3\t", "t:8: step is \"3\"; 2 is next"),
    ("\n2\t", "\ntwo\t", "t:8: step is \"two\"; 2 is next"),
    ("59.5", "fifty", "t:7: loss is \"fifty\"; a number is needed"),
    ("59.5", "", "t:7: loss is \"\"; a number is needed"),
    ("59.5", "59,5", "t:7: loss is \"59,5\"; a number is needed"),
    ("59.5\t", "59.5 ", "t:7: has 5 fields; 6 are needed"),
    ("0.125", "0.125\t1", "t:7: has 7 fields; 6 are needed"),
    ("# end: 2", "# end: 3", "t:9: end says 3 rows, there are 2"),
    ("# end: 2", "# end: two", "t:9: end is \"two\"; the number of rows is needed"),
    ("# end: 2", "# end: 2\n3\t1\t1\t1\t1\t1", "t:10: something follows the line \"# end\""),
    ("# end: 2\n", "", "t:9: the file ends after 2 rows without \"# end: 2\"; it is truncated"),
    ("-inf\tinf\n# end: 2\n", "-in", "t:8: has 5 fields; 6 are needed"),
    (
      "1\t59.5\t-24.5\t-100.25\t0.5\t0.125\n2\t20\t1e1\tnan\t-inf\tinf\n# end: 2", "# end: 0",
      "t: has no steps"
    ),
  ])
  func `What breaks the contract is named with its line`(part: String, replacement: String, message: String) {
    #expect(throws: Failure.badData(message)) {
      try Trace(Self.whole.replacing(part, with: replacement), source: "t")
    }
  }

  /// A trace of one step with bits, in both types: 0.1, −2, 0.5, 1, 3.
  private static func withBits(_ dtype: String, _ bits: String) -> String {
    """
    # workbench-trace-1
    # fingerprint: 0123456789abcdef
    # dtype: \(dtype)
    step\tloss\tdw\tdb\tw\tb\tlossBits
    1\t0.1\t-2\t0.5\t1\t3\t\(bits)
    # end: 1
    """
  }

  @Test func `Bits and decimals that say the same are read`() throws {
    #expect(try Trace(Self.withBits("float64", "3fb999999999999a"), source: "t").steps[0].loss == 0.1)
    #expect(try Trace(Self.withBits("float32", "3dcccccd"), source: "t").steps[0].loss == Double(Float(0.1)))
  }

  @Test(arguments: [
    ("float64", "3fb999999999999b"), ("float64", "3dcccccd"), ("float64", "0.1"), ("float64", ""),
    ("float64", "3fb99999999999zz"), ("float32", "3dccccce"), ("float32", "7fc00000"), ("float32", "3dccc"),
  ])
  func `Bits that do not say what the decimal says are refused`(dtype: String, bits: String) {
    let error = #expect(throws: Failure.self) { try Trace(Self.withBits(dtype, bits), source: "t") }
    #expect(error?.kind == .badData)
    #expect(error?.message.hasPrefix("t:5: loss") == true, "\(error?.message ?? "")")
  }

  @Test func `A file that is no text, or is not there, is named`() throws {
    let file = try TemporaryFile("trace.tsv")
    try Data([0xff, 0xfe, 0x00]).write(to: URL(fileURLWithPath: file.path))
    #expect(throws: Failure.badData("\(file.path): is not a text file (not UTF-8)")) {
      try Trace(contentsOf: file.path)
    }
    #expect(throws: Failure.badData("/no/trace.tsv: no such file")) { try Trace(contentsOf: "/no/trace.tsv") }
  }

  @Test func `Nothing is left where writing fails`() throws {
    let file = try TemporaryFile("trace.tsv")
    // A folder in its place: it cannot be replaced by a file.
    try FileManager.default.createDirectory(atPath: file.path, withIntermediateDirectories: true)
    #expect(throws: Failure.self) { try Self.trace(nil, steps: Self.steps).write(to: file.path) }
    #expect(file.neighbours == ["trace.tsv"])
  }
}

@Suite struct `A trace as an answer` {
  private let problem = try! Problem(x: [0, 1], y: [2, 5], w0: 1, b0: 2, learningRate: 0.1, steps: 3)
  private let step = Step(loss: 1, dw: 1, db: 1, w: 1, b: 1)

  private func trace(_ steps: [Step]) -> Trace {
    Trace(approach: "a", fingerprint: problem.fingerprint, steps: steps)
  }

  @Test func `It must answer this problem`() throws {
    var other = trace([step, step, step])
    other.fingerprint = Fingerprint("0123456789abcdef")!
    #expect(
      throws: Failure.badData(
        "t: answers another problem: its fingerprint is 0123456789abcdef, the problem's is \(problem.fingerprint)"
      )
    ) { try other.validate(against: problem, source: "t") }
    try trace([step, step, step]).validate(against: problem, source: "t")
  }

  @Test func `It must have every step, unless the last one is not finite`() throws {
    var last = step
    last.dw = .nan
    try trace([step, last]).validate(against: problem, source: "t")
    for steps in [[step, step], [last, step], [step, step, step, step], []] {
      #expect(throws: Failure.badData("t: has \(steps.count) steps; the problem asks for 3")) {
        try trace(steps).validate(against: problem, source: "t")
      }
    }
  }

  @Test func `It diverges where it is not finite, or its loss a million times the first`() {
    #expect(trace([step, step, step]).divergedAt == nil)
    var broken = step
    broken.b = .nan
    #expect(trace([step, broken]).divergedAt == 2)
    #expect(trace([broken]).divergedAt == 1)
    var large = step
    large.loss = 1e6
    #expect(trace([step, large]).divergedAt == nil)
    large.loss = 1e6.nextUp
    #expect(trace([step, step, large]).divergedAt == 3)
    #expect(trace([]).divergedAt == nil)
  }

  @Test func `The parameters before a step are what the one before left`() {
    let moved = Step(loss: 1, dw: 1, db: 1, w: 7, b: 8)
    #expect(trace([moved, step]).parameters(before: 1, of: problem) == (1, 2))
    #expect(trace([moved, step]).parameters(before: 2, of: problem) == (7, 8))
  }
}
