import Experiment
import NN
import Optim

/// 2.7 with nn and optim: a layer holds the parameters, a loss compares, an optimizer updates.
///
/// Model   ŷ = w x² + b, a linear layer on x²
/// Loss    L = ½ Σ (ŷ − y)²  or  L = 1/n Σ (ŷ − y)²
/// Update  w ← w − η ∂L/∂w   b ← b − η ∂L/∂b, or what another optimizer makes of it
@main
struct NNOptim: Approach {
  static let section = ChapterSection.nnOptim

  static func train(_ run: Run) -> Outcome {
    let problem = run.problem

    // MARK: Data
    let dtype: DType = problem.dtype == .float64 ? .float64 : .float32
    let x = tensor(problem.x, shape: [problem.points, 1], dtype: dtype)
    let y = tensor(problem.y, shape: [problem.points, 1], dtype: dtype)
    let xSquared = x.pow(2)

    // MARK: Start values
    let model = Linear(1, 1, dtype: dtype)
    let (w, b) = (model.weight, model.bias!)
    Initializer.constant_(w, problem.w0)
    Initializer.constant_(b, problem.b0)
    let lossFunction = MSELoss(reduction: problem.loss == .sum ? .sum : .mean)
    let (parameters, rate) = (model.parameters, problem.learningRate)
    let optimizer: Optimizer =
      switch problem.optimizer {
      case .gradientDescent: SGD(parameters, lr: rate)
      case .momentum: SGD(parameters, lr: rate, momentum: OptimizerChoice.momentumFactor)
      case .nesterov: SGD(parameters, lr: rate, momentum: OptimizerChoice.momentumFactor, nesterov: true)
      case .adam: Adam(parameters, lr: rate, betas: OptimizerChoice.betas, eps: OptimizerChoice.epsilon)
      case .rmsprop: RMSprop(parameters, lr: rate, alpha: OptimizerChoice.decay, eps: OptimizerChoice.epsilon)
      case .adagrad:
        Adagrad(parameters, lr: rate, initialAccumulatorValue: OptimizerChoice.initialAccumulator, eps: 0)
      }

    // MARK: Training step
    for _ in run.steps {
      let prediction = model(xSquared)
      let squares = lossFunction(prediction, y)
      let loss = problem.loss == .sum ? 0.5 * squares : squares
      run.show(
        graph: StepWatch(
          of: loss, learning: [w, b],
          naming: ["w": w, "b": b, "x": x, "y": y, "prediction": prediction, "loss": loss]))
      optimizer.zeroGrad()
      loss.backward()
      optimizer.step()
      guard let dw = w.grad, let db = b.grad else { fatalError("backward() reached no parameter") }
      run.record(
        loss: loss.item(as: Double.self), dw: dw.item(), db: db.item(), w: w.item(), b: b.item())
    }

    // MARK: Result
    return Outcome(w: "\(w)", b: "\(b)")
  }
}
