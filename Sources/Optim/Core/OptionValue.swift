/// The value of an option by name, as state dictionaries, files and callers by name hold it.
public enum OptionValue: Sendable, Hashable {
  /// Python's `None`.
  case none
  case flag(Bool)
  case integer(Int)
  case real(Double)
  /// A pair such as Adam's betas, or a value per parameter group.
  case reals([Double])
  case word(String)

  /// The number, if it is one.
  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .real(let value): value
    default: nil
    }
  }

  /// A number for all groups, or a list with one for each.
  var perGroup: PerGroup? {
    if case .reals(let values) = self { return .each(values) }
    return number.map { .all($0) }
  }

  /// The two numbers, if they are two.
  var pair: (Double, Double)? {
    if case .reals(let values) = self, values.count == 2 { return (values[0], values[1]) }
    return nil
  }
}

extension OptionValue: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByNilLiteral
{
  public init(floatLiteral value: Double) { self = .real(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(booleanLiteral value: Bool) { self = .flag(value) }
  public init(stringLiteral value: String) { self = .word(value) }
  public init(arrayLiteral elements: Double...) { self = .reals(elements) }
  public init(nilLiteral: ()) { self = .none }
}

extension OptionValue: CustomStringConvertible {
  /// The value as Python writes it.
  public var description: String {
    switch self {
    case .none: "None"
    case .flag(let value): value ? "True" : "False"
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    case .reals(let values): "\(values)"
    case .word(let value): "'\(value)'"
    }
  }
}

/// An option under PyTorch's name: how it is read from the options of an optimizer, and set.
public struct OptionField<Options>: Sendable {
  /// PyTorch's name: `weight_decay`.
  public let name: String
  let kind: String
  let get: @Sendable (Options) -> OptionValue
  /// False when the value is of another kind.
  let set: @Sendable (inout Options, OptionValue) -> Bool
  /// PyTorch's words for a value that makes no sense; nil for one that does.
  let refusal: @Sendable (Options) -> String?

  private init(
    name: String, kind: String, get: @escaping @Sendable (Options) -> OptionValue,
    set: @escaping @Sendable (inout Options, OptionValue) -> Bool,
    refusal: @escaping @Sendable (Options) -> String? = { _ in nil }
  ) {
    self.name = name
    self.kind = kind
    self.get = get
    self.set = set
    self.refusal = refusal
  }

  /// A number, refused as `Invalid WORDS: VALUE` unless `isValid`; the words are the name and "value" where none are given.
  public static func real(
    _ name: String, _ path: WritableKeyPath<Options, Double> & Sendable, called words: String? = nil,
    where isValid: @escaping @Sendable (Double) -> Bool = { _ in true }
  ) -> Self {
    OptionField(name: name, kind: "a number") {
      .real($0[keyPath: path])
    } set: { options, value in
      guard let number = value.number else { return false }
      options[keyPath: path] = number
      return true
    } refusal: {
      let value = $0[keyPath: path]
      return isValid(value) ? nil : "Invalid \(words ?? name + " value"): \(value)"
    }
  }

  /// A number that is not negative.
  public static func atLeastZero(
    _ name: String, _ path: WritableKeyPath<Options, Double> & Sendable, called words: String? = nil
  ) -> Self {
    .real(name, path, called: words) { $0 >= 0 }
  }

  /// The small number that keeps a divisor from 0.
  public static func epsilon(_ path: WritableKeyPath<Options, Double> & Sendable) -> Self {
    .atLeastZero("eps", path, called: "epsilon value")
  }

  /// Adam's two factors, each in [0, 1).
  public static func betas(_ path: WritableKeyPath<Options, (Double, Double)> & Sendable) -> Self {
    .pair("betas", path) { betas in
      for (index, beta) in [betas.0, betas.1].enumerated() where !(beta >= 0 && beta < 1) {
        return "Invalid beta parameter at index \(index): \(beta)"
      }
      return nil
    }
  }

  /// True or false.
  public static func flag(_ name: String, _ path: WritableKeyPath<Options, Bool> & Sendable) -> Self {
    OptionField(name: name, kind: "a bool") {
      .flag($0[keyPath: path])
    } set: { options, value in
      guard case .flag(let flag) = value else { return false }
      options[keyPath: path] = flag
      return true
    }
  }

  /// A number that may be absent.
  static func optionalReal(_ name: String, _ path: WritableKeyPath<Options, Double?> & Sendable) -> Self {
    OptionField(name: name, kind: "a number or None") {
      $0[keyPath: path].map { .real($0) } ?? .none
    } set: { options, value in
      guard value == .none || value.number != nil else { return false }
      options[keyPath: path] = value.number
      return true
    }
  }

  /// Two numbers; `refusal` gives the words for two that make no sense.
  public static func pair(
    _ name: String, _ path: WritableKeyPath<Options, (Double, Double)> & Sendable,
    refusal: @escaping @Sendable ((Double, Double)) -> String? = { _ in nil }
  ) -> Self {
    OptionField(name: name, kind: "a pair of numbers") {
      .reals([$0[keyPath: path].0, $0[keyPath: path].1])
    } set: { options, value in
      guard let pair = value.pair else { return false }
      options[keyPath: path] = pair
      return true
    } refusal: {
      refusal($0[keyPath: path])
    }
  }

  /// An integer, refused as `Invalid NAME value: VALUE` unless `isValid`.
  public static func integer(
    _ name: String, _ path: WritableKeyPath<Options, Int> & Sendable,
    where isValid: @escaping @Sendable (Int) -> Bool = { _ in true }
  ) -> Self {
    OptionField(name: name, kind: "an integer") {
      .integer($0[keyPath: path])
    } set: { options, value in
      guard case .integer(let integer) = value else { return false }
      options[keyPath: path] = integer
      return true
    } refusal: {
      let value = $0[keyPath: path]
      return isValid(value) ? nil : "Invalid \(name) value: \(value)"
    }
  }

  /// An integer that may be absent.
  public static func optionalInteger(
    _ name: String, _ path: WritableKeyPath<Options, Int?> & Sendable
  ) -> Self {
    OptionField(name: name, kind: "an integer or None") {
      $0[keyPath: path].map { .integer($0) } ?? .none
    } set: { options, value in
      switch value {
      case .none: options[keyPath: path] = nil
      case .integer(let integer): options[keyPath: path] = integer
      default: return false
      }
      return true
    }
  }

  /// One of a few words.
  static func word<Word: RawRepresentable<String> & SendableMetatype & Sendable>(
    _ name: String, _ path: WritableKeyPath<Options, Word> & Sendable
  ) -> Self {
    OptionField(name: name, kind: "a known word") {
      .word($0[keyPath: path].rawValue)
    } set: { options, value in
      guard case .word(let text) = value, let word = Word(rawValue: text) else { return false }
      options[keyPath: path] = word
      return true
    }
  }

  /// A number for all parameter groups, or one for each.
  static func perGroup(_ name: String, _ path: WritableKeyPath<Options, PerGroup> & Sendable) -> Self {
    OptionField(name: name, kind: perGroupKind) {
      switch $0[keyPath: path] {
      case .all(let number): .real(number)
      case .each(let numbers): .reals(numbers)
      }
    } set: { options, value in
      guard let numbers = value.perGroup else { return false }
      options[keyPath: path] = numbers
      return true
    }
  }
  static var perGroupKind: String { "a number or a list of numbers" }

  /// One of a few words, or absent.
  public static func optionalWord<Word: RawRepresentable<String> & SendableMetatype & Sendable>(
    _ name: String, _ path: WritableKeyPath<Options, Word?> & Sendable
  ) -> Self {
    OptionField(name: name, kind: "None or a known word") {
      $0[keyPath: path].map { .word($0.rawValue) } ?? .none
    } set: { options, value in
      switch value {
      case .none: options[keyPath: path] = nil
      case .word(let text):
        guard let word = Word(rawValue: text) else { return false }
        options[keyPath: path] = word
      default: return false
      }
      return true
    }
  }
}

extension OptionField where Options: OptimizerOptions {
  /// The learning rate.
  public static var lr: Self { .atLeastZero("lr", \.lr, called: "learning rate") }
}
