import Foundation
import GraphDrawing
import Testing

@testable import workbench

/// Runs `workbench graph`.
private func graph(
  _ arguments: [String], environment: [String: String?] = [:], in folder: URL? = nil
) async throws -> LaunchedProgram {
  let path = Installation.executableDirectory.appendingPathComponent("workbench").path
  return try await LaunchedProgram.run(path, ["graph"] + arguments, environment: environment, in: folder)
}

@Suite struct `The graph command` {
  private func drawing(_ arguments: String...) async throws -> GraphDrawing {
    let launched = try await graph(arguments + ["--format", "json"])
    #expect(launched.status == 0, "\(launched.errors)")
    return try #require(try GraphDrawing.drawings(json: Data(launched.output.utf8)).first)
  }

  @Test func `Draws what 2.7 really recorded`() async throws {
    let forward = try await drawing("tensor-autograd")
    #expect(Set(forward.nodes.filter { $0.role == .leaf }.map(\.title)) == ["w", "b"])
    #expect(forward.nodes.filter { $0.role == .root }.map(\.title) == ["loss"])
    #expect(forward.nodes.allSatisfy { $0.flow == nil })
    let derivatives = forward.nodes.compactMap { $0.fact(.derivative) }
    #expect(derivatives.contains("MulBackward0") && derivatives.last == "SumBackward0")
    let backward = try await drawing("tensor-autograd", "--phase", "backward")
    #expect(backward.nodes.filter { $0.role == .leaf }.allSatisfy { $0.flow != nil })
    #expect(
      backward.nodes.filter { $0.role == .data }.allSatisfy { $0.flow == nil }, "not computed is not zero")
  }

  @Test func `The gradients are those that the approach records for that step`() async throws {
    let folder = try ScratchFolder()
    let program = Installation.executableDirectory.appendingPathComponent("tensor-autograd").path
    let run = try await LaunchedProgram.run(
      program, ["--steps", "7", "--timing", "0", "--points", "1", "--trace", folder.path("t.tsv")])
    #expect(run.status == 0)
    let rows = try String(contentsOfFile: folder.path("t.tsv"), encoding: .utf8).split(separator: "\n")
    let row = try #require(rows.first { $0.hasPrefix("5\t") }).split(separator: "\t")
    let backward = try await drawing(
      "tensor-autograd", "--phase", "backward", "--step", "5", "--steps", "7", "--points", "1")
    for (name, column) in [("w", 2), ("b", 3)] {
      let shown = try #require(backward.nodes.first { $0.title == name }?.flow?.value)
      let number = try #require(Double(shown.filter { !"[] ".contains($0) }))
      #expect(abs(number - Double(row[column])!) < 1e-4)
    }
  }

  @Test(arguments: [["tensor-autograd", "static-graph"], ["static-graph", "tensor-autograd"]])
  func `Diff shows that two sections are one calculation, gradients and updates too`(_ pair: [String])
    async throws
  {
    let same = try await graph(["diff"] + pair)
    #expect(same.status == 0, "\(same.output)\(same.errors)")
    #expect(same.output.contains("The same calculation: the same operations on the same operands"))
    #expect(same.output.contains("bit for bit"))
    #expect(same.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    let rows = try await alignment(pair)
    #expect(rows.filter { $0.verdict == .same }.contains { $0.operation == "sum_to_size" }, "the gradients")
    #expect(rows.filter { $0.reason.hasPrefix("not recorded") }.count == 2, "the updates of w and b")
    #expect(rows.filter { $0.verdict != .single }.allSatisfy { $0.hasSameBits == true })
  }

  @Test func `Diff says exactly what nn does in another way, and aligns the rest`() async throws {
    let parted = try await graph(["diff", "nn-optim", "static-graph"])
    #expect(parted.status == 1 && parted.output.contains("They part at"), "\(parted.output)\(parted.errors)")
    #expect(parted.output.contains("addmm here, add there; the same values bit for bit"))
    let rows = try await alignment(["nn-optim", "static-graph"])
    for parameter in ["w", "b"] {
      #expect(rows.first { $0.first == parameter && $0.second == parameter }?.verdict == .same)
    }
    let loss = try #require(rows.first { $0.first == "loss" })
    #expect(loss.operation == "nn.functional.mse_loss" && loss.second == "mean", "one node for three")
    #expect(loss.verdict == .different && loss.hasSameBits == true)
    #expect(rows.filter { $0.operation == "update" }.allSatisfy { $0.verdict == .follows })
  }

  @Test func `Diff takes files, and compares the phase that is in both`() async throws {
    let folder = try ScratchFolder()
    let half = try await graph(["tensor-autograd", "--format", "json"])
    try half.output.write(toFile: folder.path("half.json"), atomically: true, encoding: .utf8)
    let parted = try await graph(["diff", folder.path("half.json"), "static-graph"])
    #expect(parted.status == 1 && parted.output.contains("They part at"), "\(parted.output)\(parted.errors)")
    let whole = try await graph(["static-graph", "--phase", "step", "--format", "json"])
    try whole.output.write(toFile: folder.path("whole.json"), atomically: true, encoding: .utf8)
    let same = try await graph(["diff", folder.path("whole.json"), "static-graph"])
    #expect(same.status == 0, "\(same.output)\(same.errors)")
    let empty = #"{"format": "workbench-graph-1", "drawings": []}"#
    try empty.write(toFile: folder.path("empty.json"), atomically: true, encoding: .utf8)
    #expect(try await graph(["diff", folder.path("empty.json"), "static-graph"]).status == 65)
  }

  private func alignment(_ pair: [String]) async throws -> [GraphAlignment.Row] {
    let launched = try await graph(["diff"] + pair + ["--format", "json"])
    return try JSONDecoder().decode(GraphAlignment.self, from: Data(launched.output.utf8)).rows
  }

  @Test func `A static graph has its gradients as nodes in a frame of their own`() async throws {
    let forward = try await drawing("static-graph")
    let backward = try await drawing("static-graph", "--phase", "backward")
    #expect(backward.nodes.count > forward.nodes.count)
    #expect(backward.clusters.map(\.title).contains("gradients"))
    #expect(Set(forward.nodes.filter { $0.role == .leaf }.map(\.title)) == ["w", "b"])
    #expect(Set(forward.nodes.filter { $0.role == .data }.map(\.title)) == ["x", "y"])
  }

  @Test(arguments: ["svg", "png", "pdf", "dot", "json", "txt"])
  func `Leaves the file and the source for Graphviz`(_ ending: String) async throws {
    let folder = try ScratchFolder()
    for _ in 1...2 {
      let launched = try await graph(["nn-optim", "--step", "2", "--output", "a.\(ending)"], in: folder.url)
      #expect(launched.status == 0, "\(launched.errors)")
    }
    #expect(folder.names() == Set(["a.dot", "a.\(ending)"]).sorted())
    let again = try await LaunchedProgram.run(
      "/bin/sh", ["-c", "dot -Tsvg \"$1\" > \"$2\"", "sh", folder.path("a.dot"), folder.path("b.svg")])
    #expect(again.status == 0 && again.errors == "")
  }

  @Test func `Frames are numbered pictures`() async throws {
    let folder = try ScratchFolder()
    let launched = try await graph(
      ["tensor-autograd", "--phase", "backward", "--frames", "--output", "f.svg"],
      in: folder.url)
    #expect(launched.status == 0, "\(launched.errors)")
    let pictures = folder.names().filter { $0.hasSuffix(".svg") }
    // The start at the root, then sum, mul, pow, sub, add and mul.
    #expect(pictures.contains("f-1.svg") && pictures.contains("f-7.svg") && pictures.count >= 7)
  }

  @Test func `A file it did not make stays`() async throws {
    let folder = try ScratchFolder()
    try folder.write("mine", to: "a.svg")
    let launched = try await graph(["tensor-autograd", "--output", "a.svg"], in: folder.url)
    #expect(launched.status == 69)
    #expect(launched.errorLines.count == 1)
    #expect(folder.names() == ["a.svg"])
    #expect(try String(contentsOfFile: folder.path("a.svg"), encoding: .utf8) == "mine")
  }

  @Test func `Without Graphviz there is one line that says how to get it, and nothing is left behind`()
    async throws
  {
    let folder = try ScratchFolder()
    let launched = try await graph(
      ["tensor-autograd", "--output", "new/a.svg"], environment: ["DOT": "/nonexistent"],
      in: folder.url)
    #expect(launched.status == 69)
    #expect(launched.errors.hasPrefix("workbench: cannot start Graphviz ('/nonexistent'); install it with "))
    #expect(launched.errorLines.count == 1)
    #expect(folder.names() == [])
  }

  @Test(arguments: [
    (
      ["hand-gradients"],
      "hand-gradients has no graph that could be drawn; tensor-autograd, nn-optim, static-graph have one"
    ),
    (["nothing"], "there is no approach \"nothing\"; there are hand-gradients, "),
    (["tensor-autograd", "--step", "0"], "--step is 0; the problem has the steps 1 to 800"),
    (["tensor-autograd", "--step", "801"], "--step is 801; the problem has the steps 1 to 800"),
    (["tensor-autograd", "--output", "a.gif"], "--output is a.gif; a graph's file ends in one of "),
    (
      ["tensor-autograd", "--output", "a.svg", "--format", "png"],
      "--output is a.svg; a file for --format png ends in .png"
    ),
    (
      ["tensor-autograd", "--frames"],
      "--frames shows the backward pass step by step; give --phase backward, too"
    ),
    (["tensor-autograd", "--passes"], "--passes: tensor-autograd calculates while it builds its graph"),
    (["nn-optim", "--emit", "c"], "--emit c: nn-optim calculates while it builds its graph"),
    (
      ["static-graph", "--passes", "--without", "magic"],
      "--without: there is no pass \"magic\"; there are shape resolution, constant folding, "
    ),
    (["static-graph", "--without", "fusion"], "give --passes, --emit or --timeline, too"),
    (["static-graph", "--passes", "--timeline"], "--passes shows one thing; give it without"),
    (["static-graph", "--emit", "c", "--format", "dot"], "--emit c prints C; give it without --format dot"),
    (["static-graph", "--emit", "c", "--output", "a.txt"], "a file for --emit c ends in .c"),
    (["static-graph", "--timeline", "--format", "dot"], "a table in the terminal or a figure"),
    (
      ["static-graph", "--frames", "--phase", "backward"],
      "static-graph does not go through its graph step by step"
    ),
  ])
  func `What cannot be obeyed is a usage error`(_ arguments: [String], _ message: String) async throws {
    let launched = try await graph(arguments)
    #expect(launched.status == 64)
    #expect(launched.errors.contains(message), "\(launched.errors)")
    #expect(launched.errorLines.count == 1)
  }

  @Test func `An approach without a graph says so itself`() async throws {
    let program = Installation.executableDirectory.appendingPathComponent("compiled-autodiff").path
    let launched = try await LaunchedProgram.run(program, ["--graph", "/dev/null"])
    #expect(launched.status == 64)
    #expect(launched.errors.contains("compiled-autodiff has no graph that could be drawn"))
  }
}

