import Testing

@testable import Experiment

@Suite struct `A problem` {
  private static func make(
    x: [Double] = [-1, 0, 1], y: [Double] = [5, 2, 5], w0: Double = 0.5, b0: Double = 0.25,
    learningRate: Double = 0.125, steps: Int = 3, loss: Loss = .sum, dtype: Precision = .float64
  ) throws(Failure) -> Problem {
    try Problem(
      x: x, y: y, w0: w0, b0: b0, learningRate: learningRate, steps: steps, loss: loss, dtype: dtype)
  }

  /// FNV-1a 64 over the bytes that the documentation of `Fingerprint` names, calculated in Python.
  @Test func `Its fingerprint is the documented hash`() throws {
    #expect(try Self.make().fingerprint.description == "44e1a68832f4e541")
    #expect(try Problem().fingerprint.description == "fa597247925a355d", "the default problem")
  }

  /// As above, with `optimizer` behind `dtype`.
  @Test func `Each optimizer has a fingerprint of its own, plain descent the one it always had`() throws {
    let named = try OptimizerChoice.allCases.map { try Problem(optimizer: $0).fingerprint.description }
    #expect(
      named == [
        "fa597247925a355d", "699f95d815d0b757", "beaed6472ee44d81", "3dfc2371675c4d8a", "e0bc4f2634d56b04",
        "c9db4c7c916b7e1f",
      ])
  }

  @Test func `Its summary names an optimizer`() throws {
    #expect(
      try Problem(optimizer: .adam).summary
        == "100 points, loss ½Σr², adam, η = 0.001, 800 steps, float64, numpy seed 100, noise 0.2")
  }

  @Test func `An approach says which optimizers it offers`() throws {
    let adam = try Problem(optimizer: .adam)
    #expect(
      ChapterSection.handGradients.refusal(of: adam)
        == "does not offer adam; it offers gradient-descent")
    for section in ChapterSection.all { #expect(section.refusal(of: try Problem()) == nil) }
    for choice in OptimizerChoice.allCases {
      let able = ChapterSection.all.filter { $0.optimizers.contains(choice) }.map(\.approach)
      #expect(
        choice == .gradientDescent
          ? able.count == 5 : able == ["tensor-autograd", "nn-optim", "static-graph"])
    }
  }

  @Test func `Equal problems have equal fingerprints, wherever the data came from`() throws {
    let drawn = try Problem(recipe: Recipe(points: 10))
    let own = try Problem(
      x: drawn.x, y: drawn.y, w0: drawn.w0, b0: drawn.b0, learningRate: 0.001, steps: 800)
    #expect(own.fingerprint == drawn.fingerprint)
    #expect(own.recipe == nil && drawn.recipe != nil)
  }

  @Test func `Every field changes the fingerprint`() throws {
    let problems = [
      try Self.make(), try Self.make(x: [-1, 0, 0.5]), try Self.make(y: [5, 2, 6]),
      try Self.make(x: [0, -1, 1]), try Self.make(w0: 1), try Self.make(b0: 1),
      try Self.make(learningRate: 0.25), try Self.make(steps: 4), try Self.make(loss: .mean),
      try Self.make(dtype: .float32), try Self.make(x: [-1, 0], y: [5, 2]),
      // One bit: the sign of zero.
      try Self.make(x: [-1, -0.0, 1]),
    ]
    #expect(Set(problems.map(\.fingerprint)).count == problems.count)
  }

  @Test(arguments: ["0123456789abcde", "0123456789abcdef0", "0123456789abcdeg", "+123456789abcdef", ""])
  func `Text that is not 16 hex digits is no fingerprint`(text: String) {
    #expect(Fingerprint(text) == nil)
  }

  @Test func `A fingerprint survives being written`() throws {
    let fingerprint = try Self.make().fingerprint
    #expect(Fingerprint(fingerprint.description) == fingerprint)
    #expect(Fingerprint("00000000000000ff")?.description == "00000000000000ff")
  }

  @Test func `What makes no problem is a usage failure that says why`() {
    let cases: [(() throws -> Problem, String)] = [
      ({ try Self.make(x: [], y: []) }, "there are no data points; at least one is needed"),
      ({ try Self.make(x: [1]) }, "x has 1 values and y has 3; each x needs its y"),
      ({ try Self.make(steps: 0) }, "steps is 0; at least 1 is needed"),
      ({ try Self.make(steps: -1) }, "steps is -1; at least 1 is needed"),
      ({ try Self.make(learningRate: 0) }, "the learning rate is 0.0; a positive finite float64 is needed"),
      (
        { try Self.make(learningRate: -0.1) },
        "the learning rate is -0.1; a positive finite float64 is needed"
      ),
      (
        { try Self.make(learningRate: .nan) }, "the learning rate is nan; a positive finite float64 is needed"
      ),
      (
        { try Self.make(learningRate: .infinity) },
        "the learning rate is inf; a positive finite float64 is needed"
      ),
      (
        { try Self.make(learningRate: 1e-60, dtype: .float32) },
        "the learning rate is 1e-60; a positive finite float32 is needed"
      ),
      ({ try Self.make(w0: .nan) }, "w0 is nan; a finite float64 is needed"),
      ({ try Self.make(b0: -.infinity) }, "b0 is -inf; a finite float64 is needed"),
      ({ try Self.make(w0: 1e39, dtype: .float32) }, "w0 is 1e+39; a finite float32 is needed"),
      ({ try Self.make(x: [0, .nan, 1]) }, "x of point 2 is nan; a finite float64 is needed"),
      ({ try Self.make(y: [0, 1, .infinity]) }, "y of point 3 is inf; a finite float64 is needed"),
      (
        { try Self.make(y: [0, 1, 1e39], dtype: .float32) },
        "y of point 3 is 1e+39; a finite float32 is needed"
      ),
    ]
    for (make, message) in cases { #expect(throws: Failure.usage(message)) { try make() } }
  }

  @Test func `Start values given replace the drawn ones, and nothing else`() throws {
    let drawn = try Problem()
    let given = try Problem(w0: 0.5, b0: -2)
    #expect(given.w0 == 0.5 && given.b0 == -2)
    #expect(given.x == drawn.x && given.y == drawn.y)
    #expect(try Problem(b0: -2).w0 == drawn.w0)
  }

  @Test func `Its summary says what it is on one line of a terminal`() throws {
    #expect(
      try Problem().summary
        == "100 points, loss ½Σr², η = 0.001, 800 steps, float64, numpy seed 100, noise 0.2")
    #expect(
      try Self.make(x: [1], y: [1], steps: 1, loss: .mean, dtype: .float32).summary
        == "1 point, loss Σr²/n, η = 0.125, 1 step, float32, own data")
    #expect(try Problem().summary.count <= 80)
  }
}

