extension String {
  /// The text on lines of at most `width` columns, broken at blanks; every line but the first begins with
  /// `indent`. A word that is longer than a line stays whole. Colours take no columns.
  public func wrapped(to width: Int = 80, indent: String = "") -> [String] {
    var lines = [String]()
    var line = ""
    var columns = 0
    var isFirstWord = true
    for word in split(separator: " ", omittingEmptySubsequences: false) {
      let wordColumns = String(word).visibleColumns
      if !isFirstWord, columns + 1 + wordColumns > width {
        lines.append(line)
        line = indent + word
        columns = indent.count + wordColumns
      } else {
        line += isFirstWord ? String(word) : " " + word
        columns += (isFirstWord ? 0 : 1) + wordColumns
      }
      isFirstWord = false
    }
    return lines + [line]
  }

  /// How many characters are seen: all but those of colour sequences (`ESC [ … m`).
  public var visibleColumns: Int {
    var columns = 0
    var isInSequence = false
    for character in self {
      if character == "\u{1b}" { isInSequence = true }
      if !isInSequence { columns += 1 }
      if character == "m" { isInSequence = false }
    }
    return columns
  }
}
