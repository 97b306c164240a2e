/// NumPy's notation for the floating-point numbers of one array, chosen so that all shown ones line up.
///
/// `Element` matters: the comparisons that decide are made in the array's own precision, and so are the
/// shortest digits.
struct NumpyFloatFormat<Element: BinaryFloatingPoint> {
  private let options: NumpyPrintOptions
  private var usesPowers = false
  private var mode = DigitChoice.unique
  /// The most digits after the point, nil for no limit.
  private var precision: Int?
  /// The least digits after the point.
  private var minimumDigits = 0
  /// Whether zeros at the end are kept up to `minimumDigits`.
  private var keepsZeros = false
  /// Room before and after the point.
  private var (left, right) = (0, 0)
  private var exponentDigits = 2

  private enum DigitChoice { case unique, exact }

  init(_ values: [Element], _ options: NumpyPrintOptions) {
    self.options = options
    precision = options.floatMode == .unique ? nil : options.precision
    let finite = values.filter(\.isFinite)
    usesPowers = Self.needsPowers(finite, suppressSmall: options.suppressSmall)
    if !finite.isEmpty {
      if options.floatMode == .fixed { mode = .exact }
      if usesPowers { measureScientific(finite) } else { measurePositional(finite) }
      if options.sign == .blank && finite.allSatisfy({ $0.sign == .plus }) { left += 1 }
    }
    if finite.count < values.count {
      let signed = options.sign != .nothing || values.contains(-.infinity)
      left = max(left, 3 - (right + 1), 3 + (signed ? 1 : 0) - (right + 1))
    }
  }

  /// Whether some number is large or small or the numbers lie too far apart for plain digits.
  private static func needsPowers(_ finite: [Element], suppressSmall: Bool) -> Bool {
    let magnitudes = finite.lazy.filter { $0 != 0 }.map(\.magnitude)
    guard let largest = magnitudes.max(), let smallest = magnitudes.min() else { return false }
    // The digits the type holds for certain: 6 in float32, 15 in float64.
    let limit: Element = Element.significandBitCount < 30 ? 1e6 : 1e8
    return largest >= limit || (!suppressSmall && (smallest < 0.0001 || largest / smallest > 1000))
  }

  private mutating func measureScientific(_ finite: [Element]) {
    let parts = finite.map { scientific($0).scientificParts() }
    let zerosKept = mode == .exact ? options.precision : 0
    exponentDigits = parts.map(\.exponent.utf8.count).max()! - 1
    let digits = max(parts.map(\.fraction.utf8.count).max()!, zerosKept)
    precision = digits
    minimumDigits = digits
    keepsZeros = true
    left = finite.map { signText($0).utf8.count + 1 }.max()!
    right = exponentDigits + 2 + digits
  }

  private mutating func measurePositional(_ finite: [Element]) {
    let parts = finite.map { positional($0).positionalParts }
    left = zip(finite, parts).map { signText($0).utf8.count + $1.whole.utf8.count }.max()!
    right = max(parts.map(\.fraction.utf8.count).max()!, mode == .exact ? options.precision : 0)
    if options.floatMode == .fixed || options.floatMode == .maxprecEqual {
      precision = right
      minimumDigits = right
      keepsZeros = true
    }
  }

  private func scientific(_ value: Element) -> DecimalDigits {
    switch (mode, precision) {
    case (.exact, let digits): DecimalDigits(value, .exactDigits((digits ?? options.precision) + 1))
    case (.unique, nil): DecimalDigits(value, .shortest)
    case (.unique, let digits?):
      DecimalDigits(value, .shortestDigits(atLeast: minimumDigits + 1, atMost: digits + 1))
    }
  }

  private func positional(_ value: Element) -> DecimalDigits {
    switch (mode, precision) {
    case (.exact, let digits): DecimalDigits(value, .exact(lastPlace: -(digits ?? options.precision)))
    case (.unique, nil): DecimalDigits(value, .shortest)
    case (.unique, let digits?):
      DecimalDigits(value, .shortestBetween(first: -minimumDigits, last: -digits))
    }
  }

  private func signText(_ value: Element) -> String {
    value.sign == .minus ? "-" : options.sign == .plus ? "+" : ""
  }

  /// `value` in the chosen notation, padded to the common width.
  func text(of value: Element) -> String {
    guard value.isFinite else {
      let sign = options.sign == .plus && !(value < 0) ? "+" : ""
      return (sign + DecimalDigits.nonFinite(value)).leftPadded(to: left + right + 1)
    }
    if usesPowers {
      let (whole, fraction, exponent) = scientific(value).scientificParts(exponentDigits: exponentDigits)
      return (signText(value) + whole).leftPadded(to: left) + "."
        + fraction.padded(to: minimumDigits, with: "0") + "e" + exponent
    }
    let (whole, fraction) = positional(value).positionalParts
    let digits = keepsZeros ? fraction.padded(to: minimumDigits, with: "0") : fraction
    return (signText(value) + whole).leftPadded(to: left) + "." + digits.padded(to: right)
  }
}
