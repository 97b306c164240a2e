import Testing

@testable import Experiment

@Suite struct `The distance in ulps` {
  @Test func `Counts the numbers between two numbers`() {
    #expect(ulpDistance(1, 1) == 0)
    #expect(ulpDistance(0, -0.0) == 0)
    #expect(ulpDistance(1, 1.0.nextUp) == 1)
    #expect(ulpDistance(2, 2.0.nextDown) == 1, "across a power of two, where the spacing changes")
    #expect(ulpDistance(.leastNonzeroMagnitude, -Double.leastNonzeroMagnitude) == 2, "across zero")
    #expect(ulpDistance(.greatestFiniteMagnitude, .infinity) == 1)
    #expect(ulpDistance(1, 2) == 1 << 52)
    #expect(ulpDistance(-.infinity, .infinity) == 0xffe0_0000_0000_0000 as UInt64, "more than an Int64 holds")
  }

  @Test func `In float32 it counts float32's numbers`() {
    #expect(ulpDistance(1, Double(Float(1).nextUp), dtype: .float32) == 1)
    #expect(ulpDistance(1, 2, dtype: .float32) == 1 << 23)
    #expect(ulpDistance(1, 1.0.nextUp, dtype: .float32) == 0)
  }

  @Test func `What is not a number has no distance`() {
    #expect(ulpDistance(.nan, 1) == nil)
    #expect(ulpDistance(.nan, .nan) == nil)
  }
}

@Suite struct `The formulas of a step` {
  /// Over (0, 2), (1, 5), (−1, 5) at w = 1, b = 1: r = −1, −3, −3; Σr² = 19, Σrx² = −6, Σr = −7.
  @Test func `Give the numbers found by hand`() throws {
    let problem = try Problem(x: [0, 1, -1], y: [2, 5, 5], w0: 1, b0: 1, learningRate: 0.5, steps: 1)
    #expect(StepFormula(problem).step(w: 1, b: 1) == Step(loss: 9.5, dw: -6, db: -7, w: 4, b: 4.5))
    let mean = try Problem(
      x: [0, 1, -1], y: [2, 5, 5], w0: 1, b0: 1, learningRate: 0.375, steps: 1, loss: .mean)
    let step = StepFormula(mean).step(w: 1, b: 1)
    #expect(step.dw == -4 && step.w == 2.5)
    #expect(abs(step.loss - 19.0 / 3) < 1e-15 && abs(step.db + 14.0 / 3) < 1e-15)
  }

  @Test func `Agree with plain sums to rounding`() throws {
    for dtype in Precision.allCases {
      for loss in Loss.allCases {
        let problem = try Problem(learningRate: 0.001, loss: loss, dtype: dtype)
        let plain = PlainDescent(problem: problem).sums(w: 1.5, b: -0.5)
        let exact = StepFormula(problem).gradients(w: 1.5, b: -0.5)
        let allowed = 100 * dtype.unitRoundoff
        #expect(abs(plain.loss / exact.loss - 1) < allowed)
        #expect(abs(plain.dw / exact.dw - 1) < allowed)
        #expect(abs(plain.db / exact.db - 1) < allowed)
      }
    }
  }
}

@Suite struct `A comparison` {
  private let problem = try! Problem(learningRate: 0.001, steps: 20)
  private var trace: Trace { PlainDescent(problem: problem).trace() }

  private func changed(
    _ step: Int, _ quantity: WritableKeyPath<Step, Double>, _ change: (Double) -> Double
  ) -> Trace {
    var changed = trace
    changed.steps[step - 1][keyPath: quantity] = change(changed.steps[step - 1][keyPath: quantity])
    return changed
  }

  @Test func `Of a trace with itself says same bits`() {
    let comparison = Comparison(trace, trace, problem: problem)
    #expect(comparison.verdict == .sameBits && comparison.verdict.isAgreement && comparison.isSameBits)
    #expect(comparison.firstDifference == nil && comparison.largestDifference == nil)
  }

  @Test func `One last place is within one ulp, and says where`() {
    let other = changed(7, \.w, \.nextUp)
    let comparison = Comparison(trace, other, problem: problem)
    #expect(comparison.verdict == .withinULPs(1) && comparison.verdict.isAgreement)
    #expect(!comparison.isSameBits)
    #expect(comparison.firstDifference?.step == 7 && comparison.firstDifference?.quantity == .w)
    #expect(comparison.firstDifference?.first == trace.steps[6].w)
    #expect(comparison.firstDifference?.second == trace.steps[6].w.nextUp)
    #expect(comparison.firstDisagreement == nil)
  }

