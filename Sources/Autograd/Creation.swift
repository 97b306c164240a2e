import Operations

/// A tensor from numbers in nested brackets: `tensor([[1, 2], [3, 4]])`. The dtype is inferred from what is written (integers
/// int64, numbers with a point float32) unless given. Stops when lists of one level differ in length.
public func tensor(_ literal: TensorLiteral, dtype: DType? = nil, requiresGrad: Bool = false) -> Tensor {
  Tensor(checked { () throws(ArrayError) in try literal.array(dtype) }, requiresGrad: requiresGrad)
}

/// A tensor with a copy of Swift values, of their type (`Int`: int64, `Double`: float64) unless a dtype is given.
@_disfavoredOverload
public func tensor<Element: ArrayElement>(
  _ values: [Element], dtype: DType? = nil, requiresGrad: Bool = false
) -> Tensor {
  tensor(values, shape: [values.count], dtype: dtype, requiresGrad: requiresGrad)
}

/// A tensor of this shape with a copy of Swift values in row-major order. Stops when their number does not fit.
public func tensor<Element: ArrayElement>(
  _ values: [Element], shape: Shape, dtype: DType? = nil, requiresGrad: Bool = false
) -> Tensor {
  let array = checked { () throws(ArrayError) in
    try NDArray(copying: values, shape: shape).converted(to: dtype ?? Element.dtype)
  }
  return Tensor(array, requiresGrad: requiresGrad)
}

extension Tensor {
  /// A leaf with a copy of Swift values in row-major order. Stops when their number does not fit the shape.
  public convenience init<Element: ArrayElement>(
    _ values: [Element], shape: Shape, requiresGrad: Bool = false
  ) {
    self.init(NDArray(values, shape: shape), requiresGrad: requiresGrad)
  }

  /// Zeros of this shape.
  public static func zeros(_ shape: Shape, dtype: DType = .default, requiresGrad: Bool = false) -> Tensor {
    full(shape, 0, dtype: dtype, requiresGrad: requiresGrad)
  }
  /// Ones of this shape.
  public static func ones(_ shape: Shape, dtype: DType = .default, requiresGrad: Bool = false) -> Tensor {
    full(shape, 1, dtype: dtype, requiresGrad: requiresGrad)
  }
  /// One number everywhere; without a dtype the number's own kind decides (an integer: int64).
  public static func full(
    _ shape: Shape, _ value: Scalar, dtype: DType? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    Tensor(
      checked { () throws(ArrayError) in try NDArray(full: shape, value, dtype ?? value.dtype) },
      requiresGrad: requiresGrad)
  }
  /// Zeros of `other`'s shape and, unless given, dtype.
  public static func zeros(like other: Tensor, dtype: DType? = nil, requiresGrad: Bool = false) -> Tensor {
    full(other.shape, 0, dtype: dtype ?? other.dtype, requiresGrad: requiresGrad)
  }
  /// Ones of `other`'s shape and, unless given, dtype.
  public static func ones(like other: Tensor, dtype: DType? = nil, requiresGrad: Bool = false) -> Tensor {
    full(other.shape, 1, dtype: dtype ?? other.dtype, requiresGrad: requiresGrad)
  }
}
