import Foundation

/// Says on standard error what is going on, once it takes longer than a second. On a terminal the line is
/// rewritten and, in the end, removed.
actor Progress {
  private let isTerminal = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  private var isShown = false
  private var ticker: Task<Void, Never>?

  /// From now on this is what is going on.
  func begin(_ what: String) {
    ticker?.cancel()
    let start = ContinuousClock.now
    ticker = Task { [weak self] in
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(1))
        if Task.isCancelled { return }
        await self?.show(what, elapsed: ContinuousClock.now - start)
      }
    }
    if isShown, isTerminal { write("\r\u{1b}[K\(what)") }
  }

  /// Nothing is going on any more.
  func end() {
    ticker?.cancel()
    ticker = nil
    if isShown, isTerminal { write("\r\u{1b}[K") }
    isShown = false
  }

  private var lastLine = ""

  private func show(_ what: String, elapsed: Duration) {
    isShown = true
    if isTerminal {
      write("\r\u{1b}[K\(what) … \(Int(elapsed / .seconds(1))) s")
    } else if lastLine != what {
      // In a log one line for each is enough.
      lastLine = what
      write("workbench: \(what) …\n")
    }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
