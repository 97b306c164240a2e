import Arrays
import CKernels
import COpenBLAS
import Foundation
import Operations

/// One participant of `workbench bench --operations`: this library. It measures in this process and speaks lines.
///
/// After starting it prints `hello`, its name and what it calculates with, separated by tabs. Then each line of standard input
/// is a request, `operation dtype size form seconds`, answered by `ok NANOSECONDS CHECKSUM` or `none REASON`. It ends with its input.
@main
struct OperationBench {
  /// The last request's operation and data: the next one is most often the same.
  private var known: (key: [String], task: BenchTask)?

  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, arguments[1] == "--threads", let threads = Int(arguments[2]), threads > 0
    else {
      FileHandle.standardError.write(
        Data("operation-bench: --threads N is needed; workbench bench --operations starts it\n".utf8))
      exit(64)
    }
    setThreadCount(threads)
    // The first product chooses OpenBLAS's kernels.
    let one = NDArray([1.0, 1, 1, 1], shape: [2, 2])
    _ = one.mm(one)
    say(["hello", "this library", details].joined(separator: "\t"))
    var bench = OperationBench()
    while let line = readLine() { say(bench.answer(line)) }
  }

  /// The vector level, the number of threads, and what computes matrix products.
  private static var details: String {
    let levels = ["baseline", "x86-64-v3", "x86-64-v4"]
    let core = openblas_get_corename().map { String(cString: $0) } ?? "unknown"
    let version = openblas_get_config().map { String(cString: $0) }?.split(separator: " ").prefix(2)
      .joined(separator: " ")
    return
      "kernels for \(levels[Int(ck_current_level().rawValue)]); \(version ?? "OpenBLAS") with kernels for \(core)"
  }

  private mutating func answer(_ request: String) -> String {
    let words = request.split(separator: " ").map(String.init)
    guard words.count == 5, let dtype = DType(name: words[1]), let size = Int(words[2]),
      let seconds = Double(words[4])
    else { return "none the request is not: operation dtype size form seconds" }
    do {
      let key = Array(words[..<4])
      if known?.key != key {
        known = nil
        known = try BenchTask(words[0], dtype, size, reusesResult: words[3] == "out").map { (key, $0) }
      }
      guard let task = known?.task else { return "none there is no \(words[0]) in the form \(words[3])" }
      let nanoseconds =
        Stopwatch.nanosecondsPerCall(seconds: seconds) { try! task.run() } / Double(task.operations)
      return "ok \(nanoseconds) \(try task.checksum())"
    } catch {
      return "none \(error)"
    }
  }

  private static func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }
}
