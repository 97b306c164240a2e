/// The first rate times a function of the epoch: η = η₀·λ(t), for each group.
public final class LambdaLR: LRScheduler {
  let factors: [(Int) -> Double]

  /// The same function for all groups.
  public convenience init(
    _ optimizer: Optimizer, lastEpoch: Int = -1, lrLambda: @escaping (Int) -> Double
  ) {
    self.init(
      optimizer, lrLambdas: Array(repeating: lrLambda, count: optimizer.groups.count), lastEpoch: lastEpoch)
  }

  /// A function for each group. Stops when there are more or fewer.
  public init(_ optimizer: Optimizer, lrLambdas: [(Int) -> Double], lastEpoch: Int = -1) {
    checked { () throws(ArrayError) in try Self.check(lrLambdas.count, optimizer, "LambdaLR") }
    factors = lrLambdas
    super.init(optimizer, lastEpoch: lastEpoch)
    begin()
  }

  static func check(_ count: Int, _ optimizer: Optimizer, _ name: String) throws(ArrayError) {
    try require(
      count == optimizer.groups.count,
      .value("\(name): Expected \(optimizer.groups.count) lr_lambdas, but got \(count)"))
  }

  override func rates() -> [Double] { zip(factors, baseLRs).map { $1 * $0(lastEpoch) } }
}

/// The present rate times a function of the epoch: ηₜ = ηₜ₋₁·λ(t), for each group, from t = 1 on.
public final class MultiplicativeLR: LRScheduler {
  let factors: [(Int) -> Double]

  /// The same function for all groups.
  public convenience init(
    _ optimizer: Optimizer, lastEpoch: Int = -1, lrLambda: @escaping (Int) -> Double
  ) {
    self.init(
      optimizer, lrLambdas: Array(repeating: lrLambda, count: optimizer.groups.count), lastEpoch: lastEpoch)
  }

  /// A function for each group. Stops when there are more or fewer.
  public init(_ optimizer: Optimizer, lrLambdas: [(Int) -> Double], lastEpoch: Int = -1) {
    checked { () throws(ArrayError) in try LambdaLR.check(lrLambdas.count, optimizer, "MultiplicativeLR") }
    factors = lrLambdas
    super.init(optimizer, lastEpoch: lastEpoch)
    begin()
  }

  override func rates() -> [Double] {
    isInitial ? presentLRs : zip(factors, presentLRs).map { $1 * $0(lastEpoch) }
  }
}
