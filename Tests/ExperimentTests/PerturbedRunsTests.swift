import Testing

@testable import Experiment

@Suite struct `Perturbed runs` {
  /// Descent by an optimizer, every operation rounded to `Scalar`; `order` says in which order the points are added up.
  private struct PlainOptimizer<Scalar: BinaryFloatingPoint> {
    let problem: Problem
    /// How much of the mean square RMSprop keeps.
    var decay = OptimizerChoice.decay
    var order: (Range<Int>) -> [Int] = { Array($0) }

    /// w and b after each step.
    func path() -> [(w: Double, b: Double)] {
      let descent = PlainDescent(problem: problem, order: order)
      var (w, b) = (Scalar(problem.w0), Scalar(problem.b0))
      var memory = (w: (Scalar(0), Scalar(0)), b: (Scalar(0), Scalar(0)))
      return (1...problem.steps).map { number in
        let sums = descent.sums(w: Double(w), b: Double(b))
        w -= change(Scalar(sums.dw), number, &memory.w)
        b -= change(Scalar(sums.db), number, &memory.b)
        return (Double(w), Double(b))
      }
    }

    private func change(_ gradient: Scalar, _ number: Int, _ memory: inout (Scalar, Scalar)) -> Scalar {
      let rate = Scalar(problem.learningRate)
      switch problem.optimizer {
      case .gradientDescent:
        return rate * gradient
      case .momentum, .nesterov:
        memory.0 = Scalar(0.9) * memory.0 + gradient
        return problem.optimizer == .momentum ? rate * memory.0 : rate * (gradient + Scalar(0.9) * memory.0)
      case .adam:
        memory.0 = Scalar(0.9) * memory.0 + Scalar(1 - 0.9) * gradient
        memory.1 = Scalar(0.999) * memory.1 + Scalar(1 - 0.999) * gradient * gradient
        let (power1, power2) = (1...number).reduce((1.0, 1.0)) { powers, _ in
          (powers.0 * 0.9, powers.1 * 0.999)
        }
        return rate / Scalar(1 - power1) * memory.0
          / (memory.1.squareRoot() / Scalar((1 - power2).squareRoot()) + Scalar(OptimizerChoice.epsilon))
      case .rmsprop:
        memory.1 = Scalar(decay) * memory.1 + Scalar(1 - decay) * gradient * gradient
        return rate * gradient / (memory.1.squareRoot() + Scalar(OptimizerChoice.epsilon))
      case .adagrad:
        if number == 1 { memory.1 = Scalar(OptimizerChoice.initialAccumulator) }
        memory.1 += gradient * gradient
        return rate * gradient / memory.1.squareRoot()
      }
    }
  }

  private static func problem(
    _ optimizer: OptimizerChoice, _ dtype: Precision, seed: UInt32 = 100, rate: Double = 0.05, steps: Int
  ) throws -> Problem {
    try Problem(
      recipe: Recipe(seed: seed), learningRate: rate, steps: steps, loss: .mean, optimizer: optimizer,
      dtype: dtype)
  }

  private static func path(
    _ problem: Problem, decay: Double = OptimizerChoice.decay, order: @escaping (Range<Int>) -> [Int]
  ) -> [(w: Double, b: Double)] {
    switch problem.dtype {
    case .float64: PlainOptimizer<Double>(problem: problem, decay: decay, order: order).path()
    case .float32: PlainOptimizer<Float>(problem: problem, decay: decay, order: order).path()
    }
  }

  /// Every other point first: an order in which the sums round differently.
  private static func evenFirst(_ points: Range<Int>) -> [Int] {
    points.filter { $0 % 2 == 0 } + points.filter { $0 % 2 == 1 }
  }

  /// How far a path is from others at most, in units of the bound of their step, and the first step in which that is more than 1.
  private static func largestShare(
    _ problem: Problem, _ path: [(w: Double, b: Double)], _ others: [[(w: Double, b: Double)]]
  ) -> (share: Double, firstBeyond: Int?) {
    let sumError = (4 * Double(problem.points).squareRoot() + 8) * problem.dtype.unitRoundoff
    var runs = PerturbedRuns(StepFormula(problem), sumError: sumError)
    var (largest, firstBeyond) = (0.0, Int?.none)
    for (index, own) in path.enumerated() {
      runs.advance()
      for other in others.map({ $0[index] }) {
        let share = max(abs(own.w - other.w) / runs.apart.w, abs(own.b - other.b) / runs.apart.b)
        largest = max(largest, share)
        if share > 1, firstBeyond == nil { firstBeyond = index + 1 }
      }
    }
    return (largest, firstBeyond)
  }

  @Test(arguments: OptimizerChoice.allCases, Precision.allCases)
  func `Bound programs that add in different orders`(optimizer: OptimizerChoice, dtype: Precision) throws {
    let problem = try Self.problem(optimizer, dtype, seed: 1, steps: 300)
    let forward = Self.path(problem) { Array($0) }
    let others = [Self.path(problem) { $0.reversed() }, Self.path(problem, order: Self.evenFirst)]
    #expect(Self.largestShare(problem, forward, others).share <= 1)
  }

  /// With seed 100 RMSprop in float32 begins to step to and fro after 480 steps, and the last places of the sums decide on which side.
  @Test func `Bound programs that rounding brings to opposite sides of the minimum`() throws {
    let problem = try Self.problem(.rmsprop, .float32, steps: 800)
    let forward = Self.path(problem) { Array($0) }
    let others = [Self.path(problem) { $0.reversed() }, Self.path(problem, order: Self.evenFirst)]
    let farthest = others.flatMap { zip(forward, $0).map { abs($0.w - $1.w) } }.max()
    #expect(try #require(farthest) > 0.1, "otherwise the case shows nothing")
    #expect(Self.largestShare(problem, forward, others).share <= 1)
  }

  @Test(arguments: Precision.allCases)
  func `Stay close while nothing amplifies an error, so that a small mistake shows`(dtype: Precision) throws {
    let problem = try Self.problem(.rmsprop, dtype, steps: 400)
    let right = Self.path(problem) { Array($0) }
    let wrong = Self.path(problem, decay: OptimizerChoice.decay + 1e-4) { Array($0) }
    // The first step is the root of 1/(1 − decay) rates: half a per cent of it is lost.
    #expect(Self.largestShare(problem, right, [wrong]).firstBeyond == 1)
    var runs = PerturbedRuns(StepFormula(problem), sumError: 48 * problem.dtype.unitRoundoff)
    for _ in 1...400 { runs.advance() }
    #expect(runs.apart.w < 5e3 * dtype.unitRoundoff * 3)
  }

  @Test func `Bound nothing once a run is no longer finite`() throws {
    let problem = try Self.problem(.momentum, .float32, rate: 1e3, steps: 100)
    var runs = PerturbedRuns(StepFormula(problem), sumError: 48 * problem.dtype.unitRoundoff)
    for _ in 1...100 { runs.advance() }
    #expect(runs.apart == (.infinity, .infinity))
  }
}
