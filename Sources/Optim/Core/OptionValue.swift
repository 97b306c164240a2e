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

  /// A number.
  public static func real(_ name: String, _ path: WritableKeyPath<Options, Double> & Sendable) -> Self {
    OptionField(name: name, kind: "a number") {
      .real($0[keyPath: path])
    } set: { options, value in
      guard let number = value.number else { return false }
      options[keyPath: path] = number
      return true
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

  /// Two numbers.
  public static func pair(
    _ name: String, _ path: WritableKeyPath<Options, (Double, Double)> & Sendable
  ) -> Self {
    OptionField(name: name, kind: "a pair of numbers") {
      .reals([$0[keyPath: path].0, $0[keyPath: path].1])
    } set: { options, value in
      guard let pair = value.pair else { return false }
      options[keyPath: path] = pair
      return true
    }
  }

  /// An integer.
  public static func integer(_ name: String, _ path: WritableKeyPath<Options, Int> & Sendable) -> Self {
    OptionField(name: name, kind: "an integer") {
      .integer($0[keyPath: path])
    } set: { options, value in
      guard case .integer(let integer) = value else { return false }
      options[keyPath: path] = integer
      return true
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
