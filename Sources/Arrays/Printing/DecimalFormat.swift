extension DecimalDigits {
  /// What stands before and after the decimal point, without sign and without trailing zeros.
  var positionalParts: (whole: String, fraction: String) {
    var whole = ""
    var fraction = ""
    for (position, digit) in digits.enumerated() where exponent - position >= 0 {
      whole.append(Self.character(digit))
    }
    if exponent >= digits.count { whole += String(repeating: "0", count: exponent - digits.count + 1) }
    if exponent < -1 { fraction = String(repeating: "0", count: -1 - exponent) }
    for (position, digit) in digits.enumerated() where exponent - position < 0 {
      fraction.append(Self.character(digit))
    }
    while fraction.last == "0" { fraction.removeLast() }
    return (whole.isEmpty ? "0" : whole, fraction)
  }

  /// First digit, further digits without trailing zeros, and the exponent with its sign and at least
  /// `exponentDigits` digits.
  func scientificParts(exponentDigits: Int = 2) -> (whole: String, fraction: String, exponent: String) {
    var fraction = String(digits.dropFirst().map(Self.character))
    while fraction.last == "0" { fraction.removeLast() }
    let power = String(exponent.magnitude)
    let padding = String(repeating: "0", count: max(0, exponentDigits - power.count))
    return (String(Self.character(digits[0])), fraction, (exponent < 0 ? "-" : "+") + padding + power)
  }

  private static func character(_ digit: UInt8) -> Character {
    Character(Unicode.Scalar(UInt8(ascii: "0") + digit))
  }

  /// C's `%.{precision}f`: correctly rounded, ties to the even digit.
  static func fixed<Element: BinaryFloatingPoint>(_ value: Element, precision: Int) -> String {
    guard value.isFinite else { return nonFinite(value) }
    let decimal = DecimalDigits(value, .exact(lastPlace: -precision))
    let (whole, fraction) = decimal.positionalParts
    let sign = decimal.isNegative ? "-" : ""
    return precision == 0 ? sign + whole : sign + whole + "." + fraction.padded(to: precision, with: "0")
  }

  /// C's `%.{precision}e`: correctly rounded, ties to the even digit, at least two digits in the exponent.
  static func scientific<Element: BinaryFloatingPoint>(_ value: Element, precision: Int) -> String {
    guard value.isFinite else { return nonFinite(value) }
    let decimal = DecimalDigits(value, .exactDigits(precision + 1))
    let (whole, fraction, exponent) = decimal.scientificParts()
    let mantissa = precision == 0 ? whole : whole + "." + fraction.padded(to: precision, with: "0")
    return (decimal.isNegative ? "-" : "") + mantissa + "e" + exponent
  }

  /// `nan`, `inf` or `-inf`.
  static func nonFinite<Element: BinaryFloatingPoint>(_ value: Element) -> String {
    value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
  }
}

extension String {
  /// This text with `filler` behind it until it has `width` characters.
  func padded(to width: Int, with filler: Character = " ") -> String {
    self + String(repeating: filler, count: max(0, width - utf8.count))
  }

  /// This text with blanks before it until it has `width` characters.
  func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - utf8.count)) + self
  }
}
