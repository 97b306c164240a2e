@testable import Experiment

/// The sums of one step, as a program finds them.
struct StepSums {
  var loss: Double
  var dw: Double
  var db: Double
}

/// Gradient descent in the plainest way, independent of the formulas under test: every sum one after the other, every
/// operation rounded to the problem's type. `order` says in which order the points are added up.
struct PlainDescent {
  var problem: Problem
  var name = "plain"
  var order: (Range<Int>) -> [Int] = { Array($0) }

  /// The loss and the gradients at (w, b).
  func sums(w: Double, b: Double) -> StepSums {
    switch problem.dtype {
    case .float64: sums(w, b)
    case .float32: sums(Float(w), Float(b))
    }
  }

  private func sums<Scalar: BinaryFloatingPoint>(_ w: Scalar, _ b: Scalar) -> StepSums {
    var (rr, rx, r) = (Scalar(0), Scalar(0), Scalar(0))
    for index in order(0..<problem.points) {
      let x = Scalar(problem.x[index])
      let square = x * x
      let residual = w * square + b - Scalar(problem.y[index])
      rr += residual * residual
      rx += residual * square
      r += residual
    }
    let n = Scalar(problem.points)
    return switch problem.loss {
    case .sum: StepSums(loss: Double(rr / 2), dw: Double(rx), db: Double(r))
    case .mean: StepSums(loss: Double(rr / n), dw: Double(2 * rx / n), db: Double(2 * r / n))
    }
  }

  /// The whole run, with every step as it must be.
  func trace() -> Trace { trace { w, b in update(w, b, sums(w: w, b: b)) } }

  /// A run in which `step` makes each step from the parameters before it.
  func trace(steps: Int? = nil, making step: (_ w: Double, _ b: Double) -> Step) -> Trace {
    var (w, b) = (problem.dtype.rounded(problem.w0), problem.dtype.rounded(problem.b0))
    var made = [Step]()
    for _ in 0..<(steps ?? problem.steps) {
      let next = step(w, b)
      (w, b) = (next.w, next.b)
      made.append(next)
      if !next.isFinite { break }
    }
    return Trace(approach: name, fingerprint: problem.fingerprint, dtype: problem.dtype, steps: made)
  }

  /// The step that these gradients lead to.
  func update(_ w: Double, _ b: Double, _ sums: StepSums) -> Step {
    let round = problem.dtype.rounded
    let rate = round(problem.learningRate)
    return Step(
      loss: sums.loss, dw: sums.dw, db: sums.db, w: round(w - round(rate * sums.dw)),
      b: round(b - round(rate * sums.db)))
  }
}
