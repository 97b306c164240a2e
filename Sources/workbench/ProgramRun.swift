import Experiment
import Foundation
import Subprocess

/// Runs one program to its end, within a time limit, and leaves nothing of it behind.
enum ProgramRun {
  /// Gives the program the problem and returns its trace.
  ///
  /// Throws an unavailable failure if the program cannot be started, crashes, exits with a status other than
  /// 0 or passes the time limit; a bad-data failure if its trace is missing, malformed or answers another
  /// problem; `CancellationError` if the task was cancelled. In every case the program and all it started have
  /// ended.
  static func trace(
    of participant: Participant, problem: Problem, problemPath: String, tracePath: String, timeLimit: Duration
  ) async throws -> Trace {
    try await finish(
      participant, arguments: ["--problem", problemPath, "--trace", tracePath], timeLimit: timeLimit)
    guard FileManager.default.fileExists(atPath: tracePath) else {
      throw Failure.badData("\(participant.name): ended without writing a trace")
    }
    var trace: Trace
    do {
      trace = try Trace(contentsOf: tracePath)
      try trace.validate(against: problem, source: tracePath)
    } catch {
      // The path of a scratch file means nothing to the reader; its last part does.
      let place = error.message.replacing(tracePath, with: URL(fileURLWithPath: tracePath).lastPathComponent)
      throw Failure(error.kind, "\(participant.name): \(place)")
    }
    if !participant.takesNameFromTrace { trace.approach = participant.name }
    return trace
  }

  /// Runs the program with these arguments. Throws an unavailable failure unless it exits with status 0 in time.
  static func finish(_ participant: Participant, arguments: [String], timeLimit: Duration) async throws {
    let (status, errorText) = try await run(participant, arguments: arguments, timeLimit: timeLimit)
    guard status.isSuccess else {
      throw Failure.unavailable(
        "\(participant.name): \(words(status))\(lastLine(errorText).map { ": \($0)" } ?? "")")
    }
  }

  private enum Event: Sendable {
    case ended(TerminationStatus, String)
    case timedOut
  }

  private static func run(
    _ participant: Participant, arguments: [String], timeLimit: Duration
  ) async throws -> (TerminationStatus, String) {
    let leftovers = Leftovers()
    defer { leftovers.end() }
    let event = try await withThrowingTaskGroup(of: Event.self) { group in
      group.addTask { try await start(participant, arguments: arguments, mark: leftovers.mark) }
      group.addTask {
        try await Task.sleep(for: timeLimit)
        return .timedOut
      }
      defer { group.cancelAll() }
      let first = try await group.next()!
      if case .timedOut = first {
        // Cancelling makes Subprocess end the program; wait for that.
        group.cancelAll()
        while (try? await group.next()) != nil {}
      }
      return first
    }
    try Task.checkCancellation()
    switch event {
    case .ended(let status, let text): return (status, text)
    case .timedOut:
      throw Failure.unavailable(
        "\(participant.name): did not end within \(timeLimit.formatted); it was stopped")
    }
  }

  /// What the program finds in its environment. OpenBLAS starts one worker per processor, which turns for a tenth of a second before it
  /// sleeps, beside a program that may be measured no longer: those that come with the workbench start without.
  private static func environment(of participant: Participant, mark: String) -> Environment {
    let common = Environment.inherit.updating([
      "PYTHONDONTWRITEBYTECODE": "1", .init(rawValue: Leftovers.variable)!: mark,
    ])
    guard case .executable = participant.command else { return common }
    return common.updating(["OPENBLAS_NUM_THREADS": "1"])
  }

  private static func start(_ participant: Participant, arguments: [String], mark: String) async throws
    -> Event
  {
    var options = PlatformOptions()
    options.processGroupID = 0
    options.teardownSequence = [
      .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(500))
    ]
    let (path, allArguments): (String, [String]) =
      switch participant.command {
      case .executable(let path, let leading): (path, leading + arguments)
      // The shell hands the arguments on as they are, whatever characters they have.
      case .shell(let line): ("/bin/sh", ["-c", "\(line) \"$@\"", "sh"] + arguments)
      }
    do {
      let result = try await Subprocess.run(
        .path(.init(path)), arguments: Arguments(allArguments),
        environment: environment(of: participant, mark: mark), platformOptions: options,
        input: .none, output: .discarded, error: .sequence
      ) { execution in
        let group = execution.processIdentifier.value
        // Whatever it left running in its process group goes with it.
        defer { kill(-group, SIGKILL) }
        return try await tail(of: execution.standardError)
      }
      return .ended(result.terminationStatus, result.closureResult)
    } catch let error as SubprocessError {
      try Task.checkCancellation()
      throw Failure.unavailable("\(participant.name): cannot be started: \(error)")
    }
  }

  /// The last few thousand characters of a stream.
  private static func tail(of stream: SubprocessOutputSequence) async throws -> String {
    var bytes = [UInt8]()
    for try await buffer in stream {
      buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
      if bytes.count > 1 << 16 { bytes.removeFirst(bytes.count - 1 << 12) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func lastLine(_ text: String) -> String? {
    text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.last {
      !$0.isEmpty
    }
    .map { $0.count > 300 ? $0.prefix(300) + "…" : $0 }
  }

  private static func words(_ status: TerminationStatus) -> String {
    switch status {
    case .exited(let code): "ended with status \(code)"
    case .signaled(let signal): "was ended by signal \(signal) (\(String(cString: strsignal(signal))))"
    }
  }
}

extension Duration {
  /// In seconds, as a reader says it: `30 s`, `0.5 s`.
  var formatted: String {
    let seconds = self / .seconds(1)
    return seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\(seconds) s"
  }
}
