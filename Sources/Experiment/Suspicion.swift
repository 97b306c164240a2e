/// Finds the cause of a step that breaks the formulas: it recalculates the step under each mistake it knows
/// and takes the one that gives the program's numbers.
struct Suspicion {
  let trace: Trace
  /// The step's place in the trace, from 0.
  let index: Int
  /// The first of its numbers that is off.
  let quantity: Quantity
  let formula: StepFormula

  private var step: Step { trace.steps[index] }
  private var before: (w: Double, b: Double) { trace.parameters(before: index + 1, of: formula.problem) }
  private var rate: Double { formula.learningRate }

  /// What the trace as a whole shows, or else the part of the step that is off.
  var cause: Cause {
    let isUpdate = quantity == .w || quantity == .b
    return precisionCause ?? (isUpdate ? updateCause : gradientCause)
      ?? Cause("no mistake the workbench knows gives these numbers")
  }

  // MARK: Precision

  private var precisionCause: Cause? {
    guard formula.problem.dtype == .float64 else { return nil }
    let values = trace.steps.flatMap { step in Quantity.allCases.map { step[$0] } }.filter {
      $0.isFinite && $0 != 0
    }
    if values.allSatisfy({ Double(Float($0)) == $0 }) {
      return Cause("calculated in float32 where the problem asks for float64")
    }
    let digits = values.map(Suspicion.significantDigits).max() ?? 17
    if digits <= 10 {
      return Cause(
        "the trace is written with \(digits) significant digits; 17 are needed to read back the same numbers")
    }
    return nil
  }

  private static func significantDigits(_ value: Double) -> Int {
    let mantissa = "\(value)".prefix { $0 != "e" }.filter(\.isNumber).drop { $0 == "0" }
    return mantissa.reversed().drop { $0 == "0" }.count
  }

  // MARK: Loss and gradients

  /// A way to get the loss and the gradients wrong, and what it gives.
  private struct Hypothesis {
    var cause: Cause
    var loss: Double
    var dw: Double
    var db: Double

    init(_ cause: Cause, loss: Double, dw: Double, db: Double) {
      self.cause = cause
      self.loss = loss
      self.dw = dw
      self.db = db
    }
  }

  private var gradientCause: Cause? {
    hypotheses.compactMap { hypothesis in distance(to: hypothesis).map { (hypothesis.cause, $0) } }
      .min { $0.1 < $1.1 }?.0
  }

  /// How far the program's numbers are from the hypothesis, in units of what rounding allows; nil if further
  /// than that.
  private func distance(to hypothesis: Hypothesis) -> Double? {
    let scale = formula.magnitudes(w: before.w, b: before.b, step: step)
    let relative =
      8 * (4 * Double(formula.problem.points).squareRoot() + 8) * formula.problem.dtype.unitRoundoff
    let distances = [
      abs(step.loss - hypothesis.loss) / (relative * max(scale.loss, abs(hypothesis.loss))),
      abs(step.dw - hypothesis.dw) / (relative * max(scale.dw, abs(hypothesis.dw))),
      abs(step.db - hypothesis.db) / (relative * max(scale.db, abs(hypothesis.db))),
    ]
    guard distances.allSatisfy({ $0 <= 1 }) else { return nil }
    return distances.max()
  }

