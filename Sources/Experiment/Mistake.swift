import ArgumentParser

/// The mistakes that people really make in this calculation. `hand-gradients --mistake NAME` makes one on
/// purpose, and the comparison must find it and call it by name.
public enum Mistake: String, CaseIterable, Codable, Sendable, ExpressibleByArgument {
  /// ∂L/∂w without its factor x².
  case lostXSquared = "lost-x2"
  /// The residual squared in the derivatives, as it is in the loss.
  case squaredResidual = "squared-residual"
  /// The mean where the problem asks for the sum (or the sum where it asks for the mean), in the gradients.
  case meanForSum = "mean-for-sum"
  /// Gradients with the opposite sign, as from y − ŷ.
  case flippedSign = "flipped-sign"
  /// Gradients twice as large, as when the ½ of the loss is forgotten.
  case factorTwo = "factor-2"
  /// Gradients added up over the steps, as when they are not reset.
  case notReset = "not-reset"
  /// ∂L/∂b calculated after w was updated, with the new w.
  case updatedW = "updated-w"

  /// What went wrong, as the comparison says it.
  public var explanation: String {
    switch self {
    case .lostXSquared: "the factor x² is lost in ∂L/∂w: Σ r instead of Σ r x²"
    case .squaredResidual:
      "the residual is squared in the derivative: Σ r² x² and Σ r² instead of Σ r x² and Σ r"
    case .meanForSum: "mean for sum: the gradients belong to the other normalisation of the loss"
    case .flippedSign: "the sign of the gradient is flipped, so the update climbs"
    case .factorTwo: "a factor 2 in the gradients: the ½ of the loss is forgotten"
    case .notReset: "the gradients are not reset between steps: each adds to the one before"
    case .updatedW: "∂L/∂b is calculated with the already updated w"
    }
  }
}
