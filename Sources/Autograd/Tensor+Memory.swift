import Operations

extension Tensor {
  /// A copy with memory of its own. Recorded: the gradient flows through it.
  public func clone() -> Tensor { checked { () throws(ArrayError) in try Tensor.apply(Clone(), self) } }
  /// This tensor if its elements lie in row-major order, else a copy in which they do.
  public func contiguous() -> Tensor { isContiguous ? self : clone() }
  /// Whether the elements lie in row-major order, one after the other.
  public var isContiguous: Bool { array.isContiguous }
  /// How far apart in memory neighbours along each dimension are, in elements.
  public func stride() -> Strides { array.strides }
}
