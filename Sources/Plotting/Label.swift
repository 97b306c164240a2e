/// A piece of text in a figure: literal characters, some of them italic or bold.
///
/// Every character stands for itself: underscores, braces, quotes and backslashes need no care from the caller.
/// A line feed begins a new line; other control characters become spaces.
public struct Label: Sendable, Equatable, ExpressibleByStringInterpolation {
  /// The typefaces a run of characters can have.
  public enum Face: Sendable, Equatable {
    case upright
    case italic
    case bold
  }

  /// Characters of one typeface.
  public struct Run: Sendable, Equatable {
    /// The characters.
    public var text: String
    /// Their typeface.
    public var face: Face
  }

  /// The runs from left to right.
  public private(set) var runs: [Run]

  /// Text in one typeface.
  public init(_ text: String, face: Face = .upright) {
    runs = text.isEmpty ? [] : [Run(text: text, face: face)]
  }

  /// Upright text.
  public init(stringLiteral value: String) {
    self.init(value)
  }

  /// Italic text, as variables are set in formulas.
  public static func italic(_ text: String) -> Label { Label(text, face: .italic) }

  /// Bold text.
  public static func bold(_ text: String) -> Label { Label(text, face: .bold) }

  /// One label after the other.
  public static func + (left: Label, right: Label) -> Label {
    var sum = left
    sum.runs += right.runs
    return sum
  }

  /// The characters alone.
  public var plain: String { runs.map(\.text).joined() }

  /// Whether there is nothing to show.
  public var isEmpty: Bool { runs.allSatisfy(\.text.isEmpty) }
}

/// Text as gnuplot expressions.
enum GnuplotText {
  /// `text` as a gnuplot string expression, every character literal, for a terminal without enhanced text.
  ///
  /// Single quotes, because inside double quotes gnuplot runs what stands between backticks as a shell command. A single
  /// quote in the text is joined in: doubled, as the manual has it, gnuplot 5.4 does not read one at the beginning.
  static func quoted(_ text: String) -> String {
    var pieces: [String] = []
    var piece = ""
    func end() {
      if !piece.isEmpty { pieces.append("'\(piece)'") }
      piece = ""
    }
    for character in text {
      switch character {
      case "'":
        end()
        pieces.append("\"'\"")
      case "\n", "\r\n":
        end()
        pieces.append("\"\\n\"")
      default:
        piece.unicodeScalars += character.unicodeScalars.map { isControl($0) ? " " : $0 }
      }
    }
    end()
    return pieces.isEmpty ? "''" : pieces.joined(separator: ".")
  }

  /// `label` as a gnuplot string expression for a terminal with enhanced text: what would be markup is escaped,
  /// typefaces become markup.
  static func enhanced(_ label: Label) -> String {
    var text = ""
    for run in label.runs {
      let literal = escaped(run.text)
      switch run.face {
      case .upright: text += literal
      case .italic: text += "{/:Italic \(literal)}"
      case .bold: text += "{/:Bold \(literal)}"
      }
    }
    return quoted(text)
  }

  /// A backslash before each character that enhanced text reads as markup.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      if "\\{}_^@&~".contains(character) { result.append("\\") }
      result.append(character)
    }
    return result
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control
  }
}
