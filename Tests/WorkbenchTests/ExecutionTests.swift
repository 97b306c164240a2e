import Experiment
import Foundation
import Testing

@testable import static_graph
@testable import workbench

/// The static graph's program, however it carries its steps out.
@Suite struct `The static graph, however it is carried out,` {
  /// Without any pass, and without each.
  static let withoutPasses =
    [StaticGraphApproach.passNames] + StaticGraphApproach.passNames.map { [$0] }

  /// Each without every choice of passes, interpreted and native; with all passes also on two threads.
  static let executions =
    Execution.Way.allCases.flatMap { way in
      withoutPasses.map { Execution(way, without: $0) } + [Execution(way), Execution(way, threads: 2)]
    }

  private func steps(_ problem: Problem, _ execution: Execution) async throws -> [Step] {
    let folder = try ScratchFolder()
    try problem.write(to: folder.path("problem.json"))
    let launched = try await LaunchedProgram.run(
      builtProgram("static-graph"),
      ["--problem", folder.path("problem.json"), "--trace", folder.path("trace.tsv"), "--timing", "0"]
        + execution.arguments)
    #expect(launched.status == 0, "\(launched.errors)")
    let trace = try Trace(contentsOf: folder.path("trace.tsv"))
    #expect(trace.approach == execution.label("static-graph"))
    return trace.steps
  }

  @Test(arguments: Precision.allCases, Loss.allCases)
  func `takes the same steps to the bit`(dtype: Precision, loss: Loss) async throws {
    let problem = try Problem(
      recipe: Recipe(points: 203), learningRate: loss == .sum ? 1e-4 : 0.1, steps: 12, loss: loss,
      dtype: dtype)
    let expected = try await steps(problem, Execution())
    #expect(expected.count == 12)
    for execution in Self.executions {
      #expect(try await steps(problem, execution) == expected, "\(execution.label("static-graph"))")
    }
  }

  @Test(arguments: Execution.Way.allCases)
  func `takes the same steps to the bit where two threads share the work`(way: Execution.Way) async throws {
    let problem = try Problem(
      recipe: Recipe(points: 400_009), learningRate: 0.1, steps: 2, loss: .mean, dtype: .float64)
    #expect(
      try await steps(problem, Execution(way, threads: 2)) == steps(problem, Execution(without: ["fusion"])))
  }

  @Test func `agrees with all approaches`() async throws {
    let ways = [
      Execution(without: StaticGraphApproach.passNames), Execution(.native, threads: 2),
      Execution(without: ["fusion"]),
    ]
    let programs = ways.flatMap { way in
      let line = ([builtProgram("static-graph")] + way.arguments.map { "'\($0)'" }).joined(separator: " ")
      return ["--with", line]
    }
    let launched = try await LaunchedProgram.run(
      builtProgram("workbench"), ["compare", "--format", "json", "--steps", "60"] + programs)
    let answer = try ComparisonAnswer(launched)
    #expect(launched.status == 0 && answer.agreement, "\(launched.errors)")
    let names = answer.programs.map(\.name)
    #expect(names.contains("hand-gradients") && names.contains("tensor-autograd"))
    for way in ways { #expect(names.contains(way.label("static-graph"))) }
  }

  @Test func `knows its passes by name`() async throws {
    let wrong = try await LaunchedProgram.run(builtProgram("static-graph"), ["--without", "magic"])
    #expect(wrong.status == 64)
    #expect(wrong.errors.contains("there is no pass \"magic\"; there are shape resolution, "))
    let none = try await LaunchedProgram.run(builtProgram("hand-gradients"), ["--without", "fusion"])
    #expect(none.status == 64)
    #expect(none.errors.contains("hand-gradients has no plan; static-graph has one"))
  }
}

/// Every request to the C library for memory is counted.
@Suite(.enabled(if: AllocationCounter.isAvailable)) struct `Memory` {
  /// Few points on one thread; and enough to be shared among two.
  static let sizes = [(points: 100, threads: 1), (points: 160_000, threads: 2)]

  @Test(arguments: Execution.Way.allCases, sizes)
  func `is not asked for by a run after the first`(
    way: Execution.Way, size: (points: Int, threads: Int)
  ) async throws {
    let clean = try await AllocationCounter().cleanSpans(
      Execution(way, threads: size.threads), points: size.points)
    // One or another may be spoiled by what keeps the time.
    #expect(clean >= AllocationCounter.spans - 3)
  }

  /// The counter counts: such runs make new arrays each time.
  @Test(arguments: sizes)
  func `is asked for by every run without places planned for its values`(
    size: (points: Int, threads: Int)
  ) async throws {
    let clean = try await AllocationCounter().cleanSpans(
      Execution(threads: size.threads, without: ["buffer planning"]), points: size.points)
    #expect(clean <= AllocationCounter.spans / 2)
  }
}