@Suite struct `What is done with a static graph` {
  @Test func `The passes as a listing: what each changed, and what is left`() async throws {
    let launched = try await graph(["static-graph", "--passes"])
    #expect(launched.status == 0, "\(launched.errors)")
    for text in [
      "0  lowered ", "6  fusion ", "7  buffer planning ", "  drops 1 sum_to_size: ",
      "joins 10 over 100 elements: square, mul, add, sub,", "w := %",
    ] {
      #expect(launched.output.contains(text), "\(text)\n\(launched.output)")
    }
    let off = try await graph(["static-graph", "--passes", "--without", "fusion"])
    #expect(off.output.contains("Switched off: fusion.") && !off.output.contains("joins"))
    let none = try await graph(["static-graph", "--passes", "--without", "all"])
    #expect(none.output.contains("\n0  lowered ") && !none.output.contains("\n1  "), "\(none.output)")
  }

  @Test func `The passes as numbered pictures`() async throws {
    let folder = try ScratchFolder()
    let launched = try await graph(["static-graph", "--passes", "--output", "p.svg"], in: folder.url)
    #expect(launched.status == 0, "\(launched.errors)")
    #expect(folder.names().filter { $0.hasSuffix(".svg") } == (0...7).map { "p-\($0).svg" })
    let fused = try String(contentsOfFile: folder.path("p-6.svg"), encoding: .utf8)
    #expect(fused.contains("pass 6 of 7, fusion") && fused.contains("one pass over 100 elements"))
  }

