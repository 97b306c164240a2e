import CKernels

/// `ceil(x)`: the least integer not below x. Derivative: 0.
public struct Ceil: PlainElementwiseUnary {
  public static let name = "ceil"
  @inlinable public static var kernel: ck_unary_op { CK_CEIL }
  @inlinable public static var rule: ElementRule { .same }
  @inlinable public init() {}
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.zeros()
  }
}

/// `floor(x)`: the greatest integer not above x. Derivative: 0.
public struct Floor: PlainElementwiseUnary {
  public static let name = "floor"
  @inlinable public static var kernel: ck_unary_op { CK_FLOOR }
  @inlinable public static var rule: ElementRule { .same }
  @inlinable public init() {}
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.zeros()
  }
}

/// `trunc(x)`: without the fraction. Derivative: 0.
public struct Trunc: PlainElementwiseUnary {
  public static let name = "trunc"
  @inlinable public static var kernel: ck_unary_op { CK_TRUNC }
  @inlinable public static var rule: ElementRule { .same }
  @inlinable public init() {}
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.zeros()
  }
}

/// `frac(x)` = x − trunc x. Derivative: g.
public struct Frac: PlainElementwiseUnary {
  public static let name = "frac"
  @inlinable public static var kernel: ck_unary_op { CK_FRAC }
  @inlinable public static var rule: ElementRule { .same }
  @inlinable public init() {}
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient
  }
}

extension Algebra {
  /// The least integer not below each element.
  public func ceil() -> Self { checked { () throws(ArrayError) in try Self.apply(Ceil(), self) } }
  /// The greatest integer not above each element.
  public func floor() -> Self { checked { () throws(ArrayError) in try Self.apply(Floor(), self) } }
  /// Each element without its fraction.
  public func trunc() -> Self { checked { () throws(ArrayError) in try Self.apply(Trunc(), self) } }
  /// The fraction of each element, with its sign.
  public func frac() -> Self { checked { () throws(ArrayError) in try Self.apply(Frac(), self) } }
}

extension InPlaceAlgebra {
  /// `ceil` in place.
  @discardableResult public func ceil_() -> Self {
    inPlace(Ceil())
  }
  /// `floor` in place.
  @discardableResult public func floor_() -> Self {
    inPlace(Floor())
  }
  /// `trunc` in place.
  @discardableResult public func trunc_() -> Self {
    inPlace(Trunc())
  }
  /// `frac` in place.
  @discardableResult public func frac_() -> Self {
    inPlace(Frac())
  }
}

/// `round(x, decimals)`: to the nearest, ties to even, at that many decimals (negative: tens, hundreds …). Derivative: 0.
public struct Round: WritingUnary {
  public static let name = "round"
  public static var isElementwise: Bool { true }
  /// The number of decimals kept.
  public let decimals: Int
  /// Whether that number was given: a form of its own in PyTorch.
  private let isNumberGiven: Bool
  /// To integers when nil.
  public init(_ decimals: Int? = nil) { (self.decimals, isNumberGiven) = (decimals ?? 0, decimals != nil) }
  public var attributes: [(name: String, value: String)] {
    decimals == 0 ? [] : [("decimals", "\(decimals)")]
  }
  public var gradientOverload: Int { isNumberGiven ? 1 : 0 }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    if x.dtype == .bool { throw Self.undefined(for: .bool) }
    try require(
      decimals == 0 || x.dtype.isFloatingPoint,
      .runtime("round: \"round_vml_cpu\" with decimals is not implemented for '\(x.dtype.scalarTypeName)'"))
    return x
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    guard let kernel = ck_unary(CK_ROUND, x.dtype.kernelType) else { throw Self.undefined(for: x.dtype) }
    if decimals == 0 { return ElementLoop.unary(kernel, output, x) }
    // Beyond 400 decimals every factor is infinite.
    var factor = 1.0
    for _ in 0..<Swift.min(decimals.magnitude, 400) { factor *= 10 }
    try x.requireRoom(forCopies: 2)
    let scaled = decimals > 0 ? x.mul(factor) : x.div(factor)
    ElementLoop.unary(kernel, output, scaled)
    output.write(from: decimals > 0 ? output.div(factor) : output.mul(factor))
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient.zeros() }
}

extension Round: TableEntry {
  public static var signature: Signature { Signature("T input, int decimals=0") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let (x, decimals) = (try arguments.tensor("input"), try arguments.optionalInt("decimals"))
    if decimals != nil && !x.dtype.isFloatingPoint { throw Round.undefined(for: x.dtype) }
    return [try Value.apply(Round(decimals), x)]
  }
}

extension Algebra {
  /// To the nearest at that many decimals, ties to even.
  public func round(decimals: Int? = nil) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Round(decimals), self) }
  }
}

extension InPlaceAlgebra {
  /// `round` in place.
  @discardableResult public func round_(decimals: Int? = nil) -> Self {
    inPlace(Round(decimals))
  }
}
