import Testing

@testable import Experiment

@Suite struct `The chapter's sections` {
  @Test func `Are the five, in the chapter's order, with the book's set-up`() {
    #expect(
      ChapterSection.all.map(\.approach) == [
        "hand-gradients", "tensor-autograd", "nn-optim", "static-graph", "compiled-autodiff",
      ])
    #expect(ChapterSection.all.map(\.number) == ["2.6", "2.7", "2.7", "2.8", "beyond"])
    for section in ChapterSection.all {
      #expect(section.recipe.seed == 100 && section.recipe.points == 100 && section.recipe.noise == 0.2)
      let isGraph = section.approach == "static-graph"
      #expect(section.learningRate == (isGraph ? 0.01 : 0.001))
      #expect(section.steps == (isGraph ? 2000 : 800))
      #expect(section.loss == (isGraph ? .mean : .sum))
    }
    #expect(ChapterSection.all.map(\.dtype) == [.float64, .float32, .float32, .float32, .float64])
    #expect(ChapterSection.all.map(\.recipe.generator) == [.numpy, .torch, .torch, .numpy, .numpy])
    #expect(ChapterSection.staticGraph.w0 == 0.711006 && ChapterSection.staticGraph.b0 == 0)
  }
}

@Suite struct `A section's report` {
  private func report(_ section: ChapterSection, _ steps: [Step], _ outcome: Outcome) throws -> String {
    let problem = try section.problem()
    let trace = Trace(approach: section.approach, fingerprint: problem.fingerprint, steps: steps)
    return SectionReport(section: section, problem: problem, trace: trace, outcome: outcome).text
  }

  @Test func `Sets the program's numbers over the book's, and says why they differ`() throws {
    #expect(
      try report(.handGradients, [], Outcome(w: "2.5", b: "-2.25")) == """
        2.6  NumPy, gradients by hand
        100 points, loss ½Σr², η = 0.001, 800 steps, float64, numpy seed 100, noise 0.2

          w  2.5         this program
             2.95859544  the book
          b  -2.25       this program
             2.10178594  the book

        Least-squares solution: w 2.991342836041702, b 2.097417377063676
        NumPy gives these very bits: w 0x1.7ea09a338ac5cp+1, b 0x1.0c914344ca340p+1. The
        book's pair does not follow from its own recipe (seed 100, 800 steps, learning
        rate 0.001); other readers get ours, too.
        """)
  }

  @Test func `Has a row every 200 steps, the book's beside those it prints`() throws {
    let steps = (0..<2000).map {
      Step(loss: 1 / Double($0 + 1), dw: 0, db: 0, w: Double($0), b: Double(Float(0.1)))
    }
    let lines = try report(.staticGraph, steps, Outcome(w: "", b: "")).split(separator: "\n")
    let table = lines.filter { $0.hasPrefix("  ") }
    #expect(table.count == 11)
    #expect(
      table[0].split(separator: " ").map(String.init) == [
        "step", "loss", "w", "b", "the", "book:", "loss", "w", "b",
      ])
    #expect(table[1].split(separator: " ").map(String.init) == ["0", "1.0000", "0.0", "0.1"])
    #expect(
      table[6].split(separator: " ").map(String.init) == [
        "1000", "0.0010", "1000.0", "0.1", "0.0094", "2.73642", "2.1918662",
      ])
    #expect(
      table[10].split(separator: " ").map(String.init) == [
        "1800", "0.0006", "1800.0", "0.1", "0.0038", "2.922923", "2.1227665",
      ])
  }

  @Test func `Fits on a terminal of 80 columns`() throws {
    let printed = "tensor([[2.9645]], requires_grad=True)"
    let number = -2.989276194731742
    let steps = (0..<2000).map { _ in Step(loss: number, dw: number, db: number, w: number, b: number) }
    for section in ChapterSection.all {
      for line in try report(section, steps, Outcome(w: printed, b: printed)).split(separator: "\n") {
        #expect(line.count <= 80, "\(line)")
      }
    }
  }
}

@Suite struct `Wrapped text` {
  @Test func `Is broken at blanks, later lines indented`() {
    #expect("one two three four".wrapped(to: 9, indent: "  ") == ["one two", "  three", "  four"])
    #expect("one two".wrapped(to: 7) == ["one two"])
    #expect("one two".wrapped(to: 6) == ["one", "two"])
    #expect("".wrapped() == [""])
  }

  @Test func `A word longer than the line stays whole`() {
    #expect("a bbbbbbbbbb c".wrapped(to: 4) == ["a", "bbbbbbbbbb", "c"])
  }

  @Test func `Blanks inside a line are kept`() {
    #expect("A    same bits".wrapped(to: 20) == ["A    same bits"])
  }

  @Test func `Colours take no columns`() {
    #expect("\u{1b}[1;31mred\u{1b}[0m".visibleColumns == 3)
    #expect("\u{1b}[1;31mone\u{1b}[0m two".wrapped(to: 7).count == 1)
  }
}
