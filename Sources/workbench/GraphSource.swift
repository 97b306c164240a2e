import Experiment
import Foundation
import GraphDrawing

/// Asks an approach for the graph of one of its steps.
struct GraphSource {
  let approach: String
  let problem: Problem
  let step: Int
  var timeLimit = Duration.seconds(60)

  /// What the approach draws. Throws the failure of a program that has no graph, gives no answer, or gives one that is no drawing.
  func drawings() async throws -> [GraphDrawing] {
    try await answer(to: "--graph") { file throws(DrawingFileError) in
      try GraphDrawing.drawings(json: file)
    }
  }

  /// What the approach does with its graph before it runs, without the passes of these names. Throws as `drawings` does.
  func plan(without passes: [String]) async throws -> GraphPlan {
    try await answer(to: "--plan", passes.flatMap { ["--without", $0] }) { file throws(DrawingFileError) in
      try GraphPlan(json: file)
    }
  }

  /// Has the approach write what `option` asks for, and reads it.
  private func answer<Answer>(
    to option: String, _ more: [String] = [], read: (Data) throws(DrawingFileError) -> Answer
  ) async throws -> Answer {
    let workspace = try Workspace(output: nil)
    defer { workspace.remove() }
    let (problemPath, answerPath) = (workspace.path("problem.json"), workspace.path("answer.json"))
    try problem.write(to: problemPath)
    let participant = try Participant.approach(approach)
    try await ProgramRun.finish(
      participant,
      arguments: ["--problem", problemPath, option, answerPath, "--step", "\(step)"] + more,
      timeLimit: timeLimit)
    let file = try Files.read(answerPath)
    do {
      return try read(file)
    } catch {
      throw Failure.badData("\(approach): the graph \(error.reason)")
    }
  }
}
