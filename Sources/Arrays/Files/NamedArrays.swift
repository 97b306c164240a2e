/// Arrays by name, in a fixed order: what `.npz` and `.safetensors` files hold.
public struct NamedArrays: Sendable {
  /// The names in order.
  public private(set) var names: [String] = []
  private var arrays: [String: NDArray] = [:]

  /// No arrays.
  public init() {}

  /// The array of this name; assigning a new name appends it, nil removes it.
  public subscript(name: String) -> NDArray? {
    get { arrays[name] }
    set {
      if newValue == nil { names.removeAll { $0 == name } }
      if newValue != nil && arrays[name] == nil { names.append(name) }
      arrays[name] = newValue
    }
  }
}

extension NamedArrays: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { names.count }
  public subscript(position: Int) -> (name: String, array: NDArray) {
    (names[position], arrays[names[position]]!)
  }
}

extension NamedArrays: ExpressibleByDictionaryLiteral {
  /// The arrays in the order written; of equal names the last counts.
  public init(dictionaryLiteral elements: (String, NDArray)...) {
    for (name, array) in elements { self[name] = array }
  }
}
