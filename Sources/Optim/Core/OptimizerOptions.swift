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
  /// Throws a value error with PyTorch's words when an option makes no sense: one that its field refuses, or what a rule
  /// knows besides of options that do not go together.
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

  public func validate() throws(ArrayError) { try validateFields() }

  /// Throws when a field refuses its value.
  func validateFields() throws(ArrayError) {
    for field in Self.fields {
      if let words = field.refusal(self) { throw .value("\(Self.name): \(words)") }
    }
  }
}
