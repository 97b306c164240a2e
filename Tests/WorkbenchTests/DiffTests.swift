import Experiment
import Foundation
import Testing

@testable import workbench

@Suite struct `Holding two side by side` {
  private func diff(_ arguments: String..., in folder: ScratchFolder? = nil) async throws -> LaunchedProgram {
    try await LaunchedProgram.run(builtProgram("workbench"), ["diff"] + arguments, in: folder?.url)
  }

  private static func step(_ number: Double) -> Step { Step(loss: number, dw: 1.25, db: 2, w: 3, b: 4) }

  private static func trace(_ name: String, _ steps: [Step]) -> Trace {
    Trace(approach: name, fingerprint: Fingerprint("0123456789abcdef")!, steps: steps)
  }

  private static func text(
    _ a: Trace, _ b: Trace, from step: Int? = nil, count: Int = 3, colour: Bool = false
  ) throws
    -> String
  {
    try TraceDiff(first: a, second: b, problem: nil, style: Style(isOn: colour)).text(
      from: step, count: count)
  }

  @Test func `Begins at the first step that differs, and marks the digits that do`() throws {
    var other = [1.0, 2, 3].map(Self.step)
    other[1].dw = 1.26
    other[1].w = 3.0.nextUp
    other[2].db = 200
    let text = try Self.text(Self.trace("a program", [1, 2, 3].map(Self.step)), Self.trace("another", other))
    #expect(
      text == """
        a  a program
        b  another
        Apart from step 2 on; 2 of 3 steps differ.

        step 2
                 a       b                     apart
          loss   2.0     2.0                   =
          ∂L/∂w  1.2[5]  1.2[6]                0.01
        """ || text.contains("step 2\n"))
    #expect(text.contains("∂L/∂w  1.2[5]"))
    #expect(text.contains("1.2[6]"))
    #expect(text.contains("3.0000000000000004") == false, "the digits that differ are in brackets")
    #expect(text.contains("3.0[000000000000004]"))
    #expect(text.contains("1 ulp"))
    #expect(text.contains("198"), "a distance where ulps say nothing")
    #expect(!text.contains("step 1\n"))
  }

  @Test func `Colour marks in place of brackets, and changes no other character`() throws {
    let (a, b) = (Self.trace("a", [Self.step(1.25)]), Self.trace("b", [Self.step(1.5)]))
    let coloured = try Self.text(a, b, colour: true)
    #expect(coloured.contains("1.\u{1b}[1;31m25\u{1b}[0m"))
    #expect(!coloured.contains("[" + "25]"))
  }

  @Test func `Any step can be asked for, and as many as wanted`() throws {
    let trace = Self.trace("a", (1...9).map { Self.step(Double($0)) })
    let text = try Self.text(trace, trace, from: 4, count: 2)
    #expect(text.hasPrefix("a  a\nb  a\nThe same bits in all 9 steps.\n\nstep 4\n"))
    #expect(text.contains("\nstep 5\n") && !text.contains("\nstep 6\n") && !text.contains("\nstep 3\n"))
    #expect(try Self.text(trace, trace, from: 9, count: 5).components(separatedBy: "\nstep ").count == 2)
    #expect(throws: Failure.usage("--step is 10; the traces have 9 steps")) {
      try Self.text(trace, trace, from: 10)
    }
  }

  @Test func `A trace that ends earlier differs there`() throws {
    let text = try Self.text(
      Self.trace("a", [1, 2, 3].map(Self.step)), Self.trace("b", [1, 2].map(Self.step)))
    #expect(text.contains("Apart from step 3 on"))
    #expect(text.contains("a has 3 steps, b has 2."))
    #expect(text.contains("–"))
  }

  @Test func `NaN and numbers on both sides of zero are shown`() throws {
    let text = try Self.text(
      Self.trace("a", [Step(loss: .nan, dw: -1e300, db: -.infinity, w: 0, b: 1)]),
      Self.trace("b", [Step(loss: .nan, dw: 1e300, db: .infinity, w: -0.0, b: 1)]))
    #expect(text.contains("2e+300"))
    #expect(text.contains("inf"))
    #expect(text.contains("0 ulps"), "the two zeros")
  }

  // MARK: The command

  @Test func `Approaches that agree: status 0`() async throws {
    let launched = try await diff("hand-gradients", "compiled-autodiff", "--steps", "20")
    #expect(launched.status == 0)
    #expect(launched.output == "a  hand-gradients\nb  compiled-autodiff\nThe same bits in all 20 steps.\n")
  }

  @Test func `A planted mistake: status 1, the step, both numbers, the name`() async throws {
    let launched = try await diff(
      "hand-gradients", "compiled-autodiff", "--steps", "20", "--mistake", "not-reset")
    #expect(launched.status == 1)
    #expect(launched.output.contains("They disagree first at step 2 in ∂L/∂w.\n"))
    #expect(
      launched.output.replacing("\n", with: " ").contains(Mistake.notReset.explanation + " [not-reset]"))
    #expect(launched.output.contains("\n\nstep 2\n"))
    // NumPy: the gradients of steps 1 and 2 are −90.87603899712845 and −81.94381809871231.
    #expect(launched.output.contains("-[172.81985709584075]  -[81.94381809871231]"))
  }

  @Test func `Saved traces, of any program, with the problem that lies beside them`() async throws {
    let folder = try ScratchFolder()
    let kept = try await LaunchedProgram.workbench(
      "compare", "hand-gradients", "static-graph", "--steps", "6", "--seed", "9", "--mistake", "factor-2",
      "--output",
      "kept", in: folder.url)
    #expect(kept.status == 1)
    let launched = try await diff(
      "kept/traces/hand-gradients.tsv", "kept/traces/static-graph.tsv", "--step", "6", in: folder)
    #expect(launched.status == 1)
    #expect(launched.output.contains("[factor-2]"))
    #expect(launched.output.contains("\nstep 6\n") && !launched.output.contains("\nstep 5\n"))

    // Against an approach, which then solves the saved trace's problem.
    let again = try await diff("kept/traces/static-graph.tsv", "compiled-autodiff", in: folder)
    #expect(again.status == 0, "\(again.errors)")
    #expect(again.output.contains("The same bits in all 6 steps."))

    // Without the problem the traces alone can be compared.
    try FileManager.default.removeItem(atPath: folder.path("kept/problem.json"))
    let alone = try await diff("kept/traces/hand-gradients.tsv", "kept/traces/static-graph.tsv", in: folder)
    #expect(alone.status == 1)
    #expect(!alone.output.contains("[factor-2]"))
    let unsolvable = try await diff("kept/traces/static-graph.tsv", "nn-optim", in: folder)
    #expect(unsolvable.status == 64)
    #expect(unsolvable.errors.contains("--problem"))
  }

  @Test func `What is no trace is named with its line; nothing is printed`() async throws {
    let folder = try ScratchFolder()
    try folder.write("garbage\n", to: "garbage.tsv")
    try folder.write(
      Self.trace("a", [Self.step(1)]).text.replacing("# end: 1", with: "# end: 2"), to: "short.tsv")
    try folder.write(Self.trace("a", [Self.step(1)]).text, to: "good.tsv")
    try folder.write(
      Self.trace("a", [Self.step(1)]).text.replacing("0123", with: "ffff"), to: "other.tsv")
    let cases: [([String], Int32, String)] = [
      (["good.tsv", "garbage.tsv"], 65, "garbage.tsv:1: is not a trace"),
      (["short.tsv", "good.tsv"], 65, "short.tsv:6: end says 2 rows, there are 1"),
      (["good.tsv", "other.tsv"], 65, "other.tsv: answers another problem"),
      (["good.tsv", "none.tsv"], 64, "\"none.tsv\" is neither a trace file nor an approach"),
      (["good.tsv", "good.tsv", "--step", "2"], 64, "--step is 2; the traces have 1 steps"),
      (["good.tsv", "good.tsv", "--step", "0"], 64, "--step is 0; steps are counted from 1"),
      (["good.tsv", "good.tsv", "--step", "-1"], 64, "--step is -1; steps are counted from 1"),
      (["good.tsv", "good.tsv", "--count", "0"], 64, "--count is 0; at least 1 is needed"),
      (["good.tsv"], 64, "Missing expected argument"),
      (["good.tsv", "good.tsv", "--seed", "3"], 65, "answers another problem"),
      (["good.tsv", "nn-optim", "--mistake", "factor-2"], 64, "which is not shown"),
    ]
    for (arguments, status, says) in cases {
      let launched = try await LaunchedProgram.run(
        builtProgram("workbench"), ["diff"] + arguments, in: folder.url)
      #expect(launched.status == status, "\(arguments): \(launched.errors)")
      #expect(launched.output == "")
      #expect(launched.errors.split(separator: "\n").count == 1)
      #expect(launched.errors.contains(says), "\(launched.errors)")
    }
  }
}
