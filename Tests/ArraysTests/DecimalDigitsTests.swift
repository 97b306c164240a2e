import Foundation
import Testing

@testable import Arrays

@Suite("Decimal digits")
struct DecimalDigitsTests {
  /// Doubles of every size: powers of two and their neighbours, subnormal ones, ties, and patterns from a
  /// fixed generator.
  static let doubles: [Double] = {
    var values: [Double] = [
      0.5, 1.5, 2.5, 0.125, 1e23, 9.5, 99.5, 0.05, .leastNonzeroMagnitude, .leastNormalMagnitude,
    ]
    values.append(.greatestFiniteMagnitude)
    for exponent in stride(from: -1074, through: 1023, by: 41) {
      let power = Double(sign: .plus, exponent: exponent, significand: 1)
      values += [power, power.nextUp, power.nextDown]
    }
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    for _ in 0..<150 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let value = Double(bitPattern: state ^ state >> 29)
      if value.isFinite { values.append(value) }
    }
    return values.filter { $0 != 0 }
  }()

  @Test("Rounded to a number of places, digits are those of C's exact printf")
  func fixed() {
    for value in Self.doubles {
      for precision in [0, 1, 4, 17] {
        #expect(
          DecimalDigits.fixed(value, precision: precision) == String(format: "%.\(precision)f", value))
      }
    }
  }

  @Test("Rounded to a number of digits, too")
  func scientific() {
    for value in Self.doubles {
      for precision in [0, 4, 16, 25] {
        #expect(
          DecimalDigits.scientific(value, precision: precision) == String(format: "%.\(precision)e", value))
      }
    }
  }

  @Test("Shortest digits read back as the same number, and one digit less does not")
  func shortest() throws {
    for value in Self.doubles {
      let decimal = DecimalDigits(value, .shortest)
      let (whole, fraction, exponent) = decimal.scientificParts()
      let sign = value < 0 ? "-" : ""
      #expect(Double("\(sign)\(whole).\(fraction.isEmpty ? "0" : fraction)e\(exponent)") == value)
      if decimal.digits.count > 1 {
        #expect(Double(DecimalDigits.scientific(value, precision: decimal.digits.count - 2)) != value)
      }
    }
  }

  @Test("Shortest digits depend on the type's own neighbours")
  func shortestFloat() {
    for value in Self.doubles.map({ Float($0) }) where value.isFinite && value != 0 {
      let (whole, fraction, exponent) = DecimalDigits(value, .shortest).scientificParts()
      let sign = value < 0 ? "-" : ""
      #expect(Float("\(sign)\(whole).\(fraction.isEmpty ? "0" : fraction)e\(exponent)") == value)
      #expect(fraction.utf8.count <= 8)
    }
    #expect(DecimalDigits(Float(0.1), .shortest).digits == [1])
    #expect(DecimalDigits(Double(Float(0.1)), .shortest).digits.count == 17)
  }
}
