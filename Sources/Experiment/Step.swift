/// The five numbers of one training step, in the order in which a step makes them.
public enum Quantity: String, CaseIterable, Codable, Sendable {
  case loss, dw, db, w, b

  /// As it is printed: `∂L/∂w` for `dw`.
  public var symbol: String {
    switch self {
    case .loss: "loss"
    case .dw: "∂L/∂w"
    case .db: "∂L/∂b"
    case .w: "w"
    case .b: "b"
    }
  }
}

/// One training step: the loss and its gradients before the update, the parameters after it.
public struct Step: Equatable, Sendable {
  /// The loss at the parameters before the update.
  public var loss: Double
  /// ∂L/∂w at the parameters before the update.
  public var dw: Double
  /// ∂L/∂b at the parameters before the update.
  public var db: Double
  /// w after the update.
  public var w: Double
  /// b after the update.
  public var b: Double

  /// A step with these five numbers.
  public init(loss: Double, dw: Double, db: Double, w: Double, b: Double) {
    self.loss = loss
    self.dw = dw
    self.db = db
    self.w = w
    self.b = b
  }

  /// The number called `quantity`.
  public subscript(quantity: Quantity) -> Double {
    switch quantity {
    case .loss: loss
    case .dw: dw
    case .db: db
    case .w: w
    case .b: b
    }
  }

  /// Whether all five numbers are finite.
  public var isFinite: Bool { Quantity.allCases.allSatisfy { self[$0].isFinite } }
}
