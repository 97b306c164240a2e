import Experiment
import Foundation
import Testing

@testable import workbench

@Suite struct `Comparing` {
  static let approaches = [
    "hand-gradients", "tensor-autograd", "nn-optim", "static-graph", "compiled-autodiff",
  ]

  @Test func `All five end on NumPy's bits of 2·6, and keep everything`() async throws {
    let folder = try ScratchFolder()
    let launched = try await LaunchedProgram.workbench("compare", "--output", "kept", in: folder.url)
    #expect(launched.status == 0, "\(launched.errors)")
    #expect(launched.errorLines.isEmpty)
    #expect(launched.output.hasSuffix("\n\nAll 5 agree in every step.\n"))

    let problem = try Problem(contentsOf: folder.path("kept/problem.json"))
    #expect(try problem == ChapterSection.handGradients.problem())
    #expect(folder.names(in: "kept/traces") == Self.approaches.map { $0 + ".tsv" }.sorted())
    for name in Self.approaches {
      let trace = try Trace(contentsOf: folder.path("kept/traces/\(name).tsv"))
      #expect(trace.approach == name)
      #expect(trace.steps.count == 800)
      #expect(trace.steps.last?.w == 0x1.7ea09a338ac5cp+1, "\(name)")
      #expect(trace.steps.last?.b == 0x1.0c914344ca340p+1, "\(name)")
      try trace.validate(against: problem, source: name)
    }

    #expect(
      folder.names(in: "kept") == [
        ".workbench", "comparison.csv", "comparison.json", "comparison.txt", "figures", "problem.json",
        "traces",
      ])
    #expect(
      try String(contentsOfFile: folder.path("kept/comparison.txt"), encoding: .utf8) == launched.output)
    let json = try Data(contentsOf: URL(fileURLWithPath: folder.path("kept/comparison.json")))
    #expect(try JSONDecoder().decode(ComparisonAnswer.self, from: json).agreement)
    #expect(folder.names(in: "kept/figures").contains("loss-curves.svg"))
  }

  @Test(arguments: Precision.allCases, Loss.allCases)
  func `The static graph has the same bits as machine code`(dtype: Precision, loss: Loss) async throws {
    let (launched, answer) = try await compare(
      "static-graph", "static-graph native", "--dtype", dtype.rawValue, "--loss", loss.rawValue, "--steps",
      "40",
      "--points", "1003", "--learning-rate", loss == .sum ? "0.0001" : "0.1")
    #expect(launched.status == 0 && answer.agreement)
    #expect(answer.programs.map(\.name) == ["static-graph", "static-graph native"])
    #expect(answer.pairs.map(\.verdict) == ["same bits"])
  }

  /// NumPy 2.4.6 in float32 ends on 2.989277 and 2.0981827.
  @Test func `In float32 they end within an ulp of NumPy`() async throws {
    let (launched, answer) = try await compare("--dtype", "float32")
    #expect(launched.status == 0 && answer.agreement)
    #expect(answer.programs.map(\.name) == Self.approaches)
    for program in answer.programs {
      let final = try #require(program.final)
      #expect(try #require(ulpDistance(final.w, Double(Float(2.989277)), dtype: .float32)) <= 1)
      #expect(try #require(ulpDistance(final.b, Double(Float(2.0981827)), dtype: .float32)) <= 1)
    }
  }

  @Test(arguments: Precision.allCases, Loss.allCases)
  func `They agree within a few ulps in both types and losses`(dtype: Precision, loss: Loss) async throws {
    let (launched, answer) = try await compare(
      "--dtype", dtype.rawValue, "--loss", loss.rawValue, "--learning-rate", loss == .sum ? "0.001" : "0.1",
      "--steps", "60", "--seed", "7", "--points", "257", "--w0", "-1", "--b0", "-2")
    #expect(launched.status == 0 && answer.agreement)
    #expect(answer.pairs.count == 10)
    for pair in answer.pairs {
      #expect(pair.verdict == "same bits" || pair.verdict == "within ulps" && pair.ulps! <= 4, "\(pair)")
    }
  }

  @Test func `They agree on data of the user's own`() async throws {
    let folder = try ScratchFolder()
    try folder.write("y,x\n2,0\n5,1\n14,2\n", to: "own.csv")
    let (launched, answer) = try await compare(
      "--data", "own.csv", "--learning-rate", "0.05", "--steps", "500", in: folder)
    #expect(launched.status == 0 && answer.agreement)
    for program in answer.programs {
      let final = try #require(program.final)
      #expect(abs(final.w - 3) < 1e-6 && abs(final.b - 2) < 1e-6)
    }
  }

  @Test func `They agree on more points than stand in the JSON`() async throws {
    let (launched, answer) = try await compare(
      "--points", "10001", "--loss", "mean", "--learning-rate", "0.1", "--steps", "3")
    #expect(launched.status == 0 && answer.agreement)
  }

  @Test(.enabled(if: `The Python peers`.hasNumPy)) func `Real NumPy has the same bits`() async throws {
    let script = packageFolder.appendingPathComponent("scripts/peers/numpy_hand.py").path
    let (launched, answer) = try await compare("hand-gradients", "--with", "\(Peers.python) '\(script)'")
    #expect(launched.status == 0)
    #expect(answer.programs.map(\.name) == ["hand-gradients", "numpy"])
    #expect(answer.pairs[0].verdict == "same bits")
  }

  @Test func `A saved problem is compared again`() async throws {
    let folder = try ScratchFolder()
    let problem = try Problem(
      recipe: Recipe(seed: 5, points: 9), learningRate: 0.01, steps: 4, dtype: .float32)
    try problem.write(to: folder.path("p.json"))
    let launched = try await LaunchedProgram.workbench(
      "compare", "hand-gradients", "--problem", "p.json", "--output", "kept", in: folder.url)
    #expect(launched.status == 0)
    #expect(
      try Trace(contentsOf: folder.path("kept/traces/hand-gradients.tsv")).fingerprint == problem.fingerprint)
  }

  // MARK: What is printed

  @Test func `CSV has a row per pair`() async throws {
    let launched = try await LaunchedProgram.workbench(
      "compare", "hand-gradients", "compiled-autodiff", "nn-optim", "--steps", "5", "--format", "csv")
    #expect(launched.status == 0)
    let rows = launched.output.components(separatedBy: "\r\n").dropLast().map {
      $0.components(separatedBy: ",")
    }
    #expect(rows.count == 4)
    #expect(rows[0][..<3] == ["first", "second", "verdict"])
    #expect(rows[1][..<3] == ["hand-gradients", "compiled-autodiff", "same bits"])
    #expect(rows.allSatisfy { $0.count == 11 })
  }

  @Test func `The table fits on 80 columns and has no colour where there is no terminal`() async throws {
    let launched = try await LaunchedProgram.workbench(
      "compare", "--steps", "20", "--with",
      "sh -c 'exit 3; a long line for the shell, longer than a column' #",
      environment: ["NO_COLOR": nil, "TERM": "xterm"])
    #expect(!launched.output.contains("\u{1b}"))
    for line in launched.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
  }

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")),
    arguments: [nil, "1"] as [String?])
  func `On a terminal there is colour, unless NO_COLOR is set`(noColor: String?) async throws {
    let launched = try await LaunchedProgram.shell(
      "script -qec 'workbench compare hand-gradients --steps 3' /dev/null",
      environment: ["NO_COLOR": noColor, "TERM": "xterm"])
    #expect(launched.status == 0)
    #expect(launched.output.contains("hand-gradients"))
    #expect(launched.output.contains("\u{1b}[32m") == (noColor == nil))
  }

  @Test func `A run that takes more than a second says so in a log, once`() async throws {
    let launched = try await LaunchedProgram.workbench(
      "compare", "hand-gradients", "--steps", "3", "--with", "sleep 2.6; exit 1 #")
    #expect(launched.status == 69)
    #expect(
      launched.errors.split(separator: "\n").filter { $0.hasSuffix("running sleep 2.6; exit 1 # (2 of 2) …") }
        .count
        == 1)
    #expect(!launched.errors.contains("\r"))
  }

  // MARK: Divergence

  @Test func `Runs that diverge are no agreement, and the step is named`() async throws {
    let (launched, answer) = try await compare("--learning-rate", "0.1")
    #expect(launched.status == 1)
    #expect(!answer.agreement)
    for program in answer.programs {
      // The loss grows by (1 − 0.1 · 112.3)² ≈ 105 each step from the second on.
      #expect(program.divergedAt == 4)
      #expect(program.violation == nil)
    }
    #expect(answer.pairs.allSatisfy { $0.verdict == "diverged" })

    let text = try await LaunchedProgram.workbench("compare", "--learning-rate", "0.1")
    #expect(text.status == 1)
    #expect(text.output.contains("until they diverge at step 4: hand-gradients"))
    #expect(
      text.output.contains("5 of 5 diverged: the learning rate 0.1 is too large for this data; above 0.0178"))
  }

  @Test func `One program that diverges on its own says so and exits with 0`() async throws {
    let launched = try await LaunchedProgram.run(builtProgram("hand-gradients"), ["--learning-rate", "0.1"])
    #expect(launched.status == 0)
    #expect(launched.output.contains("diverged at step"))
  }

  // MARK: Planted mistakes

  @Test(arguments: Mistake.allCases, Loss.allCases)
  func `Each planted mistake is caught and named, with its step and quantity`(mistake: Mistake, loss: Loss)
    async throws
  {
    let (launched, answer) = try await compare(
      "hand-gradients", "static-graph", "--mistake", mistake.rawValue, "--loss", loss.rawValue, "--steps",
      "10")
    #expect(launched.status == 1)
    #expect(!answer.agreement)
    let pair = answer.pairs[0]
    #expect(pair.verdict == "disagree")
    #expect(pair.mistake == mistake.rawValue)
    #expect(pair.cause == "hand-gradients: " + mistake.explanation)
    let place = try #require(pair.firstDisagreement)
    #expect(place.step == (mistake == .notReset ? 2 : 1))
    #expect(place.quantity == (mistake == .updatedW ? "db" : "dw"))
    #expect(answer.programs[0].mistake == mistake.rawValue && answer.programs[1].mistake == nil)
  }

  @Test(arguments: Mistake.allCases) func `In float32 and alone it is named as well`(mistake: Mistake)
    async throws
  {
    let launched = try await LaunchedProgram.workbench(
      "compare", "hand-gradients", "--mistake", mistake.rawValue, "--dtype", "float32", "--steps", "10")
    #expect(launched.status == 1)
    #expect(
      launched.output.contains(
        "hand-gradients breaks the formulas first at step \(mistake == .notReset ? 2 : 1) in ∂L/∂\(mistake == .updatedW ? "b" : "w")"
      ))
    #expect(launched.output.contains("[\(mistake.rawValue)]"))
    #expect(
      launched.output.contains("\nIt does not solve this problem: hand-gradients (\(mistake.rawValue)).\n"))
  }

  // MARK: Bad input

  @Test(
    arguments: [
      (["--frobnicate"], 64, "Unknown option '--frobnicate'"),
      (["nobody"], 64, "there is no approach \"nobody\""),
      (["--points", "0"], 64, "points is 0"), (["--points", "-5"], 64, "points is -5"),
      (["--steps", "0"], 64, "steps is 0"), (["--learning-rate", "nan"], 64, "the learning rate is nan"),
      (["--learning-rate", "inf"], 64, "the learning rate is inf"),
      (["--learning-rate", "-1"], 64, "the learning rate is -1.0"), (["--w0", "nan"], 64, "w0 is nan"),
      (["--noise", "inf"], 64, "noise is inf"), (["--generator", "tensorflow"], 64, "'numpy' and 'torch'"),
      (["--mistake", "none"], 64, "- lost-x2"),
      (["--mistake", "factor-2", "nn-optim"], 64, "does not take part"),
      (["--time-limit", "0"], 64, "--time-limit is 0.0"),
      (["--time-limit", "-1"], 64, "--time-limit is -1.0"),
      (["--with", " "], 64, "--with needs a command"), (["--format", "xml"], 64, "'xml' is invalid"),
      (["--problem", "p.json", "--steps", "3"], 64, "--problem brings the whole problem"),
      (["--data", "none.csv"], 65, "none.csv: no such file"), (["--data", "/"], 65, "/: is a directory"),
      (["--data", "bad.csv"], 65, "bad.csv:3: y is \"two\"; a number is needed"),
      (["--problem", "none.json"], 65, "none.json: no such file"),
      (["--problem", "bad.json"], 65, "bad.json:2: is not JSON"),
      (["--output", "bad.csv"], 69, "bad.csv: is a file; --output needs a folder"),
      (["--output", "bad.csv/below"], 69, "bad.csv/below: the folder cannot be made: Not a directory"),
      (["--output", "/proc/none"], 69, "/proc/none: the folder cannot be made"),
    ] as [([String], Int32, String)])
  func `Is one line with the right status, and nothing is made`(
    arguments: [String], status: Int32, says: String
  )
    async throws
  {
    let folder = try ScratchFolder()
    try folder.write("x,y\n1,2\n3,two\n", to: "bad.csv")
    try folder.write("{\n\"format\": nonsense}", to: "bad.json")
    let launched = try await LaunchedProgram.run(
      builtProgram("workbench"), ["compare"] + arguments, environment: ["TMPDIR": folder.path("")],
      in: folder.url)
    #expect(launched.status == status)
    #expect(launched.output == "")
    #expect(launched.errors.split(separator: "\n").count == 1, "\(launched.errors)")
    #expect(launched.errors.hasPrefix("workbench: "))
    #expect(launched.errors.contains(says), "\(launched.errors)")
    #expect(folder.names() == ["bad.csv", "bad.json"])
  }
}
