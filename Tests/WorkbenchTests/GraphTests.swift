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

  @Test func `Diff shows that two sections calculate the same loss, and where they part`() async throws {
    let same = try await graph(["diff", "tensor-autograd", "static-graph"])
    #expect(same.status == 0 && same.output.contains("The same calculation"), "\(same.output)\(same.errors)")
    #expect(same.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    let folder = try ScratchFolder()
    let half = try await graph(["tensor-autograd", "--format", "json"])
    try half.output.write(toFile: folder.path("half.json"), atomically: true, encoding: .utf8)
    let parted = try await graph(["diff", folder.path("half.json"), "static-graph"])
    #expect(parted.status == 1 && parted.output.contains("They part at"), "\(parted.output)\(parted.errors)")
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
    #expect(pictures.contains("f-1.svg") && pictures.contains("f-9.svg") && pictures.count >= 9)
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
