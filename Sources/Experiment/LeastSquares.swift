/// The exact minimum of the loss: the w and b of the straight line through (x², y) in the sense of least
/// squares.
///
/// With X = x² and means X̄, ȳ: w = Σ (X − X̄)(y − ȳ) / Σ (X − X̄)², b = ȳ − w X̄. All sums are carried in
/// double-double arithmetic (about 32 digits), and the data are taken as rounded to the problem's type, so
/// the result is the true minimum of what the programs were given, to the last bit or nearly. Both losses
/// have the same minimum.
public struct LeastSquares: Equatable, Sendable {
  /// The parameters at the minimum.
  public struct Solution: Equatable, Sendable {
    /// w at the minimum.
    public var w: Double
    /// b at the minimum.
    public var b: Double
    /// The loss there, in the problem's convention.
    public var loss: Double
  }

  /// The minimum; nil if there is no single one, because all x² are equal.
  public let solution: Solution?
  /// Gradient descent diverges above this learning rate: 2 divided by the largest eigenvalue of the Hessian.
  public let largestStableRate: Double

  /// Solves `problem` in O(n).
  public init(_ problem: Problem) {
    let data = zip(problem.x, problem.y).map { (problem.dtype.rounded($0), problem.dtype.rounded($1)) }
    let n = DoubleDouble(Double(problem.points))
    let meanX = data.reduce(DoubleDouble(0)) { $0 + DoubleDouble(product: $1.0, $1.0) } / n
    let meanY = data.reduce(DoubleDouble(0)) { $0 + DoubleDouble($1.1) } / n
    var squares = DoubleDouble(0)
    var products = DoubleDouble(0)
    for (x, y) in data {
      let centred = DoubleDouble(product: x, x) - meanX
      squares = squares + centred * centred
      products = products + centred * (DoubleDouble(y) - meanY)
    }
    largestStableRate = 2 / Hessian(problem).eigenvalues.larger
    guard squares.high > 0 else {
      solution = nil
      return
    }
    let w = products / squares
    let b = meanY - w * meanX
    var loss = DoubleDouble(0)
    for (x, y) in data {
      let residual = w * DoubleDouble(product: x, x) + b - DoubleDouble(y)
      loss = loss + residual * residual
    }
    let total = problem.loss == .sum ? loss * DoubleDouble(0.5) : loss / n
    solution = Solution(w: w.high, b: b.high, loss: total.high)
  }
}

/// A number as the unevaluated sum of two doubles, with about 106 significant bits (Dekker 1971; the variants
/// with a fused multiply-add of Joldes, Muller and Popescu, "Tight and rigorous error bounds for basic
/// building blocks of double-word arithmetic", ACM TOMS 44, 2017).
struct DoubleDouble: Equatable, Sendable {
  var high: Double
  var low: Double

  init(_ value: Double) {
    high = value
    low = 0
  }

  /// The product of two doubles, exactly.
  init(product a: Double, _ b: Double) {
    high = a * b
    low = (-high).addingProduct(a, b)
  }

  /// The sum of two doubles, exactly.
  init(sum a: Double, _ b: Double) {
    high = a + b
    let bPart = high - a
    low = (a - (high - bPart)) + (b - bPart)
  }

  /// The same where |a| ≥ |b|.
  private init(quickSum a: Double, _ b: Double) {
    high = a + b
    low = b - (high - a)
  }

  static func + (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let highs = DoubleDouble(sum: a.high, b.high)
    let lows = DoubleDouble(sum: a.low, b.low)
    let middle = DoubleDouble(quickSum: highs.high, highs.low + lows.high)
    return DoubleDouble(quickSum: middle.high, middle.low + lows.low)
  }

  static func - (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    var negative = b
    negative.high = -b.high
    negative.low = -b.low
    return a + negative
  }

  static func * (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let highs = DoubleDouble(product: a.high, b.high)
    let cross = (a.low * b.low).addingProduct(a.high, b.low).addingProduct(a.low, b.high)
    return DoubleDouble(quickSum: highs.high, highs.low + cross)
  }

  static func / (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let quotient = a.high / b.high
    let remainder = a - DoubleDouble(quotient) * b
    return DoubleDouble(quickSum: quotient, remainder.high / b.high)
  }
}

/// The second derivatives of the loss, which are the same everywhere: c·[[Σx⁴, Σx²], [Σx², n]], c being 1 or
/// 2/n.
struct Hessian: Equatable, Sendable {
  var ww: Double
  var wb: Double
  var bb: Double

  init(_ problem: Problem) {
    let factor = problem.loss.gradientFactor(points: problem.points)
    var squares = 0.0
    var fourths = 0.0
    for x in problem.x {
      let xSquared = x * x
      squares += xSquared
      fourths += xSquared * xSquared
    }
    ww = factor * fourths
    wb = factor * squares
    bb = factor * Double(problem.points)
  }

  /// The two eigenvalues; both at least zero, but for rounding.
  var eigenvalues: (smaller: Double, larger: Double) {
    let mean = (ww + bb) / 2
    let half = ((ww - bb) / 2 * ((ww - bb) / 2) + wb * wb).squareRoot()
    return (max(0, mean - half), mean + half)
  }

  /// Unit eigenvectors, as (w, b), of the smaller and the larger eigenvalue.
  var eigenvectors: (smaller: (w: Double, b: Double), larger: (w: Double, b: Double)) {
    // Of the two rows of (H − λI) v = 0 the one that does not cancel.
    let difference = eigenvalues.larger - ww
    let other = eigenvalues.larger - bb
    var larger = abs(difference) > abs(other) ? (w: wb, b: difference) : (w: other, b: wb)
    let length = (larger.w * larger.w + larger.b * larger.b).squareRoot()
    if length > 0 { larger = (larger.w / length, larger.b / length) } else { larger = (0, 1) }
    return (smaller: (larger.b, -larger.w), larger: larger)
  }
}
