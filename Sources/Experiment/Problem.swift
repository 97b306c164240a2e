/// The type a program calculates in. Everything it starts from (data, start values, learning rate) is first
/// rounded to it.
public enum Precision: String, CaseIterable, Codable, Sendable {
  case float64, float32

  /// Half the distance from 1 to the next number: the largest relative error of one rounding.
  public var unitRoundoff: Double {
    switch self {
    case .float64: Double.ulpOfOne / 2
    case .float32: Double(Float.ulpOfOne) / 2
    }
  }

  /// The nearest number of this type.
  public func rounded(_ value: Double) -> Double {
    switch self {
    case .float64: value
    case .float32: Double(Float(value))
    }
  }

  /// The distance between neighbouring numbers of this type at the magnitude of `value`.
  public func ulp(of value: Double) -> Double {
    switch self {
    case .float64: value.ulp
    case .float32: Double(Float(value).ulp)
    }
  }
}

/// The loss to minimise, with rᵢ = w xᵢ² + b − yᵢ.
public enum Loss: String, CaseIterable, Codable, Sendable {
  /// L = ½ Σ r², so ∂L/∂w = Σ r x² and ∂L/∂b = Σ r.
  case sum
  /// L = (1/n) Σ r², so ∂L/∂w = (2/n) Σ r x² and ∂L/∂b = (2/n) Σ r.
  case mean

  /// The factor before Σ r x² and Σ r in the gradients: 1 or 2/n.
  public func gradientFactor(points: Int) -> Double {
    switch self {
    case .sum: 1
    case .mean: 2 / Double(points)
    }
  }

  /// The formula as it is printed.
  public var formula: String {
    switch self {
    case .sum: "½Σr²"
    case .mean: "Σr²/n"
    }
  }
}

/// One regression to solve: fit y = w x² + b to data by gradient descent or another optimizer, with everything that decides
/// the result fixed, so that any two programs given the same problem must take the same steps.
public struct Problem: Equatable, Sendable {
  /// The data; equally many of each, all finite.
  public let x: [Double]
  /// The data; equally many of each, all finite.
  public let y: [Double]
  /// The start value of w.
  public let w0: Double
  /// The start value of b.
  public let b0: Double
  /// η, as in w ← w − η ∂L/∂w.
  public let learningRate: Double
  /// How many updates.
  public let steps: Int
  /// Which loss.
  public let loss: Loss
  /// How the parameters follow the gradients.
  public let optimizer: OptimizerChoice
  /// The type to calculate in.
  public let dtype: Precision
  /// How the data were drawn; nil for the user's own data. For information: not part of the fingerprint.
  public let recipe: Recipe?
  /// Names the problem: equal for equal problems, different (but for one chance in 2⁶⁴) for different ones.
  public let fingerprint: Fingerprint

  /// The number of data points.
  public var points: Int { x.count }

  /// A problem over the given data.
  ///
  /// Throws a `Failure` of kind `usage` that names the first thing wrong: no points, unequal columns, a value
  /// that is not finite or does not fit `dtype`, no steps, a learning rate that is not positive.
  public init(
    x: [Double], y: [Double], w0: Double, b0: Double, learningRate: Double, steps: Int,
    loss: Loss = .sum, optimizer: OptimizerChoice = .gradientDescent, dtype: Precision = .float64,
    recipe: Recipe? = nil
  ) throws(Failure) {
    guard x.count == y.count else {
      throw .usage("x has \(x.count) values and y has \(y.count); each x needs its y")
    }
    guard !x.isEmpty else { throw .usage("there are no data points; at least one is needed") }
    guard steps > 0 else { throw .usage("steps is \(steps); at least 1 is needed") }
    guard learningRate > 0, dtype.rounded(learningRate).isFinite, dtype.rounded(learningRate) > 0 else {
      throw .usage("the learning rate is \(learningRate); a positive finite \(dtype.rawValue) is needed")
    }
    for (name, value) in [("w0", w0), ("b0", b0)] where !dtype.rounded(value).isFinite {
      throw .usage("\(name) is \(value); a finite \(dtype.rawValue) is needed")
    }
    for (name, column) in [("x", x), ("y", y)] {
      if let row = column.firstIndex(where: { !dtype.rounded($0).isFinite }) {
        throw .usage("\(name) of point \(row + 1) is \(column[row]); a finite \(dtype.rawValue) is needed")
      }
    }
    self.x = x
    self.y = y
    self.w0 = w0
    self.b0 = b0
    self.learningRate = learningRate
    self.steps = steps
    self.loss = loss
    self.optimizer = optimizer
    self.dtype = dtype
    self.recipe = recipe
    fingerprint = Fingerprint(
      x: x, y: y, w0: w0, b0: b0, learningRate: learningRate, steps: steps, loss: loss,
      optimizer: optimizer, dtype: dtype)
  }

  /// One line that says which problem this is: `100 points, loss ½Σr², η = 0.001, 800 steps, float64, numpy
  /// seed 100, …`.
  public var summary: String {
    let origin = recipe.map { "\($0.generator.rawValue) seed \($0.seed), noise \($0.noise)" } ?? "own data"
    let pointsWord = points == 1 ? "1 point" : "\(points) points"
    let stepsWord = steps == 1 ? "1 step" : "\(steps) steps"
    let rule = optimizer == .gradientDescent ? "" : "\(optimizer.rawValue), "
    return
      "\(pointsWord), loss \(loss.formula), \(rule)η = \(learningRate), \(stepsWord), \(dtype.rawValue), \(origin)"
  }
}
