import Autograd
import Experiment

/// 2.7: tensors remember the calculation, and `backward()` finds the gradients.
///
/// Model   ŷ = w x² + b
/// Loss    L = ½ Σ (ŷ − y)²  or  L = 1/n Σ (ŷ − y)²
/// Update  w ← w − η ∂L/∂w   b ← b − η ∂L/∂b
@main
struct TensorAutograd: Approach {
  static let section = ChapterSection.tensorAutograd

  static func train(_ run: Run) -> Outcome {
    let problem = run.problem
    guard problem.optimizer == .gradientDescent else { return trainWithOptimizer(run) }

    // MARK: Data
    let dtype: DType = problem.dtype == .float64 ? .float64 : .float32
    let x = tensor(problem.x, shape: [problem.points, 1], dtype: dtype)
    let y = tensor(problem.y, shape: [problem.points, 1], dtype: dtype)

    // MARK: Start values
    let w = tensor([problem.w0], shape: [1, 1], dtype: dtype, requiresGrad: true)
    let b = tensor([problem.b0], shape: [1, 1], dtype: dtype, requiresGrad: true)
    let learningRate = problem.learningRate

    // MARK: Training step
    for _ in run.steps {
      let prediction = x.pow(2) * w + b
      let loss =
        switch problem.loss {
        case .sum: (0.5 * (prediction - y).pow(2)).sum()
        case .mean: (prediction - y).pow(2).mean()
        }
      run.show(
        graph: StepWatch(
          of: loss, learning: [w, b],
          naming: ["w": w, "b": b, "x": x, "y": y, "prediction": prediction, "loss": loss]))
      loss.backward()
      guard let dw = w.grad, let db = b.grad else { fatalError("backward() reached no parameter") }
      noGrad {
        w.sub_(learningRate * dw)
        b.sub_(learningRate * db)
      }
      w.zeroGrad()
      b.zeroGrad()
      run.record(
        loss: loss.item(as: Double.self), dw: dw.item(), db: db.item(), w: w.item(), b: b.item())
    }

    // MARK: Result
    return Outcome(w: "\(w)", b: "\(b)")
  }
}
