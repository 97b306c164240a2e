import Experiment
import Foundation

/// What may be written where.
enum Terminal {
  /// Whether standard output is a terminal that wants colour (https://no-color.org).
  static let usesColour: Bool = {
    let environment = ProcessInfo.processInfo.environment
    return isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty
      && environment["TERM"] != "dumb"
  }()

  /// The terminal's width in columns; 100 where there is none.
  static let width: Int = {
    var size = winsize()
    if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return 100
  }()

  /// Prints text, and notices when it does not arrive (a full disk). Throws an unavailable failure.
  static func print(_ text: String) throws(Failure) {
    let line = text.hasSuffix("\n") ? text : text + "\n"
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
    } catch {
      throw .unavailable("standard output: cannot be written: \(Files.systemReason())")
    }
  }
}

/// Colours and weights, or none.
struct Style: Sendable {
  let isOn: Bool

  func good(_ text: String) -> String { paint(text, "32") }
  func bad(_ text: String) -> String { paint(text, "1;31") }
  func warning(_ text: String) -> String { paint(text, "33") }
  func strong(_ text: String) -> String { paint(text, "1") }
  func faint(_ text: String) -> String { paint(text, "2") }

  private func paint(_ text: String, _ code: String) -> String {
    isOn ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}

/// A table of plain text: columns as wide as their widest field, two blanks between, a rule under the header.
struct TextTable {
  enum Alignment { case left, right }

  private let columns: [(title: String, alignment: Alignment)]
  private var rows: [(fields: [String], paint: (String) -> String)] = []

  /// Leaves a row as it is.
  static func plain(_ line: String) -> String { line }

  init(_ columns: [(String, Alignment)]) { self.columns = columns.map { (title: $0.0, alignment: $0.1) } }

  /// Adds a row; `paint` colours it as a whole once it is laid out.
  mutating func add(_ fields: [String], paint: @escaping (String) -> String = TextTable.plain) {
    rows.append((fields, paint))
  }

  /// The lines, without blanks at their ends. Columns in which every field is empty are left out.
  func lines(_ style: Style) -> [String] {
    let used = columns.indices.filter { column in rows.contains { !$0.fields[column].isEmpty } }
    let widths = columns.indices.map { column in
      ([columns[column].title] + rows.map { $0.fields[column] }).map(\.count).max() ?? 0
    }
    func line(_ fields: [String]) -> String {
      let padded = used.map { column in
        let blanks = String(repeating: " ", count: widths[column] - fields[column].count)
        return columns[column].alignment == .left ? fields[column] + blanks : blanks + fields[column]
      }
      return padded.joined(separator: "  ").trimmingTrailingBlanks
    }
    let rule = String(
      repeating: "─", count: used.map { widths[$0] }.reduce(0, +) + 2 * max(0, used.count - 1))
    return [style.strong(line(columns.map(\.title))), style.faint(rule)]
      + rows.map { $0.paint(line($0.fields)) }
  }
}

extension String {
  var trimmingTrailingBlanks: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}

/// Numbers as a table shows them.
enum Format {
  /// Three significant digits: `0.0549`, `14.2`, `2.2e-03`.
  static func short(_ value: Double) -> String { String(format: "%.3g", value) }

  /// The shortest decimal that reads back as the same number of the type.
  static func exact(_ value: Double, _ dtype: Precision) -> String {
    dtype == .float32 && Double(Float(value)) == value ? "\(Float(value))" : "\(value)"
  }

  /// `1 ulp`, `7 ulps`.
  static func ulpCount(_ value: Double) -> String { ulps(value) + (value == 1 ? " ulp" : " ulps") }

  /// A number of ulps: whole, as long as it can be taken in.
  static func ulps(_ value: Double) -> String {
    guard value.isFinite, value < 1e6 else { return short(value) }
    return String(format: "%.0f", value.rounded(.up))
  }
}
