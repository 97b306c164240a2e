import Experiment
import Foundation
import Testing

@testable import workbench

@Suite struct `The bench` {
  private let report = BenchReport(
    results: [
      BenchResult(points: 100, program: "fast, very", versions: ["Swift 6.3"], microseconds: [0.5, 0.25, 2]),
      BenchResult(points: 100, program: "numpy", versions: ["numpy 2.4.6"], microseconds: [10, 12]),
      BenchResult(points: 1000, program: "fast, very", versions: ["Swift 6.3"], microseconds: [1234.5]),
    ],
    rounds: 3, dtype: .float64, machine: BenchMachine(processor: "A processor", threads: 2, load: 0.5))

  @Test func `Medians of odd and even numbers of rounds`() {
    #expect(report.results.map(\.median) == [0.5, 11, 1234.5])
    #expect(report.results.map(\.least) == [0.25, 10, 1234.5])
    #expect(report.results.map(\.most) == [2, 12, 1234.5])
  }

  @Test func `The table has one part per size and compares with NumPy of the same size`() {
    #expect(
      report.text(Style(isOn: false)) == """
        One training step in float64, microseconds: median, least, most of 3 rounds.
        A processor, 2 threads, load 0.5

        100 points  median µs  least  most  NumPy ÷ it
        ──────────────────────────────────────────────
        fast, very      0.500  0.250  2.00      22.0 ×
        numpy            11.0   10.0  12.0

        1000 points  median µs  least  most
        ───────────────────────────────────
        fast, very        1234   1234  1234
        """)
  }

  @Test func `CSV has one row per program and size, fields quoted where needed`() {
    #expect(
      report.csv == """
        points,program,dtype,rounds,median,least,most,timesNumPy,timesReading\r
        100,"fast, very",float64,3,0.5,0.25,2.0,22.0,\r
        100,numpy,float64,2,11.0,10.0,12.0,1.0,\r
        1000,"fast, very",float64,1,1234.5,1234.5,1234.5,,\r

        """)
  }

  @Test func `Each program is held against reading the data on as many threads`() {
    func result(_ program: String, _ time: Double, threads: Int? = nil, isMemory: Bool = false) -> BenchResult
    {
      BenchResult(
        points: 10, program: program, versions: [], microseconds: [time], threads: threads, isMemory: isMemory
      )
    }
    let report = BenchReport(
      results: [
        result("one", 12, threads: 1), result("two", 9, threads: 2), result("its own choice", 30),
        result("reading", 8, threads: 1, isMemory: true), result("reading, 2", 6, threads: 2, isMemory: true),
      ],
      rounds: 1, dtype: .float32, machine: BenchMachine(processor: "A processor", threads: 2, load: nil))
    let rows = report.csv.split(whereSeparator: \.isNewline).dropFirst().map {
      $0.split(separator: ",").last!
    }
    #expect(rows == ["1.5", "1.5", "5.0", "1.0", "1.0"])
    #expect(report.text(Style(isOn: false)).contains("it ÷ reading"))
  }

  @Test func `JSON keeps every round`() throws {
    let json = try JSONSerialization.jsonObject(with: Data(try report.json.utf8)) as? [String: Any]
    let results = try #require(json?["results"] as? [[String: Any]])
    #expect(results.count == 3)
    #expect(results[0]["rounds"] as? [Double] == [0.5, 0.25, 2])
    #expect(results[0]["timesNumPy"] as? Double == 22)
    #expect(results[2]["timesNumPy"] == nil)
  }

  @Test(arguments: [
    (0.0549, "0.0549"), (0.5, "0.500"), (14.23, "14.2"), (999.6, "1000"), (123_000.4, "123000"),
  ])
  func `Three digits and never an exponent`(value: Double, text: String) {
    #expect(BenchReport.microseconds(value) == text)
  }

  @Test func `Measures every program at every size`() async throws {
    let launched = try await LaunchedProgram.workbench(
      "bench", "hand-gradients", "compiled-autodiff", "--points", "10", "300", "--repeats", "2", "--timing",
      "0.001",
      "--without-peers", "--format", "csv")
    #expect(launched.status == 0)
    let rows = launched.output.split(whereSeparator: \.isNewline).dropFirst().map { $0.split(separator: ",") }
    #expect(
      rows.map { "\($0[0]) \($0[1])" } == [
        "10 hand-gradients", "10 compiled-autodiff", "300 hand-gradients", "300 compiled-autodiff",
      ])
    for row in rows {
      let median = try #require(Double(row[4]))
      let least = try #require(Double(row[5]))
      let most = try #require(Double(row[6]))
      #expect(row[3] == "2")
      #expect(0 < least && least <= median && median <= most)
    }
  }

  @Test func `The static graph is measured interpreted and native, on each number of threads`() async throws {
    let launched = try await LaunchedProgram.workbench(
      "bench", "static-graph", "static-graph native", "--points", "10", "--repeats", "1", "--timing", "0.001",
      "--threads", "1", "2", "--without-peers", "--format", "json")
    #expect(launched.status == 0)
    let json = try JSONSerialization.jsonObject(with: Data(launched.output.utf8)) as? [String: Any]
    let results = try #require(json?["results"] as? [[String: Any]])
    #expect(
      results.map { $0["program"] as? String } == [
        "static-graph", "static-graph, 2 threads", "static-graph native", "static-graph native, 2 threads",
      ])
  }

  @Test(arguments: [
    ["--threads", "0"], ["--points", "0"], ["--points", "-5"], ["--repeats", "0"], ["--timing", "0"],
    ["--timing", "nan"],
    ["--time-limit", "0"], ["no-such-approach"], ["--dtype", "float16"],
  ])
  func `What cannot be measured is a usage error`(arguments: [String]) async throws {
    let path = Installation.executableDirectory.appendingPathComponent("workbench").path
    let launched = try await LaunchedProgram.run(path, ["bench", "--without-peers"] + arguments)
    #expect(launched.status == 64)
    #expect(launched.errorLines.count == 1)
    #expect(launched.output == "")
  }
}

