import Foundation

/// Reading and writing whole files, with failures that name the file.
public enum Files {
  /// The contents of a file. Throws a bad-data failure if it cannot be read.
  public static func read(_ path: String) throws(Failure) -> Data {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw .badData("\(path): no such file")
    }
    guard !isDirectory.boolValue else { throw .badData("\(path): is a directory; a file is needed") }
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw .badData("\(path): cannot be read: \(reason(error))")
    }
  }

  /// The contents of a text file. Throws a bad-data failure if it cannot be read or is not UTF-8.
  static func readText(_ path: String) throws(Failure) -> String {
    guard let text = String(validating: try read(path), as: UTF8.self) else {
      throw .badData("\(path): is not a text file (not UTF-8)")
    }
    return text
  }

  /// Writes a file as a whole or not at all: beside its place first, then renamed. Throws an unavailable
  /// failure.
  public static func write(_ data: Data, to path: String) throws(Failure) {
    // Written here and not by `Data.write(options: .atomic)`, which could not tell a device from a file:
    // `--trace /dev/full` must report the full disk and `--trace /dev/stdout` must print.
    var status = stat()
    let isSpecial = stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    let target = isSpecial ? path : "\(path).partial-\(getpid())"
    guard let file = fopen(target, "w") else {
      throw .unavailable("\(path): cannot be written: \(systemReason())")
    }
    let written = data.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
    let writeError = errno
    let flushed = fflush(file)
    let flushError = errno
    fclose(file)
    guard written == data.count, flushed == 0 else {
      if !isSpecial { unlink(target) }
      throw .unavailable(
        "\(path): cannot be written: \(systemReason(written == data.count ? flushError : writeError))")
    }
    guard !isSpecial else { return }
    guard rename(target, path) == 0 else {
      let why = systemReason()
      unlink(target)
      throw .unavailable("\(path): cannot be written: \(why)")
    }
  }

  /// Writes text; see `write(_:to:)`.
  public static func write(_ text: String, to path: String) throws(Failure) {
    try write(Data(text.utf8), to: path)
  }

  /// The system's words for an error number: `No space left on device`.
  public static func systemReason(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }

  /// The last, most telling part of a Foundation error.
  private static func reason(_ error: any Error) -> String {
    let error = error as NSError
    if let posix = error.userInfo[NSUnderlyingErrorKey] as? POSIXError {
      return systemReason(Int32(posix.code.rawValue))
    }
    return error.localizedDescription
  }
}

/// The lines of a text, each without its line feed and a carriage return before it.
///
/// Works on bytes: to Swift `\r\n` is one Character, which a split at `\n` would not find.
func lines(of text: String) -> some Sequence<Substring> {
  text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).lazy.map { line in
    Substring(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
  }
}