@Suite struct `Options that describe a problem` {
  private func problem(_ arguments: String...) throws -> Problem {
    try ProblemOptions.parse(arguments).problem(defaults: .handGradients)
  }

  @Test func `Without any the section's own problem is meant`() throws {
    #expect(try problem() == ChapterSection.handGradients.problem())
    #expect(try ProblemOptions.parse([]).isEmpty)
  }

  @Test func `Each changes what it says`() throws {
    let changed = try problem(
      "--seed", "7", "--points", "8", "--noise", "0.5", "--generator", "torch", "--steps", "9",
      "--learning-rate", "0.25", "--loss", "mean", "--dtype", "float32", "--w0", "1.5", "--b0", "2.5")
    #expect(
      try changed
        == Problem(
          recipe: Recipe(seed: 7, points: 8, noise: 0.5, generator: .torch), learningRate: 0.25, steps: 9,
          loss: .mean, dtype: .float32, w0: 1.5, b0: 2.5))
  }

  @Test func `Start values may be negative`() throws {
    let negative = try problem("--w0", "-1", "--b0", "-2.5e-3")
    #expect(negative.w0 == -1 && negative.b0 == -0.0025)
  }

  @Test(arguments: [["--points", "-5"], ["--steps", "-1"], ["--learning-rate", "-1"], ["--noise", "inf"]])
  func `Impossible numbers are usage failures, negative ones too`(arguments: [String]) throws {
    let error = #expect(throws: Failure.self) {
      try ProblemOptions.parse(arguments).problem(defaults: .handGradients)
    }
    #expect(error?.kind == .usage)
  }

  @Test(arguments: [
    ["--seed", "-1"], ["--seed", "4294967296"], ["--points", "1.5"], ["--loss", "median"],
    ["--dtype", "float16"], ["--generator", "tensorflow"], ["--steps", "--points"], ["--frobnicate"],
  ])
  func `What cannot be read is refused by the parser`(arguments: [String]) {
    #expect(throws: (any Error).self) { try ProblemOptions.parse(arguments) }
  }
}
