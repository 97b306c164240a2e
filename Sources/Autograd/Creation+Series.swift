import Operations

extension Tensor {
  /// Memory for this shape that nobody has set: what it holds is chance.
  public static func empty(_ shape: Shape, dtype: DType = .default) -> Tensor {
    Tensor(checked { () throws(ArrayError) in try NDArray(uninitialized: shape, dtype) })
  }
  /// Ones on the diagonal of an n×m matrix (n×n without m), zeros elsewhere.
  public static func eye(_ n: Int, _ m: Int? = nil, dtype: DType = .default) -> Tensor {
    Tensor(NDArray.eye(n, m, dtype: dtype))
  }
  /// start, start + step, … before end. Without a dtype: int64 if all numbers are integers, else the default dtype.
  public static func arange(
    _ start: some ScalarConvertible, _ end: some ScalarConvertible, step: Scalar = 1, dtype: DType? = nil
  ) -> Tensor {
    Tensor(NDArray.arange(start, end, step: step, dtype: dtype))
  }
  /// 0, 1, … before end.
  public static func arange(_ end: some ScalarConvertible, dtype: DType? = nil) -> Tensor {
    Tensor(NDArray.arange(end, dtype: dtype))
  }
  /// Evenly spaced numbers, both ends included.
  public static func linspace(
    _ start: some ScalarConvertible, _ end: some ScalarConvertible, _ steps: Int, dtype: DType = .default
  ) -> Tensor {
    Tensor(NDArray.linspace(start, end, steps, dtype: dtype))
  }
  /// `base` to the power of evenly spaced numbers.
  public static func logspace(
    _ start: some ScalarConvertible, _ end: some ScalarConvertible, _ steps: Int, base: Double = 10,
    dtype: DType = .default
  ) -> Tensor {
    Tensor(NDArray.logspace(start, end, steps, base: base, dtype: dtype))
  }
}
