import Testing

@testable import Experiment

/// Each mistake is made by a descent of its own, written here, and must be found and named.
@Suite struct `What the audit suspects` {
  private static func descent(_ loss: Loss, _ dtype: Precision, learningRate: Double = 0.001) throws
    -> PlainDescent
  {
    PlainDescent(problem: try Problem(learningRate: learningRate, steps: 10, loss: loss, dtype: dtype))
  }

  private static func violation(_ descent: PlainDescent, _ trace: Trace) -> Audit.Violation? {
    Audit(trace, problem: descent.problem).violation
  }

  @Test(arguments: Loss.allCases, Precision.allCases)
  func `Nothing, where nothing is wrong`(loss: Loss, dtype: Precision) throws {
    let descent = try Self.descent(loss, dtype)
    #expect(Self.violation(descent, descent.trace()) == nil)
  }

  // MARK: The known mistakes

  /// The sums with a known mistake in them, from the definitions.
  private static func wrongSums(_ mistake: Mistake, _ descent: PlainDescent, _ w: Double, _ b: Double)
    -> StepSums
  {
    let problem = descent.problem
    let right = descent.sums(w: w, b: b)
    var wrong = right
    switch mistake {
    case .lostXSquared: wrong.dw = right.db
    case .squaredResidual:
      let residuals = zip(problem.x, problem.y).map { x, y in w * x * x + b - y }
      let factor = problem.loss == .sum ? 1 : 2 / Double(problem.points)
      wrong.dw = factor * zip(problem.x, residuals).reduce(0) { $0 + $1.1 * $1.1 * $1.0 * $1.0 }
      wrong.db = factor * residuals.reduce(0) { $0 + $1 * $1 }
    case .meanForSum:
      let factor = problem.loss == .sum ? 1 / Double(problem.points) : Double(problem.points) / 2
      wrong.dw *= factor
      wrong.db *= factor
    case .flippedSign:
      wrong.dw = -wrong.dw
      wrong.db = -wrong.db
    case .factorTwo:
      wrong.dw *= 2
      wrong.db *= 2
    case .notReset: break  // It has a memory; see below.
    case .updatedW: wrong.db = descent.sums(w: w - problem.learningRate * right.dw, b: b).db
    }
    return StepSums(
      loss: wrong.loss, dw: problem.dtype.rounded(wrong.dw), db: problem.dtype.rounded(wrong.db))
  }

  @Test(arguments: Mistake.allCases.filter { $0 != .notReset }, Loss.allCases)
  func `A known mistake, by name, at the first step`(mistake: Mistake, loss: Loss) throws {
    for dtype in Precision.allCases {
      let descent = try Self.descent(loss, dtype, learningRate: loss == .sum ? 0.001 : 0.01)
      let trace = descent.trace { w, b in
        descent.update(w, b, Self.wrongSums(mistake, descent, w, b))
      }
      let violation = try #require(Self.violation(descent, trace))
      #expect(violation.step == 1)
      #expect(violation.quantity == (mistake == .updatedW ? .db : .dw))
      #expect(violation.cause.mistake == mistake)
      #expect(violation.cause.explanation == mistake.explanation)
      #expect(violation.found == trace.steps[0][violation.quantity])
    }
  }

  @Test(arguments: Loss.allCases) func `Gradients that are not reset, at the second step`(loss: Loss) throws {
    for dtype in Precision.allCases {
      let descent = try Self.descent(loss, dtype)
      var memory = (dw: 0.0, db: 0.0)
      let trace = descent.trace { w, b in
        var sums = descent.sums(w: w, b: b)
        memory = (dtype.rounded(memory.dw + sums.dw), dtype.rounded(memory.db + sums.db))
        (sums.dw, sums.db) = memory
        return descent.update(w, b, sums)
      }
      let violation = try #require(Self.violation(descent, trace))
      #expect(violation.step == 2 && violation.quantity == .dw)
      #expect(violation.cause.mistake == .notReset)
    }
  }

  // MARK: Other mistakes in the gradients

