import RealModule

/// The decimal digits of a finite floating-point number, found with exact integer arithmetic.
///
/// The method is Steele and White's ("How to print floating-point numbers accurately", PLDI 1990,
/// doi:10.1145/93542.93559) in the form NumPy uses: the number is a fraction r/s, digits come off by
/// division, and in the shortest form they stop as soon as what is left over cannot be told from zero or from
/// one unit at this place. The last digit is rounded to the nearest, a tie to the even one.
struct DecimalDigits {
  /// Whether a minus sign belongs in front, also for −0.
  var isNegative: Bool
  /// The digits, the most significant first; never empty.
  var digits: [UInt8]
  /// The power of ten that the first digit counts.
  var exponent: Int

  /// Where to stop.
  enum Mode {
    /// Correctly rounded at the place where 10 has this power.
    case exact(lastPlace: Int)
    /// Correctly rounded to this many digits, at least 1.
    case exactDigits(Int)
    /// The fewest digits that read back as the same number.
    case shortest
    /// As `shortest`, but at least down to the place 10^`first` and not beyond 10^`last`.
    case shortestBetween(first: Int, last: Int)
    /// As `shortest`, but at least `atLeast` and at most `atMost` digits (each at least 1).
    case shortestDigits(atLeast: Int, atMost: Int)
  }

  /// The digits of `value`, which must be finite; `Element` decides how many digits tell it from its
  /// neighbours.
  init<Element: BinaryFloatingPoint>(_ value: Element, _ mode: Mode) {
    isNegative = value.sign == .minus
    digits = [0]
    exponent = 0
    if value.isZero { return }
    let estimate = Self.decimalExponent(Double(value.magnitude))
    var fraction = Fraction(value.magnitude)
    let start = fraction.scale(estimate: estimate, mode)
    exponent = start
    generate(&fraction, mode)
  }

  /// About the exponent of the first decimal digit: never too large, at most 1 too small.
  private static func decimalExponent(_ magnitude: Double) -> Int {
    let log = Double.log10(magnitude)
    return Int((log - 1e-9).rounded(.down))
  }

  /// The number as `remainder / unit`, with half the distance to its neighbours below and above in the same
  /// unit.
  private struct Fraction {
    var remainder: BigNatural
    var unit: BigNatural
    var marginBelow: BigNatural
    var marginAbove: BigNatural
    /// Whether the ends of the interval read back as the number, since ties go to the even significand.
    let includesEnds: Bool

    init<Element: BinaryFloatingPoint>(_ magnitude: Element) {
      let bits = Element.significandBitCount
      let stored = UInt64(magnitude.significandBitPattern)
      let significand = magnitude.isNormal ? stored | (1 << UInt64(bits)) : stored
      let power =
        magnitude.isNormal
        ? Int(magnitude.exponent) - bits : Int(Element.leastNormalMagnitude.exponent) - bits
      // The number below a power of two is nearer than the one above, except at the bottom of the range.
      let uneven = stored == 0 && magnitude > Element.leastNormalMagnitude
      remainder = BigNatural(significand)
      remainder.shiftLeft((uneven ? 2 : 1) + max(power, 0))
      unit = BigNatural(uneven ? 4 : 2)
      unit.shiftLeft(max(-power, 0))
      marginBelow = BigNatural(1)
      marginBelow.shiftLeft(max(power, 0))
      marginAbove = marginBelow
      if uneven { marginAbove.shiftLeft(1) }
      includesEnds = significand % 2 == 0
    }

    mutating func multiplyByTen() {
      remainder.multiply(by: 10)
      marginBelow.multiply(by: 10)
      marginAbove.multiply(by: 10)
    }

    /// Scales so that the first digit is the whole part, and returns its power of ten. Where the last place
    /// asked for lies above the number's own first digit, the first digit is that place's: a zero, to be
    /// rounded.
    mutating func scale(estimate: Int, _ mode: Mode) -> Int {
      var first = estimate
      switch mode {
      case .exact(let last), .shortestBetween(_, let last): first = max(first, last)
      default: break
      }
      if first >= 0 {
        unit.multiply(byPowerOfTen: first)
      } else {
        remainder.multiply(byPowerOfTen: -first)
        marginBelow.multiply(byPowerOfTen: -first)
        marginAbove.multiply(byPowerOfTen: -first)
      }
      var ten = unit
      ten.multiply(by: 10)
      if remainder >= ten {
        unit = ten
        first += 1
      }
      return first
    }

    /// Takes off the whole part, a digit.
    mutating func nextDigit() -> UInt8 {
      var digit: UInt8 = 0
      while remainder >= unit {
        remainder.subtract(unit)
        digit += 1
      }
      return digit
    }
  }

  /// Takes digits off until the mode says stop, then rounds the last.
  private mutating func generate(_ fraction: inout Fraction, _ mode: Mode) {
    // Stop at `last` in any case; at a number that is unique already only from `earliest` on.
    var (last, earliest) = (Int.min, Int.max)
    var unique = true
    switch mode {
    case .exact(let place): (last, unique) = (place, false)
    case .exactDigits(let count): (last, unique) = (exponent - count + 1, false)
    case .shortest: break
    case .shortestBetween(let place, let end): (last, earliest) = (end, place)
    case .shortestDigits(let atLeast, let atMost):
      (last, earliest) = (exponent - max(atLeast, atMost) + 1, exponent - atLeast + 1)
    }
    digits.removeAll(keepingCapacity: true)
    var place = exponent
    var (low, high) = (false, false)
    while true {
      digits.append(fraction.nextDigit())
      if unique {
        let top = fraction.remainder + fraction.marginAbove
        low =
          fraction.includesEnds
          ? fraction.remainder <= fraction.marginBelow : fraction.remainder < fraction.marginBelow
        high = fraction.includesEnds ? top >= fraction.unit : top > fraction.unit
      }
      if place == last || ((low || high) && place <= earliest) { break }
      fraction.multiplyByTen()
      place -= 1
    }
    if roundsUp(fraction, low: low, high: high) { increment() }
  }

  private func roundsUp(_ fraction: Fraction, low: Bool, high: Bool) -> Bool {
    if low != high { return high }
    let twice = fraction.remainder + fraction.remainder
    if twice == fraction.unit { return digits[digits.count - 1] % 2 == 1 }
    return twice > fraction.unit
  }

  /// Adds one unit at the last place.
  private mutating func increment() {
    while digits.last == 9 { digits.removeLast() }
    if digits.isEmpty {
      digits = [1]
      exponent += 1
    } else {
      digits[digits.count - 1] += 1
    }
  }
}
