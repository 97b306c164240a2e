/// A loss: compares a prediction with a target and makes one number of it.
public class Loss: Module {
  /// How the elements are made one number.
  public let reduction: LossReduction

  init(_ reduction: LossReduction) {
    self.reduction = reduction
    super.init()
  }

  /// The loss. Stops when the shapes do not fit.
  @inlinable public final func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    forward(input, target)
  }

  /// The loss.
  public func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    stop(.runtime("\(moduleName): forward(_:_:) is not implemented; override it"))
  }
}

/// The mean (or sum, or the elements) of (input − target)².
public final class MSELoss: Loss {
  /// `reduction`: what becomes of the elements.
  public init(reduction: LossReduction = .mean) { super.init(reduction) }
  public override func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    input.mseLoss(target, reduction: reduction)
  }
}

/// The mean (or sum, or the elements) of |input − target|.
public final class L1Loss: Loss {
  /// `reduction`: what becomes of the elements.
  public init(reduction: LossReduction = .mean) { super.init(reduction) }
  public override func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    input.l1Loss(target, reduction: reduction)
  }
}

/// With d = input − target: ½d²/beta where |d| < beta, |d| − ½beta beyond.
public final class SmoothL1Loss: Loss {
  let beta: Double
  /// `reduction`: what becomes of the elements; `beta`: where the parabola ends.
  public init(reduction: LossReduction = .mean, beta: Double = 1) {
    self.beta = beta
    super.init(reduction)
  }
  public override func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    input.smoothL1Loss(target, reduction: reduction, beta: beta)
  }
}

/// With d = input − target: ½d² where |d| ≤ delta, delta·(|d| − ½delta) beyond.
public final class HuberLoss: Loss {
  let delta: Double
  /// `reduction`: what becomes of the elements; `delta`: where the parabola ends.
  public init(reduction: LossReduction = .mean, delta: Double = 1) {
    self.delta = delta
    super.init(reduction)
  }
  public override func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    input.huberLoss(target, reduction: reduction, delta: delta)
  }
}

/// target·(log target − input), where the input is a logarithm; with `logTarget` the target, too.
public final class KLDivLoss: Loss {
  let logTarget: Bool
  /// `reduction`: what becomes of the elements; `logTarget`: whether the target is a logarithm.
  public init(reduction: LossReduction = .mean, logTarget: Bool = false) {
    self.logTarget = logTarget
    super.init(reduction)
  }
  public override func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    input.klDiv(target, reduction: reduction, logTarget: logTarget)
  }
}

/// The cosine of the angle between two lists of vectors along a dimension.
public final class CosineSimilarity: Module {
  let dim: Int
  let eps: Double
  /// Along this dimension; `eps` is the least that a length counts as.
  public init(dim: Int = 1, eps: Double = 1e-8) {
    self.dim = dim
    self.eps = eps
    super.init()
  }
  /// The cosines, without the dimension.
  public func callAsFunction(_ x1: Tensor, _ x2: Tensor) -> Tensor {
    x1.cosineSimilarity(x2, dim: dim, eps: eps)
  }
}
