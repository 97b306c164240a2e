import CLessonSources

/// The text of a lesson's source file, as compiled into the program.
struct SourceText {
  /// The lines; line 1 is at index 0.
  let lines: [Substring]

  init(_ text: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The file that `#fileID` names. Stops when it was not compiled in: only who adds a file to a lesson can make that mistake.
  init(fileID: String) {
    for index in 0..<lesson_source_count() {
      let source = lesson_source_at(index)
      if String(cString: source.file_id) == fileID {
        self.init(String(cString: source.text))
        return
      }
    }
    fatalError("\(fileID): the text is not in the program; add the file to Sources/CLessonSources/sources.c")
  }

  /// A call in the source, such as `show(x.add(y))`.
  struct Call: Equatable {
    /// The lines of the whole statement, counted from 1.
    var lines: ClosedRange<Int>
    /// The statement without the call around its argument: `let z = show(x.add(y))` reads `let z = x.add(y)`.
    var statement: String
    /// The name that the statement gives to its value, or by which it calls it.
    var name: String?
  }

  /// The call of `function` that begins in `line`. Parentheses in strings and comments do not count; a string inside an interpolation
  /// is not looked into.
  func call(_ function: String, line: Int) -> Call {
    guard let opening = lines[line - 1].firstRange(of: function + "(") else {
      fatalError("line \(line) has no call of \(function): \(lines[line - 1])")
    }
    let rest = lines[(line - 1)...].joined(separator: "\n").dropFirst(
      lines[line - 1].distance(from: lines[line - 1].startIndex, to: opening.upperBound))
    guard let closing = SourceText.closingParenthesis(rest) else {
      fatalError("line \(line): the call of \(function) does not end")
    }
    let argument = rest[..<closing]
    let tail = rest[rest.index(after: closing)...].prefix { $0 != "\n" }
    let head = lines[line - 1][..<opening.lowerBound]
    let statement = SourceText.unindented("\(head)\(SourceText.trimmed(argument))\(tail)")
    let lineCount = argument.count { $0 == "\n" }
    return Call(
      lines: line...(line + lineCount), statement: statement, name: SourceText.name(givenIn: statement))
  }

  /// The statements between two lines, themselves not included, without common indentation and empty lines at the ends.
  func code(after first: Int, before last: Int) -> String {
    guard first < last - 1 else { return "" }
    return SourceText.unindented(lines[first..<(last - 1)].joined(separator: "\n"))
  }

  /// The line above `line` in which the function begins whose body is shown from its first line.
  func lineOfBody(above line: Int) -> Int {
    (1..<line).last { lines[$0 - 1].contains("func play()") } ?? 0
  }
}

// MARK: Reading Swift

extension SourceText {
  /// Where the parenthesis closes that was opened just before `text`.
  static func closingParenthesis(_ text: Substring) -> Substring.Index? {
    var depth = 1
    var position = text.startIndex
    while position < text.endIndex {
      let rest = text[position...]
      if rest.hasPrefix("//") {
        position = rest.firstIndex(of: "\n") ?? text.endIndex
        continue
      }
      if rest.hasPrefix("\"") {
        position = endOfString(rest)
        continue
      }
      switch text[position] {
      case "(": depth += 1
      case ")":
        depth -= 1
        if depth == 0 { return position }
      default: break
      }
      position = text.index(after: position)
    }
    return nil
  }

  /// The place after the string literal with which `text` begins.
  private static func endOfString(_ text: Substring) -> Substring.Index {
    let quote = text.hasPrefix("\"\"\"") ? "\"\"\"" : "\""
    var position = text.index(text.startIndex, offsetBy: quote.count)
    while position < text.endIndex {
      if text[position] == "\\" {
        position = text.index(position, offsetBy: 2, limitedBy: text.endIndex) ?? text.endIndex
      } else if text[position...].hasPrefix(quote) {
        return text.index(position, offsetBy: quote.count)
      } else {
        position = text.index(after: position)
      }
    }
    return position
  }

  /// `z` of `let z = x.add(y)`, and of `z` alone.
  static func name(givenIn statement: String) -> String? {
    var words = statement.split(separator: " ")
    if words.count > 2, words[0] == "let" || words[0] == "var", words[2] == "=" { words = [words[1]] }
    guard words.count == 1, words[0].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }),
      words[0].first?.isLetter == true
    else { return nil }
    return String(words[0])
  }

  /// Without empty lines at the ends and without the indentation that all lines have.
  static func unindented(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.contains { $0 != " " } ? line : ""
    }
    while lines.first?.isEmpty == true { lines.removeFirst() }
    while lines.last?.isEmpty == true { lines.removeLast() }
    let indentation = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return lines.map { String($0.dropFirst(indentation)) }.joined(separator: "\n")
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let start = text.firstIndex { !$0.isWhitespace } ?? text.endIndex
    let end = text.lastIndex { !$0.isWhitespace }.map(text.index(after:)) ?? start
    return text[start..<end]
  }
}
