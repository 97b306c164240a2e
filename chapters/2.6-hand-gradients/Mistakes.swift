import Experiment

extension HandGradients {
  /// The same training with one mistake made on purpose. In each case the right line stands above the
  /// `switch` and the wrong one in it.
  static func train<Scalar: SIMDScalar & BinaryFloatingPoint>(
    _ run: Run, in _: Scalar.Type, making mistake: Mistake
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
    var previous = (dw: Scalar(0), db: Scalar(0))

    // MARK: Training step
    for _ in run.steps {
      let sum = Residual(w: w, b: b).pairwiseSums(xSquared, y)
      let (scale, loss): (Scalar, Scalar) =
        switch problem.loss {
        case .sum: (1, sum.rr / 2)
        case .mean: (2 / n, sum.rr / n)
        }
      var dw = scale * sum.rx
      var db = scale * sum.r
      switch mistake {
      case .lostXSquared:
        dw = scale * sum.r
      case .squaredResidual:
        dw = scale * SquaredResidual(w: w, b: b).pairwiseSums(xSquared, y).rx
        db = scale * sum.rr
      case .meanForSum:
        let wrongScale: Scalar = problem.loss == .sum ? 1 / n : 1
        dw = wrongScale * sum.rx
        db = wrongScale * sum.r
      case .flippedSign:
        dw = -dw
        db = -db
      case .factorTwo:
        dw *= 2
        db *= 2
      case .notReset:
        dw += previous.dw
        db += previous.db
        previous = (dw, db)
      case .updatedW:
        let updatedW = w - learningRate * dw
        db = scale * Residual(w: updatedW, b: b).pairwiseSums(xSquared, y).r
      }
      w -= learningRate * dw
      b -= learningRate * db
      run.record(loss: loss, dw: dw, db: db, w: w, b: b)
    }

    // MARK: Result
    return Outcome(w: "\(w)", b: "\(b)")
  }
}

/// The terms with the residual squared where it must not be.
private struct SquaredResidual<Scalar: SIMDScalar & BinaryFloatingPoint>: PointTerms {
  let w: Scalar
  let b: Scalar

  @inline(__always)
  func terms(_ xSquared: SIMD8<Scalar>, _ y: SIMD8<Scalar>) -> Sums<SIMD8<Scalar>> {
    let r = w * xSquared + b - y
    return Sums(rr: r * r, rx: r * r * xSquared, r: r)
  }
}
