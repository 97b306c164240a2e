import Autograd

/// One part of a lesson: a type whose `play()` runs the part's code and shows it.
///
///     struct Calling: LessonPart {
///       static let number = "2.4.1"
///       static let title = "Two ways to call, and two ways to change"
///       let page: Page
///
///       func play() {
///         say("An operation is a function, and a method.")
///         let x = show(tensor([1, 2]))
///         show(x.add(3))
///       }
///     }
///
/// shows the text, then `let x = tensor([1, 2])` and `x.add(3)`, each with what it gives. Lines between such calls are shown as they stand.
public protocol LessonPart: SendableMetatype {
  /// The section's number: `2.4.1`.
  static var number: String { get }
  /// The section's title.
  static var title: String { get }
  /// Where the part is shown.
  var page: Page { get }
  /// A part that is shown on this page.
  init(page: Page)
  /// Runs the part.
  func play() throws
}

extension LessonPart {
  /// Text; paragraphs are separated by empty lines, lines within one are joined, unless they are indented.
  public func say(_ text: String, fileID: String = #fileID, line: Int = #line) {
    page.say(text, Place(fileID: fileID, line: line))
  }

  /// The statement this call stands in, without the call, and the value. Of a tensor or an array also the shape, the dtype, and which
  /// of the values shown under a name has the same memory. Returns the value.
  @discardableResult
  public func show<Value>(_ value: Value, fileID: String = #fileID, line: Int = #line) -> Value {
    page.show(value, Place(fileID: fileID, line: line))
    return value
  }

  /// The statement this call stands in, and the error it throws. Stops when it throws none.
  public func showError<Value>(
    _ body: @autoclosure () throws -> Value, fileID: String = #fileID, line: Int = #line
  ) {
    page.showError(body, Place(fileID: fileID, line: line))
  }

  /// How NumPy and PyTorch write what is shown next, in Python.
  public func elsewhere(
    numpy: String, torch: String, fileID: String = #fileID, line: Int = #line
  ) {
    page.elsewhere(numpy: numpy, torch: torch, Place(fileID: fileID, line: line))
  }

  /// A table of operations: each one's name and parameters, taken from the table of operations, and what it gives in a few words; then
  /// `others`, which are code as well, but not in that table. Stops for an operation that is not in it.
  public func table(
    _ title: String, _ operations: KeyValuePairs<String, String> = [:],
    others: KeyValuePairs<String, String> = [:], fileID: String = #fileID, line: Int = #line
  ) {
    let place = Place(fileID: fileID, line: line)
    let rows = operations.map { name, meaning in
      guard let entry = OperationTable.entry(name) else { fatalError("\(place): no operation '\(name)'") }
      return Page.Row(code: entry.callText, meaning: meaning)
    }
    page.table(title, rows + others.map { Page.Row(code: $0, meaning: $1) }, place)
  }
}

extension TableEntry {
  /// How it is called: `linspace(start, end, steps, dtype=float32)`. `?` marks what may be absent.
  static var callText: String {
    let parameters = signature.parameters.map { parameter in
      if let fallback = parameter.defaultText { return "\(parameter.name)=\(fallback)" }
      return parameter.isOptional ? parameter.name + "?" : parameter.name
    }
    return "\(name)(\(parameters.joined(separator: ", ")))"
  }
}
