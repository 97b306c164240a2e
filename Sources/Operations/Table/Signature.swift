/// The parameters of an operation, in PyTorch's order, written as one line: `"T input, TS other, S alpha=1"`.
///
/// | kind | meaning |
/// |---|---|
/// | `T`, `T?` | a tensor; one that may be absent |
/// | `TS`, `TS?` | a tensor or a plain number |
/// | `T*` | a list of tensors |
/// | `S`, `S?` | a plain number whose kind takes part in promotion |
/// | `int`, `ints`, `int\|ints`, `bool`, `float`, `str`, `float\|str`, `dtype`, `index` | plain attributes; `?`: may be absent |
///
/// What follows `=` is the default.
public struct Signature: Sendable {
  /// One parameter.
  public struct Parameter: Sendable {
    /// The kind, as in the table above, without `?`.
    public let kind: String
    /// PyTorch's name for it.
    public let name: String
    /// Whether it may be absent.
    public let isOptional: Bool
    /// The default as text, if there is one.
    public let defaultText: String?

    /// Whether tensors are passed for it, by position.
    public var isTensor: Bool { kind == "T" || kind == "TS" || kind == "T*" }
  }

  /// The line itself.
  public let text: String
  /// The parameters in order.
  public let parameters: [Parameter]

  /// Reads a line as described above.
  public init(_ text: String) {
    self.text = text
    parameters = text.split(separator: ",").map { item in
      let words = item.split(separator: " ")
      let (name, defaultText) = Signature.split(String(words[1]))
      let kind = String(words[0])
      return Parameter(
        kind: kind.hasSuffix("?") ? String(kind.dropLast()) : kind, name: name,
        isOptional: kind.hasSuffix("?") || defaultText != nil, defaultText: defaultText)
    }
  }

  private static func split(_ word: String) -> (String, String?) {
    let halves = word.split(separator: "=", maxSplits: 1)
    return (String(halves[0]), halves.count > 1 ? String(halves[1]) : nil)
  }
}

/// A plain argument of an operation called by name.
public enum Attribute: Sendable, Hashable {
  case null
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  case ints([Int])
  case scalar(Scalar)
  case dtype(DType)
  case index([IndexItem])

  /// Whether it can stand for a parameter of this kind (see `Signature`).
  func fits(_ kind: String) -> Bool {
    switch (kind, self) {
    case ("bool", .bool), ("str", .string), ("dtype", .dtype), ("dtype", .string), ("index", .index): true
    case ("int", .int), ("int", .scalar(.int)), ("ints", .ints), ("ints", .int), ("int|ints", .ints),
      ("int|ints", .int):
      true
    case ("int", .ints(let list)): list.count == 1
    case ("float|str", .string): true
    case ("float", .int), ("float", .float), ("float", .scalar), ("float|str", .int), ("float|str", .float),
      ("float|str", .scalar):
      true
    case ("S", .int), ("S", .float), ("S", .bool), ("S", .scalar), ("TS", .int), ("TS", .float),
      ("TS", .bool), ("TS", .scalar):
      true
    default: false
    }
  }
}
