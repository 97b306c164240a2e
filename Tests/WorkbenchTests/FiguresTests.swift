import Experiment
import Figures
import Foundation
import Testing

@testable import workbench

@Suite struct `The figures command` {
  @Test func `Lists every figure of the catalogue`() async throws {
    let launched = try await LaunchedProgram.workbench("figures", "--list")
    #expect(launched.status == 0)
    #expect(
      launched.output.split(separator: "\n").count == 2 + FigureCatalog.all.count + GraphFigures.all.count)
    for entry in FigureCatalog.all { #expect(launched.output.contains(entry.name)) }
  }

  @Test func `Draws a section's figures with script and numbers, and again over its own`() async throws {
    let folder = try ScratchFolder()
    for _ in 1...2 {
      let launched = try await LaunchedProgram.workbench(
        "figures", "2.6", "--output", "drawn", in: folder.url)
      #expect(launched.status == 0, "\(launched.errors)")
      #expect(launched.output == "drawn/fig-2-10-data.svg\ndrawn/fig-2-11-fit.svg\n")
      #expect(
        folder.names(in: "drawn") == [
          "fig-2-10-data.dat", "fig-2-10-data.gp", "fig-2-10-data.svg", "fig-2-11-fit.dat", "fig-2-11-fit.gp",
          "fig-2-11-fit.svg",
        ])
    }
  }

  @Test func `The fitted curve passes through NumPy's result`() async throws {
    let workspace = try Workspace(output: nil)
    defer { workspace.remove() }
    let entry = try #require(FigureCatalog.entry(named: "fig-2-11-fit"))
    let source = FigureSource(workspace: workspace, timeLimit: .seconds(60))
    let inputs = try await source.inputs(for: [entry], comparing: try ChapterSection.handGradients.problem())
    #expect(inputs.sections["2.6"]?.fit == Parabola(w: 0x1.7ea09a338ac5cp+1, b: 0x1.0c914344ca340p+1))
    #expect(inputs.sections["2.6"]?.observations.x.count == 100)
    #expect(inputs.sections.count == 1)
    #expect(inputs.comparison == nil, "nothing is run that no figure needs")
  }

  @Test func `Pictures in the formats asked for`() async throws {
    let folder = try ScratchFolder()
    let launched = try await LaunchedProgram.workbench(
      "figures", "fig-2-10-data", "--format", "png", "--format", "pdf", "--output", "drawn", in: folder.url)
    #expect(launched.status == 0, "\(launched.errors)")
    #expect(folder.names(in: "drawn").suffix(2) == ["fig-2-10-data.pdf", "fig-2-10-data.png"])
  }

  @Test func `In the terminal it draws characters and makes no files`() async throws {
    let folder = try ScratchFolder()
    let launched = try await LaunchedProgram.workbench("figures", "fig-2-10-data", "--show", in: folder.url)
    #expect(launched.status == 0)
    #expect(launched.output.split(separator: "\n").count > 20)
    #expect(folder.names() == [])
  }

  @Test func `A locale without UTF-8 draws the same picture, without a remark`() async throws {
    let folder = try ScratchFolder()
    for locale in ["C", "C.UTF-8"] {
      let launched = try await LaunchedProgram.workbench(
        "figures", "fig-2-10-data", "--output", locale, environment: ["LC_ALL": locale], in: folder.url)
      #expect(launched.status == 0)
      // Progress is told where the machine takes its time.
      #expect(launched.errors.split(separator: "\n").filter { !$0.contains(": running ") } == [])
    }
    let pictures = try ["C", "C.UTF-8"].map {
      try String(contentsOfFile: folder.path("\($0)/fig-2-10-data.svg"), encoding: .utf8)
    }
    #expect(pictures[0] == pictures[1])
  }

  @Test func `A figure that does not exist is a usage error`() async throws {
    let launched = try await LaunchedProgram.workbench("figures", "fig-2-99")
    #expect(launched.status == 64)
    #expect(
      launched.errors.hasPrefix("workbench: there is no figure \"fig-2-99\"; there are fig-2-8-forward, "))
  }

  @Test func `A file it did not make stays`() async throws {
    let folder = try ScratchFolder()
    try folder.write("mine", to: "drawn/fig-2-10-data.svg")
    let launched = try await LaunchedProgram.workbench(
      "figures", "fig-2-10-data", "--output", "drawn", in: folder.url)
    #expect(launched.status == 69)
    #expect(launched.errorLines.count == 1)
    #expect(folder.names(in: "drawn") == ["fig-2-10-data.svg"])
    #expect(try String(contentsOfFile: folder.path("drawn/fig-2-10-data.svg"), encoding: .utf8) == "mine")
  }

  @Test func `Without gnuplot nothing is left behind`() async throws {
    let folder = try ScratchFolder()
    let launched = try await LaunchedProgram.workbench(
      "figures", "fig-2-10-data", "--output", "drawn", environment: ["GNUPLOT": "/nonexistent"],
      in: folder.url)
    #expect(launched.status == 69)
    #expect(launched.errors.contains("workbench: cannot start gnuplot ('/nonexistent')"))
    #expect(launched.errorLines.count == 1)
    #expect(folder.names() == [])
  }

  @Test func `A diverging run is drawn up to its last finite step`() throws {
    let problem = try Problem(x: [1, 2], y: [1, 2], w0: 0, b0: 1, learningRate: 1, steps: 3, loss: .mean)
    let finite = Step(loss: 1, dw: 2, db: 3, w: 4, b: 5)
    let broken = Step(loss: .infinity, dw: .nan, db: 3, w: 4, b: 5)
    let traces = [
      Trace(approach: "goes", fingerprint: problem.fingerprint, steps: [finite, finite, broken]),
      Trace(approach: "never", fingerprint: problem.fingerprint, steps: [broken]),
    ]
    let runs = ComparedRuns(problem: problem, traces: traces)
    #expect(runs.runs.map(\.name) == ["goes"])
    #expect(runs.runs[0].steps == [1, 2])
    #expect(runs.runs[0].loss == [1, 1])
    #expect(runs.start == Parabola(w: 0, b: 1))
    #expect(runs.loss == .mean)
  }
}