  private var hypotheses: [Hypothesis] {
    let (loss, dw, db) = formula.gradients(w: before.w, b: before.b)
    let n = Double(formula.problem.points)
    let squared = squaredResidualSums
    // From one normalisation of the loss to the other: ½ Σ r² against Σ r² / n.
    let isSum = formula.problem.loss == .sum
    let otherLoss = isSum ? 2 / n : n / 2
    let otherGradient = isSum ? 1 / n : n / 2
    let afterwards = formula.gradients(w: step.w, b: step.b)
    let updatedW = formula.gradients(w: before.w - rate * dw, b: before.b)
    var list = [
      Hypothesis(Cause(.lostXSquared), loss: loss, dw: db, db: db),
      Hypothesis(Cause(.squaredResidual), loss: loss, dw: squared.dw, db: squared.db),
      Hypothesis(Cause("the residual is squared in ∂L/∂w"), loss: loss, dw: squared.dw, db: db),
      Hypothesis(Cause("the residual is squared in ∂L/∂b"), loss: loss, dw: dw, db: squared.db),
      Hypothesis(Cause(.meanForSum), loss: loss, dw: dw * otherGradient, db: db * otherGradient),
      Hypothesis(Cause(.meanForSum), loss: loss, dw: dw * otherLoss, db: db * otherLoss),
      Hypothesis(
        Cause(
          isSum
            ? "the loss is the mean, the problem asks for the sum"
            : "the loss is the sum, the problem asks for the mean"),
        loss: loss * otherLoss, dw: dw * otherLoss, db: db * otherLoss),
      Hypothesis(Cause(.flippedSign), loss: loss, dw: -dw, db: -db),
      Hypothesis(Cause("the sign of ∂L/∂w is flipped"), loss: loss, dw: -dw, db: db),
      Hypothesis(Cause("the sign of ∂L/∂b is flipped"), loss: loss, dw: dw, db: -db),
      Hypothesis(Cause(.factorTwo), loss: loss, dw: 2 * dw, db: 2 * db),
      Hypothesis(
        Cause("the whole loss lacks its ½: it is twice as large"), loss: 2 * loss, dw: 2 * dw, db: 2 * db),
      Hypothesis(
        Cause("the gradients are half as large: the 2 of the derivative is lost"), loss: loss, dw: dw / 2,
        db: db / 2),
      Hypothesis(Cause("only the loss is off, by a factor 2"), loss: 2 * loss, dw: dw, db: db),
      Hypothesis(Cause("only the loss is off, by a factor ½"), loss: loss / 2, dw: dw, db: db),
      Hypothesis(
        Cause("only the loss is off: it has the other normalisation"), loss: loss * otherLoss, dw: dw, db: db),
      Hypothesis(Cause("x stands in place of x² in ∂L/∂w"), loss: loss, dw: squared.xInstead, db: db),
      Hypothesis(Cause(.updatedW), loss: loss, dw: dw, db: updatedW.db),
      Hypothesis(
        Cause("the loss and the gradients are those after the update; a row holds them before it"),
        loss: afterwards.loss, dw: afterwards.dw, db: afterwards.db),
      Hypothesis(
        Cause("the loss is the one after the update; a row holds the one before it"),
        loss: afterwards.loss, dw: dw, db: db),
    ]
    if index > 0 {
      let previous = trace.steps[index - 1]
      list.append(Hypothesis(Cause(.notReset), loss: loss, dw: previous.dw + dw, db: previous.db + db))
    }
    return list
  }

  /// c Σ r² x², c Σ r² and c Σ r x.
  private var squaredResidualSums: (dw: Double, db: Double, xInstead: Double) {
    let dtype = formula.problem.dtype
    var sums = (dw: 0.0, db: 0.0, xInstead: 0.0)
    for (x, y) in zip(formula.problem.x, formula.problem.y) {
      let x = dtype.rounded(x)
      let residual = before.w * (x * x) + before.b - dtype.rounded(y)
      sums.dw += residual * residual * (x * x)
      sums.db += residual * residual
      sums.xInstead += residual * x
    }
    return (formula.factor * sums.dw, formula.factor * sums.db, formula.factor * sums.xInstead)
  }

  // MARK: Update

  /// What the update made of the gradients that the program itself states.
  private var updateCause: Cause? {
    let candidates: [(Double, String)] = [
      (-1, "the update adds the gradient instead of subtracting it"),
      (0, "the parameters are not updated, or are written before the update"),
      (2, "the update is twice as large as the learning rate says"),
      (0.5, "the update is half as large as the learning rate says"),
      (1 / rate, "the learning rate is missing from the update"),
      (rate, "the learning rate is applied twice"),
    ]
    for (ratio, explanation) in candidates where isUpdate(w: ratio, b: ratio) { return Cause(explanation) }
    for (ratio, explanation) in candidates where isUpdate(w: 1, b: ratio) {
      return Cause("for b, \(explanation)")
    }
    for (ratio, explanation) in candidates where isUpdate(w: ratio, b: 1) {
      return Cause("for w, \(explanation)")
    }
    let ratio = (before.w - step.w) / (rate * step.dw)
    if ratio.isFinite, isUpdate(w: ratio, b: ratio) {
      return Cause("the learning rate used is \(Float(ratio * rate)), the problem's is \(rate)")
    }
    return nil
  }

  private func isUpdate(w ratioW: Double, b ratioB: Double) -> Bool {
    func isClose(_ found: Double, _ start: Double, _ change: Double) -> Bool {
      let allowed = 8 * formula.problem.dtype.unitRoundoff * (abs(start) + abs(change))
      return abs(found - (start - change)) <= allowed
    }
    return isClose(step.w, before.w, ratioW * rate * step.dw)
      && isClose(step.b, before.b, ratioB * rate * step.db)
  }
}
