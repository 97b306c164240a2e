/// Everything a program wrote down while solving a problem.
public struct Trace: Equatable, Sendable {
  /// The program's name for itself.
  public var approach: String
  /// Which problem it answered.
  public var fingerprint: Fingerprint
  /// The type the program says it calculated in; nil if it does not say.
  public var dtype: Precision?
  /// `name version` of what it was built on, as many as it likes to state.
  public var versions: [String]
  /// What the program wants to be known beside its steps, a line each.
  public var notes: [String]
  /// The median time of one training step, recording excluded; nil if it was not measured.
  public var microsecondsPerStep: Double?
  /// One entry per training step, from step 1. Shorter than the problem asks for only if the last one is not
  /// finite.
  public var steps: [Step]

  /// A trace of the given steps.
  public init(
    approach: String, fingerprint: Fingerprint, dtype: Precision? = nil, versions: [String] = [],
    notes: [String] = [], microsecondsPerStep: Double? = nil, steps: [Step]
  ) {
    self.approach = approach
    self.fingerprint = fingerprint
    self.dtype = dtype
    self.versions = versions
    self.notes = notes
    self.microsecondsPerStep = microsecondsPerStep
    self.steps = steps
  }

  /// A loss this many times the first one counts as diverged even while it is still finite.
  static let divergenceFactor = 1e6

  /// The first step (from 1) at which the run is not finite, or its loss a million times the first; nil if it
  /// stays bounded.
  public var divergedAt: Int? {
    guard let first = steps.first else { return nil }
    let limit = first.loss > 0 ? first.loss * Trace.divergenceFactor : .infinity
    return steps.firstIndex { !$0.isFinite || $0.loss > limit }.map { $0 + 1 }
  }

  /// The parameters before step `number` (from 1): the start values, or what the step before left.
  public func parameters(before number: Int, of problem: Problem) -> (w: Double, b: Double) {
    if number == 1 { return (problem.dtype.rounded(problem.w0), problem.dtype.rounded(problem.b0)) }
    let previous = steps[number - 2]
    return (previous.w, previous.b)
  }

  /// Throws unless this trace answers `problem` completely: same fingerprint, and all steps (or a last one
  /// that is not finite). `source` names the file or program in the message.
  public func validate(against problem: Problem, source: String) throws(Failure) {
    guard fingerprint == problem.fingerprint else {
      throw .badData(
        "\(source): answers another problem: its fingerprint is \(fingerprint), the problem's is \(problem.fingerprint)"
      )
    }
    guard steps.count == problem.steps || (steps.count < problem.steps && steps.last?.isFinite == false)
    else {
      throw .badData("\(source): has \(steps.count) steps; the problem asks for \(problem.steps)")
    }
  }
}
