/// How near a result must come to the expected value. NaN agrees with NaN, infinities agree when they are equal, and the
/// sign of zero does not count.
enum Agreement: Equatable, Sendable {
  /// Equal.
  case exact
  /// At most so many representable numbers of the element type apart.
  case ulps(Int)
  /// |got − expected| ≤ tolerance · |expected|.
  case relative(Double)
  /// |got − expected| ≤ tolerance · (1 + |expected|).
  case mixed(Double)

  /// Whether the result is near enough.
  func accepts(_ actual: Double, _ expected: Double, _ dtype: CaseDType) -> Bool {
    if actual == expected || (actual.isNaN && expected.isNaN) { return true }
    guard actual.isFinite && expected.isFinite else { return false }
    let difference = abs(actual - expected)
    return switch self {
    case .exact: false
    case .ulps(let count): ulpDistance(actual, expected, dtype) <= UInt64(count)
    case .relative(let tolerance): difference <= tolerance * abs(expected)
    case .mixed(let tolerance): difference <= tolerance * (1 + abs(expected))
    }
  }
}

extension Agreement: CustomStringConvertible {
  /// The rule in words.
  var description: String {
    switch self {
    case .exact: "must be equal"
    case .ulps(let count): "may differ by \(count) ulp"
    case .relative(let tolerance): "may differ by \(tolerance) · |expected|"
    case .mixed(let tolerance): "may differ by \(tolerance) · (1 + |expected|)"
    }
  }
}

/// How many representable numbers of the type lie between two finite ones, plus one if they differ.
func ulpDistance(_ a: Double, _ b: Double, _ dtype: CaseDType) -> UInt64 {
  /// The place of a number in the order of all numbers of its type.
  func place(_ value: Double) -> Int64 {
    if dtype == .float32 {
      let bits = Int64(Float(value).magnitude.bitPattern)
      return value < 0 ? -bits : bits
    }
    let bits = Int64(bitPattern: value.magnitude.bitPattern)
    return value < 0 ? -bits : bits
  }
  let (low, high) = (min(place(a), place(b)), max(place(a), place(b)))
  return UInt64(bitPattern: high &- low)
}

extension CaseTensor {
  /// The first difference from the expected tensor, in words; nil when there is none.
  func difference(from expected: CaseTensor, within agreement: Agreement) -> String? {
    if dtype != expected.dtype { return "expected dtype \(expected.dtype), got \(dtype)" }
    if shape != expected.shape { return "expected shape \(expected.shape), got \(shape)" }
    if values.count != expected.values.count {
      return "expected \(expected.values.count) values, got \(values.count)"
    }
    switch (values, expected.values) {
    case (.reals(let actual), .reals(let expected)):
      let pairs = zip(actual, expected)
      let wrong = pairs.enumerated().filter { !agreement.accepts($0.element.0, $0.element.1, dtype) }
      guard let (index, (got, wanted)) = wrong.first else { return nil }
      let distance = got.isFinite && wanted.isFinite ? ", apart by \(abs(got - wanted))" : ""
      return describe(index, shown(wanted), shown(got), wrong.count, distance + ", " + agreement.description)
    case (.integers(let actual), .integers(let expected)):
      return firstDifference(actual, expected)
    case (.truths(let actual), .truths(let expected)):
      return firstDifference(actual, expected)
    default:
      return "the kinds of values differ, though both are \(dtype)"
    }
  }

  private func firstDifference<Value: Equatable>(_ actual: [Value], _ expected: [Value]) -> String? {
    let wrong = zip(actual, expected).enumerated().filter { $0.element.0 != $0.element.1 }
    guard let (index, (got, wanted)) = wrong.first else { return nil }
    return describe(index, "\(wanted)", "\(got)", wrong.count, "")
  }

  /// A float32 as the shortest decimal that reads back as it.
  private func shown(_ value: Double) -> String {
    dtype == .float32 ? "\(Float(value))" : "\(value)"
  }

  private func describe(
    _ flatIndex: Int, _ expected: String, _ actual: String, _ wrongCount: Int, _ rest: String
  ) -> String {
    var index: [Int] = []
    var remainder = flatIndex
    for size in shape.reversed() {
      index.insert(remainder % size, at: 0)
      remainder /= size
    }
    let place = index.isEmpty ? "" : "at \(index): "
    let others = wrongCount > 1 ? " (\(wrongCount) of \(values.count) differ)" : ""
    return "\(place)expected \(expected), got \(actual)\(rest)\(others)"
  }
}