  @Test func `The number of ulps is the largest of all steps`() {
    var other = changed(3, \.b, \.nextUp)
    other.steps[8].b += 5 * other.steps[8].b.ulp
    let comparison = Comparison(trace, other, problem: problem)
    #expect(comparison.verdict == .withinULPs(5))
    #expect(comparison.firstDifference?.step == 3)
    #expect(comparison.largestDifference?.step == 9)
  }

  @Test func `A zero of the other sign is not the same bits`() throws {
    let problem = try Problem(x: [0], y: [0], w0: 0, b0: 0, learningRate: 1, steps: 1)
    let zero = Trace(
      approach: "a", fingerprint: problem.fingerprint, steps: [Step(loss: 0, dw: 0, db: 0, w: 0, b: 0)])
    var negative = zero
    negative.steps[0].dw = -0.0
    #expect(Comparison(zero, negative, problem: problem).verdict == .withinULPs(0))
  }

  @Test func `Beyond a hundred ulps but within what rounding may do it is within tolerance`() throws {
    // Ten thousand points: a sum may be off by 4 · 100 + 8 units of roundoff, two sums by 816, which is 408 ulps or more.
    let problem = try Problem(recipe: Recipe(points: 10_000), learningRate: 1e-5, steps: 1)
    let trace = PlainDescent(problem: problem).trace()
    var other = trace
    let scale = zip(problem.x, problem.y).reduce(0) { sum, point in
      let square = point.0 * point.0
      return sum + (problem.w0 * square + problem.b0 + point.1) * square
    }
    other.steps[0].dw += 200 * scale.ulp
    let comparison = Comparison(trace, other, problem: problem)
    guard case .withinTolerance(let share) = comparison.verdict else {
      Issue.record("the verdict is \(comparison.verdict)")
      return
    }
    #expect(share > 0.2 && share < 0.5)
    #expect(comparison.verdict.isAgreement)

    other.steps[0].dw += 1000 * scale.ulp
    #expect(Comparison(trace, other, problem: problem).verdict == .disagree)
  }

  @Test(
    arguments: [
      (1, \Step.loss, Quantity.loss), (5, \Step.dw, .dw), (20, \Step.db, .db), (2, \Step.w, .w),
      (20, \Step.b, .b),
    ] as [(Int, WritableKeyPath<Step, Double> & Sendable, Quantity)])
  func `A millionth is a disagreement, with step and quantity`(
    step: Int, path: WritableKeyPath<Step, Double> & Sendable, quantity: Quantity
  ) {
    let other = changed(step, path) { $0 * (1 + 1e-6) }
    for comparison in [
      Comparison(trace, other, problem: problem), Comparison(other, trace, problem: problem),
    ] {
      #expect(comparison.verdict == .disagree && !comparison.verdict.isAgreement)
      #expect(comparison.firstDisagreement?.step == step)
      #expect(comparison.firstDisagreement?.quantity == quantity)
    }
  }

  @Test func `NaN does not agree with NaN`() {
    for value in [Double.nan, .infinity, -.infinity] {
      var broken = changed(4, \.dw) { _ in value }
      broken.steps.removeSubrange(4...)
      let comparison = Comparison(broken, broken, problem: problem)
      #expect(comparison.verdict == .diverged(step: 4))
      #expect(!comparison.verdict.isAgreement)
      #expect(!Report(problem: problem, traces: [broken, broken]).isAgreement)
    }
  }

  @Test func `A number that is finite in one program only is a disagreement`() {
    let broken = changed(4, \.dw) { _ in .nan }
    let comparison = Comparison(trace, broken, problem: problem)
    #expect(comparison.verdict == .disagree)
    #expect(comparison.firstDisagreement?.step == 4 && comparison.firstDisagreement?.quantity == .dw)
    #expect(comparison.firstDisagreement?.ulps == .infinity)
  }

  @Test func `A step that only one trace has is a disagreement`() {
    var short = trace
    short.steps.removeLast(3)
    let comparison = Comparison(trace, short, problem: problem)
    #expect(comparison.verdict == .disagree)
    #expect(comparison.firstDisagreement?.step == 18)
    #expect(comparison.firstDisagreement?.first == trace.steps[17].loss)
    #expect(comparison.firstDisagreement?.second == nil)
  }

