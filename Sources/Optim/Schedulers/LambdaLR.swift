/// A schedule by a function of the epoch for each group: what `LambdaLR` and `MultiplicativeLR` share.
public class FunctionLR: LRScheduler {
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
    factors = lrLambdas
    super.init(optimizer, lastEpoch: lastEpoch)
    if factors.count != optimizer.groups.count {
      stop(
        .value(
          "\(Swift.type(of: self)): Expected \(optimizer.groups.count) lr_lambdas, but got \(factors.count)"))
    }
    begin()
  }
}

/// The first rate times a function of the epoch: η = η₀·λ(t), for each group.
public final class LambdaLR: FunctionLR {
  override func rates() -> [Double] { zip(factors, baseLRs).map { $1 * $0(lastEpoch) } }
}

/// The present rate times a function of the epoch: ηₜ = ηₜ₋₁·λ(t), for each group, from t = 1 on.
public final class MultiplicativeLR: FunctionLR {
  override func rates() -> [Double] {
    isInitial ? presentLRs : zip(factors, presentLRs).map { $1 * $0(lastEpoch) }
  }
}
