import Experiment
import Foundation

/// The times of operations as a table, as JSON and as CSV.
struct OperationReport: Sendable {
  let participants: [(name: String, details: String)]
  let results: [OperationResult]
  let rounds: Int
  /// Where the measurement was interrupted, if it was: `after 2 of 5 rounds of add 100`.
  var interruption: String?
  let machine: BenchMachine

  private var cases: [OperationCase] {
    var seen = [OperationCase]()
    for result in results where seen.last != result.operation { seen.append(result.operation) }
    return seen
  }

  private func result(_ program: String, _ operation: OperationCase) -> OperationResult? {
    results.first { $0.program == program && $0.operation == operation }
  }

  /// How many times as long the other program takes in the same run; nil where one of them did not take part.
  private func advantage(over program: String, _ operation: OperationCase) -> Double? {
    guard let own = participants.first.flatMap({ result($0.name, operation) }),
      let other = result(program, operation)
    else { return nil }
    return other.median / own.median
  }

  // MARK: Text

  /// One table per number of threads and dtype.
  func text(_ style: Style) -> String {
    var lines = [
      "One call: the median of \(rounds) rounds that took turns, the spread from the least to the most in per cent,",
      "and how many times as long each peer takes.",
      "\(machine.processor), \(machine.threads) threads"
        + (machine.load.map { ", load \(Format.short($0))" } ?? ""),
    ]
    if let interruption { lines.append("Interrupted \(interruption).") }
    lines += participants.map { "\($0.name): \($0.details)" }
    let cases = cases
    let threads = cases.map(\.threads).reduce(into: [Int]()) { if !$0.contains($1) { $0.append($1) } }
    for count in threads {
      for dtype in [Precision.float64, .float32] {
        let chosen = cases.filter { $0.threads == count && $0.dtype == dtype }
        if chosen.isEmpty { continue }
        var columns: [(String, TextTable.Alignment)] = [
          ("\(dtype.rawValue), \(count) thread\(count == 1 ? "" : "s")", .left), ("elements", .right),
          ("result", .left),
        ]
        for (index, participant) in participants.enumerated() {
          columns += [(participant.name, .right), ("±", .right)]
          if index > 0 { columns.append(("÷", .right)) }
        }
        var table = TextTable(columns)
        for operation in chosen {
          var row = [operation.operation, operation.extent, operation.reusesResult ? "reused" : "new"]
          for (index, participant) in participants.enumerated() {
            let result = result(participant.name, operation)
            row += [result.map { Self.time($0.median) } ?? "", result.map(Self.spread) ?? ""]
            if index > 0 {
              row.append(advantage(over: participant.name, operation).map { BenchReport.ratio($0) } ?? "")
            }
          }
          table.add(row)
        }
        lines += [""] + table.lines(style)
      }
    }
    return lines.joined(separator: "\n")
  }

  /// Three digits with their unit: `83.4 ns`, `57.0 µs`, `23.1 ms`.
  static func time(_ nanoseconds: Double) -> String {
    let (value, unit) =
      nanoseconds < 1e3
      ? (nanoseconds, "ns") : nanoseconds < 1e6 ? (nanoseconds / 1e3, "µs") : (nanoseconds / 1e6, "ms")
    return "\(BenchReport.microseconds(value)) \(unit)"
  }

  private static func spread(_ result: OperationResult) -> String {
    String(format: "%.0f", 100 * (result.most - result.least) / result.median)
  }

  // MARK: For other programs

  private struct Document: Encodable {
    struct Participant: Encodable {
      var program: String
      var details: String
    }
    struct Result: Encodable {
      var operation: String
      var dtype: Precision
      var elements: String
      var result: String
      var threads: Int
      var program: String
      var median: Double
      var least: Double
      var most: Double
      var rounds: [Double]
      var timesThisLibrary: Double?
    }
    var format = "workbench-bench-operations-1"
    var unit = "nanoseconds per call"
    var interrupted: String?
    var machine: BenchMachine
    var participants: [Participant]
    var results: [Result]
  }

  /// Everything, with each round's number.
  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let document = Document(
        interrupted: interruption, machine: machine,
        participants: participants.map { Document.Participant(program: $0.name, details: $0.details) },
        results: results.map { result in
          let operation = result.operation
          return Document.Result(
            operation: operation.operation, dtype: operation.dtype, elements: operation.extent,
            result: operation.reusesResult ? "reused" : "new", threads: operation.threads,
            program: result.program, median: result.median, least: result.least, most: result.most,
            rounds: result.nanoseconds, timesThisLibrary: advantage(over: result.program, operation))
        })
      return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    }
  }

  /// One row per program and case.
  var csv: String {
    let header = [
      "operation", "dtype", "elements", "result", "threads", "program", "median", "least", "most",
      "timesThisLibrary",
    ]
    let rows = results.map { result in
      let operation = result.operation
      return [
        operation.operation, operation.dtype.rawValue, operation.extent,
        operation.reusesResult ? "reused" : "new", "\(operation.threads)", BenchReport.field(result.program),
        "\(result.median)", "\(result.least)", "\(result.most)",
        advantage(over: result.program, operation).map { "\($0)" } ?? "",
      ]
    }
    return ([header] + rows).map { $0.joined(separator: ",") + "\r\n" }.joined()
  }
}
