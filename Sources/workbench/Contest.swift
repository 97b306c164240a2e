import Experiment
import Foundation

/// Lets every participant solve the problem, one after the other so that none disturbs another's timing.
struct Contest {
  /// A participant that gave no usable answer.
  struct Dropout: Sendable {
    var name: String
    var failure: Failure
  }

  /// The answers, in the participants' order.
  var traces: [Trace] = []
  /// The files with the answers, in the same order, as names in the workspace.
  var traceFiles: [String] = []
  /// Who gave none, and why.
  var dropouts: [Dropout] = []

  /// Runs all participants. The problem must have been written to `problemPath`. Throws only when cancelled.
  static func hold(
    _ participants: [Participant], problem: Problem, problemPath: String, workspace: Workspace,
    timeLimit: Duration
  ) async throws -> Contest {
    let progress = Progress()
    var contest = Contest()
    var fileNames = Set<String>()
    for (index, participant) in participants.enumerated() {
      await progress.begin("running \(participant.name) (\(index + 1) of \(participants.count))")
      let scratchName = "answer-\(index + 1).tsv"
      do {
        var trace = try await ProgramRun.trace(
          of: participant, problem: problem, problemPath: problemPath, tracePath: workspace.path(scratchName),
          timeLimit: timeLimit)
        trace.approach = contest.unused(trace.approach)
        let file = Contest.fileName(trace.approach, besides: &fileNames)
        try? FileManager.default.createDirectory(
          atPath: workspace.path("traces"), withIntermediateDirectories: true)
        rename(workspace.path(scratchName), workspace.path(file))
        contest.traces.append(trace)
        contest.traceFiles.append(file)
      } catch let failure as Failure {
        contest.dropouts.append(Dropout(name: participant.name, failure: failure))
      } catch {
        await progress.end()
        throw error
      }
    }
    await progress.end()
    return contest
  }

  /// `name`, or `name (2)` and so on if it is taken.
  private func unused(_ name: String) -> String {
    let taken = Set(traces.map(\.approach))
    if !taken.contains(name) { return name }
    return (2...).lazy.map { "\(name) (\($0))" }.first { !taken.contains($0) } ?? name
  }

  /// A file name from a program's name: only letters, digits, dots and hyphens.
  private static func fileName(_ name: String, besides taken: inout Set<String>) -> String {
    let plain = String(
      name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "-" }.prefix(60))
    let stem = plain.allSatisfy { $0 == "-" || $0 == "." } ? "program" : plain
    let free = ([stem] + (2...99).map { "\(stem)-\($0)" }).first { !taken.contains($0) } ?? stem
    taken.insert(free)
    return "traces/\(free).tsv"
  }
}
