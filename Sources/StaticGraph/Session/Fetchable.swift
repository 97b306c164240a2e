/// Something a session can be asked for: a symbol, a name, or a structure of such.
public protocol Fetchable {
  /// What comes back: the same structure with arrays in it.
  associatedtype Fetched

  /// The symbols asked for, in order. Throws when a name is not in the graph.
  func symbols(in graph: Graph) throws(SessionError) -> [Symbol]
  /// The structure filled with the values of its symbols, taken from the front of `values`.
  func assemble(_ values: inout ArraySlice<NDArray>) -> Fetched
}

/// One value. A node without a value (a group) gives an empty bool array.
extension Symbol: Fetchable {
  public func symbols(in graph: Graph) throws(SessionError) -> [Symbol] {
    guard self.graph === graph else {
      throw SessionError(.unknownFetch, "fetch '\(name)': it belongs to another graph than the session's")
    }
    return [self]
  }
  public func assemble(_ values: inout ArraySlice<NDArray>) -> NDArray { values.removeFirst() }
}

/// A value by name: `loss`, `layer/add_1`, `split:1`.
extension String: Fetchable {
  public func symbols(in graph: Graph) throws(SessionError) -> [Symbol] {
    guard let symbol = graph.symbol(named: self) else {
      throw SessionError(.unknownFetch, "fetch '\(self)': there is no such node in the graph")
    }
    return [symbol]
  }
  public func assemble(_ values: inout ArraySlice<NDArray>) -> NDArray { values.removeFirst() }
}

extension Array: Fetchable where Element: Fetchable {
  public func symbols(in graph: Graph) throws(SessionError) -> [Symbol] {
    var result: [Symbol] = []
    for element in self { result += try element.symbols(in: graph) }
    return result
  }
  public func assemble(_ values: inout ArraySlice<NDArray>) -> [Element.Fetched] {
    map { $0.assemble(&values) }
  }
}

/// Values under names of the caller's choosing.
extension Dictionary: Fetchable where Key: Comparable, Value: Fetchable {
  private var ordered: [(key: Key, value: Value)] { sorted { $0.key < $1.key } }

  public func symbols(in graph: Graph) throws(SessionError) -> [Symbol] {
    var result: [Symbol] = []
    for (_, value) in ordered { result += try value.symbols(in: graph) }
    return result
  }
  public func assemble(_ values: inout ArraySlice<NDArray>) -> [Key: Value.Fetched] {
    var result: [Key: Value.Fetched] = [:]
    for (key, value) in ordered { result[key] = value.assemble(&values) }
    return result
  }
}
