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

extension Algebra {
  /// This value with elements of `dtype`; itself when it has them already, as in PyTorch.
  @inlinable public func to(_ dtype: DType) -> Self {
    dtype == self.dtype ? self : checked { () throws(ArrayError) in try Self.apply(Cast(dtype), self) }
  }
}
