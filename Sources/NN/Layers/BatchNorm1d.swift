/// Each channel normalised over the batch while training, by the running statistics in evaluation, then times `weight` plus `bias`.
///
///     y = (x − mean) / √(variance + eps) · weight + bias
///     running ← (1 − momentum)·running + momentum·(the batch's)
///
/// The variance of the batch is without correction, the running one with Bessel's. Shapes: [n, c] or [n, c, l]. Source: S. Ioffe,
/// C. Szegedy, "Batch normalization", arXiv:1502.03167.
public final class BatchNorm1d: Layer {
  /// The number of channels c.
  public let features: Int
  /// Added to the variance.
  public let eps: Double
  /// The part of the batch in the running statistics; nil: all batches count alike.
  public let momentum: Double?
  /// The factor of each channel, 1 at first; nil without `affine`.
  public let weight: Tensor?
  /// The term of each channel, 0 at first; nil without.
  public let bias: Tensor?
  /// The running mean, 0 at first; nil when not tracked.
  public let runningMean: Tensor?
  /// The running variance, 1 at first; nil when not tracked.
  public let runningVar: Tensor?
  /// The number of batches seen while training, int64; nil when not tracked.
  public let batchesTracked: Tensor?

  /// For this number of channels. `affine`: with `weight`, and with `bias` unless told otherwise; `trackRunningStats`: with running
  /// statistics, else evaluation uses those of its batch.
  public init(
    _ features: Int, eps: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = true,
    bias hasBias: Bool = true,
    trackRunningStats: Bool = true, dtype: DType = .default
  ) {
    self.features = features
    self.eps = eps
    self.momentum = momentum
    weight = affine ? Tensor.ones([features], dtype: dtype) : nil
    bias = affine && hasBias ? Tensor.zeros([features], dtype: dtype) : nil
    runningMean = trackRunningStats ? Tensor.zeros([features], dtype: dtype) : nil
    runningVar = trackRunningStats ? Tensor.ones([features], dtype: dtype) : nil
    batchesTracked = trackRunningStats ? Tensor.zeros([], dtype: .int64) : nil
    super.init()
    register(parameter: "weight", weight)
    register(parameter: "bias", bias)
    register(buffer: "running_mean", runningMean)
    register(buffer: "running_var", runningVar)
    register(buffer: "num_batches_tracked", batchesTracked)
    requiresGrad_()
  }

  public override func forward(_ input: Tensor) -> Tensor {
    if input.rank != 2 && input.rank != 3 {
      stop(.value("BatchNorm1d: expected 2D or 3D input (got \(input.rank)D input)"))
    }
    guard isTraining, let runningMean, let runningVar, let batchesTracked else {
      // Copies, since the running statistics go on changing. PyTorch's derivative takes the changed ones.
      return input.batchNorm(
        runningMean: isTraining ? nil : runningMean?.clone(),
        runningVar: isTraining ? nil : runningVar?.clone(), weight: weight, bias: bias,
        training: isTraining || runningMean == nil, eps: eps
      ).output
    }
    batchesTracked.add_(1)
    let result = input.batchNorm(
      runningMean: runningMean, runningVar: runningVar, weight: weight, bias: bias, training: true,
      momentum: momentum ?? 1 / batchesTracked.item(as: Double.self), eps: eps)
    // Not as a change in place: a pass through an earlier step does not refuse it, as in PyTorch.
    if let mean = result.runningMean { runningMean.array.write(from: mean.array) }
    if let variance = result.runningVar { runningVar.array.write(from: variance.array) }
    return result.output
  }

  public override var extraDescription: String {
    "\(features), eps=\(eps), momentum=\(momentum.map { "\($0)" } ?? "None"), affine=\((weight != nil).python), bias=\((bias != nil).python), track_running_stats=\((runningMean != nil).python)"
  }
}
