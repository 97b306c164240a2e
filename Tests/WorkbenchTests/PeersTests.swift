import Experiment
import Foundation
import Testing

@testable import workbench

/// The scripts around the real libraries. Those whose package is not installed are left out.
@Suite struct `The Python peers` {
  /// Whether the Python that runs the peers can import a package.
  static func has(_ package: String) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      Peers.python, "-c", "import importlib.util as u, sys; sys.exit(u.find_spec('\(package)') is None)",
    ]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  static let hasPython = has("json")
  static let hasNumPy = has("numpy")

  /// Runs a peer on a problem and returns its trace, checked against the contract.
  private func trace(_ script: String, _ problem: Problem) async throws -> Trace {
    let workspace = try Workspace(output: nil)
    defer { workspace.remove() }
    try problem.write(to: workspace.path("problem.json"))
    return try await ProgramRun.trace(
      of: try Peers.participant(script), problem: problem, problemPath: workspace.path("problem.json"),
      tracePath: workspace.path("trace.tsv"), timeLimit: .seconds(300))
  }

  @Test(.enabled(if: hasNumPy)) func `NumPy ends on the bits of section 2.6`() async throws {
    let trace = try await trace("numpy_hand.py", try ChapterSection.handGradients.problem())
    #expect(trace.approach == "numpy")
    #expect(trace.steps.count == 800)
    #expect(trace.steps.last?.w == 0x1.7ea09a338ac5cp+1)
    #expect(trace.steps.last?.b == 0x1.0c914344ca340p+1)
    #expect(trace.versions.contains { $0.hasPrefix("numpy ") })
    #expect(try #require(trace.microsecondsPerStep) > 0)
  }

  /// The scripts whose package is installed.
  static let runnable = (Peers.scripts + Peers.measured).filter { has($0.package) }.map(\.name)

  /// w and b start at 0 with η = ¼ over (0, 2) and (1, 5), both twice: r = (−2, −5, −2, −5), so Σr² = 58, Σrx² = −10
  /// and Σr = −14. All numbers are exact in both types.
  @Test(arguments: runnable)
  func `Every peer takes the step that follows from the formulas`(script: String) async throws {
    let cases: [(Loss, Precision, Step)] = [
      (.sum, .float64, Step(loss: 29, dw: -10, db: -14, w: 2.5, b: 3.5)),
      (.mean, .float32, Step(loss: 14.5, dw: -5, db: -7, w: 1.25, b: 1.75)),
    ]
    for (loss, dtype, expected) in cases {
      let problem = try Problem(
        x: [0, 1, 0, 1], y: [2, 5, 2, 5], w0: 0, b0: 0, learningRate: 0.25, steps: 1, loss: loss, dtype: dtype
      )
      #expect(try await trace(script, problem).steps == [expected])
    }
  }

  @Test(.enabled(if: hasNumPy)) func `Many points come from the file of columns`() async throws {
    let problem = try Problem(recipe: Recipe(points: 20_000), learningRate: 0.01, steps: 2, loss: .mean)
    let trace = try await trace("numpy_hand.py", problem)
    var sum = 0.0
    for (x, y) in zip(problem.x, problem.y) {
      let r = problem.w0 * x * x + problem.b0 - y
      sum += r * r
    }
    let mean = sum / 20_000
    #expect(abs(trace.steps[0].loss - mean) < 1e-9 * mean)
  }

  @Test(.enabled(if: hasPython)) func `A missing package is one line and status 69`() async throws {
    let script = packageFolder.appendingPathComponent("scripts/peers/numpy_hand.py").path
    // Without site packages there is no NumPy.
    let launched = try await LaunchedProgram.run(
      "/usr/bin/env", [Peers.python, "-I", "-S", "-c", Self.launcher, script])
    #expect(launched.status == 69)
    #expect(launched.errorLines.count == 1)
    #expect(launched.errors.contains("cannot import numpy"))
    #expect(launched.errors.contains("-m pip install numpy"))
  }

  /// Runs a script with its folder in the path, which `-I` leaves out.
  private static let launcher =
    "import os, runpy, sys; sys.argv = sys.argv[1:]; sys.path.insert(0, os.path.dirname(sys.argv[0])); runpy.run_path(sys.argv[0], run_name='__main__')"

  @Test(.enabled(if: hasNumPy)) func `Bad input is one line and the status that fits`() async throws {
    let folder = try ScratchFolder()
    try folder.write("{\"format\": \"something else\"}", to: "other.json")
    try folder.write("{\"format\": ", to: "broken.json")
    try folder.write(
      "{\"format\": \"workbench-problem-1\", \"points\": 2, \"x\": [1], \"y\": [1, 2]}", to: "short.json")
    let cases: [(arguments: [String], status: Int32, says: String)] = [
      ([], 64, "--problem"), (["--problem", "other.json"], 64, "--trace"),
      (["--problem", "none.json", "--trace", "t"], 65, "none.json"),
      (["--problem", "other.json", "--trace", "t"], 65, "format is 'something else'"),
      (["--problem", "broken.json", "--trace", "t"], 65, "broken.json"),
      (["--problem", "short.json", "--trace", "t"], 65, "points is 2, x has 1 and y 2 values"),
    ]
    let script = packageFolder.appendingPathComponent("scripts/peers/numpy_hand.py").path
    for (arguments, status, says) in cases {
      let launched = try await LaunchedProgram.run(
        "/usr/bin/env", [Peers.python, "-B", script] + arguments, in: folder.url)
      #expect(launched.status == status)
      #expect(launched.errorLines.count == 1)
      #expect(launched.errors.contains(says), "\(launched.errors)")
    }
    #expect(folder.names() == ["broken.json", "other.json", "short.json"])
  }

  @Test(.enabled(if: hasNumPy)) func `A trace that cannot be written is one line, and leaves nothing`()
    async throws
  {
    let folder = try ScratchFolder()
    let problem = try Problem(x: [0, 1], y: [2, 5], w0: 0, b0: 0, learningRate: 0.25, steps: 1)
    try problem.write(to: folder.path("problem.json"))
    let script = packageFolder.appendingPathComponent("scripts/peers/numpy_hand.py").path
    let launched = try await LaunchedProgram.run(
      "/usr/bin/env",
      [Peers.python, "-B", script, "--problem", "problem.json", "--trace", "no/such/folder/trace.tsv"],
      in: folder.url)
    #expect(launched.status == 69)
    #expect(launched.errorLines.count == 1)
    #expect(folder.names() == ["problem.json"])
  }
}
