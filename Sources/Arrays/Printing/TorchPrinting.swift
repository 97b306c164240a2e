/// How PyTorch's form of an array is laid out (`torch.set_printoptions`).
public struct TorchPrintOptions: Sendable, Hashable {
  /// Digits after the decimal point.
  public var precision = 4
  /// Arrays with more elements than this are shown by their edges.
  public var threshold = 1000
  /// How many elements a summary shows at both ends of each dimension.
  public var edgeItems = 3
  /// Characters per line. A summarised dimension's text may be longer.
  public var lineWidth = 80
  /// Powers of ten always (true), never (false), or where the values span too much for fixed digits (nil).
  public var scientific: Bool?

  /// PyTorch's defaults, or other values for some of them.
  public init(
    precision: Int = 4, threshold: Int = 1000, edgeItems: Int = 3, lineWidth: Int = 80,
    scientific: Bool? = nil
  ) {
    self.precision = precision
    self.threshold = threshold
    self.edgeItems = edgeItems
    self.lineWidth = lineWidth
    self.scientific = scientific
  }
}

extension NDArray {
  /// The text that PyTorch's `print(tensor)` shows: `tensor([1.0000, 2.5000], requires_grad=True)`.
  ///
  /// The dtype is named unless it is float32, int64 or bool, the ones literals get. `gradFn` is the name of
  /// the operation that made the tensor (`MulBackward0`); where there is one it is shown instead of
  /// `requires_grad`. Of large arrays only the edges are read.
  public func torchDescription(
    requiresGrad: Bool = false, gradFn: String? = nil, options: TorchPrintOptions = .init()
  ) -> String {
    let prefix = "tensor("
    var suffixes: [String] = []
    if count == 0 {
      if rank != 1 { suffixes.append("size=\(shape.tupleDescription)") }
      if dtype != .default { suffixes.append("dtype=torch.\(dtype)") }
    } else {
      if options.edgeItems == 0 { suffixes.append("size=\(shape.tupleDescription)") }
      if dtype != .default && dtype != .int64 && dtype != .bool { suffixes.append("dtype=torch.\(dtype)") }
    }
    if let gradFn {
      suffixes.append("grad_fn=<\(gradFn)>")
    } else if requiresGrad {
      suffixes.append("requires_grad=True")
    }
    var text = prefix + TorchPrinter(self, options).text(of: self, indent: prefix.utf8.count)
    // PyTorch counts two characters more than the last line has.
    var lastLine = text.utf8.reversed().prefix { $0 != UInt8(ascii: "\n") }.count + 2
    for suffix in suffixes {
      if lastLine + suffix.utf8.count + 2 > options.lineWidth {
        text += ",\n" + String(repeating: " ", count: prefix.utf8.count) + suffix
        lastLine = prefix.utf8.count + suffix.utf8.count
      } else {
        text += ", " + suffix
        lastLine += suffix.utf8.count + 2
      }
    }
    return text + ")"
  }
}

extension Shape {
  /// As Python writes a tuple: `(2, 3)`, `(5,)`, `()`.
  var tupleDescription: String {
    let sizes = map { String($0) }.joined(separator: ", ")
    return rank == 1 ? "(\(sizes),)" : "(\(sizes))"
  }
}

/// Writes the elements of one array in PyTorch's form: first all shown elements decide the notation and the
/// width, then each is written.
struct TorchPrinter {
  private let options: TorchPrintOptions
  private let summarizes: Bool
  private var isIntegral = true
  private var isScientific = false
  private var width = 1

  init(_ array: NDArray, _ options: TorchPrintOptions) {
    self.options = options
    summarizes = array.count > options.threshold
    let values = array.shownScalars(edgeItems: summarizes ? options.edgeItems : nil)
    if array.dtype.isFloatingPoint {
      measure(values.map(\.doubleValue))
    } else {
      width = values.reduce(1) { max($0, Self.integerText($1).utf8.count) }
    }
  }

  /// Chooses the notation by the values that are neither zero nor infinite nor NaN; they alone also set the
  /// width.
  private mutating func measure(_ values: [Double]) {
    let decisive = values.filter { $0.isFinite && $0 != 0 }
    guard !decisive.isEmpty else { return }
    let smallest = decisive.reduce(Double.infinity) { min($0, $1.magnitude) }
    let largest = decisive.reduce(0) { max($0, $1.magnitude) }
    isIntegral = decisive.allSatisfy { $0 == $0.rounded(.up) }
    isScientific = options.scientific ?? (largest / smallest > 1000 || largest > 1e8 || smallest < 1e-4)
    for value in decisive {
      let length = text(of: value).utf8.count
      width = max(width, length)
    }
  }

  private func text(of value: Double) -> String {
    if isScientific { return DecimalDigits.scientific(value, precision: options.precision) }
    if isIntegral { return DecimalDigits.fixed(value, precision: 0) + (value.isFinite ? "." : "") }
    return DecimalDigits.fixed(value, precision: options.precision)
  }

  private static func integerText(_ value: Scalar) -> String {
    if case .bool(let flag) = value { return flag ? "True" : "False" }
    return String(value.intValue)
  }

  private func text(of value: Scalar) -> String {
    let text = if case .float(let number) = value { text(of: number) } else { Self.integerText(value) }
    return text.leftPadded(to: width)
  }

  /// The elements in brackets; `indent` is the number of characters before the bracket.
  func text(of array: NDArray, indent: Int) -> String {
    if array.count == 0 { return "[]" }
    if array.rank == 0 { return text(of: NDArray.load(array.dtype, array.address)) }
    if array.rank == 1 { return vector(array, indent: indent) }
    let rows = parts(array, gap: "...") { text(of: $0, indent: indent + 1) }
    let separator =
      "," + String(repeating: "\n", count: array.rank - 1) + String(repeating: " ", count: indent + 1)
    return "[" + rows.joined(separator: separator) + "]"
  }

  private func vector(_ array: NDArray, indent: Int) -> String {
    let perLine = max(1, Int((Double(options.lineWidth - indent) / Double(width + 2)).rounded(.down)))
    let cells =
      summarizes && options.edgeItems == 0
      ? ["..."] : parts(array, gap: " ...") { text(of: NDArray.load($0.dtype, $0.address)) }
    let lines = stride(from: 0, to: cells.count, by: perLine).map { start in
      cells[start..<min(start + perLine, cells.count)].joined(separator: ", ")
    }
    return "[" + lines.joined(separator: ",\n" + String(repeating: " ", count: indent + 1)) + "]"
  }

  /// The texts of the sub-arrays along the first dimension, with `gap` for those left out.
  private func parts(_ array: NDArray, gap: String, _ text: (NDArray) -> String) -> [String] {
    let size = array.shape[0]
    let edge = options.edgeItems
    guard summarizes && size > 2 * edge else { return (0..<size).map { text(array.row($0)) } }
    return (0..<edge).map { text(array.row($0)) } + [gap] + ((size - edge)..<size).map { text(array.row($0)) }
  }
}
