extension NDArray {
  /// The text that NumPy's `print(array)` shows: `[1.  2.5]`. A 0-d array is shown as its one number with all
  /// its digits.
  public func numpyStr(options: NumpyPrintOptions = .init()) -> String {
    if rank == 0 { return NumpyPrinter.scalarText(NDArray.load(dtype, address), dtype) }
    return NumpyPrinter(self, options).text(
      of: self, separator: " ", prefix: "", lineWidth: options.lineWidth)
  }

  /// The text that NumPy's `repr(array)` gives: `array([1. , 2.5], dtype=float32)`.
  ///
  /// The dtype is named unless it is float64, int64 or bool, the shape where the text does not show it.
  public func numpyRepr(options: NumpyPrintOptions = .init()) -> String {
    let prefix = "array("
    let elements = NumpyPrinter(self, options).text(
      of: self, separator: ", ", prefix: prefix, lineWidth: options.lineWidth - 1)
    var extras: [String] = []
    if (count == 0 && shape != [0]) || count > options.threshold {
      extras.append("shape=\(shape.tupleDescription)")
    }
    let isImplied = dtype == .float64 || dtype == .int64 || dtype == .bool
    if !isImplied || count == 0 { extras.append("dtype=\(dtype)") }
    if extras.isEmpty { return prefix + elements + ")" }

    let text = prefix + elements + ","
    let extra = extras.joined(separator: ", ") + ")"
    let lastLine = text.utf8.reversed().prefix { $0 != UInt8(ascii: "\n") }.count
    let fits = lastLine + extra.utf8.count + 1 <= options.lineWidth
    return text + (fits ? " " : "\n" + String(repeating: " ", count: prefix.utf8.count)) + extra
  }
}

extension NDArray: CustomStringConvertible {
  /// NumPy's `print(array)`.
  public var description: String { numpyStr() }
}

/// Writes the elements of one array in NumPy's form: first all shown elements decide the notation and the
/// width, then each is written.
struct NumpyPrinter {
  private let options: NumpyPrintOptions
  private let summarizes: Bool
  private let format: (Scalar) -> String

  init(_ array: NDArray, _ options: NumpyPrintOptions) {
    self.options = options
    summarizes = array.count > options.threshold
    // Without edge items NumPy measures all elements and shows the last.
    let edge = summarizes && options.edgeItems > 0 ? options.edgeItems : nil
    let values = array.shownScalars(edgeItems: edge)
    switch array.dtype {
    case .float64:
      let format = NumpyFloatFormat(values.map(\.doubleValue), options)
      self.format = { format.text(of: $0.doubleValue) }
    case .float32:
      let format = NumpyFloatFormat(values.map { Float($0.doubleValue) }, options)
      self.format = { format.text(of: Float($0.doubleValue)) }
    case .bool:
      let yes = array.rank == 0 ? "True" : " True"
      format = { $0.doubleValue != 0 ? yes : "False" }
    case .uint8, .int8, .int16, .int32, .int64:
      let texts = [values.map(\.intValue).max() ?? 0, values.map(\.intValue).min() ?? 0]
      let sign = options.sign == .blank && texts[1] < 0 ? .nothing : options.sign
      let width = texts.map { Self.integerText($0, sign).utf8.count }.max() ?? 0
      format = { Self.integerText($0.intValue, sign).leftPadded(to: width) }
    }
  }

  private static func integerText(_ value: Int64, _ sign: NumpyPrintOptions.Sign) -> String {
    value < 0 || sign == .nothing ? String(value) : sign.rawValue + String(value)
  }

  /// The text of a number on its own, as Python prints a NumPy scalar: shortest digits that read back.
  static func scalarText(_ value: Scalar, _ dtype: DType) -> String {
    switch value {
    case .bool(let flag): flag ? "True" : "False"
    case .int(let number): String(number)
    case .float(let number):
      dtype == .float32 ? scalarText(Float(number), powersFrom: 1e6) : scalarText(number, powersFrom: 1e16)
    }
  }

  private static func scalarText<Element: BinaryFloatingPoint>(_ value: Element, powersFrom limit: Double)
    -> String
  {
    guard value.isFinite else { return DecimalDigits.nonFinite(value) }
    let decimal = DecimalDigits(value, .shortest)
    let sign = decimal.isNegative ? "-" : ""
    let magnitude = Double(value.magnitude)
    if magnitude == 0 || (1e-4 <= magnitude && magnitude < limit) {
      let (whole, fraction) = decimal.positionalParts
      return sign + whole + "." + (fraction.isEmpty ? "0" : fraction)
    }
    let (whole, fraction, exponent) = decimal.scientificParts()
    return sign + whole + (fraction.isEmpty ? "" : "." + fraction) + "e" + exponent
  }

  /// The elements in brackets. `prefix` stands before the first line, blanks as long before the others.
  func text(of array: NDArray, separator: String, prefix: String, lineWidth: Int) -> String {
    if array.count == 0 { return "[]" }
    let indent = String(repeating: " ", count: prefix.utf8.count + 1)
    return text(of: array, separator: separator, indent: indent, width: lineWidth)
  }

  private func text(of array: NDArray, separator: String, indent: String, width: Int) -> String {
    if array.rank == 0 { return format(NDArray.load(array.dtype, array.address)) }
    if array.rank == 1 { return vector(array, separator: separator, indent: indent, width: width) }
    let bare = separator.filter { $0 != " " }
    let rows = shownPositions(array.shape[0]).map { position in
      position.map { text(of: array.row($0), separator: separator, indent: indent + " ", width: width - 1) }
        ?? "..."
    }
    return "["
      + rows.joined(separator: bare + String(repeating: "\n", count: array.rank - 1) + indent) + "]"
  }

  /// One row: words are put on a line until the next would reach past `width`, room for the bracket or the
  /// comma kept free.
  private func vector(_ array: NDArray, separator: String, indent: String, width: Int) -> String {
    var lines: [String] = []
    var line = indent
    let positions = shownPositions(array.shape[0])
    for (index, position) in positions.enumerated() {
      let word = position.map { format(NDArray.load(array.dtype, array.row($0).address)) } ?? "..."
      if line.utf8.count + word.utf8.count > width - 1 && line.utf8.count > indent.utf8.count {
        while line.last == " " { line.removeLast() }
        lines.append(line)
        line = indent
      }
      line += word
      if index < positions.count - 1 { line += separator }
    }
    lines.append(line)
    return "[" + lines.joined(separator: "\n").dropFirst(indent.utf8.count) + "]"
  }

  /// The positions along a dimension that are shown, nil standing for those left out.
  private func shownPositions(_ size: Int) -> [Int?] {
    let edge = options.edgeItems
    guard summarizes && size > 2 * edge else { return Array(0..<size) }
    return Array(0..<edge) + [nil] + Array((size - max(edge, 1))..<size)
  }
}
