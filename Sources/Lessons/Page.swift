import Autograd

/// What one part of a lesson shows, in order: prose, code, and what the code gives.
///
/// Code is quoted from the part's own source: each call of `say`, `show` and so on first takes over the lines written since the call
/// before it. So what is shown is what runs.
public final class Page {
  /// A piece of the page.
  public enum Block: Equatable, Sendable {
    /// Text; paragraphs are separated by empty lines. One that is indented keeps its lines.
    case prose(String)
    /// Code whose value is not shown.
    case code(String)
    /// Code and what it gives.
    case step(code: String, results: [Shown])
    /// Code that is refused, and the error's text.
    case refusal(code: String, message: String)
    /// The same in NumPy and in PyTorch.
    case elsewhere(numpy: String, torch: String)
    /// Rows of a first column, whose fields are code, and a second of text.
    case table(title: String, rows: [Row])
  }

  /// A row of a table.
  public struct Row: Equatable, Sendable {
    /// What stands first.
    public var code: String
    /// What it means.
    public var meaning: String
  }

  /// The pieces so far.
  public private(set) var blocks: [Block] = []

  private var source: (fileID: String, text: SourceText)?
  /// The last line of the source that has been shown, or need not be.
  private var lastLine = 0
  /// The values shown so far that have a name, in the order in which they got it.
  private var named: [(name: String, value: Any)] = []

  /// An empty page.
  public init() {}
}

// MARK: What a part adds

extension Page {
  func say(_ text: String, _ place: Place) {
    _ = take("say", place)
    blocks.append(.prose(text))
  }

  func show(_ value: Any, _ place: Place) {
    let call = take("show", place)
    blocks.append(
      .step(code: call.statement, results: Shown.parts(of: value, called: call.name, among: named)))
    guard let name = call.name else { return }
    if let position = named.firstIndex(where: { $0.name == name }) {
      named[position].value = value
    } else {
      named.append((name, value))
    }
  }

  func showError(_ body: () throws -> Any, _ place: Place) {
    let call = take("showError", place)
    do {
      let value = try body()
      fatalError("\(place): \(call.statement) was to be refused, but gave \(value)")
    } catch {
      blocks.append(.refusal(code: call.statement, message: "\(error)"))
    }
  }

  func elsewhere(numpy: String, torch: String, _ place: Place) {
    _ = take("elsewhere", place)
    blocks.append(.elsewhere(numpy: numpy, torch: torch))
  }

  func table(_ title: String, _ rows: [Row], _ place: Place) {
    _ = take("table", place)
    blocks.append(.table(title: title, rows: rows))
  }

  /// The call at this place; the code between the last call and this becomes a block of its own. In a loop, only the first round has such.
  private func take(_ function: String, _ place: Place) -> SourceText.Call {
    if source?.fileID != place.fileID {
      source = (place.fileID, SourceText(fileID: place.fileID))
      lastLine = 0
    }
    guard let text = source?.text else { fatalError("\(place): no source") }
    if lastLine == 0 { lastLine = text.lineOfBody(above: place.line) }
    let call = text.call(function, line: place.line)
    let code = text.code(after: lastLine, before: place.line)
    if !code.isEmpty { blocks.append(.code(code)) }
    lastLine = max(lastLine, call.lines.upperBound)
    return call
  }
}

/// Where in the source a call stands.
struct Place: CustomStringConvertible {
  var fileID: String
  var line: Int

  var description: String { "\(fileID):\(line)" }
}
