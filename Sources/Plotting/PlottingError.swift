/// What can go wrong when a figure is drawn.
public enum PlottingError: Error, Equatable, CustomStringConvertible {
  /// gnuplot could not be started.
  case gnuplotNotFound(program: String, reason: String)
  /// gnuplot ended before it had finished.
  case gnuplotDied(drawing: String, ending: String, messages: String)
  /// gnuplot gave no answer in time and was ended.
  case gnuplotTimedOut(drawing: String, seconds: Double)
  /// gnuplot refused something; `message` is its own.
  case gnuplotRefused(drawing: String, message: String)
  /// gnuplot reported no error, yet the file is not a picture.
  case noPicture(file: String, reason: String)
  /// A figure that cannot be drawn as it is.
  case invalidFigure(name: String, reason: String)
  /// Text needs a font that is not there.
  case fontMissing(figure: String, text: String)
  /// A file in the way that this program did not make, or that was changed since.
  case notOurs(file: String, reason: String)
  /// The file system refused something.
  case fileSystem(path: String, reason: String)

  /// One line: what was to be drawn, what went wrong, and the mend where there is one.
  public var description: String {
    switch self {
    case .gnuplotNotFound(let program, let reason):
      "cannot start gnuplot ('\(program)'): \(reason). Install it (apt install gnuplot-nox), or name it in GNUPLOT."
    case .gnuplotDied(let drawing, let ending, let messages):
      "gnuplot ended while drawing '\(drawing)' (\(ending))" + (messages.isEmpty ? "." : ": \(messages)")
    case .gnuplotTimedOut(let drawing, let seconds):
      "gnuplot gave no answer for \(Self.short(seconds)) s while drawing '\(drawing)' and was ended."
    case .gnuplotRefused(let drawing, let message):
      "gnuplot cannot draw '\(drawing)': \(message)"
    case .noPicture(let file, let reason):
      "gnuplot reported no error, but \(file) \(reason)."
    case .invalidFigure(let name, let reason):
      "figure '\(name)' cannot be drawn: \(reason)."
    case .fontMissing(let figure, let text):
      "figure '\(figure)' has Chinese text ('\(text)') and no font here has its characters: install one "
        + "(apt install fontconfig fonts-noto-cjk), or draw SVG, which keeps text as text."
    case .notOurs(let file, let reason):
      "\(file) is in the way and stays as it is: \(reason). Move it, or draw into another folder."
    case .fileSystem(let path, let reason):
      "\(path): \(reason)."
    }
  }

  private static func short(_ seconds: Double) -> String {
    seconds == seconds.rounded() && abs(seconds) < 1e9 ? String(Int(seconds)) : String(seconds)
  }
}
