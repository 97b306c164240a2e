/// `x.to(dtype)`: the elements converted; floats truncated towards zero, anything but zero true. Its mirror converts back.
public struct Cast: WritingUnary {
  public static let name = "to"
  @inlinable public static var isElementwise: Bool { true }
  /// The dtype of the result.
  public let dtype: DType
  /// To this dtype.
  @inlinable public init(_ dtype: DType) { self.dtype = dtype }

  public var attributes: [(name: String, value: String)] { [("dtype", dtype.name)] }
  public var gradientName: String { "ToCopyBackward0" }
  public var isDifferentiable: Bool { dtype.isFloatingPoint }

  @inlinable public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { ArrayType(dtype, x.shape) }
  @inlinable public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    output.write(from: x)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.to(context.dtype(0))
  }
}

extension Cast: TableEntry {
  public static var signature: Signature { Signature("T input, dtype dtype") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let (x, dtype) = (try arguments.tensor("input"), try arguments.dtype("dtype"))
    return [x.dtype == dtype ? x : try Value.apply(Cast(dtype), x)]
  }
}

/// `clone(x)`: a copy with memory of its own. Derivative: g.
public struct Clone: WritingUnary, TableEntry {
  public static let name = "clone"
  public static var isElementwise: Bool { true }
  public static var signature: Signature { Signature("T input") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Clone(), try arguments.tensor("input"))]
  }
  public init() {}
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { x }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) { output.write(from: x) }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient }
}

extension Algebra {
  /// This value with elements of `dtype`; itself when it has them already, as in PyTorch.
  @inlinable public func to(_ dtype: DType) -> Self {
    dtype == self.dtype ? self : checked { () throws(ArrayError) in try Self.apply(Cast(dtype), self) }
  }
}
