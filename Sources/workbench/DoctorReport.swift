import Foundation

/// Everything the doctor found.
struct DoctorReport: Sendable {
  var diagnoses: [Diagnosis] = []

  /// Whether everything required works.
  var works: Bool { diagnoses.allSatisfy { !$0.isRequired || $0.status == .works } }

  /// A table, then the command for each part that needs mending, then the verdict.
  func text(_ style: Style) -> String {
    var table = TextTable([("state", .left), ("part", .left), ("version", .left), ("trial", .left)])
    for diagnosis in diagnoses {
      let mark = Self.mark(diagnosis)
      table.add([mark, diagnosis.part, diagnosis.version ?? "–", diagnosis.trial]) { line in
        switch (diagnosis.status, diagnosis.isRequired) {
        case (.works, _): line.replacingPrefix(mark, with: style.good(mark))
        case (_, true): line.replacingPrefix(mark, with: style.bad(mark))
        case (_, false): line.replacingPrefix(mark, with: style.faint(mark))
        }
      }
    }
    var lines = table.lines(style)
    for (command, parts) in mends {
      let needed = parts.filter(\.isRequired)
      let names = (needed.isEmpty ? parts : needed).map(\.part).joined(separator: ", ")
      lines += [
        "", needed.isEmpty ? "If you want \(names):" : "To mend \(names):", "  " + style.strong(command),
      ]
    }
    lines.append("")
    lines.append(verdict(style))
    return lines.joined(separator: "\n") + "\n"
  }

  /// The commands that mend something, each with all it mends, in the order of the parts.
  private var mends: [(command: String, parts: [Diagnosis])] {
    var mends: [(command: String, parts: [Diagnosis])] = []
    for diagnosis in diagnoses {
      guard let command = diagnosis.mend else { continue }
      if let index = mends.firstIndex(where: { $0.command == command }) {
        mends[index].parts.append(diagnosis)
      } else {
        mends.append((command, [diagnosis]))
      }
    }
    return mends
  }

  private func verdict(_ style: Style) -> String {
    let broken = diagnoses.filter { $0.isRequired && $0.status != .works }
    guard broken.isEmpty else {
      let names = broken.map(\.part).joined(separator: ", ")
      return style.bad("Something the workbench needs does not work: \(names).")
    }
    return style.good("Everything the workbench needs works.")
  }

  /// A word, and not only a colour, says how it is; capitals where that matters.
  private static func mark(_ diagnosis: Diagnosis) -> String {
    switch (diagnosis.status, diagnosis.isRequired) {
    case (.works, _): "works"
    case (.fails, true): "FAILS"
    case (.missing, true): "MISSING"
    case (.fails, false): "fails"
    case (.missing, false): "not here"
    }
  }

  private struct Document: Encodable {
    var format = "workbench-doctor-1"
    var works: Bool
    var diagnoses: [Diagnosis]
  }

  /// The same for other programs.
  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(Document(works: works, diagnoses: diagnoses)), as: UTF8.self)
        + "\n"
    }
  }
}

extension String {
  /// The text with `prefix`, if it begins so, replaced by `replacement`.
  fileprivate func replacingPrefix(_ prefix: String, with replacement: String) -> String {
    hasPrefix(prefix) ? replacement + dropFirst(prefix.count) : self
  }
}
