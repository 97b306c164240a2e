import Experiment

/// Two traces of one problem side by side, number by number.
struct TraceDiff {
  let first: Trace
  let second: Trace
  /// The problem, if it is known: then the cause can be said, too.
  let problem: Problem?
  let style: Style

  /// The number of the first step with any number of other bits, or that only one trace has; nil if there is
  /// none.
  var firstDifferentStep: Int? {
    let shorter = min(first.steps.count, second.steps.count)
    let different = (0..<shorter).first { !TraceDiff.isSame(first.steps[$0], second.steps[$0]) }
    return (different ?? (first.steps.count == second.steps.count ? nil : shorter)).map { $0 + 1 }
  }

  private static func isSame(_ a: Step, _ b: Step) -> Bool {
    Quantity.allCases.allSatisfy { a[$0].bitPattern == b[$0].bitPattern }
  }

  /// The view. Throws a usage failure if `start` is beyond the last step.
  func text(from start: Int?, count: Int) throws(Failure) -> String {
    let last = max(first.steps.count, second.steps.count)
    if let start, start > last { throw .usage("--step is \(start); the traces have \(last) steps") }
    var lines = summary
    if let begin = start ?? firstDifferentStep {
      for number in begin...min(last, begin + count - 1) { lines += [""] + stepLines(number) }
    }
    return lines.joined(separator: "\n")
  }

  // MARK: The summary

  private var summary: [String] {
    let names = ["a  \(first.approach)", "b  \(second.approach)"]
    guard let number = firstDifferentStep else {
      return names + [style.good("The same bits in all \(first.steps.count) steps.")]
    }
    let shorter = min(first.steps.count, second.steps.count)
    let different = (0..<shorter).filter { !TraceDiff.isSame(first.steps[$0], second.steps[$0]) }.count
    var lines = names + ["Apart from step \(number) on; \(different) of \(shorter) steps differ."]
    if first.steps.count != second.steps.count {
      lines.append("a has \(first.steps.count) steps, b has \(second.steps.count).")
    }
    if let problem {
      let pair = Report(problem: problem, traces: [first, second]).pairs[0]
      lines.append(verdict(pair.comparison))
      if let cause = pair.cause {
        lines += (cause.text + (cause.mistake.map { " [\($0.rawValue)]" } ?? "")).wrapped()
      }
    }
    return lines
  }

  private func verdict(_ comparison: Comparison) -> String {
    switch comparison.verdict {
    case .sameBits: style.good("Same bits.")
    case .withinULPs(let ulps): style.good("Within \(Format.ulpCount(ulps)) everywhere.")
    case .withinTolerance(let share):
      style.good("Within tolerance: at most \(Format.short(100 * share)) % of what rounding may do.")
    case .diverged(let step): style.bad("Diverged at step \(step).")
    case .disagree:
      style.bad(
        comparison.firstDisagreement.map {
          "They disagree first at step \($0.step) in \($0.quantity.symbol)."
        }
          ?? "They disagree.")
    }
  }

  // MARK: The steps

  private func stepLines(_ number: Int) -> [String] {
    let steps = [first, second].map { $0.steps.indices.contains(number - 1) ? $0.steps[number - 1] : nil }
    let dtype = problem?.dtype ?? first.dtype ?? .float64
    let rows = Quantity.allCases.map { quantity in
      let texts = steps.map { $0.map { Format.exact($0[quantity], dtype) } ?? "–" }
      let isSame = steps[0].map { $0[quantity].bitPattern } == steps[1].map { $0[quantity].bitPattern }
      let distance =
        if isSame {
          "="
        } else if let a = steps[0], let b = steps[1],
          let ulps = ulpDistance(a[quantity], b[quantity], dtype: dtype)
        {
          // So far apart, places say nothing; the distance does.
          ulps < 1_000_000 ? Format.ulpCount(Double(ulps)) : Format.short(abs(b[quantity] - a[quantity]))
        } else {
          "≠"
        }
      return (quantity.symbol, texts[0], texts[1], distance, isSame)
    }
    let width = rows.map { max($0.1.count, $0.2.count) }.max() ?? 0
    let lines = rows.map { symbol, a, b, distance, isSame in
      let (a, b) = isSame ? (padded(a, width + 2), padded(b, width + 2)) : marked(a, b, width)
      return "  \(padded(symbol, 5))  \(a)  \(b)  \(isSame ? style.faint(distance) : distance)"
    }
    return [
      style.strong("step \(number)"), "         \(padded("a", width + 2))  \(padded("b", width + 2))  apart",
    ] + lines
  }

  /// Both texts with what follows their common beginning marked: by colour, or by brackets where there is
  /// none.
  private func marked(_ a: String, _ b: String, _ width: Int) -> (String, String) {
    let common = zip(a, b).prefix { $0 == $1 }.count
    func mark(_ text: String) -> String {
      let same = text.prefix(common)
      let other = String(text.dropFirst(common))
      let blanks = String(repeating: " ", count: width - text.count)
      if style.isOn || other.isEmpty { return same + style.bad(other) + blanks + "  " }
      return "\(same)[\(other)]\(blanks)"
    }
    return (mark(a), mark(b))
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
