/// The part of Python's literals that headers of `.npy` files consist of.
indirect enum PythonLiteral: Equatable {
  case string(String)
  case bool(Bool)
  case int(Int)
  case none
  /// A tuple or a list.
  case sequence([PythonLiteral])
  case dictionary([String: PythonLiteral])

  /// The literal in `text`, or nil when it is not one, nests deeper than 16 or has something behind it.
  init?(parsing text: some Sequence<UInt8>) {
    var parser = Parser(bytes: Array(text))
    guard let value = parser.value(depth: 0) else { return nil }
    parser.skipBlanks()
    guard parser.position == parser.bytes.count else { return nil }
    self = value
  }

  private struct Parser {
    let bytes: [UInt8]
    var position = 0

    mutating func skipBlanks() {
      while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      skipBlanks()
      guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    mutating func value(depth: Int) -> PythonLiteral? {
      skipBlanks()
      guard depth < 16, position < bytes.count else { return nil }
      switch bytes[position] {
      case UInt8(ascii: "'"), UInt8(ascii: "\""): return string().map { .string($0) }
      case UInt8(ascii: "{"): return dictionary(depth: depth)
      case UInt8(ascii: "("): return sequence("(", ")", depth: depth)
      case UInt8(ascii: "["): return sequence("[", "]", depth: depth)
      default: return word()
      }
    }

    /// A quoted text; escapes do not occur in headers and are refused.
    mutating func string() -> String? {
      let quote = bytes[position]
      guard let end = bytes[(position + 1)...].firstIndex(of: quote) else { return nil }
      let content = bytes[(position + 1)..<end]
      position = end + 1
      return content.contains(UInt8(ascii: "\\")) ? nil : String(decoding: content, as: UTF8.self)
    }

    mutating func dictionary(depth: Int) -> PythonLiteral? {
      guard take("{") else { return nil }
      var entries: [String: PythonLiteral] = [:]
      while !take("}") {
        guard case .string(let key)? = value(depth: depth + 1), take(":"),
          let entry = value(depth: depth + 1), entries.updateValue(entry, forKey: key) == nil
        else { return nil }
        if !take(",") { return take("}") ? .dictionary(entries) : nil }
      }
      return .dictionary(entries)
    }

    /// A list, or a tuple; one thing in parentheses without a comma is just that thing.
    mutating func sequence(_ open: Unicode.Scalar, _ close: Unicode.Scalar, depth: Int) -> PythonLiteral? {
      guard take(open) else { return nil }
      var items: [PythonLiteral] = []
      while !take(close) {
        guard let item = value(depth: depth + 1) else { return nil }
        items.append(item)
        if !take(",") {
          guard take(close) else { return nil }
          return items.count == 1 && open == "(" ? items[0] : .sequence(items)
        }
      }
      return .sequence(items)
    }

    mutating func word() -> PythonLiteral? {
      let start = position
      while position < bytes.count, Self.isWordByte(bytes[position]) { position += 1 }
      var word = String(decoding: bytes[start..<position], as: UTF8.self)
      switch word {
      case "True": return .bool(true)
      case "False": return .bool(false)
      case "None": return PythonLiteral.none
      default:
        // Python 2 wrote some integers as 3L.
        if word.last == "L" { word.removeLast() }
        return Int(word).map { .int($0) }
      }
    }

    static func isWordByte(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"):
        true
      default: false
      }
    }
  }
}
