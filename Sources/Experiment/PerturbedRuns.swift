/// How far rounding can lead two runs of an optimizer apart, where no formula gives it: the spread of runs that are perturbed
/// on purpose, each rounding its parameters as a program of the problem's type does.
///
/// Plain descent and its errors follow a linear rule (`RoundingBound`). Where an optimizer divides by the gradients it has
/// seen, errors follow the run itself. RMSprop forgets the large gradients of the beginning by and by; once the root of their mean
/// is below η λ/2, with the Hessian's larger eigenvalue λ, it steps over the minimum to and fro, each time further. What
/// it starts from is the last rounding error: it alone decides on which side a run is when the steps are as large as they get, and
/// in which step. So two correct programs may end on opposite sides.
///
/// The runs differ in how much their gradients are off, because this changes when it happens: from all that a sum may
/// be off, which few sums are, to nothing but the rounding of w and b, which lets a run rest until its steps are larger than half a
/// last place. Also the numbers that an optimizer is made of are rounded: 1 − 0.999 in float32 has four digits that are right.
struct PerturbedRuns {
  /// One run: the parameters, what the optimizer remembers of each, and how much of a sum's error its gradients have.
  private struct Descent {
    var w: Double
    var b: Double
    var forW: OptimizerFormula
    var forB: OptimizerFormula
    let share: Double
  }

  /// The shares of a sum's error; equally many runs have each.
  private static let shares = [1, 1.0 / 8, 1.0 / 64, 1.0 / 512, 0]
  private static let count = 80

  private let formula: StepFormula
  private let unit: Double
  private let sumError: Double
  private var runs: [Descent]
  private var noise: UInt64 = 0x9e37_79b9_7f4a_7c15
  /// How far two programs may be apart in w and b by now: twice the largest spread so far, since it is that of a sample, and the
  /// last rounding of each.
  private(set) var apart = (w: 0.0, b: 0.0)

  /// Runs from the problem's start values; `sumError` is the relative error a gradient may have.
  init(_ formula: StepFormula, sumError: Double) {
    self.formula = formula
    self.sumError = sumError
    let problem = formula.problem
    let unit = problem.dtype.unitRoundoff
    self.unit = unit
    runs = (0..<PerturbedRuns.count).map { number in
      let errors = OptimizerFormula.Errors(
        first: number & 1 == 0 ? unit : -unit, second: number & 2 == 0 ? unit : -unit)
      let rule = OptimizerFormula(problem.optimizer, rate: formula.learningRate, errors: errors)
      return Descent(
        w: problem.dtype.rounded(problem.w0), b: problem.dtype.rounded(problem.b0), forW: rule, forB: rule,
        share: PerturbedRuns.shares[number / 4 % PerturbedRuns.shares.count])
    }
  }

  /// One step of every run.
  mutating func advance() {
    let dtype = formula.problem.dtype
    var (w, b) = (Spread(), Spread())
    for index in runs.indices {
      var run = runs[index]
      let (loss, dw, db) = formula.gradients(w: run.w, b: run.b)
      let step = Step(loss: loss, dw: dw, db: db, w: run.w, b: run.b)
      let scale = formula.magnitudes(w: run.w, b: run.b, step: step)
      let error = run.share * sumError
      let changeW = run.forW.change(by: dw + sign() * error * scale.dw)
      let changeB = run.forB.change(by: db + sign() * error * scale.db)
      run.w = dtype.rounded(run.w - changeW * (1 + 4 * sign() * unit))
      run.b = dtype.rounded(run.b - changeB * (1 + 4 * sign() * unit))
      runs[index] = run
      w.include(run.w)
      b.include(run.b)
    }
    apart.w = max(apart.w, 2 * (w.width + unit * w.magnitude))
    apart.b = max(apart.b, 2 * (b.width + unit * b.magnitude))
  }

  /// How far a set of numbers reaches.
  private struct Spread {
    private var least = Double.infinity
    private var largest = -Double.infinity
    /// From the least to the largest; infinite once one is not finite.
    var width: Double { magnitude.isFinite ? largest - least : .infinity }
    /// The largest absolute value.
    var magnitude: Double { max(-least, largest) }

    mutating func include(_ value: Double) {
      least = value.isNaN ? -.infinity : min(least, value)
      largest = max(largest, value)
    }
  }

  /// +1 or −1, by Marsaglia's xorshift: the same in every comparison.
  private mutating func sign() -> Double {
    noise ^= noise << 13
    noise ^= noise >> 7
    noise ^= noise << 17
    return noise & 1 << 40 == 0 ? 1 : -1
  }
}
