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

  /// Prints text; see `StandardOutput.print`.
  static func print(_ text: String) throws(Failure) { try StandardOutput.print(text) }
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

/// A table of plain text: columns as wide as their widest field, two blanks between, a rule under the header. A last column
/// of words is broken over several lines where the table would be wider than 80 columns.
struct TextTable {
  enum Alignment { case left, right }

  private static let width = 80
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
    var widths = columns.indices.map { column in
      ([columns[column].title] + rows.map { $0.fields[column] }).map(\.count).max() ?? 0
    }
    let before = used.dropLast().map { widths[$0] + 2 }.reduce(0, +)
    let last = used.last.flatMap { columns[$0].alignment == .left ? $0 : nil }
    let lastWidth = max(20, TextTable.width - before)
    if let last { widths[last] = min(widths[last], lastWidth) }
    func line(_ fields: [String]) -> String {
      let padded = used.map { column in
        let blanks = String(repeating: " ", count: max(0, widths[column] - fields[column].count))
        return columns[column].alignment == .left ? fields[column] + blanks : blanks + fields[column]
      }
      return padded.joined(separator: "  ").trimmingTrailingBlanks
    }
    let rule = String(
      repeating: "─", count: used.map { widths[$0] }.reduce(0, +) + 2 * max(0, used.count - 1))
    let body = rows.flatMap { row -> [String] in
      guard let last else { return [row.paint(line(row.fields))] }
      var fields = row.fields
      return fields[last].wrapped(to: lastWidth).map { part in
        defer { fields = fields.map { _ in "" } }
        fields[last] = part
        return row.paint(line(fields))
      }
    }
    return [style.strong(line(columns.map(\.title))), style.faint(rule)] + body
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
  static func ulpCount(_ value: Double) -> String {
    ulps(value) + (value.rounded(.up) == 1 ? " ulp" : " ulps")
  }

  /// A number of ulps: whole, as long as it can be taken in.
  static func ulps(_ value: Double) -> String {
    guard value.isFinite, value < 1e6 else { return short(value) }
    return String(format: "%.0f", value.rounded(.up))
  }
}
