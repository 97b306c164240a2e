import Foundation

/// Standard output, written so that it is noticed when text does not arrive.
public enum StandardOutput {
  /// Prints text and, if it does not end with one, a line feed. Throws an unavailable failure (a full disk), or
  /// a closed-pipe failure when nobody reads any more, as in `… | head -1`.
  public static func print(_ text: String) throws(Failure) {
    // Without this, writing into a closed pipe ends the process before it has tidied up.
    let previous = signal(SIGPIPE, SIG_IGN)
    defer { signal(SIGPIPE, previous) }
    var bytes = Array(text.utf8)[...]
    if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      guard written < 0 else {
        bytes = bytes.dropFirst(written)
        continue
      }
      switch errno {
      case EINTR: continue
      case EPIPE: throw Failure(.closedPipe, "standard output: nobody reads any more")
      default: throw .unavailable("standard output: cannot be written: \(Files.systemReason())")
      }
    }
  }
}
