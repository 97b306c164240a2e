import Experiment
import Foundation

/// What one program needed at one size.
struct BenchResult: Equatable, Sendable {
  var points: Int
  var program: String
  var versions: [String]
  /// The time of one step in microseconds, one number per round, each the median of many steps.
  var microseconds: [Double]
  /// How many threads it was told to use; nil where it chose itself.
  var threads: Int? = nil
  /// Whether it is no program but the reading of the data.
  var isMemory = false

  var least: Double { microseconds.min() ?? .nan }
  var most: Double { microseconds.max() ?? .nan }

  var median: Double { microseconds.median }
}

/// Lets the programs take turns at problems of growing size.
struct BenchMeasurement: Sendable {
  let participants: [Participant]
  let sizes: [Int]
  let rounds: Int
  let dtype: Precision
  /// On how many threads the data are read.
  let threads: [Int]
  /// How long each measures each time, in seconds.
  let timing: Double
  let timeLimit: Duration

  /// What was measured.
  struct Outcome: Sendable {
    var results: [BenchResult] = []
    var dropouts: [Contest.Dropout] = []
    var notes: [String] = []
    /// Where it was interrupted, if it was: `after 2 of 5 rounds at 1000 points`.
    var interruption: String?
  }

  /// Every size with every program in every round. A program that fails at a size is not asked again at that size. When the task is
  /// cancelled, the rounds that were whole by then. Throws only when there is no place for the problem.
  func run() async throws -> Outcome {
    let progress = Progress()
    var outcome = Outcome()
    for points in sizes {
      do {
        let whole = try await measure(points, progress, &outcome)
        if whole == rounds { continue }
        outcome.interruption = "after \(whole) of \(rounds) rounds at \(points) points"
        break
      } catch {
        await progress.end()
        throw error
      }
    }
    await progress.end()
    return outcome
  }

  /// All rounds at one size; returns how many were whole when the task was cancelled.
  private func measure(_ points: Int, _ progress: Progress, _ outcome: inout Outcome) async throws -> Int {
    let workspace = try Workspace(output: nil)
    defer { workspace.remove() }
    await progress.begin("drawing \(points) points")
    // The mean's gradients do not grow with the number of points, so that one learning rate suits every size. The
    // two recorded steps only show that the program answers; the time comes from its own, longer, pass.
    let problem = try Problem(
      recipe: Recipe(points: points), learningRate: 0.01, steps: 2, loss: .mean, dtype: dtype)
    try problem.write(to: workspace.path("problem.json"))

    let memory = points >= MemoryReading.leastPoints ? try MemoryReading(points: points, dtype: dtype) : nil
    var readings = threads.map { count in
      BenchResult(
        points: points, program: MemoryReading.name(threads: count), versions: [], microseconds: [],
        threads: count, isMemory: true)
    }
    var measured = [BenchResult?](repeating: nil, count: participants.count)
    var hasFailed = [Bool](repeating: false, count: participants.count)
    var whole = 0
    rounds: for round in 1...rounds {
      for (index, participant) in participants.enumerated() where !hasFailed[index] {
        await progress.begin("\(points) points, round \(round) of \(rounds): \(participant.name)")
        do {
          let trace = try await ProgramRun.trace(
            of: participant, problem: problem, problemPath: workspace.path("problem.json"),
            tracePath: workspace.path("trace.tsv"), timeLimit: timeLimit)
          guard let time = trace.microsecondsPerStep else {
            throw Failure.badData("\(participant.name): its trace does not say microsecondsPerStep")
          }
          var result =
            measured[index]
            ?? BenchResult(
              points: points, program: trace.approach, versions: trace.versions, microseconds: [],
              threads: participant.threads)
          result.microseconds.append(time)
          measured[index] = result
          for note in trace.notes.map({ "\(trace.approach): \($0)" }) where !outcome.notes.contains(note) {
            outcome.notes.append(note)
          }
        } catch {
          // What a program did while it was being stopped says nothing about it.
          if Task.isCancelled { break rounds }
          guard let failure = error as? Failure else { throw error }
          hasFailed[index] = true
          outcome.dropouts.append(
            Contest.Dropout(
              name: participant.name, failure: Failure(failure.kind, "\(points) points: \(failure.message)")))
        }
      }
      if let memory {
        await progress.begin("\(points) points, round \(round) of \(rounds): reading them")
        for index in readings.indices {
          readings[index].microseconds.append(
            memory.microseconds(threads: threads[index], seconds: timing))
        }
      }
      whole = round
    }
    for var result in measured.compactMap({ $0 }) + readings {
      result.microseconds.removeLast(max(0, result.microseconds.count - whole))
      if !result.microseconds.isEmpty { outcome.results.append(result) }
    }
    return whole
  }
}

/// The machine that was measured on.
struct BenchMachine: Encodable, Equatable, Sendable {
  /// The processor's name for itself.
  var processor: String
  /// How many hardware threads are online.
  var threads: Int
  /// How many programs wanted to run, averaged over the last minute: well below `threads` on an idle machine.
  var load: Double?

  /// This machine, now.
  static var here: BenchMachine {
    let cpuinfo = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let model = cpuinfo.split(separator: "\n").first { $0.hasPrefix("model name") }?
      .split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
    let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?.split(separator: " ").first
      .flatMap { Double($0) }
    return BenchMachine(
      processor: model ?? "unknown processor", threads: ProcessInfo.processInfo.activeProcessorCount,
      load: load)
  }
}
