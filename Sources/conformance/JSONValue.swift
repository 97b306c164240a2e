/// A JSON value that keeps integers exact and tells them from numbers with a fraction or an exponent.
enum JSONValue: Equatable, Sendable {
  case null
  case boolean(Bool)
  /// A number written without fraction and exponent that fits in 64 bits.
  case integer(Int64)
  /// Any other number; `-0` too, since an integer has no negative zero.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])
}

/// A case that does not follow the format.
struct MalformedCase: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

// Reading with a reason when something else is found. `what` names the value in the message.
extension JSONValue {
  /// The entry of an object; nil when it is absent or null.
  subscript(key: String) -> JSONValue? {
    guard case .object(let entries) = self, let value = entries[key], value != .null else { return nil }
    return value
  }

  /// The entry of an object, which must be there and not null.
  func entry(_ key: String) throws -> JSONValue {
    guard case .object = self else {
      throw MalformedCase("expected an object with \"\(key)\", found \(self)")
    }
    guard let value = self[key] else { throw MalformedCase("\"\(key)\" is missing") }
    return value
  }

  /// The entries of an object.
  func entries(_ what: String) throws -> [String: JSONValue] {
    guard case .object(let entries) = self else { throw mismatch(what, "an object") }
    return entries
  }

  /// The elements of an array.
  func elements(_ what: String) throws -> [JSONValue] {
    guard case .array(let elements) = self else { throw mismatch(what, "an array") }
    return elements
  }

  /// A string.
  func text(_ what: String) throws -> String {
    guard case .string(let text) = self else { throw mismatch(what, "a string") }
    return text
  }

  /// A truth value.
  func truth(_ what: String) throws -> Bool {
    guard case .boolean(let truth) = self else { throw mismatch(what, "true or false") }
    return truth
  }

  /// An exact integer.
  func integer(_ what: String) throws -> Int64 {
    guard case .integer(let integer) = self else { throw mismatch(what, "an integer") }
    return integer
  }

  /// A number; the strings "NaN", "Infinity" and "-Infinity" stand for these.
  func real(_ what: String) throws -> Double {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    case .string("NaN"): .nan
    case .string("Infinity"): .infinity
    case .string("-Infinity"): -.infinity
    default: throw mismatch(what, "a number")
    }
  }

  /// A list of sizes; a bare integer is a list of one.
  func shape(_ what: String) throws -> [Int] {
    let sizes: [JSONValue] = if case .array(let elements) = self { elements } else { [self] }
    return try sizes.map { size in
      let size = try size.integer(what)
      guard size >= 0 else { throw MalformedCase("\(what) has the negative size \(size)") }
      return Int(size)
    }
  }

  private func mismatch(_ what: String, _ wanted: String) -> MalformedCase {
    MalformedCase("\(what) should be \(wanted), found \(self)")
  }
}

extension JSONValue: CustomStringConvertible {
  /// The value as JSON, keys in alphabetical order, cut after 200 characters.
  var description: String {
    let text = json
    return text.count <= 200 ? text : text.prefix(199) + "…"
  }

  private var json: String {
    switch self {
    case .null: "null"
    case .boolean(let truth): "\(truth)"
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    case .string(let text): "\"\(text)\""
    case .array(let elements): "[" + elements.map(\.json).joined(separator: ", ") + "]"
    case .object(let entries):
      "{" + entries.sorted { $0.key < $1.key }.map { "\"\($0)\": \($1.json)" }.joined(separator: ", ") + "}"
    }
  }
}
