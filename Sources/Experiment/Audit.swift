/// One trace held against the formulas: the first step that is not what gradient descent on the problem
/// demands, and why. With another optimizer the loss and the gradients are held against theirs; the update, which depends on
/// all steps before, is left to the comparison.
///
/// Each step is judged from where the program itself stood before it, so a program that went astray once is
/// not blamed for every later step, and nobody has to be right for anybody to be judged.
public struct Audit: Equatable, Sendable {
  /// A step that breaks the formulas.
  public struct Violation: Equatable, Sendable {
    /// The number of the step, from 1.
    public var step: Int
    /// The first of its numbers that is off.
    public var quantity: Quantity
    /// What the program wrote.
    public var found: Double
    /// What the formulas give from where it stood.
    public var expected: Double
    /// Why.
    public var cause: Cause
  }

  /// The first step that breaks the formulas; nil if all obey them.
  public let violation: Violation?

  /// Audits a trace of `problem`. O(points + steps).
  public init(_ trace: Trace, problem: Problem) {
    self.init(trace, formula: StepFormula(problem))
  }

  init(_ trace: Trace, formula: StepFormula) {
    var bound = RoundingBound(formula)
    for (index, step) in trace.steps.enumerated() where step.isFinite {
      let before = trace.parameters(before: index + 1, of: formula.problem)
      let expected = formula.gradients(w: before.w, b: before.b)
      // The update is judged by the gradients the program has, so that one mistake is not reported twice.
      let rate = formula.learningRate
      let isPlain = formula.problem.optimizer == .gradientDescent
      let demanded = Step(
        loss: expected.loss, dw: expected.dw, db: expected.db,
        w: isPlain ? before.w - rate * step.dw : step.w,
        b: isPlain ? before.b - rate * step.db : step.b)
      bound.restart()
      var asDemanded = demanded
      asDemanded.w = step.w
      asDemanded.b = step.b
      let allowed = bound.next(w: before.w, b: before.b, step: asDemanded)
      let scale = formula.magnitudes(w: before.w, b: before.b, step: asDemanded)
      // As in a comparison: so few ulps are no disagreement, whatever the bound says.
      let isOff = { (quantity: Quantity) in
        let distance = abs(step[quantity] - demanded[quantity])
        let few = Comparison.mostULPs * formula.problem.dtype.ulp(of: scale[quantity])
        return !(distance <= max(allowed[quantity], few))
      }
      guard let quantity = Quantity.allCases.first(where: isOff), allowed[quantity].isFinite else { continue }
      violation = Violation(
        step: index + 1, quantity: quantity, found: step[quantity], expected: demanded[quantity],
        cause: Suspicion(trace: trace, index: index, quantity: quantity, formula: formula).cause)
      return
    }
    violation = nil
  }
}

/// Why a program's numbers are what they are.
public struct Cause: Equatable, Sendable {
  /// The known mistake it is, if it is one of those.
  public var mistake: Mistake?
  /// In words.
  public var explanation: String

  /// A known mistake.
  init(_ mistake: Mistake, of loss: Loss = .sum) {
    self.mistake = mistake
    explanation = mistake.explanation
  }

  /// Anything else.
  init(_ explanation: String) {
    mistake = nil
    self.explanation = explanation
  }
}