  @Test(arguments: [
    ("the sign of ∂L/∂w is flipped", Quantity.dw), ("the sign of ∂L/∂b is flipped", .db),
    ("the loss is the mean, the problem asks for the sum", .loss),
    ("only the loss is off, by a factor 2", .loss),
    ("the whole loss lacks its ½: it is twice as large", .loss),
    ("the gradients are half as large: the 2 of the derivative is lost", .dw),
    ("x stands in place of x² in ∂L/∂w", .dw), ("the residual is squared in ∂L/∂b", .db),
  ])
  func `A mistake without a name is put into words`(words: String, quantity: Quantity) throws {
    let descent = try Self.descent(.sum, .float64)
    let problem = descent.problem
    let n = Double(problem.points)
    let trace = descent.trace { w, b in
      var sums = descent.sums(w: w, b: b)
      let residuals = zip(problem.x, problem.y).map { x, y in w * x * x + b - y }
      switch words {
      case "the sign of ∂L/∂w is flipped": sums.dw *= -1
      case "the sign of ∂L/∂b is flipped": sums.db *= -1
      case "the loss is the mean, the problem asks for the sum":
        sums = StepSums(loss: 2 * sums.loss / n, dw: 2 * sums.dw / n, db: 2 * sums.db / n)
      case "only the loss is off, by a factor 2": sums.loss *= 2
      case "the whole loss lacks its ½: it is twice as large":
        sums = StepSums(loss: 2 * sums.loss, dw: 2 * sums.dw, db: 2 * sums.db)
      case "the gradients are half as large: the 2 of the derivative is lost":
        sums.dw /= 2
        sums.db /= 2
      case "x stands in place of x² in ∂L/∂w":
        sums.dw = zip(problem.x, residuals).reduce(0) { $0 + $1.0 * $1.1 }
      default: sums.db = residuals.reduce(0) { $0 + $1 * $1 }
      }
      return descent.update(w, b, sums)
    }
    let violation = try #require(Self.violation(descent, trace))
    #expect(violation.step == 1 && violation.quantity == quantity)
    #expect(violation.cause.explanation == words)
    #expect(violation.cause.mistake == nil)
  }

  @Test func `The loss after the update, where the one before it is asked for`() throws {
    let descent = try Self.descent(.sum, .float64)
    let trace = descent.trace { w, b in
      var step = descent.update(w, b, descent.sums(w: w, b: b))
      step.loss = descent.sums(w: step.w, b: step.b).loss
      return step
    }
    #expect(
      Self.violation(descent, trace)?.cause.explanation
        == "the loss is the one after the update; a row holds the one before it")
  }

  // MARK: Mistakes in the update

  @Test(arguments: [
    (-1.0, -1.0, "the update adds the gradient instead of subtracting it"),
    (0, 0, "the parameters are not updated, or are written before the update"),
    (2, 2, "the update is twice as large as the learning rate says"),
    (1000, 1000, "the learning rate is missing from the update"),
    (0.001, 0.001, "the learning rate is applied twice"),
    (1, 0, "for b, the parameters are not updated, or are written before the update"),
    (-1, 1, "for w, the update adds the gradient instead of subtracting it"),
    (1.5, 1.5, "the learning rate used is 0.0015, the problem's is 0.001"),
  ])
  func `An update that is not the problem's`(forW: Double, forB: Double, words: String) throws {
    let descent = try Self.descent(.sum, .float64)
    let trace = descent.trace(steps: 1) { w, b in
      let sums = descent.sums(w: w, b: b)
      var step = descent.update(w, b, sums)
      step.w = w - 0.001 * forW * sums.dw
      step.b = b - 0.001 * forB * sums.db
      return step
    }
    let violation = try #require(Self.violation(descent, trace))
    #expect(violation.quantity == (forW == 1 ? .b : .w))
    #expect(violation.cause.explanation == words)
  }

  // MARK: Precision

  @Test func `Float32 where float64 is asked for`() throws {
    let descent = try Self.descent(.sum, .float64)
    let single = PlainDescent(problem: try Problem(steps: 10, dtype: .float32)).trace()
    #expect(
      Self.violation(descent, single)?.cause.explanation
        == "calculated in float32 where the problem asks for float64")
  }

  @Test func `Too few digits written`() throws {
    let descent = try Self.descent(.sum, .float64)
    var trace = descent.trace()
    func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }
    trace.steps = trace.steps.map {
      Step(loss: rounded($0.loss), dw: rounded($0.dw), db: rounded($0.db), w: rounded($0.w), b: rounded($0.b))
    }
    #expect(
      Self.violation(descent, trace)?.cause.explanation
        == "the trace is written with 7 significant digits; 17 are needed to read back the same numbers")
  }

  @Test func `What it does not know it does not guess`() throws {
    let descent = try Self.descent(.sum, .float64)
    let trace = descent.trace { w, b in
      var sums = descent.sums(w: w, b: b)
      sums.dw += 12.34
      sums.db -= 5.67
      return descent.update(w, b, sums)
    }
    #expect(
      Self.violation(descent, trace)?.cause.explanation
        == "no mistake the workbench knows gives these numbers")
  }

  @Test func `A mistake late in a run is found where it is made, and once`() throws {
    let descent = try Self.descent(.sum, .float64)
    var number = 0
    let trace = descent.trace { w, b in
      number += 1
      var sums = descent.sums(w: w, b: b)
      if number == 6 { (sums.dw, sums.db) = (2 * sums.dw, 2 * sums.db) }
      return descent.update(w, b, sums)
    }
    let violation = try #require(Self.violation(descent, trace))
    #expect(violation.step == 6 && violation.cause.mistake == .factorTwo)
  }
}

