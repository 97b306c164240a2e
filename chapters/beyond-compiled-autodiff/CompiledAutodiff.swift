import Experiment
import _Differentiation

/// Beyond the chapter: the loss is written down, and the Swift compiler writes its derivative while it
/// compiles.
///
/// No graph is built, neither before the run nor during it. What the compiler must be told are the
/// derivatives of the five operations on vectors that the loss is made of; they are in `Vector.swift`.
@main
struct CompiledAutodiff: Approach {
  static let section = ChapterSection.compiledAutodiff

  static func train(_ run: Run) -> Outcome {
    switch run.problem.dtype {
    case .float64: train(run, in: Double.self)
    case .float32: train(run, in: Float.self)
    }
  }

  private static func train<Scalar: DifferentiableScalar>(_ run: Run, in _: Scalar.Type) -> Outcome {
    let problem = run.problem

    // MARK: Data
    let x = Vector<Scalar>(problem.x.map { Scalar($0) })
    let y = Vector<Scalar>(problem.y.map { Scalar($0) })
    let xSquared = x * x
    let divisor: Scalar =
      switch problem.loss {
      case .sum: 2
      case .mean: Scalar(problem.points)
      }

    // MARK: Start values
    var w = Scalar(problem.w0)
    var b = Scalar(problem.b0)
    let learningRate = Scalar(problem.learningRate)

    // MARK: Training step
    for _ in run.steps {
      let (loss, gradient) = valueWithGradient(at: w, b) { w, b in
        squaredError(w, b, xSquared, y) / divisor
      }
      let (dw, db) = gradient
      w -= learningRate * dw
      b -= learningRate * db
      run.record(loss: loss, dw: dw, db: db, w: w, b: b)
    }

    // MARK: Result
    return Outcome(w: "\(w)", b: "\(b)")
  }
}

// MARK: - The function whose derivative the compiler makes

/// Σ (w x² + b − y)².
@differentiable(reverse,wrt: (w, b))
func squaredError<Scalar: DifferentiableScalar>(
  _ w: Scalar, _ b: Scalar, _ xSquared: Vector<Scalar>, _ y: Vector<Scalar>
) -> Scalar {
  let residual = w * xSquared + b - y
  return residual.squared().sum()
}
