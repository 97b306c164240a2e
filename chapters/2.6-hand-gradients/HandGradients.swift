import Experiment

/// 2.6: every derivative written out by hand, over plain arrays of numbers.
///
/// Model   ŷ = w x² + b, residual r = ŷ − y
/// Loss    L = ½ Σ r²        ∂L/∂w = Σ r x²        ∂L/∂b = Σ r
///    or   L = 1/n Σ r²      ∂L/∂w = 2/n Σ r x²    ∂L/∂b = 2/n Σ r
/// Update  w ← w − η ∂L/∂w   b ← b − η ∂L/∂b
@main
struct HandGradients: Approach {
  static let section = ChapterSection.handGradients
  static let plantsMistakes = true

  static func train(_ run: Run) -> Outcome {
    switch (run.problem.dtype, run.mistake) {
    case (.float64, nil): train(run, in: Double.self)
    case (.float32, nil): train(run, in: Float.self)
    case (.float64, let mistake?): train(run, in: Double.self, making: mistake)
    case (.float32, let mistake?): train(run, in: Float.self, making: mistake)
    }
  }

  private static func train<Scalar: SIMDScalar & BinaryFloatingPoint>(
    _ run: Run, in _: Scalar.Type
  ) -> Outcome {
    let problem = run.problem

    // MARK: Data
    let x = Column<Scalar>(problem.x)
    let y = Column<Scalar>(problem.y)
    let xSquared = x * x
    let n = Scalar(problem.points)

    // MARK: Start values
    var w = Scalar(problem.w0)
    var b = Scalar(problem.b0)
    let learningRate = Scalar(problem.learningRate)

    // MARK: Training step
    for _ in run.steps {
      let sum = Residual(w: w, b: b).pairwiseSums(xSquared, y)
      let (loss, dw, db) =
        switch problem.loss {
        case .sum: (sum.rr / 2, sum.rx, sum.r)
        case .mean: (sum.rr / n, 2 * sum.rx / n, 2 * sum.r / n)
        }
      w -= learningRate * dw
      b -= learningRate * db
      run.record(loss: loss, dw: dw, db: db, w: w, b: b)
    }

    // MARK: Result
    return Outcome(w: "\(w)", b: "\(b)")
  }
}

// MARK: - The derivatives

/// The residual at given parameters, and what each point contributes to Σ r², Σ r x² and Σ r: the three sums
/// that the loss and its two derivatives need. One pass over the data makes all three.
struct Residual<Scalar: SIMDScalar & BinaryFloatingPoint>: PointTerms {
  let w: Scalar
  let b: Scalar

  @inline(__always)
  func terms(_ xSquared: SIMD8<Scalar>, _ y: SIMD8<Scalar>) -> Sums<SIMD8<Scalar>> {
    let r = w * xSquared + b - y
    return Sums(rr: r * r, rx: r * xSquared, r: r)
  }
}
