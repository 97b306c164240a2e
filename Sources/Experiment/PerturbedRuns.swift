/// How far rounding can lead two runs of an optimizer apart, where no formula gives it: a run with exact gradients beside
/// 32 whose every gradient and parameter is off by as much as a correct program's may be, in a random direction.
///
/// Plain descent and its errors follow a linear rule (`RoundingBound`). Where an optimizer divides by the gradients it has
/// seen, errors follow the run itself: they are large where gradients are small, and near the minimum, where Adam and RMSprop
/// step to and fro, they grow until they are as large as these steps. The distance of a perturbed run from the exact one shows it.
/// Perturbing at full size in every step is more than rounding does, which is at its bound in few. Also the numbers that an optimizer
/// is made of are rounded: 1 − 0.999 in float32 has four digits that are right.
struct PerturbedRuns {
  /// One run: the parameters, and what the optimizer remembers of each.
  private struct Descent {
    var w: Double
    var b: Double
    var forW: OptimizerFormula
    var forB: OptimizerFormula
  }

  private let formula: StepFormula
  private let unit: Double
  private let sumError: Double
  private var exact: Descent
  private var perturbed: [Descent]
  private var noise: UInt64 = 0x9e37_79b9_7f4a_7c15
  /// How far two programs may be apart in w and b by now: twice the largest distance so far of a perturbed run.
  private(set) var apart = (w: 0.0, b: 0.0)

  /// Runs from the problem's start values; `sumError` is the relative error a gradient may have.
  init(_ formula: StepFormula, sumError: Double) {
    self.formula = formula
    self.sumError = sumError
    let problem = formula.problem
    let unit = problem.dtype.unitRoundoff
    self.unit = unit
    func descent(_ errors: OptimizerFormula.Errors) -> Descent {
      let rule = OptimizerFormula(problem.optimizer, rate: formula.learningRate, errors: errors)
      return Descent(
        w: problem.dtype.rounded(problem.w0), b: problem.dtype.rounded(problem.b0), forW: rule, forB: rule)
    }
    exact = descent(OptimizerFormula.Errors())
    perturbed = (0..<32).map { number in
      descent(
        OptimizerFormula.Errors(
          first: number & 1 == 0 ? unit : -unit, second: number & 2 == 0 ? unit : -unit))
    }
  }

  /// One step of every run.
  mutating func advance() {
    let gradients = formula.gradients(w: exact.w, b: exact.b)
    exact.w -= exact.forW.change(by: gradients.dw)
    exact.b -= exact.forB.change(by: gradients.db)
    for index in perturbed.indices {
      var run = perturbed[index]
      let (loss, dw, db) = formula.gradients(w: run.w, b: run.b)
      let step = Step(loss: loss, dw: dw, db: db, w: run.w, b: run.b)
      let scale = formula.magnitudes(w: run.w, b: run.b, step: step)
      run.w -= run.forW.change(by: dw + sign() * sumError * scale.dw) * (1 + 4 * sign() * unit)
      run.b -= run.forB.change(by: db + sign() * sumError * scale.db) * (1 + 4 * sign() * unit)
      run.w += sign() * unit * abs(run.w)
      run.b += sign() * unit * abs(run.b)
      perturbed[index] = run
      apart.w = PerturbedRuns.larger(apart.w, 2 * abs(run.w - exact.w))
      apart.b = PerturbedRuns.larger(apart.b, 2 * abs(run.b - exact.b))
    }
  }

  /// The larger of two distances; infinite once a run is no longer finite.
  private static func larger(_ a: Double, _ b: Double) -> Double { b.isFinite ? max(a, b) : .infinity }

  /// +1 or −1, by Marsaglia's xorshift: the same in every comparison.
  private mutating func sign() -> Double {
    noise ^= noise << 13
    noise ^= noise >> 7
    noise ^= noise << 17
    return noise & 1 << 40 == 0 ? 1 : -1
  }
}