@Suite struct `A bench that is interrupted` {
  /// Starts `workbench bench`, sends it the signal once its progress says `moment`, and returns what it printed.
  private func interrupted(
    _ arguments: [String], by signal: Int32 = SIGINT, at moment: some RegexComponent
  ) throws -> (status: Int32, output: String, errors: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: builtProgram("workbench"))
    process.arguments = ["bench"] + arguments + ["--without-peers"]
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    var said = Data()
    while String(decoding: said, as: UTF8.self).firstMatch(of: moment) == nil {
      let more = errors.fileHandleForReading.availableData
      if more.isEmpty { break }
      said += more
    }
    kill(process.processIdentifier, signal)
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    said += errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (
      process.terminationStatus, String(decoding: printed, as: UTF8.self),
      String(decoding: said, as: UTF8.self)
    )
  }

  // Progress is said of what takes more than a second, which not every round does. All would take many minutes: however late the signal, it
  // comes in time.

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func `Reports the rounds that were whole by then`(signal: Int32, status: Int32) throws {
    let bench = try interrupted(
      ["hand-gradients", "--points", "10", "--repeats", "1000", "--timing", "1.3", "--format", "csv"],
      by: signal, at: /round ([2-9]|\d\d+) of 1000/)
    #expect(bench.status == status)
    let rows = bench.output.split(whereSeparator: \.isNewline).dropFirst()
    let row = try #require(rows.first?.split(separator: ","))
    #expect(rows.count == 1 && row.prefix(3) == ["10", "hand-gradients", "float64"])
    let rounds = try #require(Int(row[3]))
    #expect(rounds >= 1)
    #expect(
      bench.errors.hasSuffix(
        "workbench: interrupted after \(rounds) of 1000 rounds at 10 points\nworkbench: interrupted\n"))
  }

  @Test func `Reports the sizes that were whole, where the next one has no whole round`() throws {
    let sizes = [10] + Array(100..<3000)
    let bench = try interrupted(
      ["hand-gradients", "--points"] + sizes.map(String.init) + ["--repeats", "1", "--timing", "1.3"],
      at: /\d\d\d+ points, round 1 of 1/)
    #expect(bench.status == 130)
    let last = try #require(
      bench.output.firstMatch(of: /\nInterrupted after 0 of 1 rounds at (\d+) points.\n/))
    #expect(bench.output.contains("10 points "))
    #expect(Int(last.1)! >= 100 && !bench.output.contains("\n\(last.1) points "))
  }

  @Test func `Prints no report before the first whole round`() throws {
    // A round is as many as a thousand steps: long ones here.
    let bench = try interrupted(
      ["compiled-autodiff", "--points", "200000", "--timing", "3600"], at: /round 1 of 5/)
    #expect(bench.status == 130)
    #expect(bench.output == "")
    #expect(bench.errors.contains("workbench: interrupted after 0 of 5 rounds at 200000 points\n"))
  }

  @Test func `Reports operations, too`() throws {
    let bench = try interrupted(
      [
        "--operations", "add", "--threads", "1", "--dtype", "float64", "--repeats", "1000", "--timing",
        "1.3",
        "--format", "json",
      ], at: /add 100, round ([2-9]|\d\d+) of 1000/)
    #expect(bench.status == 130)
    let json = try JSONSerialization.jsonObject(with: Data(bench.output.utf8)) as? [String: Any]
    let results = try #require(json?["results"] as? [[String: Any]])
    let rounds = try #require(results.first?["rounds"] as? [Double])
    #expect(results.count == 1 && rounds.count >= 1)
    #expect(json?["interrupted"] as? String == "after \(rounds.count) of 1000 rounds of add 100")
  }
}
