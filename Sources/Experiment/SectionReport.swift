import Foundation

/// What an approach prints when it plays its section: its numbers beside the book's.
struct SectionReport {
  let section: ChapterSection
  let problem: Problem
  let trace: Trace
  let outcome: Outcome

  var text: String {
    var parts = ["\(section.number)  \(section.title)", problem.summary, ""]
    switch section.book {
    case .result(let w, let b):
      // One above the other, so that the eye finds the digit in which they part.
      parts += aligned([
        ["w", outcome.w, "this program"], ["", w, "the book"],
        ["b", outcome.b, "this program"], ["", b, "the book"],
      ])
    case .nothing:
      parts += aligned([["w", outcome.w], ["b", outcome.b]])
    case .table(let every, let rows):
      parts += aligned(table(every: every, rows: rows))
    }
    if let minimum = LeastSquares(problem).solution {
      parts += ["", "Least-squares solution: w \(minimum.w), b \(minimum.b)"]
    }
    return (parts + section.note.replacing("\n", with: " ").wrapped()).joined(separator: "\n")
  }

  private func table(every: Int, rows: [Int: ChapterSection.Row]) -> [[String]] {
    var lines = [["step", "loss", "w", "b", "the book:", "loss", "w", "b"]]
    for number in stride(from: 0, to: trace.steps.count, by: every) {
      let step = trace.steps[number]
      var line = [
        "\(number)", String(format: "%.4f", step.loss), printed(step.w), printed(step.b),
      ]
      if let row = rows[number] { line += ["", row.loss, row.w, row.b] }
      lines.append(line)
    }
    return lines
  }

  /// The shortest decimal that reads back as the same number of the problem's type.
  private func printed(_ value: Double) -> String {
    problem.dtype == .float32 ? "\(Float(value))" : "\(value)"
  }
}

/// What an approach prints after solving a problem described by options.
struct RunReport {
  let problem: Problem
  let trace: Trace
  let outcome: Outcome

  var text: String {
    var rows = [["w", outcome.w], ["b", outcome.b]]
    if let last = trace.steps.last { rows.append(["loss before the last step", "\(last.loss)"]) }
    if let minimum = LeastSquares(problem).solution {
      rows.append(["least-squares solution", "w \(minimum.w), b \(minimum.b)"])
    }
    if let diverged = trace.divergedAt { rows.append(["diverged at step", "\(diverged)"]) }
    if let time = trace.microsecondsPerStep { rows.append(["µs per step", String(format: "%.3g", time)]) }
    return ([problem.summary] + aligned(rows)).joined(separator: "\n")
  }
}

/// Rows of fields as lines, each column as wide as its widest field.
private func aligned(_ rows: [[String]]) -> [String] {
  let columns = rows.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
  }
  return rows.map { row in
    let fields = zip(row, widths).map { field, width in
      field + String(repeating: " ", count: width - field.count)
    }
    return "  "
      + fields.joined(separator: "  ").reversed().drop(while: { $0 == " " }).reversed().map(String.init)
      .joined()
  }
}
