/// Why a file with arrays could not be read or written. Nothing has been changed then, and no partial file is
/// left.
public struct ArrayFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kinds of failure, as a program may want to tell them apart.
  public enum Kind: String, Sendable {
    /// The file is missing or cannot be read.
    case unreadable
    /// The file's bytes are not what its format demands.
    case malformed
    /// The file is in order but holds what arrays here cannot.
    case unsupported
    /// The file cannot be written.
    case unwritable
  }

  /// The kind of failure.
  public let kind: Kind
  /// The file, and the entry in it where there are several.
  public let path: String
  /// What is wrong and what would be right.
  public let reason: String

  /// An error of this kind about this file.
  public init(_ kind: Kind, _ path: String, _ reason: String) {
    self.kind = kind
    self.path = path
    self.reason = reason
  }

  /// One line; control characters, which names and headers in damaged files may hold, are shown as `?`.
  public var description: String {
    String(
      String.UnicodeScalarView(
        "\(path): \(reason)".unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : $0 }))
  }
}
