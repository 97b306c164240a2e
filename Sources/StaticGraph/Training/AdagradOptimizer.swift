/// a ← a + g²,  w ← w − η g / √a.
///
/// There is no ε; a begins with a positive number. Slot: `w/Adagrad`. Source: Duchi, Hazan, Singer, JMLR 12 (2011).
public struct AdagradOptimizer: GraphOptimizer {
  public var name: String { "Adagrad" }
  public var precision: DType?
  /// η.
  public var learningRate: Rate
  /// What the sum of squares begins with; positive.
  public var initialAccumulatorValue: Double

  /// Adagrad.
  public init(learningRate: Rate, initialAccumulatorValue: Double = 0.1) {
    self.learningRate = learningRate
    self.initialAccumulatorValue = initialAccumulatorValue
  }

  public func update(
    _ variable: Symbol, by gradient: Symbol, _ slots: Slots
  ) throws(ArrayError) -> [Symbol] {
    try require(
      initialAccumulatorValue > 0,
      .value("Adagrad: the initial accumulator value is \(initialAccumulatorValue); it must be positive"))
    let old = try slots.slot(name, for: variable, initial: initialAccumulatorValue)
    let sum = old + gradient.square()
    let step = try learningRate.times(gradient, self) / sum.sqrt()
    return [try old.assigning(.set, sum), try variable.assigning(.subtract, step)]
  }
}
