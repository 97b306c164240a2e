/// A page as text for a terminal or a file.
struct PageText {
  /// The most columns a line takes, but for results that are wider.
  let width: Int
  /// Whether weight and colour are used.
  let isColoured: Bool

  /// The part with its heading.
  func text(number: String, title: String, _ blocks: [Page.Block]) -> String {
    let heading = "\(number)  \(title)"
    var groups = [
      "\(paint(heading, .strong))\n\(paint(String(repeating: "─", count: heading.count), .faint))"
    ]
    var wasCode = false
    for block in blocks {
      let (text, isCode) = (lines(of: block).joined(separator: "\n"), block.isCode)
      if isCode && wasCode && !block.beginsGroup {
        groups[groups.count - 1] += "\n" + text
      } else {
        groups.append(text)
      }
      wasCode = isCode
    }
    return groups.joined(separator: "\n\n") + "\n"
  }

  private func lines(of block: Page.Block) -> [String] {
    switch block {
    case .prose(let text): prose(text)
    case .code(let code): self.code(code, fact: "")
    case .step(let code, let results): step(code, results)
    case .refusal(let code, let message): self.code(code, fact: "") + error(message)
    case .elsewhere(let numpy, let torch): [faint("NumPy    ", numpy), faint("PyTorch  ", torch)]
    case .table(let title, let rows): table(title, rows)
    }
  }

  // MARK: Kinds of block

  private func prose(_ text: String) -> [String] {
    let paragraphs = text.split(separator: "\n\n").map { paragraph in
      paragraph.hasPrefix(" ")
        ? paragraph.split(separator: "\n").map(String.init) : wrapped(String(paragraph), width)
    }
    return Array(paragraphs.joined(separator: [""]))
  }

  /// Code, indented, and at the right edge of its last line what there is to say about the value.
  private func code(_ code: String, fact: String) -> [String] {
    var lines = code.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
    let last = lines.removeLast()
    var result = lines.map { paint($0, .code) }
    if fact.isEmpty { return result + [paint(last, .code)] }
    let gap = width - last.count - fact.count
    if gap >= 2 {
      result.append(paint(last, .code) + blanks(gap) + paint(fact, .faint))
    } else {
      result += [paint(last, .code), blanks(width - fact.count) + paint(fact, .faint)]
    }
    return result
  }

  private func step(_ code: String, _ results: [Shown]) -> [String] {
    if results.count == 1, results[0].label == nil {
      return self.code(code, fact: results[0].facts) + indented(results[0].text, first: "  → ")
    }
    let labels = results.map { $0.label ?? "" }
    let column = labels.map(\.count).max() ?? 0
    var lines = self.code(code, fact: "")
    for (label, part) in zip(labels, results) {
      let shown = indented(part.text, first: "  → \(label)\(blanks(column - label.count))  ")
      let gap = width - shown[shown.count - 1].count - part.facts.count
      lines += shown.dropLast()
      lines.append(
        gap >= 2 ? shown[shown.count - 1] + blanks(gap) + paint(part.facts, .faint) : shown[shown.count - 1])
    }
    return lines
  }

  private func faint(_ library: String, _ code: String) -> String {
    "  " + paint(library, .faint) + paint(code, .code)
  }

  private func error(_ message: String) -> [String] {
    wrapped(message, width - 4).enumerated().map { paint(($0 == 0 ? "  ✗ " : "    ") + $1, .bad) }
  }

  private func table(_ title: String, _ rows: [Page.Row]) -> [String] {
    let column = rows.map(\.code.count).filter { $0 <= width * 11 / 20 }.max() ?? 0
    let rule = String(repeating: "─", count: width)
    var lines = [paint(title, .strong), paint(rule, .faint)]
    for row in rows {
      let meaning = wrapped(row.meaning, width - column - 2)
      var code = [row.code]
      if row.code.count > column {
        // Too long for its column: lines of its own, the meaning below them.
        code = wrapped(row.code, width).enumerated().map { $0 == 0 ? $1 : "  " + $1 }
        lines += code.map { paint($0, .code) }
        code = []
      }
      for (index, text) in meaning.enumerated() {
        let field = index < code.count ? code[index] : ""
        lines.append(paint(field, .code) + blanks(column - field.count + 2) + text)
      }
    }
    return lines + [paint(rule, .faint)]
  }

  // MARK: Pieces of text

  /// The first line begins with `first`, the others are as far in.
  private func indented(_ text: String, first: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
      (index == 0 ? first : blanks(first.count)) + line
    }
  }

  /// The words in lines of at most `width` columns.
  private func wrapped(_ text: String, _ width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
      if let line = lines.last, line.count + 1 + word.count <= width {
        lines[lines.count - 1] = line + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  private func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

  private enum Ink: String {
    case strong = "1"
    case faint = "2"
    case bad = "31"
    case code = "36"
  }

  private func paint(_ text: String, _ ink: Ink) -> String {
    isColoured && !text.isEmpty ? "\u{1b}[\(ink.rawValue)m\(text)\u{1b}[0m" : text
  }
}

extension Page.Block {
  fileprivate var isCode: Bool {
    switch self {
    case .code, .step, .refusal, .elsewhere: true
    case .prose, .table: false
    }
  }

  fileprivate var beginsGroup: Bool {
    if case .elsewhere = self { true } else { false }
  }
}

extension Shown {
  /// Type and memory in one line: `[2, 3] int64 · memory of x`.
  var facts: String { memory.map { "\(type) · \($0)" } ?? type }
}
