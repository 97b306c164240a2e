/// Finds why two correct programs differ in the last places: it recalculates the number in the ways programs
/// really do (another order of summation, fused multiply-add, the factor of the mean inside or outside the
/// sum) and looks which one gives each program's bits.
struct RoundingCause {
  let problem: Problem
  let difference: Difference
  /// The parameters before the step; the same bits in both traces, since this is their first difference.
  let before: (w: Double, b: Double)
  /// The step in the first trace and in the second.
  let steps: (Step, Step)

  /// Why, naming the two programs.
  func explanation(_ first: String, _ second: String) -> String {
    switch problem.dtype {
    case .float64: explanation(first, second, in: Double.self)
    case .float32: explanation(first, second, in: Float.self)
    }
  }

  private func explanation<Scalar: BinaryFloatingPoint>(
    _ first: String, _ second: String, in _: Scalar.Type
  ) -> String {
    let values = (Scalar(steps.0[difference.quantity]), Scalar(steps.1[difference.quantity]))
    let ways: [(name: Way, value: Scalar)] =
      switch difference.quantity {
      case .loss, .dw, .db: sums(in: Scalar.self)
      case .w: updates(Scalar(before.w), Scalar(steps.0.dw))
      case .b: updates(Scalar(before.b), Scalar(steps.0.db))
      }
    let kind =
      difference.quantity == .w || difference.quantity == .b
      ? "the update rounds differently" : "order of summation"
    let firstWays = ways.filter { $0.value == values.0 }.map(\.name)
    let secondWays = ways.filter { $0.value == values.1 }.map(\.name)
    // The pair of ways that have most in common says what makes the difference.
    let pairs = firstWays.flatMap { a in secondWays.map { b in (a, b) } }
    if let (a, b) = pairs.min(by: { $0.0.differences(from: $0.1) < $1.0.differences(from: $1.1) }) {
      let (aWords, bWords) = a.contrast(with: b)
      return "\(first) \(aWords), \(second) \(bWords)"
    }
    if let a = firstWays.first { return "\(kind): \(first) \(a.order.words), \(second) in another way" }
    if let b = secondWays.first { return "\(kind): \(second) \(b.order.words), \(first) in another way" }
    return "\(kind), or how the products are grouped"
  }

  /// A way to calculate a number.
  private struct Way {
    enum Order: CaseIterable {
      case pairwise, sequential, exact, separate
      var words: String {
        switch self {
        case .pairwise: "adds pairwise"
        case .sequential: "adds one after the other"
        case .exact: "adds without rounding between"
        case .separate: "rounds the product before it subtracts"
        }
      }
    }
    var order: Order
    var isFused = false
    var isFactorInside = false

    func differences(from other: Way) -> Int {
      (order != other.order ? 1 : 0) + (isFused != other.isFused ? 1 : 0)
        + (isFactorInside != other.isFactorInside ? 1 : 0)
    }

    /// Only what differs, in words.
    func contrast(with other: Way) -> (String, String) {
      var ours = [String]()
      var theirs = [String]()
      if order != other.order {
        ours.append(order.words)
        theirs.append(other.order.words)
      }
      if isFused != other.isFused {
        ours.append(isFused ? "fuses multiply and add" : "rounds between multiply and add")
        theirs.append(other.isFused ? "fuses multiply and add" : "rounds between multiply and add")
      }
      if isFactorInside != other.isFactorInside {
        ours.append(isFactorInside ? "scales each term" : "scales the sum")
        theirs.append(other.isFactorInside ? "scales each term" : "scales the sum")
      }
      return (ours.joined(separator: " and "), theirs.joined(separator: " and "))
    }
  }

  private func updates<Scalar: BinaryFloatingPoint>(_ value: Scalar, _ gradient: Scalar) -> [(Way, Scalar)] {
    let rate = Scalar(problem.learningRate)
    return [
      (Way(order: .separate), value - rate * gradient),
      (Way(order: .separate, isFused: true), value.addingProduct(-rate, gradient)),
    ]
  }

  private func sums<Scalar: BinaryFloatingPoint>(in _: Scalar.Type) -> [(Way, Scalar)] {
    let w = Scalar(before.w)
    let b = Scalar(before.b)
    let n = Scalar(problem.points)
    let squares = problem.x.map { Scalar($0) * Scalar($0) }
    var ways = [(Way, Scalar)]()
    for isFused in [false, true] {
      let residuals = zip(squares, problem.y).map { square, y in
        (isFused ? b.addingProduct(w, square) : w * square + b) - Scalar(y)
      }
      for isFactorInside in problem.loss == .mean && difference.quantity != .loss ? [false, true] : [false] {
        let factors = isFactorInside ? residuals.map { 2 / n * $0 } : residuals
        let terms: [Scalar] =
          switch difference.quantity {
          case .loss: residuals.map { $0 * $0 }
          case .dw: zip(factors, squares).map { $0 * $1 }
          default: factors
          }
        for order in [Way.Order.pairwise, .sequential, .exact] {
          let total = RoundingCause.sum(terms[...], order)
          let value: Scalar =
            switch (problem.loss, difference.quantity) {
            case (.sum, .loss): total / 2
            case (.mean, .loss): total / n
            case (.mean, _) where !isFactorInside: 2 * total / n
            default: total
            }
          ways.append((Way(order: order, isFused: isFused, isFactorInside: isFactorInside), value))
        }
      }
    }
    return ways
  }

  private static func sum<Scalar: BinaryFloatingPoint>(_ terms: ArraySlice<Scalar>, _ order: Way.Order)
    -> Scalar
  {
    switch order {
    case .pairwise: pairwise(terms)
    case .sequential, .separate: terms.reduce(-0.0, +)
    case .exact: Scalar(terms.reduce(DoubleDouble(0)) { $0 + DoubleDouble(Double($1)) }.high)
    }
  }

  /// NumPy's order: see chapters/2.6-hand-gradients/PairwiseSum.swift for the rule and its reason.
  private static func pairwise<Scalar: BinaryFloatingPoint>(_ terms: ArraySlice<Scalar>) -> Scalar {
    let count = terms.count
    if count < 8 { return terms.reduce(-0.0, +) }
    if count > 128 {
      let half = count / 2 / 8 * 8
      return pairwise(terms.prefix(half)) + pairwise(terms.dropFirst(half))
    }
    let whole = count / 8 * 8
    var sums = Array(terms.prefix(8))
    for (offset, term) in terms.prefix(whole).enumerated().dropFirst(8) { sums[offset % 8] += term }
    let total = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
    return terms.dropFirst(whole).reduce(total, +)
  }
}
