/// Reads one JSON value from UTF-8 text (RFC 8259).
struct JSONParser {
  /// Values nested deeper than this are refused rather than let the parser run out of stack.
  private static let deepest = 500

  private let bytes: ArraySlice<UInt8>
  private var index: Int
  private var depth = 0

  /// The value that the bytes hold, with nothing but white space around it. Throws `MalformedCase` with the column, counted
  /// in bytes from 1.
  static func parse(_ bytes: ArraySlice<UInt8>) throws -> JSONValue {
    var parser = JSONParser(bytes: bytes, index: bytes.startIndex)
    let value = try parser.value()
    parser.skipSpace()
    if parser.index != bytes.endIndex { throw parser.error("unexpected text after the value") }
    return value
  }

  private var current: UInt8? {
    index < bytes.endIndex ? bytes[index] : nil
  }

  private func error(_ message: String) -> MalformedCase {
    MalformedCase("column \(index - bytes.startIndex + 1): \(message)")
  }

  private mutating func skipSpace() {
    while let byte = current, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { index += 1 }
  }

  /// Passes over the character when it comes next.
  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard current == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    if !accept(character) { throw error("expected \"\(character)\"") }
  }

  private mutating func value() throws -> JSONValue {
    skipSpace()
    depth += 1
    defer { depth -= 1 }
    if depth > Self.deepest { throw error("values are nested more than \(Self.deepest) deep") }
    switch current {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw error("the value is missing")
    default: return try number()
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws -> JSONValue {
    guard bytes[index...].starts(with: word.utf8) else { throw error("expected \(word)") }
    index += word.utf8.count
    return value
  }

  private mutating func object() throws -> JSONValue {
    try expect("{")
    var entries: [String: JSONValue] = [:]
    if accept("}") { return .object(entries) }
    repeat {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw error("expected a key") }
      let key = try string()
      try expect(":")
      if entries.updateValue(try value(), forKey: key) != nil {
        throw error("the key \"\(key)\" comes twice")
      }
    } while accept(",")
    try expect("}")
    return .object(entries)
  }

  private mutating func array() throws -> JSONValue {
    try expect("[")
    var elements: [JSONValue] = []
    if accept("]") { return .array(elements) }
    repeat { elements.append(try value()) } while accept(",")
    try expect("]")
    return .array(elements)
  }

  private mutating func number() throws -> JSONValue {
    let start = index
    /// Passes over digits, of which there must be one.
    func digits(_ parser: inout JSONParser) throws {
      let first = parser.index
      while let byte = parser.current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        parser.index += 1
      }
      if parser.index == first { throw parser.error("expected a value") }
    }
    var isInteger = true
    if current == UInt8(ascii: "-") { index += 1 }
    let leadingZero = current == UInt8(ascii: "0")
    let whole = index
    try digits(&self)
    if leadingZero && index > whole + 1 { throw error("a number begins with a superfluous zero") }
    if current == UInt8(ascii: ".") {
      isInteger = false
      index += 1
      try digits(&self)
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      isInteger = false
      index += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { index += 1 }
      try digits(&self)
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    if isInteger && text != "-0" {
      guard let integer = Int64(text) else { throw error("the integer \(text) does not fit in 64 bits") }
      return .integer(integer)
    }
    guard let number = Double(text) else { throw error("\(text) is not a number") }
    return .number(number)
  }

  private mutating func string() throws -> String {
    try expect("\"")
    var text: [UInt8] = []
    while let byte = current {
      index += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw error("the string is not UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): text += String(try escaped()).utf8
      case 0..<0x20: throw error("a control character in a string")
      default: text.append(byte)
      }
    }
    throw error("the string does not end")
  }

  /// The character after a backslash.
  private mutating func escaped() throws -> Character {
    guard let byte = current else { throw error("the string does not end") }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Character(Unicode.Scalar(byte))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var code = UInt32(try hexadecimal())
      if (0xD800..<0xDC00).contains(code) {
        guard bytes[index...].starts(with: "\\u".utf8) else { throw error("half a surrogate pair") }
        index += 2
        let low = UInt32(try hexadecimal())
        guard (0xDC00..<0xE000).contains(low) else { throw error("half a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("half a surrogate pair") }
      return Character(scalar)
    default: throw error("an unknown escape in a string")
    }
  }

  private mutating func hexadecimal() throws -> UInt16 {
    let digits = bytes[index...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("expected four hexadecimal digits") }
    index += 4
    return code
  }
}
