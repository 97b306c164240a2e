import CGnuplot
import Foundation
import Guarding

/// The processes and folders that must not outlive the program, should it be interrupted while it draws.
public enum UnfinishedWork {
  private struct Work {
    var processes: Set<Int32> = []
    var folders: Set<String> = []
    /// Whether the program is about to end: what begins now is not to go on.
    var isAbandoned = false
  }

  private static let work = Guarded(Work())

  /// Ends every running gnuplot and removes every unfinished figure, also those that only begin meanwhile or later. For a
  /// program that is about to end itself after an interrupt; callable from any thread, not from inside a signal handler.
  public static func abandon() {
    let left = work.withLock { current in
      defer { current = Work(isAbandoned: true) }
      return current
    }
    left.processes.forEach(cgnuplot_kill)
    for folder in left.folders { try? FileManager.default.removeItem(atPath: folder) }
  }

  static func add(process: Int32) {
    let isTooLate = work.withLock { work in
      if !work.isAbandoned { work.processes.insert(process) }
      return work.isAbandoned
    }
    if isTooLate { cgnuplot_kill(process) }
  }
  static func remove(process: Int32) { work.withLock { _ = $0.processes.remove(process) } }
  static func add(folder: String) {
    let isTooLate = work.withLock { work in
      if !work.isAbandoned { work.folders.insert(folder) }
      return work.isAbandoned
    }
    if isTooLate { try? FileManager.default.removeItem(atPath: folder) }
  }
  static func remove(folder: String) { work.withLock { _ = $0.folders.remove(folder) } }
}
