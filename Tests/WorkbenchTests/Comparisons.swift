import Foundation
import Testing

@testable import workbench

/// What `workbench compare --format json` says.
struct ComparisonAnswer: Decodable {
  struct Program: Decodable {
    struct Point: Decodable {
      var w: Double
      var b: Double
    }
    var name: String
    var group: String
    var final: Point?
    var divergedAt: Int?
    var violation: Place?
    var mistake: String?
    var microsecondsPerStep: Double?
  }
  struct Place: Decodable {
    var step: Int
    var quantity: String
    var first: Double?
    var second: Double?
  }
  struct Pair: Decodable {
    var first: String
    var second: String
    var verdict: String
    var ulps: Double?
    var firstDifference: Place?
    var firstDisagreement: Place?
    var mistake: String?
    var cause: String?
  }
  struct Missing: Decodable {
    var name: String
    var reason: String
  }
  var agreement: Bool
  var programs: [Program]
  var pairs: [Pair]
  var withoutAnswer: [Missing]

  init(_ launched: LaunchedProgram) throws {
    self = try JSONDecoder().decode(ComparisonAnswer.self, from: Data(launched.output.utf8))
  }
}

/// Runs `workbench compare --format json`.
func compare(_ arguments: String..., in folder: ScratchFolder? = nil) async throws -> (
  launched: LaunchedProgram, answer: ComparisonAnswer
) {
  let launched = try await LaunchedProgram.run(
    builtProgram("workbench"), ["compare", "--format", "json"] + arguments, in: folder?.url)
  return (launched, try ComparisonAnswer(launched))
}
