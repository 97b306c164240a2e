import Foundation
import GraphDrawing
import Plotting
import Testing

@testable import Figures

@Suite("The catalogue of figures")
struct FigureCatalogTests {
  static let observations: Observations = {
    let x = (0..<20).map { -1 + 2 * Double($0) / 19 }
    // A fixed, uneven disturbance stands in for noise.
    return Observations(x: x, y: x.enumerated().map { 3 * $1 * $1 + 2 + 0.2 * Double(($0 * 7) % 20) / 20 })
  }()

  /// Gradient descent on the half sum of squares.
  static func descent(_ name: String, steps: Int = 60, rate: Double = 0.01, shift: Double = 0) -> RunCurve {
    var p = Parabola(w: 0.8, b: 0.7)
    var run = RunCurve(name: name, steps: Array(1...steps), w: [], b: [], loss: [])
    for _ in 0..<steps {
      let residuals = zip(observations.x, observations.y).map { p($0) - $1 }
      run.loss.append(0.5 * residuals.reduce(0) { $0 + $1 * $1 })
      p.w -= rate * zip(residuals, observations.x).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }
      p.b -= rate * residuals.reduce(0, +)
      run.w.append(p.w + shift)
      run.b.append(p.b)
    }
    return run
  }

  static let inputs: FigureInputs = {
    let section = SectionResult(observations: observations, fit: Parabola(w: 2.9, b: -2.1))
    return FigureInputs(
      sections: ["2.6": section, "2.7": section, "2.8": section],
      comparison: ComparedRuns(
        observations: observations, start: Parabola(w: 0.8, b: 0.7),
        runs: [
          descent("first_one"), descent("second"), descent("third", shift: 1e-12), descent("wild", rate: 0.2),
        ]),
      optimizers: ComparedRuns(
        observations: observations, start: Parabola(w: 0.8, b: 0.7),
        runs: [descent("slow", rate: 0.002), descent("fast")]),
      timeline: (0..<30).map { step in
        GraphPlan.Span(
          name: "scope/node_\(step)", operation: "mul", start: 1000 * step, duration: 500 + 10 * step,
          bytes: 4 << step, kernel: step < 9 ? nil : step % 2)
      })
  }()

  @Test("Names are unique, and found again")
  func names() {
    let names = FigureCatalog.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(FigureCatalog.entry(named: "loss-surface")?.section == "2.9")
    #expect(FigureCatalog.entry(named: "fig-2-14-fit")?.needs == .section("2.8"))
    #expect(FigureCatalog.entry(named: "nothing") == nil)
  }

  @Test(
    "Every figure draws in every format and as text, without a remark from gnuplot",
    arguments: FigureCatalog.all.map(\.name))
  func draws(_ name: String) throws {
    let entry = try #require(FigureCatalog.entry(named: name))
    let figure = try entry.make(Self.inputs)
    #expect(figure.name == name)
    try withFolder { folder throws in
      let rendered = try renderer().render(figure, as: FigureFormat.allCases, into: folder)
      #expect(rendered.warnings == [])
      #expect(rendered.files.count == 5)
      let svg = try text(of: folder.appending(path: "\(name).svg"))
      if entry.needs == .comparison {
        for run in ["second", "third", "wild"] { #expect(svg.contains(run)) }
      }
      if entry.needs == .optimizers {
        for run in ["slow", "fast"] { #expect(svg.contains(run)) }
      }
    }
    #expect(try renderer().textPlot(figure).contains(entry.title.prefix(12)))
  }

  @Test("A fit names its numbers, with a true minus sign")
  func fit() throws {
    let figure = try #require(FigureCatalog.entry(named: "fig-2-11-fit")).make(Self.inputs)
    #expect(
      figure.series.map { $0.title?.plain } == ["data", "without noise: 3x² + 2", "fit: 2.9000 x² − 2.1000"])
    #expect(figure.x.range == -1...1)
    #expect(figure.y.range == 2...6)
    #expect(formula(Parabola(w: -0.5, b: 1.00004)) == "−0.5000 x² + 1.0000")
  }

  @Test("Missing and malformed inputs are errors that name the figure")
  func missing() throws {
    for entry in FigureCatalog.all {
      #expect(throws: FigureInputError.self) { try entry.make(FigureInputs()) }
    }
    let entry = try #require(FigureCatalog.entry(named: "difference"))
    func reason(_ change: (inout ComparedRuns) -> Void) -> String {
      var inputs = Self.inputs
      change(&inputs.comparison!)
      do { return try entry.make(inputs).name } catch { return "\(error)" }
    }
    #expect(reason { $0.runs = [] }.contains("no run to show"))
    #expect(reason { $0.runs.removeLast(3) }.contains("at least two runs"))
    #expect(reason { $0.runs[1].w.removeLast() }.contains("'second' have lengths [60, 59, 60, 60]"))
  }

  @Test("Steps with the same bits are in the strip, others above one ulp")
  func difference() throws {
    let figure = try #require(FigureCatalog.entry(named: "difference")).make(Self.inputs)
    guard case .strip(let strip) = figure.annotations.first else {
      Issue.record("no strip")
      return
    }
    #expect(strip.upperBound < 1)
    var rows: Set<Double> = []
    for series in figure.series {
      guard case .line(_, let y, _) = series.shape else { continue }
      for value in y where !value.isNaN {
        #expect(series.title == nil ? strip.contains(value) : value >= 1)
        if series.title == nil { rows.insert(value) }
      }
    }
    // Only the second run ever has the first one's bits.
    #expect(rows.count == 1)
  }

  @Test("A timeline shows the longest steps in their order, and what each makes")
  func timeline() throws {
    let figure = try #require(FigureCatalog.entry(named: "timeline")).make(Self.inputs)
    let names = try #require(figure.y.ticks).map(\.label.plain)
    #expect(names == (12..<30).map { "scope/node_\($0)" })
    #expect(figure.subtitle.plain.contains("18 longest of 30"))
    let texts = figure.annotations.compactMap { note in
      if case .text(let label, _, _, _, _) = note { label.plain } else { nil }
    }
    #expect(texts.first == "16.4 kB" && texts.last == "2.15 GB")
    #expect(!FigureCatalog.reproducible.contains { $0.name == "timeline" })
  }

  @Test("Distances count representable numbers")
  func ulpDistances() {
    #expect(ulps(1, 1, single: false) == 0)
    #expect(ulps(1, 1.nextUp, single: false) == 1)
    #expect(ulps(1, 1.nextDown, single: false) == 1)
    #expect(ulps(0, -0.0, single: false) == 0)
    #expect(ulps(.leastNonzeroMagnitude, -.leastNonzeroMagnitude, single: false) == 2)
    #expect(ulps(1, 2, single: false) == 0x1p52)
    #expect(ulps(1, 2, single: true) == 0x1p23)
    #expect(ulps(Double(Float(3).nextUp), 3, single: true) == 1)
    #expect(ulps(.nan, 1, single: false).isNaN)
    #expect(ulps(.infinity, .infinity, single: false).isNaN)
    #expect(ulps(.greatestFiniteMagnitude, -.greatestFiniteMagnitude, single: false) > 1.8e19)
  }

  @Test("Runs are compared step by step, by the steps' numbers")
  func alignment() {
    let all = RunCurve(name: "a", steps: [1, 2, 3], w: [1, 2, 3], b: [0, 0, 0], loss: [0, 0, 0])
    let some = RunCurve(name: "b", steps: [2, 4], w: [2.nextUp, 9], b: [0, 0], loss: [0, 0])
    let apart = distance(some, all)
    #expect(apart[0] == 1)
    #expect(apart[1].isNaN)
  }

  @Test("A run that strays far does not blow up the surface's window")
  func window() throws {
    var inputs = Self.inputs
    inputs.comparison!.runs[3].w[5...] = ArraySlice(repeating: 1e200, count: 55)
    let figure = try #require(FigureCatalog.entry(named: "loss-surface")).make(inputs)
    let shown = try #require(figure.x.range)
    #expect(shown.contains(0.8) && shown.contains(3))
    #expect(shown.upperBound < 50)
  }

  @Test("Contour levels and powers of ten read as in print")
  func numbers() {
    #expect(oneTwoFive(above: 0.15, below: 12) == [0.2, 0.5, 1, 2, 5, 10])
    #expect(oneTwoFive(above: 1e-3, below: 1e6).allSatisfy { abs(log10($0).rounded() - log10($0)) < 1e-12 })
    #expect(oneTwoFive(above: 2, below: 1) == [])
    #expect([0, 1, 2, 15, -3].map(powerOfTen) == ["1", "10", "10²", "10¹⁵", "10⁻³"])
    #expect(doublingRows(upTo: 20, 0, of: 2) == [2, 4, 8, 16])
    #expect(doublingRows(upTo: 20, 1, of: 2) == [2, 5, 11])
  }
}

