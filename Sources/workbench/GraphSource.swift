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
    let workspace = try Workspace(output: nil)
    defer { workspace.remove() }
    let (problemPath, graphPath) = (workspace.path("problem.json"), workspace.path("graph.json"))
    try problem.write(to: problemPath)
    let participant = try Participant.approach(approach)
    try await ProgramRun.finish(
      participant, arguments: ["--problem", problemPath, "--graph", graphPath, "--step", "\(step)"],
      timeLimit: timeLimit)
    do {
      return try GraphDrawing.drawings(json: try Files.read(graphPath))
    } catch let error as DrawingFileError {
      throw Failure.badData("\(approach): the graph \(error.reason)")
    }
  }
}
