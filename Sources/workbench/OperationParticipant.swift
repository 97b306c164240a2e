import Experiment
import Foundation

/// A running program that answers requests, line by line, with times.
///
/// All are started without the variables that choose OpenBLAS's kernels, so that each takes its own best; which that were stands
/// in what they say of themselves.
final class OperationParticipant {
  /// What it calls itself.
  private(set) var name = ""
  /// Its version, and what it calculates with.
  private(set) var details = ""
  /// Whether it has stopped answering.
  var hasEnded = false

  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var unread = Data()

  /// The answer to a request.
  enum Answer: Equatable {
    /// The time of one call, and the sum of the result's elements.
    case time(nanoseconds: Double, sum: Double)
    /// It does not know the operation.
    case none(String)
    /// It is gone.
    case ended
  }

  /// Starts the program and reads how it introduces itself. Throws an unavailable failure when it does not.
  init(_ command: [String], threads: Int) throws {
    var environment = ProcessInfo.processInfo.environment
    for name in ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"] { environment[name] = nil }
    for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
      environment[name] = "\(threads)"
    }
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.environment = environment
    process.standardInput = input
    process.standardOutput = output
    let errors = Pipe()
    process.standardError = errors
    let title = URL(fileURLWithPath: command.first { $0.hasSuffix(".py") } ?? command[0]).lastPathComponent
    do {
      try process.run()
    } catch {
      throw Failure.unavailable("\(title): cannot be started: \(error.localizedDescription)")
    }
    let hello = (readLine() ?? "").split(separator: "\t").map(String.init)
    guard hello.count == 3, hello[0] == "hello" else {
      process.terminate()
      let words = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      let last = words.split(whereSeparator: \.isNewline).last.map { ": \($0)" } ?? ""
      throw Failure.unavailable("\(title) does not take part\(last)")
    }
    (name, details) = (hello[1], hello[2])
  }

  /// Sends a request and waits for the answer.
  func ask(_ request: String) -> Answer {
    if hasEnded { return .ended }
    do { try input.fileHandleForWriting.write(contentsOf: Data((request + "\n").utf8)) } catch {
      return .ended
    }
    guard let line = readLine() else { return .ended }
    return Self.answer(line)
  }

  /// What a line of a participant means.
  static func answer(_ line: String) -> Answer {
    let words = line.split(separator: " ").map(String.init)
    if words.count == 3, words[0] == "ok", let time = Double(words[1]), let sum = Double(words[2]), time > 0 {
      return .time(nanoseconds: time, sum: sum)
    }
    return words.first == "none" ? .none(words.dropFirst().joined(separator: " ")) : .ended
  }

  /// Ends it by ending its input.
  func end() {
    try? input.fileHandleForWriting.close()
    process.terminate()
    process.waitUntilExit()
  }

  private func readLine() -> String? {
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: unread[unread.startIndex..<end], as: UTF8.self)
        unread = unread[(end + 1)...]
        return line
      }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { return nil }
      unread += more
    }
  }
}
