import Experiment
import Foundation
import Testing

@testable import workbench

@Suite struct `The bench of operations` {
  private static let exponential = OperationCase(
    operation: "exp", dtype: .float64, size: 100_000, reusesResult: true, threads: 1)
  private static let product = OperationCase(
    operation: "matmul", dtype: .float32, size: 128, reusesResult: false, threads: 2)

  private let report = OperationReport(
    participants: [("this library", "kernels, for \"tests\""), ("PyTorch", "torch 2.15.0")],
    results: [
      OperationResult(
        operation: exponential, program: "this library", nanoseconds: [40_000, 50_000, 45_000]),
      OperationResult(operation: exponential, program: "PyTorch", nanoseconds: [90_000, 90_000, 99_000]),
      OperationResult(operation: product, program: "this library", nanoseconds: [2_000_000]),
    ],
    rounds: 3, machine: BenchMachine(processor: "A processor", threads: 2, load: 0.5))

  // MARK: What is asked and answered

  @Test func `A request names operation, dtype, size, form and seconds`() {
    #expect(Self.exponential.request(seconds: 0.25) == "exp float64 100000 out 0.25")
    #expect(Self.product.request(seconds: 1) == "matmul float32 128 new 1.0")
    #expect(Self.exponential.extent == "100000")
    #expect(Self.product.extent == "128×128")
  }

  @Test func `An answer is a time with a sum, a refusal with its reason, or the end`() {
    #expect(OperationParticipant.answer("ok 83.5 -1e3") == .time(nanoseconds: 83.5, sum: -1000))
    #expect(OperationParticipant.answer("none there is no softmax") == .none("there is no softmax"))
    #expect(OperationParticipant.answer("none") == .none(""))
  }

  @Test(arguments: [
    "", "ok", "ok 83.5", "ok fast 1", "ok 1 much", "ok 0 1", "ok -5 1", "ok 1 2 3", "oops 1 2",
  ])
  func `What is no answer ends the participant`(line: String) {
    #expect(OperationParticipant.answer(line) == .ended)
  }

  @Test func `All cases come by operation, dtype, size, threads and form`() {
    let cases = OperationCase.all(["add", "sum"], dtypes: [.float64], threads: [1, 2], quick: true)
    #expect(
      cases.map { "\($0.operation) \($0.extent) \($0.threads) \($0.reusesResult)" } == [
        "add 100 1 true", "add 100 1 false", "add 100 2 true", "add 100 2 false",
        "add 100000 1 true", "add 100000 1 false", "add 100000 2 true", "add 100000 2 false",
        "sum 1000×1000 1 true", "sum 1000×1000 2 true",
      ])
    let sizes = { (name: String) in
      OperationCase.all([name], dtypes: [.float32], threads: [1], quick: false).filter(\.reusesResult)
        .map(\.size)
    }
    #expect(sizes("exp") == [100, 100_000, 10_000_000])
    #expect(sizes("softmax") == [1000, 3000])
    #expect(sizes("matmul") == [128, 512, 1024])
  }

  @Test func `Sums agree within what float32 rounds in ten million terms, and not beyond`() {
    #expect(OperationMeasurement.agree(1e7, 1e7 + 900))
    #expect(!OperationMeasurement.agree(1e7, 1e7 + 1100))
    #expect(OperationMeasurement.agree(0, 0))
    #expect(!OperationMeasurement.agree(0, 1e-9))
    #expect(!OperationMeasurement.agree(.nan, .nan))
  }

  @Test func `Medians of odd, even and no numbers`() {
    #expect([3.0, 1, 2].median == 2)
    #expect([4.0, 1, 2, 3].median == 2.5)
    #expect([Double]().median.isNaN)
  }

  // MARK: The report

  @Test func `The table has one part per number of threads and dtype, without empty columns`() {
    #expect(
      report.text(Style(isOn: false)) == """
        One call: the median of 3 rounds that took turns, the spread from the least to the most in per cent,
        and how many times as long each peer takes.
        A processor, 2 threads, load 0.5
        this library: kernels, for "tests"
        PyTorch: torch 2.15.0

        float64, 1 thread  elements  result  this library   ±  PyTorch   ±       ÷
        ──────────────────────────────────────────────────────────────────────────
        exp                  100000  reused       45.0 µs  22  90.0 µs  10  2.00 ×

        float32, 2 threads  elements  result  this library  ±
        ─────────────────────────────────────────────────────
        matmul               128×128  new          2.00 ms  0
        """)
  }

  @Test(arguments: [(0.5, "0.500 ns"), (83.44, "83.4 ns"), (57_000, "57.0 µs"), (23_100_000, "23.1 ms")])
  func `A time has three digits and its unit`(nanoseconds: Double, text: String) {
    #expect(OperationReport.time(nanoseconds) == text)
  }

  @Test func `CSV has one row per program and case`() {
    #expect(
      report.csv == """
        operation,dtype,elements,result,threads,program,median,least,most,timesThisLibrary\r
        exp,float64,100000,reused,1,this library,45000.0,40000.0,50000.0,1.0\r
        exp,float64,100000,reused,1,PyTorch,90000.0,90000.0,99000.0,2.0\r
        matmul,float32,128×128,new,2,this library,2000000.0,2000000.0,2000000.0,1.0\r

        """)
  }

  @Test func `JSON keeps who took part and every round`() throws {
    let json = try JSONSerialization.jsonObject(with: Data(try report.json.utf8)) as? [String: Any]
    #expect(json?["format"] as? String == "workbench-bench-operations-1")
    let participants = try #require(json?["participants"] as? [[String: String]])
    #expect(participants.map { $0["program"] } == ["this library", "PyTorch"])
    #expect(participants[0]["details"] == "kernels, for \"tests\"")
    let results = try #require(json?["results"] as? [[String: Any]])
    #expect(results.count == 3)
    #expect(results[0]["rounds"] as? [Double] == [40_000, 50_000, 45_000])
    #expect(results[1]["timesThisLibrary"] as? Double == 2)
    #expect(results[2]["elements"] as? String == "128×128")
    #expect(results[2]["result"] as? String == "new")
  }

  // MARK: The command

  @Test func `Measures every form of an operation in this library`() async throws {
    let launched = try await LaunchedProgram.workbench(
      "bench", "add", "sum-rows", "--operations", "--quick", "--repeats", "1", "--timing", "0.001",
      "--threads",
      "1", "--dtype", "float32", "--without-peers", "--format", "csv")
    #expect(launched.status == 0)
    let rows = launched.output.split(whereSeparator: \.isNewline).dropFirst().map { $0.split(separator: ",") }
    #expect(
      rows.map { $0[..<6].joined(separator: " ") } == [
        "add float32 100 reused 1 this library", "add float32 100 new 1 this library",
        "add float32 100000 reused 1 this library", "add float32 100000 new 1 this library",
        "sum-rows float32 1000×1000 reused 1 this library",
      ])
    for row in rows { #expect(try #require(Double(row[6])) > 0) }
  }

  @Test(arguments: [
    ["no-such-operation"], ["--threads", "0"], ["--threads", "257"], ["--points", "100"], ["--repeats", "0"],
    ["--timing", "0"], ["--dtype", "int64"],
  ])
  func `What cannot be measured is a usage error`(arguments: [String]) async throws {
    let launched = try await LaunchedProgram.run(
      builtProgram("workbench"), ["bench", "--operations", "--without-peers"] + arguments)
    #expect(launched.status == 64)
    #expect(launched.errorLines.count == 1)
    #expect(launched.output == "")
  }
}
