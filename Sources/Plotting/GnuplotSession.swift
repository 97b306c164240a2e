import CGnuplot
import Foundation

/// One running gnuplot that draws many figures: starting a process for each costs about fifty times the drawing.
///
/// gnuplot is started on first use, without the user's start-up file. One that died or was ended is started anew by
/// the next command.
final class GnuplotSession {
  let program: String
  private let timeLimit: Duration
  private var handle: OpaquePointer?

  init(program: String, timeLimit: Duration) {
    self.program = program
    self.timeLimit = timeLimit
  }

  deinit { close() }

  /// Carries out `commands`, whole lines, and returns what gnuplot wrote. `drawing` names the figure in errors.
  func run(_ commands: String, drawing: String) throws -> String {
    let handle = try start()
    let status = Array(commands.utf8).withUnsafeBytes { bytes in
      cgnuplot_send(handle, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count, timeLimit.seconds)
    }
    let messages = String(cString: cgnuplot_messages(handle))
    switch status {
    case CGNUPLOT_OK:
      return messages
    case CGNUPLOT_ERROR:
      throw PlottingError.gnuplotRefused(
        drawing: drawing, message: Self.lines(of: messages).joined(separator: "; "))
    case CGNUPLOT_TIMED_OUT:
      close()
      throw PlottingError.gnuplotTimedOut(drawing: drawing, seconds: timeLimit.seconds)
    default:
      let ending = Self.ending(Int(cgnuplot_exit(handle)))
      close()
      throw PlottingError.gnuplotDied(
        drawing: drawing, ending: ending, messages: Self.lines(of: messages).joined(separator: "; "))
    }
  }

  /// Ends gnuplot.
  func close() {
    guard let handle else { return }
    UnfinishedWork.remove(process: cgnuplot_pid(handle))
    cgnuplot_close(handle, 2)
    self.handle = nil
  }

  /// gnuplot's messages without empty lines and without the carets that point into the line above.
  static func lines(of messages: String) -> [String] {
    messages.split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty && $0 != "^" }
  }

  private func start() throws -> OpaquePointer {
    if let handle { return handle }
    var reason: CInt = 0
    guard let started = cgnuplot_open(program, &reason) else {
      throw PlottingError.gnuplotNotFound(program: program, reason: String(cString: strerror(reason)))
    }
    UnfinishedWork.add(process: cgnuplot_pid(started))
    handle = started
    return started
  }

  private static func ending(_ exit: Int) -> String {
    exit < 0 ? "signal \(-exit)" : "exit status \(exit)"
  }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
