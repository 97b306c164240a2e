import Experiment
import Optim

extension TensorAutograd {
  /// The same training with another optimizer. What is different is how w and b follow their gradients: no longer by hand.
  static func trainWithOptimizer(_ run: Run) -> Outcome {
    let problem = run.problem

    // MARK: Data
    let dtype: DType = problem.dtype == .float64 ? .float64 : .float32
    let x = tensor(problem.x, shape: [problem.points, 1], dtype: dtype)
    let y = tensor(problem.y, shape: [problem.points, 1], dtype: dtype)

    // MARK: Start values
    let w = tensor([problem.w0], shape: [1, 1], dtype: dtype, requiresGrad: true)
    let b = tensor([problem.b0], shape: [1, 1], dtype: dtype, requiresGrad: true)
    let optimizer = optimizer(problem.optimizer, of: [w, b], rate: problem.learningRate)

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

  private static func optimizer(
    _ choice: OptimizerChoice, of parameters: [Tensor], rate: Double
  ) -> Optimizer {
    switch choice {
    case .gradientDescent: SGD(parameters, lr: rate)
    case .momentum: SGD(parameters, lr: rate, momentum: OptimizerChoice.momentumFactor)
    case .nesterov: SGD(parameters, lr: rate, momentum: OptimizerChoice.momentumFactor, nesterov: true)
    case .adam: Adam(parameters, lr: rate, betas: OptimizerChoice.betas, eps: OptimizerChoice.epsilon)
    case .rmsprop: RMSprop(parameters, lr: rate, alpha: OptimizerChoice.decay, eps: OptimizerChoice.epsilon)
    case .adagrad:
      Adagrad(parameters, lr: rate, initialAccumulatorValue: OptimizerChoice.initialAccumulator, eps: 0)
    }
  }
}
