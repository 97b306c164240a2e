/// The values a run starts from: `[x: data, y: labels]`. Any value of the graph can be fed, not only placeholders; what it
/// would be calculated from is then not needed.
///
/// Arrays are not copied: they must not be changed while the run reads them.
public struct Feeds: Sendable, ExpressibleByDictionaryLiteral {
  /// What is fed: a symbol, or a value of the session's graph by name.
  enum Target: Sendable {
    case symbol(Symbol)
    case name(String)
  }
  var entries: [(key: Target, value: NDArray)]

  /// Nothing.
  public init() { entries = [] }

  /// Values by symbol.
  public init(dictionaryLiteral elements: (Symbol, NDArray)...) {
    entries = elements.map { (.symbol($0), $1) }
  }

  /// Values by name, in alphabetical order of the names.
  public init(named values: [String: NDArray]) {
    entries = values.sorted { $0.key < $1.key }.map { (.name($0), $1) }
  }

  /// The value fed for `symbol`; set it to feed another one, or nil to feed none.
  public subscript(symbol: Symbol) -> NDArray? {
    get { entries.first { Feeds.isSame($0.key, symbol) }?.value }
    set {
      entries.removeAll { Feeds.isSame($0.key, symbol) }
      if let newValue { entries.append((.symbol(symbol), newValue)) }
    }
  }

  private static func isSame(_ key: Target, _ symbol: Symbol) -> Bool {
    switch key {
    case .symbol(let other): other == symbol
    case .name(let name): name == symbol.name
    }
  }
}
