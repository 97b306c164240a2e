/// How far two correct programs may be apart, step by step, because each rounds in its own way: the tolerance
/// of the comparison.
///
/// It is derived and not chosen. Let u be the unit roundoff of the problem's type.
///
/// **Within a step.** A sum of n terms, in whatever order, is off by at most γ Σ|tᵢ|. In the worst case γ ≈ n
/// u; with rounding errors that are as often up as down γ = λ √n u but for a chance of 2 exp(−λ²/2) (Higham
/// and Mary, "A new approach to probabilistic rounding error analysis", SIAM J. Sci. Comput. 41, 2019). Here
/// λ = 4, a chance below one in a thousand for errors that would still have to be all at their largest, and 8
/// u more for the handful of operations that make and scale a term. Σ|tᵢ| is `StepFormula.magnitudes`. The
/// update adds u (|w| + 2 η |∂L/∂w|) for its product, its difference and the rounding of η.
///
/// **From step to step.** The update is linear in the error: e ← (I − η H) e, with the Hessian H. Along each
/// eigenvector of H an error shrinks or grows by |1 − η λᵢ|, so the bound is carried along the two
/// eigenvectors, where it stays tight, and what the step adds is added.
///
/// Both programs err, hence twice all that. At the start the bound is a few ulps, so a mistake shows in the
/// step that makes it; in a run that converges it settles; in one that diverges it grows as fast as the run
/// does.
///
/// Other optimizers follow no such rule: theirs are bounded by runs that are perturbed on purpose (`PerturbedRuns`).
struct RoundingBound {
  private let formula: StepFormula
  private let unit: Double
  /// The error a sum may have, in units of its magnitude.
  private let sumError: Double
  /// The runs that bound another optimizer's errors; nil for plain descent.
  private var perturbed: PerturbedRuns?
  /// How far the parameters may be apart along the two eigenvectors of the Hessian.
  private var along = (smaller: 0.0, larger: 0.0)
  private let decay: (smaller: Double, larger: Double)
  private let vectors: (smaller: (w: Double, b: Double), larger: (w: Double, b: Double))

  init(_ formula: StepFormula) {
    self.formula = formula
    unit = formula.problem.dtype.unitRoundoff
    sumError = (4 * Double(formula.problem.points).squareRoot() + 8) * unit
    let eigenvalues = formula.hessian.eigenvalues
    decay = (
      abs(1 - formula.learningRate * eigenvalues.smaller), abs(1 - formula.learningRate * eigenvalues.larger)
    )
    vectors = formula.hessian.eigenvectors
    if formula.problem.optimizer != .gradientDescent {
      perturbed = PerturbedRuns(formula, sumError: sumError)
    }
  }

  /// How far w and b may be apart now.
  private var apart: (w: Double, b: Double) {
    if let perturbed { return perturbed.apart }
    return (
      abs(vectors.smaller.w) * along.smaller + abs(vectors.larger.w) * along.larger,
      abs(vectors.smaller.b) * along.smaller + abs(vectors.larger.b) * along.larger
    )
  }

  /// Forgets the steps so far: both programs stand at the same parameters. What the next step says of w and b then
  /// holds for plain descent.
  mutating func restart() {
    along = (0, 0)
    perturbed = nil
  }

  /// How far two programs' versions of the next step may be apart, given one version, from the parameters (w,
  /// b) before it. Each call is one step further.
  mutating func next(w: Double, b: Double, step: Step) -> Step {
    let scale = formula.magnitudes(w: w, b: b, step: step)
    let hessian = formula.hessian
    let before = apart
    let dw = 2 * sumError * scale.dw + hessian.ww * before.w + hessian.wb * before.b
    let db = 2 * sumError * scale.db + hessian.wb * before.w + hessian.bb * before.b
    let curvature =
      (hessian.ww * before.w * before.w + 2 * hessian.wb * before.w * before.b
        + hessian.bb * before.b * before.b) / 2
    // The last term counts where the loss is zero: the rounding errors of the residuals, squared.
    let loss =
      2 * sumError * scale.loss + abs(step.dw) * before.w + abs(step.db) * before.b + curvature
      + (sumError * scale.db) * (sumError * scale.db)

    if perturbed != nil {
      perturbed?.advance()
      return Step(loss: loss, dw: dw, db: db, w: apart.w, b: apart.b)
    }
    let rate = formula.learningRate
    let addedW = 2 * (rate * sumError * scale.dw + unit * (abs(step.w) + 2 * rate * abs(step.dw)))
    let addedB = 2 * (rate * sumError * scale.db + unit * (abs(step.b) + 2 * rate * abs(step.db)))
    along.smaller =
      decay.smaller * along.smaller + abs(vectors.smaller.w) * addedW + abs(vectors.smaller.b) * addedB
    along.larger =
      decay.larger * along.larger + abs(vectors.larger.w) * addedW + abs(vectors.larger.b) * addedB
    return Step(loss: loss, dw: dw, db: db, w: apart.w, b: apart.b)
  }
}
