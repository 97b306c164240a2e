import Foundation
import Testing

@testable import Experiment

@Suite struct `The exact minimum` {
  @Test func `Of the data of 2·6 it is the chapter's limit`() throws {
    let solution = try #require(LeastSquares(try Problem()).solution)
    #expect(abs(solution.w - 2.99134284) < 0.5e-8)
    #expect(abs(solution.b - 2.09741738) < 0.5e-8)
    // fractions.Fraction in Python, over the exact values of the data.
    #expect(solution.w == 2.991342836041702)
    #expect(solution.b == 2.097417377063676)
    #expect(abs(solution.loss / 0.16695940981968577 - 1) < 1e-15)
  }

  @Test func `Of points on a parabola it is that parabola, with no loss`() throws {
    let problem = try Problem(
      x: [-2, -1, 0, 1, 3], y: [14, 5, 2, 5, 29], w0: 0, b0: 0, learningRate: 0.1, steps: 1)
    #expect(LeastSquares(problem).solution == LeastSquares.Solution(w: 3, b: 2, loss: 0))
  }

  @Test func `Both losses have the same minimum in their own unit`() throws {
    // y = 0, 1, 5 at x² = 0, 1, 1: w = 3, b = 0, r = 0, 2, −2.
    func solution(_ loss: Loss) throws -> LeastSquares.Solution? {
      LeastSquares(
        try Problem(x: [0, 1, -1], y: [0, 1, 5], w0: 0, b0: 0, learningRate: 0.1, steps: 1, loss: loss)
      ).solution
    }
    for (loss, least) in [(Loss.sum, 4.0), (.mean, 8.0 / 3)] {
      let found = try #require(try solution(loss))
      #expect(abs(found.w - 3) < 1e-15 && abs(found.b) < 1e-15 && abs(found.loss - least) < 1e-15)
    }
  }

  @Test func `Where all x² are equal there is no single one`() throws {
    let problem = try Problem(x: [1, -1, 1], y: [1, 2, 3], w0: 0, b0: 0, learningRate: 0.1, steps: 1)
    #expect(LeastSquares(problem).solution == nil)
    #expect(LeastSquares(try Problem(recipe: Recipe(points: 1))).solution == nil)
  }

  @Test func `It does not lose digits where a plain sum would`() throws {
    // x² = 10¹⁶ and 10¹⁶ + 2 · 10⁸ + 1: the centred sums cancel nearly everything.
    let problem = try Problem(
      x: [1e8, 1e8 + 1], y: [0, 200_000_001], w0: 0, b0: 0, learningRate: 1, steps: 1)
    let solution = try #require(LeastSquares(problem).solution)
    #expect(abs(solution.w - 1) < 1e-14)
    #expect(abs(solution.b / -1e16 - 1) < 1e-14)
  }

  @Test func `Float32 data are taken as the programs take them`() throws {
    let problem = try Problem(
      x: [0, 1.0 / 3], y: [0, 1], w0: 0, b0: 0, learningRate: 1, steps: 1, dtype: .float32)
    let third = Double(Float(1.0 / 3))
    #expect(abs(try #require(LeastSquares(problem).solution).w * third * third - 1) < 1e-15)
  }

  @Test func `The largest stable rate is two by the largest curvature`() throws {
    // x² = 0 and 1: H = [[1, 1], [1, 2]] for the sum, the same for the mean of two; its larger eigenvalue is φ² = (3 + √5) / 2.
    for loss in Loss.allCases {
      let problem = try Problem(x: [0, 1], y: [0, 0], w0: 0, b0: 0, learningRate: 1, steps: 1, loss: loss)
      #expect(abs(LeastSquares(problem).largestStableRate - 4 / (3 + 5.0.squareRoot())) < 1e-15)
    }
  }

  @Test func `Above the largest stable rate gradient descent climbs, below it falls`() throws {
    let limit = LeastSquares(try Problem()).largestStableRate
    for (factor, climbs) in [(0.999, false), (1.001, true)] {
      let formula = StepFormula(try Problem(learningRate: factor * limit))
      var (w, b) = (100.0, 0.0)
      var losses = [Double]()
      for _ in 0..<4000 {
        let step = formula.step(w: w, b: b)
        (w, b) = (step.w, step.b)
        losses.append(step.loss)
      }
      #expect((losses[3999] > losses[0]) == climbs)
    }
  }
}

@Suite struct `A double double` {
  @Test func `Keeps what a double loses`() {
    let sum = DoubleDouble(1e16) + DoubleDouble(1)
    #expect((sum - DoubleDouble(1e16)).high == 1)
    let product = DoubleDouble(product: 1 + 0x1p-30, 1 + 0x1p-30)
    #expect(product.high == 1 + 0x1p-29 && product.low == 0x1p-60)
    let third = DoubleDouble(1) / DoubleDouble(3)
    let error = third * DoubleDouble(3) - DoubleDouble(1)
    #expect(abs(error.high) < 1e-31)
    #expect(third.high == 1.0 / 3 && third.low != 0)
  }
}
