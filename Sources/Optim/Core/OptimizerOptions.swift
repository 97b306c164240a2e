/// The options of one parameter group of an optimizer: stored properties with PyTorch's defaults, and their names.
public protocol OptimizerOptions: Sendable {
  /// PyTorch's name of the optimizer: `AdamW`.
  static var name: String { get }
  /// The options by PyTorch's names.
  static var fields: [OptionField<Self>] { get }
  /// PyTorch's defaults.
  init()
  /// The learning rate.
  var lr: Double { get set }
  /// The momentum, or the first beta; nil where there is neither. Cyclic schedules change it.
  var momentumLike: Double? { get set }
  /// Throws a value error with PyTorch's words when an option makes no sense.
  func validate() throws(ArrayError)
}

extension OptimizerOptions {
  public var momentumLike: Double? {
    get { nil }
    set {}
  }

  /// These options with some changed: `options.with { $0.lr = 0.01 }`.
  public func with(_ change: (inout Self) -> Void) -> Self {
    var copy = self
    change(&copy)
    return copy
  }

  /// The values by name.
  var values: [String: OptionValue] {
    Dictionary(uniqueKeysWithValues: Self.fields.map { ($0.name, $0.get(self)) })
  }

  /// These options with the named ones changed. Throws a type error for an unknown name or a value of another kind.
  func setting(_ values: [String: OptionValue]) throws(ArrayError) -> Self {
    var result = self
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      guard let field = Self.fields.first(where: { $0.name == name }) else {
        throw .type(
          "\(Self.name): got an unexpected keyword argument '\(name)'; it takes \(Self.fields.map(\.name).joined(separator: ", "))"
        )
      }
      try require(
        field.set(&result, value), .type("\(Self.name): \(name) must be \(field.kind), not \(value)"))
    }
    return result
  }

  /// Throws PyTorch's value error unless the condition holds.
  static func demand(_ condition: Bool, _ words: @autoclosure () -> String) throws(ArrayError) {
    try require(condition, .value("\(name): \(words())"))
  }
  /// Throws unless lr ≥ 0.
  func demandRate() throws(ArrayError) {
    try Self.demand(lr >= 0, "Invalid learning rate: \(lr)")
  }
  /// Throws unless eps ≥ 0.
  static func demandEpsilon(_ eps: Double) throws(ArrayError) {
    try demand(eps >= 0, "Invalid epsilon value: \(eps)")
  }
  /// Throws unless weight decay ≥ 0.
  static func demandDecay(_ decay: Double) throws(ArrayError) {
    try demand(decay >= 0, "Invalid weight_decay value: \(decay)")
  }
  /// Throws unless both betas are in [0, 1).
  static func demandBetas(_ betas: (Double, Double)) throws(ArrayError) {
    try demand(betas.0 >= 0 && betas.0 < 1, "Invalid beta parameter at index 0: \(betas.0)")
    try demand(betas.1 >= 0 && betas.1 < 1, "Invalid beta parameter at index 1: \(betas.1)")
  }
}