@Suite struct `The cause of a difference in the last places` {
  private func cause(_ problem: Problem, _ other: Trace) -> String? {
    Report(problem: problem, traces: [PlainDescent(problem: problem, name: "plain").trace(), other]).pairs[0]
      .cause?
      .text
  }

  /// NumPy's own order of summation for fewer than 129 numbers.
  private func pairwise(_ terms: [Double]) -> Double {
    var sums = Array(terms.prefix(8))
    let whole = terms.count / 8 * 8
    for index in 8..<whole { sums[index % 8] += terms[index] }
    let total = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
    return terms[whole...].reduce(total, +)
  }

  private func trace(
    _ problem: Problem, residual: (Double, Double, Double, Double) -> Double, sum: ([Double]) -> Double
  )
    -> Trace
  {
    let plain = PlainDescent(problem: problem, name: "other")
    return plain.trace { w, b in
      let squares = problem.x.map { $0 * $0 }
      let r = zip(squares, problem.y).map { residual(w, $0, b, $1) }
      return plain.update(
        w, b,
        StepSums(
          loss: sum(r.map { $0 * $0 }) / 2, dw: sum(zip(r, squares).map { $0 * $1 }), db: sum(r)))
    }
  }

  @Test func `Another order of summation`() throws {
    let problem = try Problem(steps: 40)
    let other = trace(problem, residual: { w, square, b, y in w * square + b - y }, sum: pairwise)
    #expect(cause(problem, other) == "plain adds one after the other, other adds pairwise")
  }

  @Test func `Fused multiply-add`() throws {
    let problem = try Problem(steps: 40)
    let other = trace(
      problem, residual: { w, square, b, y in b.addingProduct(w, square) - y }, sum: { $0.reduce(0, +) })
    #expect(cause(problem, other) == "plain rounds between multiply and add, other fuses multiply and add")
  }

  @Test func `An order it does not know is not given a name`() throws {
    let problem = try Problem(steps: 40)
    let backward = PlainDescent(problem: problem, name: "backward", order: { $0.reversed() }).trace()
    #expect(cause(problem, backward) == "plain adds one after the other, backward in another way")
  }

  @Test func `Same bits have no cause`() throws {
    let problem = try Problem(steps: 4)
    #expect(cause(problem, PlainDescent(problem: problem).trace()) == nil)
  }
}