  @Test(arguments: Precision.allCases) func `Runs that diverge together are diverged, with the step`(
    dtype: Precision
  )
    throws
  {
    let problem = try Problem(learningRate: 0.1, steps: 500, dtype: dtype)
    let forward = PlainDescent(problem: problem).trace()
    let backward = PlainDescent(problem: problem, order: { $0.reversed() }).trace()
    let comparison = Comparison(forward, backward, problem: problem)
    #expect(comparison.verdict == .diverged(step: try #require(forward.divergedAt)))
    #expect(!comparison.isSameBits, "another order of summation")
    #expect(Comparison(forward, forward, problem: problem).isSameBits)
    #expect(!Report(problem: problem, traces: [forward, backward]).isAgreement)
  }

  @Test(arguments: Precision.allCases, [1, 2, 7, 8, 100, 1000])
  func `Two orders of summation agree, whatever the size`(dtype: Precision, points: Int) throws {
    for loss in Loss.allCases {
      let problem = try Problem(
        recipe: Recipe(points: points), learningRate: loss == .sum ? 0.1 / Double(points) : 0.1, steps: 300,
        loss: loss, dtype: dtype)
      let traces = [
        PlainDescent(problem: problem).trace(),
        PlainDescent(problem: problem, name: "backward", order: { $0.reversed() }).trace(),
        PlainDescent(
          problem: problem, name: "even first",
          order: { $0.filter { $0.isMultiple(of: 2) } + $0.filter { !$0.isMultiple(of: 2) } }
        ).trace(),
      ]
      let report = Report(problem: problem, traces: traces)
      #expect(report.isAgreement, "\(report.pairs.map(\.comparison.verdict))")
      #expect(report.audits.allSatisfy { $0.violation == nil })
    }
  }

  @Test func `The tolerance is tight: a few last places of what is added up`() throws {
    for dtype in Precision.allCases {
      let problem = try Problem(dtype: dtype)
      var bound = RoundingBound(StepFormula(problem))
      let step = StepFormula(problem).step(w: problem.w0, b: problem.b0)
      let allowed = bound.next(w: problem.w0, b: problem.b0, step: step)
      // 2 (4 √100 + 8) = 96 units of roundoff of Σ|terms|, which is less than ten times the sum here.
      for quantity in [Quantity.loss, .dw, .db] {
        #expect(allowed[quantity] > dtype.unitRoundoff * abs(step[quantity]))
        #expect(allowed[quantity] < 1000 * dtype.unitRoundoff * abs(step[quantity]))
      }
    }
  }

  @Test func `In a run that converges the tolerance settles`() throws {
    let problem = try Problem(steps: 10_000)
    let formula = StepFormula(problem)
    var bound = RoundingBound(formula)
    var (w, b, allowed) = (problem.w0, problem.b0, 0.0)
    for _ in 0..<10_000 {
      let step = formula.step(w: w, b: b)
      allowed = bound.next(w: w, b: b, step: step).w
      (w, b) = (step.w, step.b)
    }
    #expect(allowed < 1e-12, "after ten thousand steps")
  }
}

@Suite struct `Groups of programs` {
  private let problem = try! Problem(steps: 5)

  @Test func `Have the same bits, and letters in the order of the programs`() {
    let a = PlainDescent(problem: problem, name: "a").trace()
    let b = PlainDescent(problem: problem, name: "b", order: { $0.reversed() }).trace()
    var c = a
    c.approach = "c"
    let report = Report(problem: problem, traces: [a, b, c])
    #expect(report.groups == [[0, 2], [1]])
    #expect((0..<3).map(report.letter) == ["A", "B", "A"])
    for (i, j) in [(0, 1), (0, 2), (1, 2)] {
      for pair in [report.pair(i, j), report.pair(j, i)] {
        #expect(pair.first == report.traces[i].approach && pair.second == report.traces[j].approach)
      }
    }
  }

  @Test func `Runs of the same bits that diverge are one group`() throws {
    let problem = try Problem(learningRate: 0.1, steps: 400)
    let a = PlainDescent(problem: problem).trace()
    #expect(Report(problem: problem, traces: [a, a, a]).groups == [[0, 1, 2]])
  }

  @Test func `After Z comes AA`() {
    #expect(
      [0, 25, 26, 27, 51, 52, 701, 702].map(Report.letters) == [
        "A", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA",
      ])
  }

  @Test func `The distance from the minimum is that of w and b`() throws {
    // The minimum is at w = 3, b = 2.
    let problem = try Problem(x: [0, 1], y: [2, 5], w0: 0, b0: 0, learningRate: 0.1, steps: 1)
    let trace = Trace(
      approach: "a", fingerprint: problem.fingerprint, steps: [Step(loss: 0, dw: 0, db: 0, w: 6, b: -2)])
    #expect(Report(problem: problem, traces: [trace]).distance(of: 0) == 5)
  }
}
