/// A plain number as an operand. Its *kind* takes part in promotion, its width does not (as a Python number in PyTorch):
/// `int32 array + 2` stays int32, `int32 array + 2.5` becomes the default floating type, float32.
public enum Scalar: Sendable, Hashable {
  case bool(Bool)
  case int(Int64)
  case float(Double)

  /// The type an array made of this one number gets: bool, int64 or float32.
  @inlinable public var dtype: DType {
    switch self {
    case .bool: .bool
    case .int: .int64
    case .float: DType.default
    }
  }

  /// Bool, integral or floating.
  @inlinable public var category: DType.Category {
    switch self {
    case .bool: .bool
    case .int: .integral
    case .float: .floating
    }
  }

  /// The value as a double; integers beyond 2⁵³ are rounded.
  @inlinable public var doubleValue: Double {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .int(let value): Double(value)
    case .float(let value): value
    }
  }

  /// The value as an integer, truncated towards zero; saturated when out of range, 0 for NaN.
  @inlinable public var intValue: Int64 {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .int(let value): value
    case .float(let value):
      value.isNaN
        ? 0 : value >= 0x1p63 ? .max : value <= -0x1p63 ? .min : Int64(value)
    }
  }

  /// Throws when `dtype` has no value for this number: out of range, or NaN for an integral dtype. Fractions are cut off, infinities are
  /// floating values, and an unsigned dtype takes the negative of what it can hold (it wraps), as in PyTorch.
  public func checkConvertible(to dtype: DType, _ operation: String) throws(ArrayError) {
    let fits: Bool
    switch (self, dtype) {
    case (_, .bool), (_, .float64), (.bool, _): fits = true
    case (.float(let value), .float32): fits = !value.isFinite || Float(value).isFinite
    case (.int, .float32): fits = true
    case (.int(let value), .uint8): fits = value.magnitude <= 255
    case (.int(let value), _): fits = dtype.integerRange.contains(value)
    case (.float(let value), _):
      let range = dtype.integerRange
      fits = value >= Double(range.lowerBound) && value <= Double(range.upperBound)
    }
    try require(
      fits,
      .runtime(
        "\(operation): value \(self) cannot be converted to type \(dtype) without overflow; use a wider dtype"
      ))
  }

  /// The type that an array of type `dtype` and this number meet in.
  @inlinable public func promoted(with dtype: DType) -> DType {
    dtype.isFloatingPoint || category <= dtype.category ? dtype : self.dtype
  }

  /// The number negated; a bool counts as an integer.
  public static prefix func - (x: Scalar) -> Scalar {
    switch x {
    case .float(let value): .float(-value)
    default: .int(0 &- x.intValue)
    }
  }

  /// The product; floating when one factor is.
  public static func * (a: Scalar, b: Scalar) -> Scalar {
    if a.category == .floating || b.category == .floating { return .float(a.doubleValue * b.doubleValue) }
    return .int(a.intValue &* b.intValue)
  }
}

extension Scalar: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral {
  @inlinable public init(integerLiteral value: Int64) { self = .int(value) }
  @inlinable public init(floatLiteral value: Double) { self = .float(value) }
  @inlinable public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension Scalar: CustomStringConvertible {
  public var description: String {
    switch self {
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .float(let value): "\(value)"
    }
  }
}
