import Foundation

extension Trace {
  private static let columns = ["step"] + Quantity.allCases.map(\.rawValue)
  private static let bitColumns = Quantity.allCases.map { $0.rawValue + "Bits" }

  /// Writes the trace as `chapters/CONTRACT.md` describes, with bit patterns. Throws an unavailable failure.
  public func write(to path: String) throws(Failure) {
    try Files.write(text, to: path)
  }

  /// The trace as text. Decimals are the shortest that read back as the same number of the trace's type.
  public var text: String {
    var lines = ["# workbench-trace-1", "# approach: \(approach)", "# fingerprint: \(fingerprint)"]
    if let dtype { lines.append("# dtype: \(dtype.rawValue)") }
    lines += versions.map { "# version: \($0)" }
    lines += notes.map { "# note: \($0.split(whereSeparator: \.isNewline).joined(separator: " "))" }
    if let microsecondsPerStep { lines.append("# microsecondsPerStep: \(microsecondsPerStep)") }
    lines.append((Trace.columns + Trace.bitColumns).joined(separator: "\t"))
    for (index, step) in steps.enumerated() {
      let values = Quantity.allCases.map { step[$0] }
      let fields =
        switch dtype ?? .float64 {
        case .float64: values.map { "\($0)" } + values.map { hexDigits($0.bitPattern, count: 16) }
        case .float32:
          values.map { "\(Float($0))" } + values.map { hexDigits(Float($0).bitPattern, count: 8) }
        }
      lines.append((["\(index + 1)"] + fields).joined(separator: "\t"))
    }
    lines.append("# end: \(steps.count)\n")
    return lines.joined(separator: "\n")
  }

  /// Reads a trace. Throws a bad-data failure that names the file and the line.
  public init(contentsOf path: String) throws(Failure) {
    try self.init(try Files.readText(path), source: path)
  }

  /// Reads a trace from text; `source` names it in messages.
  ///
  /// Throws a bad-data failure that begins `source:line:` for anything that breaks the contract: a missing
  /// format line or fingerprint, columns missing, a row out of order, a field that is no number, bits that
  /// differ from their decimals, an end that is missing or counts other rows.
  public init(_ text: String, source: String) throws(Failure) {
    var reader = TraceReader(source: source)
    for line in lines(of: text) { try reader.read(line) }
    self = try reader.finish()
  }
}

/// Takes a trace file line by line.
private struct TraceReader {
  let source: String
  var line = 0
  var header = [String: String]()
  var versions = [String]()
  var notes = [String]()
  var isFormatSeen = false
  var dtype: Precision?
  /// For each quantity the field of its decimal and, if there is one, of its bits.
  var fields: [(quantity: Quantity, decimal: Int, bits: Int?)]?
  var fieldCount = 0
  var steps = [Step]()
  var end: Int?

  init(source: String) { self.source = source }

  func failure(_ message: String) -> Failure { .badData("\(source):\(line): \(message)") }

  mutating func read(_ text: Substring) throws(Failure) {
    line += 1
    if !isFormatSeen {
      guard text == "# workbench-trace-1" else {
        throw failure("is not a trace: the first line must be \"# workbench-trace-1\"")
      }
      isFormatSeen = true
      return
    }
    if text.isEmpty { return }
    if end != nil { throw failure("something follows the line \"# end\"") }
    if text.hasPrefix("#") {
      try readComment(text.dropFirst())
    } else if fields == nil {
      try readColumns(text)
    } else {
      try readRow(text)
    }
  }

