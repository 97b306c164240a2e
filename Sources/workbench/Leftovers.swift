import Foundation

/// What a program started and left running, found wherever it went.
///
/// A process group is not enough: a daemon leaves it by a session of its own. What every descendant has, unless it throws it
/// away, is its environment; so each program gets a mark in it by which the system's table of processes can be searched.
struct Leftovers {
  /// The variable that carries the mark.
  static let variable = "WORKBENCH_RUN"
  /// The mark of one run.
  let mark = "\(getpid())-\(UInt64.random(in: 0 ... .max))"

  /// Ends every process with the mark. Where there is no `/proc`, does nothing.
  func end() {
    for process in processes { kill(process, SIGKILL) }
  }

  /// Every running process with the mark.
  var processes: [pid_t] {
    let needle = Data("\(Leftovers.variable)=\(mark)\0".utf8)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.filter { process in
      // Other users' processes and those that have ended cannot be read.
      guard process != getpid(), let file = fopen("/proc/\(process)/environ", "r") else { return false }
      defer { fclose(file) }
      var bytes = [UInt8](repeating: 0, count: 1 << 17)
      let count = fread(&bytes, 1, bytes.count, file)
      return Data(bytes[..<count]).range(of: needle) != nil
    }
  }
}
