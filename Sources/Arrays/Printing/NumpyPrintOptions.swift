/// How NumPy's form of an array is laid out (`numpy.set_printoptions`).
public struct NumpyPrintOptions: Sendable, Hashable {
  /// How many digits after the point floating-point numbers get.
  public enum FloatMode: String, Sendable, CaseIterable {
    /// Always `precision` digits.
    case fixed
    /// As many as tell the number from its neighbours, each number for itself; `precision` is ignored.
    case unique
    /// At most `precision`, and no more than tell the number from its neighbours.
    case maxprec
    /// As `maxprec`, but all numbers as many as the one that needs most.
    case maxprecEqual = "maxprec_equal"
  }

  /// What stands before numbers that are not negative.
  public enum Sign: String, Sendable, CaseIterable {
    case nothing = "-"
    case plus = "+"
    case blank = " "
  }

  /// Digits after the decimal point, as `floatMode` understands them.
  public var precision = 8
  /// Arrays with more elements than this are shown by their edges.
  public var threshold = 1000
  /// How many elements a summary shows at both ends of each dimension.
  public var edgeItems = 3
  /// Characters per line.
  public var lineWidth = 75
  /// Whether very small numbers are rounded to the precision instead of leading to powers of ten.
  public var suppressSmall = false
  /// How many digits after the point.
  public var floatMode = FloatMode.maxprec
  /// What stands before numbers that are not negative.
  public var sign = Sign.nothing

  /// NumPy's defaults, or other values for some of them.
  public init(
    precision: Int = 8, threshold: Int = 1000, edgeItems: Int = 3, lineWidth: Int = 75,
    suppressSmall: Bool = false, floatMode: FloatMode = .maxprec, sign: Sign = .nothing
  ) {
    self.precision = precision
    self.threshold = threshold
    self.edgeItems = edgeItems
    self.lineWidth = lineWidth
    self.suppressSmall = suppressSmall
    self.floatMode = floatMode
    self.sign = sign
  }
}
