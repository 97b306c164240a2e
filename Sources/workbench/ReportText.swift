import Experiment

/// A comparison for the reader at a terminal, at most 80 columns wide but for names that are longer.
struct ReportText {
  let report: Report
  let dropouts: [Contest.Dropout]
  let style: Style

  private static let indent = "     "

  private var problem: Problem { report.problem }
  private var groups: [[Int]] { report.groups }

  var text: String {
    [heading, programs, verdicts, conclusion].filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }
      .joined(separator: "\n\n")
  }

  // MARK: The problem

  private var heading: [String] {
    let minimum =
      report.minimum.solution.map { "Exact minimum: w \($0.w), b \($0.b), loss \(Format.short($0.loss))" }
      ?? "There is no single minimum: all x² are equal."
    return [style.strong("y = w x² + b by \(problem.optimizer.words)")] + problem.summary.wrapped() + [
      minimum
    ]
  }

  // MARK: The programs

  private var programs: [String] {
    var table = TextTable([
      ("", .left), ("program", .left), ("w", .left), ("b", .left), ("to min.", .right), ("µs/step", .right),
    ])
    for (index, trace) in report.traces.enumerated() {
      let isFaulty = report.audits[index].violation != nil || trace.divergedAt != nil
      let last = trace.steps.last
      let fields = [
        report.letter(of: index), ReportText.short(trace.approach),
        last.map { final($0.w, of: trace) } ?? "", last.map { final($0.b, of: trace) } ?? "",
        report.distance(of: index).map(Format.short) ?? "",
        trace.microsecondsPerStep.map(Format.short) ?? "",
      ]
      if isFaulty {
        table.add(fields, paint: style.bad)
      } else {
        table.add(fields)
      }
    }
    for dropout in dropouts {
      table.add(["–", ReportText.short(dropout.name), "no answer", "", "", ""], paint: style.warning)
    }
    return table.lines(style) + foundations
  }

  /// A parameter at the end; of a run that diverged only the size matters.
  private func final(_ value: Double, of trace: Trace) -> String {
    trace.divergedAt == nil ? Format.exact(value, problem.dtype) : Format.short(value)
  }

  /// What the programs say they are built on, each named once.
  private var foundations: [String] {
    var seen = Set<String>()
    let versions = report.traces.compactMap(\.versions.first).filter { seen.insert($0).inserted }
    guard !versions.isEmpty else { return [] }
    return "On \(versions.joined(separator: ", ")).".wrapped().map(style.faint)
  }

  /// A name that fits into a column: the line for a shell may be long.
  private static func short(_ name: String) -> String {
    name.count > 19 ? String(name.prefix(17)).trimmingTrailingBlanks + "…" : name
  }

  // MARK: The verdicts

  private var verdicts: [String] {
    var lines = [String]()
    for (letter, members) in groups.enumerated() where members.count > 1 {
      lines += groupLines(members.map { report.traces[$0] }, Report.letters(letter))
    }
    for first in groups.indices {
      for second in groups.indices.dropFirst(first + 1) {
        lines += pairLines(
          report.pair(groups[first][0], groups[second][0]),
          Report.letters(first) + "–" + Report.letters(second))
      }
    }
    if groups.count == 1 { lines += auditLines }
    return lines
  }

  /// Programs that wrote the same bits.
  private func groupLines(_ traces: [Trace], _ letter: String) -> [String] {
    let names = traces.map(\.approach).joined(separator: ", ")
    let count = traces[0].steps.count * Quantity.allCases.count
    let (label, what) =
      if let step = traces[0].divergedAt {
        (style.bad(letter), "same bits, until they diverge at step \(step)")
      } else {
        (style.good(letter), "same bits in all \(count) numbers")
      }
    let blanks = String(repeating: " ", count: max(1, 5 - letter.count))
    return "\(label)\(blanks)\(what): \(names)".wrapped(indent: ReportText.indent)
  }

  private func pairLines(_ pair: PairReport, _ letters: String) -> [String] {
    let label = letters.padding(toLength: max(5, letters.count + 1), withPad: " ", startingAt: 0)
    let lines: [String] =
      switch pair.comparison.verdict {
      case .sameBits:
        ["\(label)same bits"]
      case .withinULPs(let ulps):
        [style.good(label) + "within \(Format.ulpCount(ulps))" + extreme(pair) + origin(pair)] + cause(pair)
      case .withinTolerance(let share):
        [
          style.good(label)
            + "within tolerance: at most \(Format.short(100 * share)) % of what rounding may do"
            + extreme(pair) + origin(pair)
        ] + cause(pair)
      case .diverged(let step):
        [style.bad(label) + "diverged at step \(step)" + origin(pair)]
      case .disagree:
        if let difference = pair.comparison.firstDisagreement {
          [
            style.bad("\(label)DISAGREE first at step \(difference.step) in \(difference.quantity.symbol)"),
            "\(ReportText.indent)\(value(difference.first)) in \(pair.first)",
            "\(ReportText.indent)\(value(difference.second)) in \(pair.second)",
          ] + cause(pair)
        } else {
          ["\(label)disagree"]
        }
      }
    return lines.flatMap { $0.wrapped(indent: ReportText.indent) }
  }

  private func value(_ value: Double?) -> String {
    value.map { Format.exact($0, problem.dtype) } ?? "no such step"
  }

  private func extreme(_ pair: PairReport) -> String {
    guard let largest = pair.comparison.largestDifference else { return "" }
    return ", most at step \(largest.step) in \(largest.quantity.symbol)"
  }

  private func origin(_ pair: PairReport) -> String {
    guard let first = pair.comparison.firstDifference else { return "" }
    return "; first apart at step \(first.step) in \(first.quantity.symbol)"
  }

  private func cause(_ pair: PairReport) -> [String] {
    guard let cause = pair.cause else { return [] }
    return [
      "\(ReportText.indent)\(cause.text)" + (cause.mistake.map { style.bad(" [\($0.rawValue)]") } ?? "")
    ]
  }

  /// What is wrong with programs that no other program contradicts.
  private var auditLines: [String] {
    let lines = zip(report.traces, report.audits).flatMap { trace, audit -> [String] in
      if let violation = audit.violation {
        let cause = violation.cause
        return [
          style.bad(
            "\(trace.approach) breaks the formulas first at step \(violation.step) in \(violation.quantity.symbol)"
          ),
          "\(ReportText.indent)\(value(violation.found)) found, \(value(violation.expected)) expected",
          ReportText.indent + cause.explanation
            + (cause.mistake.map { style.bad(" [\($0.rawValue)]") } ?? ""),
        ]
      }
      guard let step = trace.divergedAt, report.traces.count == 1 else { return [] }
      return [style.bad("\(trace.approach) diverged at step \(step)")]
    }
    return lines.flatMap { $0.wrapped(indent: ReportText.indent) }
  }

  // MARK: The conclusion

  private var conclusion: [String] {
    let count = report.traces.count
    if report.isAgreement {
      let who = dropouts.isEmpty ? (count == 2 ? "Both" : "All \(count)") : "The \(count) that answered"
      return [style.good(count == 1 ? "It obeys the formulas in every step." : "\(who) agree in every step.")]
    }
    let culprits = zip(report.traces, report.audits).filter { $0.1.violation != nil }.map { trace, audit in
      trace.approach + (audit.violation?.cause.mistake.map { " (\($0.rawValue))" } ?? "")
    }
    var lines = [String]()
    if !culprits.isEmpty {
      let start =
        if report.pairs.allSatisfy(\.comparison.verdict.isAgreement) {
          count == 1 ? "It does not solve this problem:" : "They agree and do not solve this problem:"
        } else {
          "They do not agree. Not solving this problem:"
        }
      lines += "\(start) \(culprits.joined(separator: ", ")).".wrapped().map(style.bad)
    }
    let diverged = report.traces.filter { $0.divergedAt != nil }.count
    if diverged > 0 {
      let limit = report.minimum.largestStableRate
      let advice =
        problem.optimizer == .gradientDescent && problem.learningRate > limit
        ? ": the learning rate \(problem.learningRate) is too large for this data; above \(Format.short(limit)) gradient descent diverges"
        : ""
      lines += "\(diverged) of \(count) diverged\(advice).".wrapped().map(style.bad)
    }
    return lines.isEmpty ? [style.bad("They do not agree.")] : lines
  }
}
