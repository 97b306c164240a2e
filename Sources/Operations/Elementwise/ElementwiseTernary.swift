/// A function of three elements, calculated in one pass over operands that broadcast.
///
/// The operands may have dtypes of their own; they are converted to those in which they take part. An algebra that remembers operations
/// remembers conversion and broadcasting with this one, as PyTorch does; in a graph conversions are nodes of their own.
public protocol ElementwiseTernary: WritingTernary {
  /// The dtype of the result.
  var dtype: DType { get }
  /// Throws where the operation has no meaning for these operands.
  func check(_ x: ArrayType, _ y: ArrayType, _ z: ArrayType) throws(ArrayError)
  /// Operand `operand` in the dtype in which it takes part: that of the result, unless it is a condition.
  func converted<Value: Algebra>(_ value: Value, operand: Int) throws(ArrayError) -> Value
  /// Writes the result for converted operands, each of which broadcasts to the shape of `output`.
  func calculate(_ x: NDArray, _ y: NDArray, _ z: NDArray, into output: NDArray) throws(ArrayError)
}

extension ElementwiseTernary {
  public static var isElementwise: Bool { true }
  public func check(_ x: ArrayType, _ y: ArrayType, _ z: ArrayType) throws(ArrayError) {}
  public func converted<Value: Algebra>(_ value: Value, operand: Int) throws(ArrayError) -> Value {
    value.dtype == dtype ? value : try Value.apply(Cast(dtype), value)
  }

  public func type(_ x: ArrayType, _ y: ArrayType, _ z: ArrayType) throws(ArrayError) -> ArrayType {
    try check(x, y, z)
    guard let shape = Shape.broadcast(y.shape, z.shape) else {
      throw broadcastError(Self.name, y.shape, z.shape)
    }
    guard let common = Shape.broadcast(x.shape, shape) else {
      throw broadcastError(Self.name, x.shape, shape)
    }
    return ArrayType(dtype, common)
  }
  public func forward(
    _ x: NDArray, _ y: NDArray, _ z: NDArray, into output: NDArray
  ) throws(ArrayError) {
    try calculate(
      try converted(x, operand: 0), try converted(y, operand: 1), try converted(z, operand: 2), into: output)
  }
}

extension Algebra {
  /// The dtype in which several values meet: that of those with dimensions, unless a 0-d one is of a higher kind.
  static func promotedDType(_ values: [Self]) -> DType {
    func meeting(_ values: [Self]) -> DType? {
      values.dropFirst().reduce(values.first?.dtype) { DType.promote($0 ?? $1.dtype, $1.dtype) }
    }
    let single = meeting(values.filter { $0.staticShape?.rank == 0 })
    guard let wide = meeting(values.filter { $0.staticShape?.rank != 0 }) else { return single ?? .default }
    guard let single, single.category > wide.category else { return wide }
    return DType.promote(wide, single)
  }
}
