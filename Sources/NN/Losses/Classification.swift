/// −log of the softmax of the right class, from raw scores.
///
/// Shapes: scores [n, c, *] with classes [n, *] of int64, or with probabilities [n, c, *]; weight: [c], per class.
public final class CrossEntropyLoss: Loss {
  let weight: Tensor?
  let ignoreIndex: Int
  let labelSmoothing: Double

  /// `ignoreIndex`: a class that does not count; `labelSmoothing`: the part of the target spread over all classes.
  public init(
    weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: LossReduction = .mean,
    labelSmoothing: Double = 0
  ) {
    self.weight = weight
    self.ignoreIndex = ignoreIndex
    self.labelSmoothing = labelSmoothing
    super.init(reduction)
    register(buffer: "weight", weight)
  }
  public override func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    input.crossEntropy(
      target, weight: weight, ignoreIndex: ignoreIndex, reduction: reduction, labelSmoothing: labelSmoothing)
  }
}

/// −log probability of the right class, from logarithms of probabilities.
///
/// Shapes: [n, c, *] with classes [n, *] of int64; weight: [c], per class.
public final class NLLLoss: Loss {
  let weight: Tensor?
  let ignoreIndex: Int

  /// `ignoreIndex`: a class that does not count.
  public init(weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: LossReduction = .mean) {
    self.weight = weight
    self.ignoreIndex = ignoreIndex
    super.init(reduction)
    register(buffer: "weight", weight)
  }
  public override func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    input.nllLoss(target, weight: weight, ignoreIndex: ignoreIndex, reduction: reduction)
  }
}

/// −(t·log p + (1 − t)·log(1 − p)), the logarithms not below −100; from probabilities.
public final class BCELoss: Loss {
  let weight: Tensor?

  /// `weight`: a factor of each element.
  public init(weight: Tensor? = nil, reduction: LossReduction = .mean) {
    self.weight = weight
    super.init(reduction)
    register(buffer: "weight", weight)
  }
  public override func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    input.binaryCrossEntropy(target, weight: weight, reduction: reduction)
  }
}

/// `BCELoss` of the sigmoid, from raw scores, without its loss of digits.
public final class BCEWithLogitsLoss: Loss {
  let weight: Tensor?
  let posWeight: Tensor?

  /// `weight`: a factor of each element; `posWeight`: a factor of what belongs to t = 1.
  public init(weight: Tensor? = nil, reduction: LossReduction = .mean, posWeight: Tensor? = nil) {
    self.weight = weight
    self.posWeight = posWeight
    super.init(reduction)
    register(buffer: "weight", weight)
    register(buffer: "pos_weight", posWeight)
  }
  public override func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    input.binaryCrossEntropyWithLogits(target, weight: weight, posWeight: posWeight, reduction: reduction)
  }
}
