/// The type of an array's elements, known at run time, as in NumPy and PyTorch.
///
/// The order is the order of promotion within a kind: a wider type of the same kind comes later.
public enum DType: UInt8, CaseIterable, Sendable, Hashable {
  case bool, uint8, int8, int16, int32, int64, float32, float64

  /// The kinds between which promotion decides first: `bool < integral < floating`.
  public enum Category: UInt8, Comparable, Sendable {
    case bool, integral, floating

    public static func < (a: Category, b: Category) -> Bool { a.rawValue < b.rawValue }
  }

  /// The floating type that a float literal and `true / 2` get: float32, PyTorch's default.
  @inlinable public static var `default`: DType { .float32 }

  /// The size of one element in bytes.
  @inlinable public var byteSize: Int {
    switch self {
    case .bool, .uint8, .int8: 1
    case .int16: 2
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }

  /// Bool, integral or floating.
  @inlinable public var category: Category {
    switch self {
    case .bool: .bool
    case .uint8, .int8, .int16, .int32, .int64: .integral
    case .float32, .float64: .floating
    }
  }

  /// Whether the elements are floating-point numbers; only these have gradients.
  @inlinable public var isFloatingPoint: Bool {
    switch self {
    case .float32, .float64: true
    case .bool, .uint8, .int8, .int16, .int32, .int64: false
    }
  }

  /// The integers that elements of an integral type can have; those of int64 for a floating one, 0 and 1 for bool.
  public var integerRange: ClosedRange<Int64> {
    switch self {
    case .bool: 0...1
    case .uint8: 0...255
    case .int8: -128...127
    case .int16: -32_768...32_767
    case .int32: -2_147_483_648...2_147_483_647
    case .int64, .float32, .float64: Int64.min...Int64.max
    }
  }

  /// The name that NumPy and `torch.` use: `float32`, `int64`, `bool` …
  public var name: String {
    switch self {
    case .bool: "bool"
    case .uint8: "uint8"
    case .int8: "int8"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .float32: "float32"
    case .float64: "float64"
    }
  }

  /// The name that PyTorch's error messages use: `Float`, `Long`, `Bool` …
  public var scalarTypeName: String {
    switch self {
    case .bool: "Bool"
    case .uint8: "Byte"
    case .int8: "Char"
    case .int16: "Short"
    case .int32: "Int"
    case .int64: "Long"
    case .float32: "Float"
    case .float64: "Double"
    }
  }

  /// The type with this NumPy or PyTorch name, or nil when there is none.
  public init?(name: String) {
    guard let match = DType.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }

  /// The type two arrays of these types meet in (PyTorch's `torch.promote_types`).
  ///
  /// Floating beats integral beats bool; within a kind the wider wins; `uint8` with a signed type of
  /// at most 8 bits gives `int16`.
  public static func promote(_ a: DType, _ b: DType) -> DType {
    if a == b { return a }
    if (a == .uint8 && b == .int8) || (a == .int8 && b == .uint8) { return .int16 }
    return a.rawValue > b.rawValue ? a : b
  }
}

extension DType: CustomStringConvertible {
  public var description: String { name }
}

/// A Swift type whose values an array can hold.
public protocol ArrayElement: Sendable {
  /// The element type at run time.
  static var dtype: DType { get }
}

extension Bool: ArrayElement { public static var dtype: DType { .bool } }
extension UInt8: ArrayElement { public static var dtype: DType { .uint8 } }
extension Int8: ArrayElement { public static var dtype: DType { .int8 } }
extension Int16: ArrayElement { public static var dtype: DType { .int16 } }
extension Int32: ArrayElement { public static var dtype: DType { .int32 } }
extension Int64: ArrayElement { public static var dtype: DType { .int64 } }
extension Int: ArrayElement { public static var dtype: DType { .int64 } }
extension Float: ArrayElement { public static var dtype: DType { .float32 } }
extension Double: ArrayElement { public static var dtype: DType { .float64 } }
