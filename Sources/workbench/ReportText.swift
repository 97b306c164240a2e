import Experiment

/// A comparison for the reader at a terminal.
struct ReportText {
  let report: Report
  let dropouts: [Contest.Dropout]
  let style: Style

  private var problem: Problem { report.problem }
  private var groups: [[Int]] { report.groups }

  var text: String {
    (heading + [""] + programs + [""] + verdicts + [""] + conclusion).joined(separator: "\n")
  }

  // MARK: The problem

  private var heading: [String] {
    var lines = [style.strong("y = w x² + b  ·  ") + problem.summary]
    if let minimum = report.minimum.solution {
      lines.append("Exact minimum: w \(minimum.w), b \(minimum.b), loss \(Format.short(minimum.loss))")
    } else {
      lines.append("There is no single minimum: all x² are equal.")
    }
    return lines
  }

  // MARK: The programs

  private var programs: [String] {
    var table = TextTable([
      ("", .left), ("program", .left), ("w", .left), ("b", .left), ("from min.", .right), ("µs/step", .right),
      ("on", .left),
    ])
    for (index, trace) in report.traces.enumerated() {
      let isFaulty = report.audits[index].violation != nil || trace.divergedAt != nil
      var fields = [report.letter(of: index), trace.approach]
      if let last = trace.steps.last {
        fields += [Format.exact(last.w, problem.dtype), Format.exact(last.b, problem.dtype)]
      }
      fields.append(report.distance(of: index).map(Format.short) ?? "")
      fields.append(trace.microsecondsPerStep.map(Format.short) ?? "")
      fields.append(trace.versions.first ?? "")
      if isFaulty {
        table.add(fields, paint: style.bad)
      } else {
        table.add(fields)
      }
    }
    for dropout in dropouts {
      table.add(["–", dropout.name, "no answer", "", "", "", ""], paint: style.warning)
    }
    return table.lines(style)
  }

  // MARK: The verdicts

  private var verdicts: [String] {
    var lines = [String]()
    for (letter, members) in groups.enumerated() where members.count > 1 {
      let count = report.traces[members[0]].steps.count * Quantity.allCases.count
      lines.append(
        style.good("\(Report.letters(letter))") + "    same bits in all \(count) numbers: "
          + members.map { report.traces[$0].approach }.joined(separator: ", "))
    }
    for first in groups.indices {
      for second in groups.indices.dropFirst(first + 1) {
        lines += pairLines(
          report.pair(groups[first][0], groups[second][0]),
          Report.letters(first) + "–" + Report.letters(second))
      }
    }
    if report.traces.count == 1 || groups.count == 1 { lines += auditLines }
    return lines
  }

  private func pairLines(_ pair: PairReport, _ letters: String) -> [String] {
    let label = letters.padding(toLength: 5, withPad: " ", startingAt: 0)
    let indent = "     "
    switch pair.comparison.verdict {
    case .sameBits:
      return ["\(label)same bits"]
    case .withinULPs(let ulps):
      return [style.good(label) + "within \(Format.ulpCount(ulps))" + extreme(pair) + origin(pair)]
        + cause(pair, indent)
    case .withinTolerance(let share):
      return [
        style.good(label) + "within tolerance: at most \(Format.short(100 * share)) % of what rounding may do"
          + extreme(pair)
          + origin(pair)
      ] + cause(pair, indent)
    case .diverged(let step):
      return [style.bad(label) + "diverged at step \(step)" + origin(pair)] + divergenceAdvice(indent)
    case .disagree:
      guard let difference = pair.comparison.firstDisagreement else { return [label + "disagree"] }
      return [
        style.bad("\(label)DISAGREE first at step \(difference.step) in \(difference.quantity.symbol)"),
        "\(indent)\(value(difference.first)) in \(pair.first)",
        "\(indent)\(value(difference.second)) in \(pair.second)",
      ] + cause(pair, indent)
    }
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

  private func cause(_ pair: PairReport, _ indent: String) -> [String] {
    guard let cause = pair.cause else { return [] }
    return ["\(indent)\(cause.text)" + (cause.mistake.map { style.bad("  [\($0.rawValue)]") } ?? "")]
  }

  private func divergenceAdvice(_ indent: String) -> [String] {
    let limit = report.minimum.largestStableRate
    guard problem.learningRate > limit else { return [] }
    return [
      "\(indent)the learning rate \(problem.learningRate) is too large for this data: above \(Format.short(limit)) gradient descent diverges"
    ]
  }

  private var auditLines: [String] {
    zip(report.traces, report.audits).flatMap { trace, audit -> [String] in
      if let violation = audit.violation {
        let cause = violation.cause
        return [
          style.bad(
            "\(trace.approach) breaks the formulas first at step \(violation.step) in \(violation.quantity.symbol)"
          ),
          "     \(Format.exact(violation.found, problem.dtype)) found, \(Format.exact(violation.expected, problem.dtype)) expected",
          "     \(cause.explanation)" + (cause.mistake.map { style.bad("  [\($0.rawValue)]") } ?? ""),
        ]
      }
      if let step = trace.divergedAt {
        return [style.bad("\(trace.approach) diverged at step \(step)")] + divergenceAdvice("     ")
      }
      return []
    }
  }

  // MARK: The conclusion

  private var conclusion: [String] {
    var lines = [String]()
    let count = report.traces.count
    if report.isAgreement {
      let who = dropouts.isEmpty ? "All \(count)" : "The \(count) that answered"
      lines.append(
        style.good(count == 1 ? "It obeys the formulas in every step." : "\(who) agree in every step."))
    } else {
      let culprits = zip(report.traces, report.audits).filter { $0.1.violation != nil }.map { trace, audit in
        trace.approach + (audit.violation?.cause.mistake.map { " (\($0.rawValue))" } ?? "")
      }
      let diverged = report.traces.filter { $0.divergedAt != nil }.count
      if !culprits.isEmpty {
        lines.append(
          style.bad("They do not agree. Not solving this problem: \(culprits.joined(separator: ", "))."))
      } else if diverged > 0 {
        lines.append(style.bad("\(diverged) of \(count) diverged."))
      } else {
        lines.append(style.bad("They do not agree."))
      }
    }
    return lines
  }
}
