import RandomStreams

/// How a problem's data are drawn: x evenly from −1 to 1, y = 3x² + 2 + noise, then the start values from the
/// same stream.
public struct Recipe: Codable, Equatable, Sendable {
  /// Whose stream of random numbers.
  public enum Generator: String, CaseIterable, Codable, Sendable {
    /// NumPy's legacy `RandomState`, float64: the data of 2.6 and 2.8.
    case numpy
    /// PyTorch's CPU generator, float32: the data of 2.7.
    case torch
  }

  /// The stream's seed.
  public var seed: UInt32
  /// How many points; at least 1.
  public var points: Int
  /// The noise is this times a uniform number in [0, 1).
  public var noise: Double
  /// Whose stream.
  public var generator: Generator

  /// A recipe; by default that of 2.6.
  public init(seed: UInt32 = 100, points: Int = 100, noise: Double = 0.2, generator: Generator = .numpy) {
    self.seed = seed
    self.points = points
    self.noise = noise
    self.generator = generator
  }

  /// What a recipe yields.
  public struct Draw: Equatable, Sendable {
    /// Evenly spaced from −1 to 1; −1 alone if there is one point.
    public var x: [Double]
    /// 3x² + 2 + noise.
    public var y: [Double]
    /// The start value of w: the number drawn after the noise.
    public var w0: Double
    /// The start value of b: the number drawn after that (NumPy), or zero (PyTorch).
    public var b0: Double
  }

  /// Draws the data. Throws a usage failure for no points or a noise that is not finite.
  public func draw() throws(Failure) -> Draw {
    guard points > 0 else { throw .usage("points is \(points); at least 1 is needed") }
    guard points <= Recipe.mostPoints else {
      throw .usage("points is \(points); at most \(Recipe.mostPoints) can be held")
    }
    guard noise.isFinite else { throw .usage("noise is \(noise); a finite number is needed") }
    switch generator {
    case .numpy: return drawNumPy()
    case .torch: return drawTorch()
    }
  }

  /// Start values for data that were not drawn: the first two numbers of NumPy's stream.
  static func startValues(seed: UInt32) -> (w0: Double, b0: Double) {
    var stream = NumPyRandomState(seed: seed)
    let w0 = stream.randomSample()
    return (w0, stream.randomSample())
  }

  /// Above this a problem's columns would pass 16 GiB.
  static let mostPoints = 1 << 30

  /// As 2.6 does with NumPy, operation by operation: `x = np.linspace(-1, 1, n)`, `y = 3 * np.power(x, 2) + 2
  /// + noise * np.random.rand(n)`, `w = np.random.rand()`, `b = np.random.rand()`.
  private func drawNumPy() -> Draw {
    var stream = NumPyRandomState(seed: seed)
    let spacing = 2 / Double(max(points - 1, 1))
    var x = (0..<points).map { Double($0) * spacing - 1 }
    if points > 1 { x[points - 1] = 1 }
    let uniform = stream.randomSample(count: points)
    let y = zip(x, uniform).map { x, uniform in 3 * (x * x) + 2 + noise * uniform }
    let w0 = stream.randomSample()
    return Draw(x: x, y: y, w0: w0, b0: stream.randomSample())
  }

  /// As 2.7 does with PyTorch, each operation in float32: `x = torch.linspace(-1, 1, n)`, `y = 3 * x.pow(2) + 2
  /// + noise * torch.rand(n)`, `w = torch.randn(1, 1)`, `b = torch.zeros(1, 1)`.
  private func drawTorch() -> Draw {
    let stream = TorchGenerator(seed: UInt64(seed))
    // PyTorch's linspace: both halves count from their own end, with multiply and add fused.
    let spacing = 2 / Float(max(points - 1, 1))
    let x = (0..<points).map { index in
      index < points / 2 || points == 1
        ? Float(-1).addingProduct(spacing, Float(index))
        : Float(1).addingProduct(-spacing, Float(points - 1 - index))
    }
    let noise = Float(noise)
    let y = zip(x, stream.rand(count: points)).map { x, uniform in 3 * (x * x) + 2 + noise * uniform }
    return Draw(x: x.map(Double.init), y: y.map(Double.init), w0: Double(stream.randn(count: 1)[0]), b0: 0)
  }
}

extension Problem {
  /// A problem over data drawn by `recipe`; `w0` and `b0` replace the drawn start values where given.
  public init(
    recipe: Recipe = Recipe(), learningRate: Double = 0.001, steps: Int = 800, loss: Loss = .sum,
    optimizer: OptimizerChoice = .gradientDescent, dtype: Precision = .float64, w0: Double? = nil,
    b0: Double? = nil
  ) throws(Failure) {
    let draw = try recipe.draw()
    try self.init(
      x: draw.x, y: draw.y, w0: w0 ?? draw.w0, b0: b0 ?? draw.b0, learningRate: learningRate, steps: steps,
      loss: loss, optimizer: optimizer, dtype: dtype, recipe: recipe)
  }
}
