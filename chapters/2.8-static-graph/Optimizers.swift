import Experiment
import StaticGraph

extension StaticGraphApproach {
  /// Nodes whose values are w and b after an optimizer's update: read again when its assignments are done.
  static func updates(
    by choice: OptimizerChoice, _ rate: Double, of parameters: (w: Symbol, b: Symbol),
    along gradients: (dw: Symbol, db: Symbol)
  ) -> (Symbol, Symbol) {
    let (w, b) = parameters
    let train = optimizer(choice, rate: .number(rate)).apply([(gradients.dw, w), (gradients.db, b)])
    return w.graph.controlDependencies([train]) { (w.read(), b.read()) }
  }

  private static func optimizer(_ choice: OptimizerChoice, rate: Rate) -> any GraphOptimizer {
    let (beta1, beta2) = OptimizerChoice.betas
    return switch choice {
    case .gradientDescent: GradientDescentOptimizer(learningRate: rate)
    case .momentum: MomentumOptimizer(learningRate: rate, momentum: OptimizerChoice.momentumFactor)
    case .nesterov:
      MomentumOptimizer(learningRate: rate, momentum: OptimizerChoice.momentumFactor, useNesterov: true)
    case .adam:
      AdamOptimizer(learningRate: rate, beta1: beta1, beta2: beta2, epsilon: OptimizerChoice.epsilon)
    case .rmsprop:
      // Here ε stands under the root.
      RMSPropOptimizer(
        learningRate: rate, decay: OptimizerChoice.decay,
        epsilon: OptimizerChoice.epsilon * OptimizerChoice.epsilon)
    case .adagrad:
      AdagradOptimizer(learningRate: rate, initialAccumulatorValue: OptimizerChoice.initialAccumulator)
    }
  }

  /// Assignments to run after the initialiser: RMSProp's mean square begins with 1, that of the problem with 0.
  static func startingAtZero(_ choice: OptimizerChoice, in graph: Graph) -> [Symbol] {
    guard choice == .rmsprop else { return [] }
    return ["w/RMSProp", "b/RMSProp"].compactMap { name in
      graph.symbol(named: name).map { slot in slot.assign(0 * slot) }
    }
  }
}
