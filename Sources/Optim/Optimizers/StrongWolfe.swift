/// The line search of `LBFGS`: a length t along a direction d of falling loss so that the loss f falls enough and the slope f′ = gᵀd has
/// become small enough (the strong Wolfe conditions):
///
///     f(t) ≤ f(0) + c₁·t·f′(0)   and   |f′(t)| ≤ c₂·|f′(0)|
///
/// First an interval is found that holds such a length, then it is narrowed by cubic interpolation. Source: J. Nocedal, S. Wright,
/// "Numerical optimization" (2006), algorithms 3.5 and 3.6, in the form of M. Schmidt's minFunc that PyTorch follows: it also
/// moves a trial away from the interval's ends when progress is slow.
enum StrongWolfe {
  static let c1 = 1e-4
  static let c2 = 0.9
  static let toleranceChange = 1e-9

  /// A length tried: its loss, gradient and slope.
  private struct Trial {
    var length: Double
    var loss: Double
    var gradient: NDArray
    var slope: Double
  }

  /// The loss and gradient at the length found, the length, and how often `evaluate` was called.
  static func search(
    length first: Double, direction: NDArray, loss: Double, gradient: NDArray, slope: Double,
    atMost limit: Int, _ evaluate: (Double) throws(ArrayError) -> (loss: Double, gradient: NDArray)
  ) throws(ArrayError) -> (loss: Double, gradient: NDArray, length: Double, evaluations: Int) {
    var evaluations = 0
    func attempt(_ length: Double) throws(ArrayError) -> Trial {
      let there = try evaluate(length)
      evaluations += 1
      return Trial(
        length: length, loss: there.loss, gradient: there.gradient, slope: there.gradient.times(direction))
    }
    /// Whether the loss has not fallen enough.
    func isTooHigh(_ trial: Trial) -> Bool { trial.loss > loss + c1 * trial.length * slope }
    func isFlat(_ trial: Trial) -> Bool { abs(trial.slope) <= -c2 * slope }

    let start = Trial(length: 0, loss: loss, gradient: gradient, slope: slope)
    var trial = try attempt(first)
    var previous = start
    var bracket: [Trial] = []
    var iterations = 0
    while iterations < limit {
      if isTooHigh(trial) || (iterations > 1 && trial.loss >= previous.loss) {
        bracket = [previous, trial]
        break
      }
      if isFlat(trial) { return (trial.loss, trial.gradient, trial.length, evaluations) }
      if trial.slope >= 0 {
        bracket = [previous, trial]
        break
      }
      let t = trial.length
      let next = minimumOfCubic(previous, trial, within: (t + 0.01 * (t - previous.length), t * 10))
      previous = trial
      trial = try attempt(next)
      iterations += 1
    }
    if bracket.isEmpty { bracket = [start, trial] }

    var isSlow = false
    var (low, high) = bracket[0].loss <= bracket[1].loss ? (0, 1) : (1, 0)
    let size = direction.abs().max().item(as: Double.self)
    while iterations < limit {
      let ends = (
        min(bracket[0].length, bracket[1].length), max(bracket[0].length, bracket[1].length)
      )
      if (ends.1 - ends.0) * size < toleranceChange { break }
      var t = minimumOfCubic(bracket[0], bracket[1], within: ends)
      let margin = 0.1 * (ends.1 - ends.0)
      if min(ends.1 - t, t - ends.0) < margin {
        if isSlow || t >= ends.1 || t <= ends.0 {
          t = abs(t - ends.1) < abs(t - ends.0) ? ends.1 - margin : ends.0 + margin
          isSlow = false
        } else {
          isSlow = true
        }
      } else {
        isSlow = false
      }
      trial = try attempt(t)
      iterations += 1
      if isTooHigh(trial) || trial.loss >= bracket[low].loss {
        bracket[high] = trial
        (low, high) = bracket[0].loss <= bracket[1].loss ? (0, 1) : (1, 0)
        continue
      }
      let isDone = isFlat(trial)
      if !isDone && trial.slope * (bracket[high].length - bracket[low].length) >= 0 {
        bracket[high] = bracket[low]
      }
      bracket[low] = trial
      if isDone { break }
    }
    let best = bracket[low]
    return (best.loss, best.gradient, best.length, evaluations)
  }

  /// Where the cubic through both trials, with their slopes, is least; the middle of `bounds` when nowhere.
  private static func minimumOfCubic(_ a: Trial, _ b: Trial, within bounds: (Double, Double)) -> Double {
    let (left, right) = a.length <= b.length ? (a, b) : (b, a)
    let d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.length - b.length)
    let square = d1 * d1 - a.slope * b.slope
    if !(square >= 0) { return (bounds.0 + bounds.1) / 2 }
    let d2 = square.squareRoot()
    let position =
      right.length
      - (right.length - left.length)
      * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2))
    return min(max(position, bounds.0), bounds.1)
  }
}
