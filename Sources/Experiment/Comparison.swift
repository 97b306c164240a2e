/// What the comparison of two traces comes to.
public enum Verdict: Equatable, Sendable {
  /// Every number of every step has the same bits.
  case sameBits
  /// No number differs by more than `n` units in the last place, at most `Comparison.mostULPs`.
  case withinULPs(Double)
  /// Further apart, but not further than the rounding of two correct programs can bring them: at most this
  /// share of the bound.
  case withinTolerance(share: Double)
  /// Both runs diverge, without disagreeing before this step.
  case diverged(step: Int)
  /// Further apart than rounding can explain.
  case disagree

  /// Whether the two traces agree.
  public var isAgreement: Bool {
    switch self {
    case .sameBits, .withinULPs, .withinTolerance: true
    case .diverged, .disagree: false
    }
  }
}

/// Where two traces are apart.
public struct Difference: Equatable, Sendable {
  /// The number of the step, from 1.
  public var step: Int
  /// Which of its numbers.
  public var quantity: Quantity
  /// The number in the first trace; nil if it has no such step.
  public var first: Double?
  /// The number in the second trace; nil if it has no such step.
  public var second: Double?
  /// How many units in the last place they are apart, at the magnitude of what they were added up from;
  /// infinite if either is not finite.
  public var ulps: Double
}

/// Two traces of one problem, compared in every number of every step.
///
/// A unit in the last place is counted at the magnitude of the numbers that a value was added up from
/// (`StepFormula.magnitudes`). For w, b and the loss this is nearly their own last place. A gradient near its
/// zero is a small difference of large numbers; its own last place says nothing, and the last place of those
/// numbers is where rounding happens.
public struct Comparison: Equatable, Sendable {
  /// Up to this many ulps the verdict gives their number; beyond, it says what share of the derived bound
  /// they are. Two of float64's sixteen decimal digits: what a long run makes of another order of summation.
  public static let mostULPs = 100.0

  /// The verdict.
  public let verdict: Verdict
  /// The first number that has not the same bits.
  public let firstDifference: Difference?
  /// The first number that is further apart than rounding can explain.
  public let firstDisagreement: Difference?
  /// The number that is most ulps apart, up to the first disagreement.
  public let largestDifference: Difference?

  /// Whether no number differs in its bits, up to where the runs diverge.
  public var isSameBits: Bool {
    if case .disagree = verdict { false } else { firstDifference == nil }
  }

  /// Compares two traces; both must answer `problem` (`Trace.validate`). O(steps) after O(points) for the
  /// sums.
  public init(_ first: Trace, _ second: Trace, problem: Problem) {
    self.init(first, second, formula: StepFormula(problem))
  }

  init(_ first: Trace, _ second: Trace, formula: StepFormula) {
    var bound = RoundingBound(formula)
    var firstDifference: Difference?
    var firstDisagreement: Difference?
    var largest: Difference?
    var largestShare = 0.0
    var diverged: Int?
    let dtype = formula.problem.dtype
    let divergence = [first.divergedAt, second.divergedAt].compactMap { $0 }.min()

    steps: for (index, (a, b)) in zip(first.steps, second.steps).enumerated() {
      let before = first.parameters(before: index + 1, of: formula.problem)
      let allowed = bound.next(w: before.w, b: before.b, step: a)
      let scale = formula.magnitudes(
        w: before.w, b: before.b, step: a.loss >= b.loss ? a : b)
      for quantity in Quantity.allCases where a[quantity].bitPattern != b[quantity].bitPattern {
        // A step that is not finite is no agreement, even if both have it.
        guard a[quantity].isFinite, b[quantity].isFinite else { continue }
        let distance = abs(a[quantity] - b[quantity])
        let ulps = distance / dtype.ulp(of: scale[quantity])
        let difference = Difference(
          step: index + 1, quantity: quantity, first: a[quantity], second: b[quantity], ulps: ulps)
        firstDifference = firstDifference ?? difference
        // At a magnitude where the bound overflows nothing can be said any more.
        if !(distance <= allowed[quantity]), ulps > Comparison.mostULPs, allowed[quantity].isFinite {
          firstDisagreement = difference
          break steps
        }
        if ulps > largest?.ulps ?? -1 { largest = difference }
        if distance > 0 { largestShare = max(largestShare, distance / allowed[quantity]) }
      }
      if !a.isFinite || !b.isFinite || index + 1 == divergence {
        diverged = index + 1
        if a.isFinite != b.isFinite, let quantity = Comparison.nonFinite(a, b) {
          let difference = Difference(
            step: index + 1, quantity: quantity, first: a[quantity], second: b[quantity], ulps: .infinity)
          firstDifference = firstDifference ?? difference
          // Overflow may come one step earlier in one program; otherwise one finite and one not is a
          // disagreement.
          if first.divergedAt == nil || second.divergedAt == nil { firstDisagreement = difference }
        }
        break
      }
    }

    let shorter = min(first.steps.count, second.steps.count)
    if diverged == nil, firstDisagreement == nil, first.steps.count != second.steps.count {
      firstDisagreement = Difference(
        step: shorter + 1, quantity: .loss, first: first.steps.dropFirst(shorter).first?.loss,
        second: second.steps.dropFirst(shorter).first?.loss, ulps: .infinity)
      firstDifference = firstDifference ?? firstDisagreement
    }
    self.firstDifference = firstDifference
    self.firstDisagreement = firstDisagreement
    largestDifference = largest
    verdict =
      if firstDisagreement != nil {
        .disagree
      } else if let diverged {
        .diverged(step: diverged)
      } else if firstDifference == nil {
        .sameBits
      } else if let largest, largest.ulps <= Comparison.mostULPs {
        .withinULPs(largest.ulps.rounded(.up))
      } else {
        .withinTolerance(share: largestShare)
      }
  }

  private static func nonFinite(_ a: Step, _ b: Step) -> Quantity? {
    Quantity.allCases.first { a[$0].isFinite != b[$0].isFinite }
  }
}
