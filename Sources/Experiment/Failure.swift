/// What went wrong, in one line for standard error, with the exit status that says which kind of thing it
/// was.
///
/// The statuses are those of `sysexits.h`, so that a script can tell its own mistake from bad data.
public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kinds of failure; the raw value is the process's exit status.
  public enum Kind: Int32, Sendable {
    /// The programs ran and did not agree.
    case disagreement = 1
    /// The command line cannot be obeyed (`EX_USAGE`).
    case usage = 64
    /// A file or a program's answer is not what it should be (`EX_DATAERR`).
    case badData = 65
    /// A program, package or place to write is missing or fails (`EX_UNAVAILABLE`).
    case unavailable = 69
    /// Nobody reads standard output any more; said by the status alone, that of a program ended by SIGPIPE.
    case closedPipe = 141
  }

  /// Which kind, and with it the exit status.
  public let kind: Kind
  /// One line without a full stop at its end: where, what was found, what was needed.
  public let message: String

  /// A failure of the given kind.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// The command line cannot be obeyed; exit status 64.
  public static func usage(_ message: String) -> Failure { Failure(.usage, message) }
  /// A file or an answer is malformed; exit status 65.
  public static func badData(_ message: String) -> Failure { Failure(.badData, message) }
  /// Something needed is missing or fails; exit status 69.
  public static func unavailable(_ message: String) -> Failure { Failure(.unavailable, message) }

  public var description: String { message }
}
