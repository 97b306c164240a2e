import Experiment
import Foundation

/// Turns Ctrl-C and a request to terminate into the cancellation of a task, so that programs are stopped and
/// files removed on the way out.
enum Interruption {
  /// Runs `work`; on SIGINT, SIGTERM or SIGHUP cancels it, waits for it to clean up, and ends the process
  /// with 128 plus the signal's number, as a shell does.
  static func guarding<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws
    -> Result
  {
    let task = Task { try await work() }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return try await task.value }
    let (readEnd, writeEnd) = (ends[0], ends[1])
    Interruption.writeEnd = writeEnd
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { number in
        // Writing a byte is one of the few things a signal handler may do.
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(Interruption.writeEnd, &byte, 1)
      }
    }
    let received = ReceivedSignal()
    let listener = Thread {
      var byte: UInt8 = 0
      if read(readEnd, &byte, 1) == 1, byte != 0 {
        received.number = Int32(byte)
        task.cancel()
      }
    }
    listener.start()
    let result = await task.result
    if let number = received.number {
      FileHandle.standardError.write(Data("workbench: interrupted\n".utf8))
      exit(128 + number)
    }
    return try result.get()
  }

  /// Where the signal handler writes; set once before the handler is installed.
  nonisolated(unsafe) private static var writeEnd: Int32 = -1

  private final class ReceivedSignal: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Int32?
    var number: Int32? {
      get { lock.withLock { value } }
      set { lock.withLock { value = newValue } }
    }
  }
}
