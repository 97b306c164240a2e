/// Finds why two correct programs differ in the last places: it recalculates the number in the ways programs
/// really do (another order of summation, fused multiply-add, the factor of the mean inside or outside the
/// sum) and looks which way gives a program's bits.
///
/// One number proves little, since there are only a few neighbours it can be; a way counts as a program's own
/// if it gives its bits in every one of the first steps.
struct RoundingCause {
  let problem: Problem
  let quantity: Quantity
  let traces: (Trace, Trace)

  /// So many steps are looked at, fewer if there are many points.
  private static let mostSteps = 64
  private static let mostTerms = 2_000_000

  /// Why, naming the two programs.
  var explanation: String {
    switch problem.dtype {
    case .float64: explanation(in: Double.self)
    case .float32: explanation(in: Float.self)
    }
  }

  private func explanation<Scalar: BinaryFloatingPoint>(in _: Scalar.Type) -> String {
    let isUpdate = quantity == .w || quantity == .b
    if isUpdate, problem.optimizer != .gradientDescent {
      return "the update of \(problem.optimizer.rawValue) is rounded in different ways"
    }
    let (first, second) = (traces.0.approach, traces.1.approach)
    switch (way(of: traces.0, in: Scalar.self), way(of: traces.1, in: Scalar.self)) {
    case (let a?, let b?) where a != b:
      let (aWords, bWords) = a.contrast(with: b)
      return "\(first) \(aWords), \(second) \(bWords)"
    case (let a?, nil): return "\(first) \(a.words), \(second) in another way"
    case (nil, let b?): return "\(second) \(b.words), \(first) in another way"
    default:
      return isUpdate
        ? "the update is rounded in different ways" : "order of summation, or how the products are grouped"
    }
  }

  /// The way that gives a program's bits in every step looked at; nil if none does.
  private func way<Scalar: BinaryFloatingPoint>(of trace: Trace, in _: Scalar.Type) -> Way? {
    let count = min(
      RoundingCause.mostSteps, max(1, RoundingCause.mostTerms / problem.points), trace.steps.count)
    let squares = problem.x.map { Scalar($0) * Scalar($0) }
    let y = problem.y.map { Scalar($0) }
    return candidates.first { way in
      (0..<count).allSatisfy { index in
        let before = trace.parameters(before: index + 1, of: problem)
        let step = trace.steps[index]
        let value: Scalar =
          switch quantity {
          case .loss, .dw, .db: sum(way, Scalar(before.w), Scalar(before.b), squares, y)
          case .w: update(way, Scalar(before.w), Scalar(step.dw))
          case .b: update(way, Scalar(before.b), Scalar(step.db))
          }
        return value == Scalar(step[quantity])
      }
    }
  }

  /// A way to calculate a number.
  private struct Way: Equatable {
    enum Order: CaseIterable { case pairwise, sequential }
    /// How terms are added; nil where nothing is added up.
    var order: Order?
    var isFused: Bool
    var isFactorInside = false

    private var orderWords: String? {
      switch order {
      case .pairwise: "adds pairwise"
      case .sequential: "adds one after the other"
      case nil: nil
      }
    }
    private var fusionWords: String { isFused ? "fuses multiply and add" : "rounds between multiply and add" }
    private var factorWords: String { isFactorInside ? "scales each term" : "scales the sum" }

    /// What is most telling of this way alone.
    var words: String { orderWords ?? fusionWords }

    /// What this way and another do not share, in words.
    func contrast(with other: Way) -> (String, String) {
      var pairs = [(String, String)]()
      if let a = orderWords, let b = other.orderWords, a != b { pairs.append((a, b)) }
      if isFused != other.isFused { pairs.append((fusionWords, other.fusionWords)) }
      if isFactorInside != other.isFactorInside { pairs.append((factorWords, other.factorWords)) }
      return (pairs.map(\.0).joined(separator: " and "), pairs.map(\.1).joined(separator: " and "))
    }
  }

  private var candidates: [Way] {
    if quantity == .w || quantity == .b { return [Way(isFused: false), Way(isFused: true)] }
    let hasFactor = problem.loss == .mean && quantity != .loss
    return Way.Order.allCases.flatMap { order in
      [false, true].flatMap { isFused in
        (hasFactor ? [false, true] : [false]).map { Way(order: order, isFused: isFused, isFactorInside: $0) }
      }
    }
  }

  private func update<Scalar: BinaryFloatingPoint>(_ way: Way, _ value: Scalar, _ gradient: Scalar) -> Scalar
  {
    let rate = Scalar(problem.learningRate)
    return way.isFused ? value.addingProduct(-rate, gradient) : value - rate * gradient
  }

  private func sum<Scalar: BinaryFloatingPoint>(
    _ way: Way, _ w: Scalar, _ b: Scalar, _ squares: [Scalar], _ y: [Scalar]
  ) -> Scalar {
    let n = Scalar(problem.points)
    let terms = zip(squares, y).map { square, y -> Scalar in
      let residual = (way.isFused ? b.addingProduct(w, square) : w * square + b) - y
      let factor = way.isFactorInside ? 2 / n * residual : residual
      return switch quantity {
      case .loss: residual * residual
      case .dw: factor * square
      default: factor
      }
    }
    let total = way.order == .sequential ? terms.reduce(-0.0, +) : RoundingCause.pairwise(terms[...])
    return switch (problem.loss, quantity) {
    case (.sum, .loss): total / 2
    case (.mean, .loss): total / n
    case (.mean, _) where !way.isFactorInside: 2 * total / n
    default: total
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
