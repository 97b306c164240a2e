/// How the parameters follow the gradients. All but the first are those that PyTorch's `torch.optim` and TensorFlow 1's
/// `tf.train` both have.
///
/// Every number beside the learning rate is fixed, so that a name says the whole calculation. With gradient g, rate η:
///
///     gradient-descent   w ← w − η g
///     momentum           v ← 0.9 v + g,  w ← w − η v
///     nesterov           v ← 0.9 v + g,  w ← w − η (g + 0.9 v)
///     adam               m ← 0.9 m + 0.1 g,  v ← 0.999 v + 0.001 g²,  w ← w − η m/(1 − 0.9ᵗ) / (√(v/(1 − 0.999ᵗ)) + ε)
///     rmsprop            v ← 0.99 v + 0.01 g²,  w ← w − η g / (√v + ε)
///     adagrad            s ← s + g²,  w ← w − η g / √s
///
/// v and m begin with 0, s with 0.1. The libraries put ε in different places: PyTorch's Adam adds it to the corrected root and
/// TensorFlow's to the uncorrected one; PyTorch's RMSprop adds it to the root and TensorFlow's under it. With their defaults of about
/// 10⁻⁸ they calculate different things. ε = 10⁻¹⁸ still keeps the divisor from zero and is otherwise below the rounding, so that
/// it makes no difference where it stands; what stands under the root is ε². TensorFlow's RMSProp begins v with 1; who uses it sets
/// v to 0 first.
public enum OptimizerChoice: String, CaseIterable, Codable, Sendable {
  case gradientDescent = "gradient-descent"
  case momentum, nesterov, adam, rmsprop, adagrad

  /// The factor of the velocity in `momentum` and `nesterov`.
  public static let momentumFactor = 0.9
  /// The factors of m and of v in `adam`.
  public static let betas = (0.9, 0.999)
  /// The factor of v in `rmsprop`.
  public static let decay = 0.99
  /// ε in `adam` and `rmsprop`, added to the root.
  public static let epsilon = 1e-18
  /// What s begins with in `adagrad`.
  public static let initialAccumulator = 0.1

  /// Its name in a sentence.
  public var words: String {
    switch self {
    case .gradientDescent: "gradient descent"
    case .momentum: "gradient descent with momentum"
    case .nesterov: "gradient descent with Nesterov’s momentum"
    case .adam: "Adam"
    case .rmsprop: "RMSprop"
    case .adagrad: "Adagrad"
    }
  }
}

/// The update of one parameter by an optimizer, in float64.
struct OptimizerFormula {
  /// Relative errors of the numbers an optimizer is made of, as rounding makes them.
  struct Errors {
    var first = 0.0
    var second = 0.0
  }

  private let choice: OptimizerChoice
  private let rate: Double
  private let errors: Errors
  /// The velocity, or the mean of the gradients.
  private var mean = 0.0
  /// The sum or mean of the squared gradients.
  private var square: Double
  private var powers = (1.0, 1.0)

  init(_ choice: OptimizerChoice, rate: Double, errors: Errors = Errors()) {
    self.choice = choice
    self.rate = rate
    self.errors = errors
    square = choice == .adagrad ? OptimizerChoice.initialAccumulator : 0
  }

  /// What the next step takes from the parameter.
  mutating func change(by gradient: Double) -> Double {
    let momentum = OptimizerChoice.momentumFactor * (1 + errors.first)
    switch choice {
    case .gradientDescent:
      return rate * gradient
    case .momentum:
      mean = momentum * mean + gradient
      return rate * mean
    case .nesterov:
      mean = momentum * mean + gradient
      return rate * (gradient + momentum * mean)
    case .adam:
      let beta1 = OptimizerChoice.betas.0 * (1 + errors.first)
      let beta2 = OptimizerChoice.betas.1 * (1 + errors.second)
      powers = (powers.0 * beta1, powers.1 * beta2)
      mean += (1 - OptimizerChoice.betas.0) * (gradient - mean)
      square += (1 - OptimizerChoice.betas.1) * (gradient * gradient - square)
      let root = (square / (1 - powers.1)).squareRoot() + OptimizerChoice.epsilon
      return rate * mean / (1 - powers.0) / root
    case .rmsprop:
      let decay = OptimizerChoice.decay * (1 + errors.second)
      square = decay * square + (1 - OptimizerChoice.decay) * gradient * gradient
      return rate * gradient / (square.squareRoot() + OptimizerChoice.epsilon)
    case .adagrad:
      square += gradient * gradient
      return rate * gradient / square.squareRoot()
    }
  }
}