  private mutating func readComment(_ text: Substring) throws(Failure) {
    guard let colon = text.firstIndex(of: ":") else { return }
    let key = text[..<colon].drop(while: \.isWhitespace)
    let value = text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    switch key {
    case "version": versions.append(value)
    case "note": notes.append(value)
    case "end":
      guard let count = Int(value) else { throw failure("end is \"\(value)\"; the number of rows is needed") }
      guard count == steps.count else { throw failure("end says \(count) rows, there are \(steps.count)") }
      end = count
    case "dtype":
      guard let precision = Precision(rawValue: value) else {
        throw failure("dtype is \"\(value)\"; float64 or float32 is needed")
      }
      guard steps.isEmpty else { throw failure("dtype must stand before the rows") }
      dtype = precision
    case "fingerprint":
      guard Fingerprint(value) != nil else {
        throw failure("the fingerprint is \"\(value)\"; 16 hex digits are needed")
      }
      header["fingerprint"] = value
    case "microsecondsPerStep":
      guard let time = Double(value), time.isFinite, time >= 0 else {
        throw failure("microsecondsPerStep is \"\(value)\"; a number is needed")
      }
      header["microsecondsPerStep"] = value
    default: header[String(key)] = value
    }
  }

  private mutating func readColumns(_ text: Substring) throws(Failure) {
    let names = text.split(separator: "\t", omittingEmptySubsequences: false)
    guard names.first == "step" else { throw failure("the first column must be step; it is \"\(names[0])\"") }
    var found = [(Quantity, Int, Int?)]()
    for quantity in Quantity.allCases {
      guard let decimal = names.firstIndex(where: { $0 == quantity.rawValue }) else {
        throw failure("the column \(quantity.rawValue) is missing")
      }
      found.append((quantity, decimal, names.firstIndex { $0 == quantity.rawValue + "Bits" }))
    }
    fields = found
    fieldCount = names.count
  }

  private mutating func readRow(_ text: Substring) throws(Failure) {
    let row = text.split(separator: "\t", omittingEmptySubsequences: false)
    guard row.count == fieldCount else { throw failure("has \(row.count) fields; \(fieldCount) are needed") }
    guard let number = Int(row[0]), number == steps.count + 1 else {
      throw failure("step is \"\(row[0])\"; \(steps.count + 1) is next")
    }
    var values = [Double]()
    for (quantity, decimal, bits) in fields ?? [] {
      let value = try number64(row[decimal], quantity)
      if let bits { try check(value, decimal: row[decimal], bits: row[bits], quantity) }
      values.append(value)
    }
    steps.append(Step(loss: values[0], dw: values[1], db: values[2], w: values[3], b: values[4]))
  }

  private func number64(_ field: Substring, _ quantity: Quantity) throws(Failure) -> Double {
    let value = dtype == .float32 ? Float(field).map(Double.init) : Double(field)
    guard let value else {
      throw failure("\(quantity.rawValue) is \"\(field)\"; a number is needed")
    }
    return value
  }

  private func check(_ value: Double, decimal: Substring, bits: Substring, _ quantity: Quantity)
    throws(Failure)
  {
    let exact: Double
    if bits.utf8.count == 16, let pattern = UInt64(bits, radix: 16) {
      exact = Double(bitPattern: pattern)
    } else if bits.utf8.count == 8, let pattern = UInt32(bits, radix: 16) {
      exact = Double(Float(bitPattern: pattern))
    } else {
      throw failure("\(quantity.rawValue)Bits is \"\(bits)\"; 16 hex digits (8 for float32) are needed")
    }
    guard exact.bitPattern == value.bitPattern || (exact.isNaN && value.isNaN) else {
      throw failure("\(quantity.rawValue)Bits \(bits) is \(exact), but \(quantity.rawValue) is \(decimal)")
    }
  }

  func finish() throws(Failure) -> Trace {
    guard isFormatSeen else { throw .badData("\(source): is empty") }
    guard end != nil else {
      throw failure(
        "the file ends after \(steps.count) rows without \"# end: \(steps.count)\"; it is truncated")
    }
    guard let fingerprint = header["fingerprint"].flatMap({ Fingerprint($0) }) else {
      throw .badData("\(source): the line \"# fingerprint: …\" is missing")
    }
    guard !steps.isEmpty else { throw .badData("\(source): has no steps") }
    return Trace(
      approach: header["approach"] ?? "unnamed", fingerprint: fingerprint, dtype: dtype, versions: versions,
      notes: notes, microsecondsPerStep: header["microsecondsPerStep"].flatMap(Double.init), steps: steps)
  }
}
