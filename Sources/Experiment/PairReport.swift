/// Two programs held against each other: the verdict, where they part, and why.
public struct PairReport: Equatable, Sendable {
  /// The first program's name.
  public let first: String
  /// The second program's name.
  public let second: String
  /// What the comparison found.
  public let comparison: Comparison
  /// The likely cause of the first difference that counts; nil where there is none.
  public let cause: Explanation?

  /// Why two programs differ.
  public struct Explanation: Equatable, Sendable {
    /// Which of the two breaks the formulas; both names, or none, are possible.
    public var suspects: [String]
    /// The known mistake, if it is one.
    public var mistake: Mistake?
    /// In words, naming the programs.
    public var text: String
  }
}

/// Everything that can be said about some programs' answers to one problem.
public struct Report: Sendable {
  /// The problem they answered.
  public let problem: Problem
  /// Its exact minimum.
  public let minimum: LeastSquares
  /// Their answers, in the order given.
  public let traces: [Trace]
  /// For each trace, the first step that breaks the formulas.
  public let audits: [Audit]
  /// Every pair, in the order (0, 1), (0, 2), …, (1, 2), ….
  public let pairs: [PairReport]

  /// Compares every pair of traces; all must answer `problem`.
  public init(problem: Problem, traces: [Trace]) {
    let formula = StepFormula(problem)
    let audits = traces.map { Audit($0, formula: formula) }
    self.problem = problem
    self.traces = traces
    self.audits = audits
    minimum = LeastSquares(problem)
    pairs = traces.indices.flatMap { i in
      traces.indices.dropFirst(i + 1).map { j in
        let comparison = Comparison(traces[i], traces[j], formula: formula)
        return PairReport(
          first: traces[i].approach, second: traces[j].approach, comparison: comparison,
          cause: Report.cause(comparison, (traces[i], traces[j]), (audits[i], audits[j]), problem))
      }
    }
  }

  /// Whether every pair agrees, every run obeys the formulas and none diverges.
  public var isAgreement: Bool {
    pairs.allSatisfy(\.comparison.verdict.isAgreement) && traces.allSatisfy { $0.divergedAt == nil }
      && audits.allSatisfy { $0.violation == nil }
  }

  private static func cause(
    _ comparison: Comparison, _ traces: (Trace, Trace), _ audits: (Audit, Audit), _ problem: Problem
  ) -> PairReport.Explanation? {
    guard let difference = comparison.firstDifference else { return nil }
    let violations = [(traces.0.approach, audits.0), (traces.1.approach, audits.1)].compactMap {
      name, audit in
      audit.violation.map { (name, $0) }
    }
    if comparison.verdict == .disagree, !violations.isEmpty {
      return PairReport.Explanation(
        suspects: violations.map(\.0),
        mistake: violations.first { $0.1.cause.mistake != nil }?.1.cause.mistake,
        text: violations.map { "\($0.0): \($0.1.cause.explanation)" }.joined(separator: "; "))
    }
    guard let a = difference.first, let b = difference.second, a.isFinite, b.isFinite else {
      return PairReport.Explanation(
        suspects: [], mistake: nil, text: "one run ends or overflows before the other")
    }
    let rounding = RoundingCause(problem: problem, quantity: difference.quantity, traces: traces)
    return PairReport.Explanation(
      suspects: [], mistake: nil, text: rounding.explanation)
  }
}
