/// The user's own data: a CSV file with the columns x and y.
public struct CSVData: Equatable, Sendable {
  /// The column x.
  public var x: [Double]
  /// The column y; as many values as x.
  public var y: [Double]

  /// Reads a file; see `init(_:source:)`.
  public init(contentsOf path: String) throws(Failure) {
    try self.init(try Files.readText(path), source: path)
  }

  /// Reads CSV text (RFC 4180: commas, optional quotes; empty lines and lines that begin with `#` are
  /// skipped). The header names the columns; x and y may stand anywhere among others. Throws a bad-data
  /// failure that begins `source:line:`.
  public init(_ text: String, source: String) throws(Failure) {
    x = []
    y = []
    var columns: (x: Int, y: Int, count: Int)?
    var number = 0
    for line in lines(of: text) {
      number += 1
      let line = number == 1 && line.hasPrefix("\u{feff}") ? line.dropFirst() : line
      if line.allSatisfy(\.isWhitespace) || line.hasPrefix("#") { continue }
      guard let fields = CSVData.fields(of: line) else {
        throw .badData("\(source):\(number): a quote is opened and not closed")
      }
      guard let columns else {
        guard let xColumn = fields.firstIndex(of: "x"), let yColumn = fields.firstIndex(of: "y") else {
          throw .badData("\(source):\(number): the header must name the columns x and y; it is \"\(line)\"")
        }
        columns = (xColumn, yColumn, fields.count)
        continue
      }
      guard fields.count == columns.count else {
        throw .badData("\(source):\(number): has \(fields.count) fields; the header has \(columns.count)")
      }
      x.append(try CSVData.number(fields[columns.x], column: "x", source: source, line: number))
      y.append(try CSVData.number(fields[columns.y], column: "y", source: source, line: number))
    }
    guard columns != nil else { throw .badData("\(source): is empty; a header with x and y is needed") }
    guard !x.isEmpty else { throw .badData("\(source): has a header and no data") }
  }

  private static func number(_ field: String, column: String, source: String, line: Int) throws(Failure)
    -> Double
  {
    guard let value = Double(field) else {
      throw .badData("\(source):\(line): \(column) is \"\(field)\"; a number is needed")
    }
    guard value.isFinite else {
      throw .badData("\(source):\(line): \(column) is \(field); a finite number is needed")
    }
    return value
  }

  /// The fields of one line, quotes resolved, spaces around them dropped; nil if a quote stays open.
  private static func fields(of line: Substring) -> [String]? {
    var fields = [String]()
    var field = ""
    var isQuoted = false
    var rest = line[...]
    while let character = rest.popFirst() {
      switch character {
      case "\"" where isQuoted && rest.first == "\"": field.append(rest.removeFirst())
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        fields.append(trimmed(field))
        field = ""
      default: field.append(character)
      }
    }
    fields.append(trimmed(field))
    return isQuoted ? nil : fields
  }

  private static func trimmed(_ field: String) -> String {
    String(
      field.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
