/// The mean (or sum, or the elements) of (input − target)².
public final class MSELoss: Module {
  /// How the elements are made one number.
  public let reduction: LossReduction
  public init(reduction: LossReduction = .mean) {
    self.reduction = reduction
    super.init()
  }
  /// The loss.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    input.mseLoss(target, reduction: reduction)
  }
}
