import Foundation

/// One case: a line of a file.
struct ConformanceCase: Sendable {
  /// A label that is unique in its file.
  let id: String
  /// What kind of case it is; decides which family runs it.
  let kind: String
  /// The whole object.
  let json: JSONValue
  /// The file as it was named, and the line counted from 1.
  let location: String

  /// The case on this line. Throws `MalformedCase` when the line is not an object with `id` and `kind`.
  init(line: ArraySlice<UInt8>, location: String) throws {
    let json = try JSONParser.parse(line)
    self.init(
      id: try json.entry("id").text("id"), kind: try json.entry("kind").text("kind"), json: json,
      location: location)
  }

  init(id: String, kind: String, json: JSONValue, location: String) {
    self.id = id
    self.kind = kind
    self.json = json
    self.location = location
  }
}

/// What a file holds: per line a case or the reason why it is none. Empty lines are passed over.
struct CaseFile {
  let lines: [Result<ConformanceCase, MalformedLine>]

  /// A line that is not a case.
  struct MalformedLine: Error {
    let location: String
    let reason: String
  }

  /// A file that cannot be read, with the system's reason.
  struct Unreadable: Error {
    let reason: String
  }

  /// Reads a file. Throws `Unreadable` when it cannot be read.
  init(path: String) throws {
    let bytes = try Self.bytes(path: path)
    lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
      .compactMap {
        index, line in
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return nil }
        let location = "\(path):\(index + 1)"
        do {
          return .success(try ConformanceCase(line: line, location: location))
        } catch {
          return .failure(MalformedLine(location: location, reason: "\(error)"))
        }
      }
  }

  private static func bytes(path: String) throws -> [UInt8] {
    func unreadable() -> Unreadable { Unreadable(reason: String(cString: strerror(errno))) }
    guard let file = fopen(path, "rb") else { throw unreadable() }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      bytes += chunk[..<count]
      if count < chunk.count { break }
    }
    if ferror(file) != 0 { throw unreadable() }
    return bytes
  }
}