@Suite("The loss as a quadratic function")
struct QuadraticLossTests {
  @Test("Without noise its minimum is the curve itself")
  func exact() throws {
    let x = [-1, -0.5, 0, 0.25, 1]
    let data = Observations(x: x, y: x.map { 3 * $0 * $0 + 2 })
    let loss = try #require(QuadraticLoss(data, .halfSum))
    #expect(abs(loss.minimum.w - 3) < 1e-14)
    #expect(abs(loss.minimum.b - 2) < 1e-14)
    #expect(loss.least < 1e-28)
  }

  @Test("It equals the sum over the data, as half sum and as mean")
  func values() throws {
    let data = Observations(x: [-1, 0.5, 2, 3], y: [1, -2, 0.5, 7])
    let p = Parabola(w: 0.3, b: -1.5)
    let squares = zip(data.x, data.y).map { pow(p.w * $0 * $0 + p.b - $1, 2) }.reduce(0, +)
    for (reduction, expected) in [(QuadraticLoss.Reduction.halfSum, squares / 2), (.mean, squares / 4)] {
      let loss = try #require(QuadraticLoss(data, reduction))
      #expect(abs(loss(p) - expected) <= 1e-13 * expected)
      #expect(abs(loss(loss.minimum) - loss.least) == 0)
      for (dw, db) in [(1e-3, 0), (-1e-3, 0), (0, 1e-3), (1e-3, -1e-3)] {
        #expect(loss(Parabola(w: loss.minimum.w + dw, b: loss.minimum.b + db)) > loss.least)
      }
    }
  }

  @Test(
    "Data that do not determine w and b have none",
    arguments: [
      Observations(x: [], y: []), Observations(x: [1], y: [2]), Observations(x: [1, -1], y: [2, 3]),
      Observations(x: [1, 2], y: [2]), Observations(x: [1, 2], y: [2, .nan]),
    ])
  func undetermined(_ data: Observations) {
    #expect(QuadraticLoss(data, .halfSum) == nil)
  }
}