  @Test func `The code of the kernels, which a compiler takes without a remark`() async throws {
    let launched = try await graph(["static-graph", "--emit", "c"])
    #expect(launched.status == 0, "\(launched.errors)")
    #expect(launched.output.hasPrefix("// static-graph, step 1, 100 points, float32: what "))
    #expect(launched.output.contains("void kernel_0(") && launched.output.contains("// square: square"))
    let folder = try ScratchFolder()
    for _ in 1...2 {
      let written = try await graph(["static-graph", "--emit", "c", "--output", "k.c"], in: folder.url)
      #expect(written.status == 0 && written.output == "k.c\n", "\(written.errors)")
    }
    let kept = try String(contentsOfFile: folder.path("k.c"), encoding: .utf8)
    #expect(kept.contains(launched.output.trimmingCharacters(in: .newlines)))
    let compiled = try await LaunchedProgram.shell(
      "clang -x c -std=gnu17 -Wall -Wno-unused-function -Wno-ignored-attributes -Werror -fsyntax-only k.c",
      in: folder.url)
    #expect(compiled.status == 0, "\(compiled.errors)")
    try folder.write("mine", to: "m.c")
    let refused = try await graph(["static-graph", "--emit", "c", "--output", "m.c"], in: folder.url)
    #expect(refused.status == 69)
    #expect(try String(contentsOfFile: folder.path("m.c"), encoding: .utf8) == "mine")
  }

  @Test func `A run's timeline as a table, as JSON and as a figure`() async throws {
    let table = try await graph(["static-graph", "--timeline"])
    #expect(table.status == 0, "\(table.errors)")
    #expect(table.output.contains("gradients/sum_to_size_1") && table.output.contains("17 steps, "))
    #expect(table.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    let json = try await graph(["static-graph", "--timeline", "--format", "json", "--without", "fusion"])
    let plan = try GraphPlan(json: Data(json.output.utf8))
    #expect(plan.timeline.count == 17 && plan.timeline.allSatisfy { $0.kernel == nil })
    let folder = try ScratchFolder()
    let figure = try await graph(["static-graph", "--timeline", "--output", "t.svg"], in: folder.url)
    #expect(figure.status == 0 && figure.output == "t.svg\n", "\(figure.errors)")
    #expect(folder.names() == ["t.dat", "t.gp", "t.svg"])
    #expect(try String(contentsOfFile: folder.path("t.svg"), encoding: .utf8).contains("square"))
  }
}
