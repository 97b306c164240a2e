/// The formulas of one training step, evaluated exactly: what a program must find, wherever it stands.
///
/// The loss and its gradients are polynomials in w and b whose coefficients are sums over the data. The sums
/// are made once, in double-double arithmetic, so that a step costs O(1) and its error (about 10⁻³²) is far
/// below any program's.
struct StepFormula: Sendable {
  let problem: Problem
  /// c in ∂L/∂w = c Σ r x²: 1 or 2/n.
  let factor: Double
  /// The learning rate in the problem's type.
  let learningRate: Double
  let hessian: Hessian
  private let n: DoubleDouble
  private var x2 = DoubleDouble(0)
  private var x4 = DoubleDouble(0)
  private var y = DoubleDouble(0)
  private var x2y = DoubleDouble(0)
  private var yy = DoubleDouble(0)
  private var absoluteY = 0.0
  private var absoluteX2Y = 0.0

  /// The sums over the data; O(n).
  init(_ problem: Problem) {
    self.problem = problem
    factor = problem.loss.gradientFactor(points: problem.points)
    learningRate = problem.dtype.rounded(problem.learningRate)
    hessian = Hessian(problem)
    n = DoubleDouble(Double(problem.points))
    for (x, y) in zip(problem.x, problem.y) {
      let x = problem.dtype.rounded(x)
      let y = problem.dtype.rounded(y)
      let square = DoubleDouble(product: x, x)
      x2 = x2 + square
      x4 = x4 + square * square
      self.y = self.y + DoubleDouble(y)
      x2y = x2y + square * DoubleDouble(y)
      yy = yy + DoubleDouble(product: y, y)
      absoluteY += abs(y)
      absoluteX2Y += abs(square.high * y)
    }
  }

  /// The loss and its gradients at (w, b).
  func gradients(w: Double, b: Double) -> (loss: Double, dw: Double, db: Double) {
    let w = DoubleDouble(w)
    let b = DoubleDouble(b)
    let two = DoubleDouble(2)
    let sumRX = w * x4 + b * x2 - x2y
    let sumR = w * x2 + b * n - y
    // Σ r² = w Σ r x² + b Σ r − Σ r y
    let sumRY = w * x2y + b * y - yy
    let sumRR = w * sumRX + b * sumR - sumRY
    switch problem.loss {
    case .sum: return (max(0, sumRR.high / 2), sumRX.high, sumR.high)
    case .mean: return (max(0, (sumRR / n).high), (two * sumRX / n).high, (two * sumR / n).high)
    }
  }

  /// The whole step from (w, b).
  func step(w: Double, b: Double) -> Step {
    let (loss, dw, db) = gradients(w: w, b: b)
    return Step(loss: loss, dw: dw, db: db, w: w - learningRate * dw, b: b - learningRate * db)
  }

  /// How large the numbers are that each quantity of a step is added up from: the scale on which its rounding
  /// errors lie.
  ///
  /// With mᵢ = |w| xᵢ² + |b| + |yᵢ|, the numbers that make a residual: ∂L/∂w is c Σ mᵢ xᵢ², ∂L/∂b is c Σ mᵢ;
  /// the loss, whose error is c Σ |rᵢ| δᵢ with |δᵢ| ≤ u mᵢ, is at most c (Σ r² Σ m²)^½ by Cauchy and Schwarz,
  /// or the loss itself if that is larger; w is |w| + η |∂L/∂w|, or |w| and the step taken where another optimizer
  /// makes it, and b likewise.
  func magnitudes(w: Double, b: Double, step: Step) -> Step {
    let isPlain = problem.optimizer == .gradientDescent
    let changes = isPlain ? (learningRate * step.dw, learningRate * step.db) : (step.w - w, step.b - b)
    let w = abs(w)
    let b = abs(b)
    let count = Double(problem.points)
    let sumMM =
      w * w * x4.high + b * b * count + yy.high
      + 2 * (w * b * x2.high + w * absoluteX2Y + b * absoluteY)
    let sumRR = max(0, step.loss) * (problem.loss == .sum ? 2 : count)
    return Step(
      loss: max(step.loss, factor * (sumRR.squareRoot() * sumMM.squareRoot())),
      dw: factor * (w * x4.high + b * x2.high + absoluteX2Y),
      db: factor * (w * x2.high + b * count + absoluteY),
      w: w + abs(changes.0),
      b: b + abs(changes.1))
  }
}
