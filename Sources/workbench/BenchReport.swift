import Experiment
import Foundation

/// The times as a table, as JSON and as CSV.
struct BenchReport: Sendable {
  let results: [BenchResult]
  let rounds: Int
  let dtype: Precision
  /// Where the measurement was interrupted, if it was: `after 2 of 5 rounds at 1000 points`.
  var interruption: String?
  let machine: BenchMachine

  private static let reference = "numpy"

  /// How many times as long NumPy takes in the same run; nil where NumPy did not take part.
  private func advantage(of result: BenchResult) -> Double? {
    let numpy = results.first { $0.points == result.points && $0.program == Self.reference }
    return numpy.map { $0.median / result.median }
  }

  /// How many times as long as reading the data once it takes in the same run, on as many threads or, where the program chose
  /// their number itself, on as many as read fastest; nil where reading was not measured.
  private func timesMemory(of result: BenchResult) -> Double? {
    let readings = results.filter { $0.points == result.points && $0.isMemory }
    let reading =
      readings.first { $0.threads == result.threads } ?? readings.min { $0.median < $1.median }
    return reading.map { result.median / $0.median }
  }

  private var sizes: [Int] {
    var seen = Set<Int>()
    return results.map(\.points).filter { seen.insert($0).inserted }
  }

  // MARK: Text

  /// One table per size.
  func text(_ style: Style) -> String {
    var lines = [
      "One training step in \(dtype.rawValue), microseconds: median, least, most of \(rounds) rounds.",
      "\(machine.processor), \(machine.threads) threads"
        + (machine.load.map { ", load \(Format.short($0))" } ?? ""),
    ]
    if let interruption { lines.append("Interrupted \(interruption).") }
    for size in sizes {
      var table = TextTable([
        ("\(size) points", .left), ("median µs", .right), ("least", .right), ("most", .right),
        ("NumPy ÷ it", .right), ("it ÷ reading", .right),
      ])
      for result in results where result.points == size {
        table.add([
          result.program, Self.microseconds(result.median), Self.microseconds(result.least),
          Self.microseconds(result.most),
          result.program == Self.reference || result.isMemory
            ? "" : advantage(of: result).map { Self.ratio($0) } ?? "",
          result.isMemory ? "" : timesMemory(of: result).map { Self.ratio($0) } ?? "",
        ])
      }
      lines += [""] + table.lines(style)
    }
    return lines.joined(separator: "\n")
  }

  /// Three digits, never an exponent: `0.0549`, `14.2`, `123000`.
  static func microseconds(_ value: Double) -> String {
    let decimals = value > 0 ? max(0, 2 - Int(log10(value).rounded(.down))) : 0
    return String(format: "%.\(min(decimals, 6))f", value)
  }

  static func ratio(_ value: Double) -> String { microseconds(value) + " ×" }

  // MARK: For other programs

  private struct Document: Encodable {
    struct Result: Encodable {
      var points: Int
      var program: String
      var versions: [String]
      var median: Double
      var least: Double
      var most: Double
      var rounds: [Double]
      var timesNumPy: Double?
      var timesReading: Double?
    }
    var format = "workbench-bench-1"
    var unit = "microseconds per training step"
    var dtype: Precision
    var interrupted: String?
    var machine: BenchMachine
    var results: [Result]
  }

  /// Everything, with each round's number.
  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let document = Document(
        dtype: dtype, interrupted: interruption, machine: machine,
        results: results.map { result in
          Document.Result(
            points: result.points, program: result.program, versions: result.versions, median: result.median,
            least: result.least, most: result.most, rounds: result.microseconds,
            timesNumPy: advantage(of: result), timesReading: timesMemory(of: result))
        })
      return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    }
  }

  /// One row per program and size.
  var csv: String {
    let header = [
      "points", "program", "dtype", "rounds", "median", "least", "most", "timesNumPy", "timesReading",
    ]
    let rows = results.map { result in
      [
        "\(result.points)", Self.field(result.program), dtype.rawValue, "\(result.microseconds.count)",
        "\(result.median)", "\(result.least)", "\(result.most)", advantage(of: result).map { "\($0)" } ?? "",
        timesMemory(of: result).map { "\($0)" } ?? "",
      ]
    }
    return ([header] + rows).map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  /// A field as RFC 4180 wants it.
  static func field(_ text: String) -> String {
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
