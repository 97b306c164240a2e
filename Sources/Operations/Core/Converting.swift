/// An operation on two values that are converted to one dtype first, and repeated where it is elementwise, as one step: PyTorch records no
/// conversion of its own where operands of two dtypes meet.
///
/// The values that the derivative reads are the operands themselves, so that a change of them is noticed; the gradient of each has its
/// shape and dtype.
public struct Converting<Base: BinaryOperation>: BinaryOperation {
  public static var name: String { Base.name }
  /// The operation.
  public let base: Base
  /// The dtype in which the operands take part.
  public let dtype: DType

  public var attributes: [(name: String, value: String)] { base.attributes }
  public var isDifferentiable: Bool { base.isDifferentiable }
  public static var lacksDerivative: Bool { Base.lacksDerivative }
  public var gradientName: String { base.gradientName }
  public func gradientEntries(_ inputCount: Int) -> [Int?] { base.gradientEntries(inputCount) }
  public func saves(for input: Int) -> SavedValues { base.saves(for: input) }

  public func type(_ x: ArrayType, _ y: ArrayType) throws(ArrayError) -> ArrayType {
    guard Base.isElementwise else {
      return try base.type(ArrayType(dtype, x.shape), ArrayType(dtype, y.shape))
    }
    guard let shape = Shape.broadcast(x.shape, y.shape) else {
      throw broadcastError(Self.name, x.shape, y.shape)
    }
    return try base.type(ArrayType(dtype, shape), ArrayType(dtype, shape))
  }
  public func forward(_ x: NDArray, _ y: NDArray) throws(ArrayError) -> NDArray {
    var (x, y) = (try x.converted(to: dtype), try y.converted(to: dtype))
    if Base.isElementwise { try NDArray.broadcast(&x, &y, Self.name) }
    return try base.forward(x, y)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    base.pullback(gradient, to: input, ConvertedOperands(context: context, dtype: dtype))?
      .sum(to: context.shape(input)).to(context.dtype(input))
  }
}

/// An operation on a value that is converted first, with a result in the same dtype, as one step: PyTorch's `dtype` argument.
struct ConvertingUnary<Base: UnaryOperation>: UnaryOperation {
  static var name: String { Base.name }
  let base: Base
  let dtype: DType

  var attributes: [(name: String, value: String)] { base.attributes + [("dtype", dtype.name)] }
  var isDifferentiable: Bool { base.isDifferentiable }
  var gradientName: String { base.gradientName }
  func gradientEntries(_ inputCount: Int) -> [Int?] { base.gradientEntries(inputCount) }
  func saves(for input: Int) -> SavedValues { base.saves(for: input) }

  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    ArrayType(dtype, try base.type(ArrayType(dtype, x.shape)).shape)
  }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    try base.forward(try x.converted(to: dtype)).converted(to: dtype)
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    base.pullback(gradient, ConvertedOperands(context: context, dtype: dtype)).to(context.dtype(0))
  }
}

/// What the rule of a converting operation sees: its operands in the dtype in which they take part.
private struct ConvertedOperands<Context: PullbackContext>: PullbackContext {
  typealias Value = Context.Value
  let context: Context
  let dtype: DType

  var inputCount: Int { context.inputCount }
  func input(_ index: Int) -> Value { context.input(index).to(dtype) }
  func result(_ index: Int) -> Value { context.result(index) }
  func shape(_ index: Int) -> Value.ShapeReference { context.shape(index) }
  func dtype(_ index: Int) -> DType { dtype }
  func needsGradient(_ index: Int) -> Bool { context.needsGradient(index) }
}

extension Algebra {
  /// The operation on two values of which one at least is to be converted to `dtype`: one step where steps are remembered, else the
  /// conversions are steps of their own.
  public static func apply<O: BinaryOperation>(
    converting operation: O, _ x: Self, _ y: Self, to dtype: DType
  ) throws(ArrayError) -> Self {
    if remembers { return try apply(Converting(base: operation, dtype: dtype), x, y) }
    return try apply(operation, try x.converted(in: dtype), try y.converted(in: dtype))
  }

  /// As `apply(converting:_:_:to:)` for an elementwise operation, whose operands broadcast.
  public static func apply<O: ElementwiseBinary>(
    converting operation: O, spreading x: Self, _ y: Self, to dtype: DType
  ) throws(ArrayError) -> Self {
    if remembers { return try apply(Converting(base: operation, dtype: dtype), x, y) }
    return try apply(spreading: operation, try x.converted(in: dtype), try y.converted(in: dtype))
  }

  /// The operation on this value converted to `dtype`, and in that dtype, which may be narrower than the int64 that integers are accumulated
  /// in: arithmetic that wraps gives the same. One step where steps are remembered.
  func applying<O: UnaryOperation>(_ operation: O, in dtype: DType?) throws(ArrayError) -> Self {
    guard let dtype else { return try Self.apply(operation, self) }
    if Self.remembers && dtype != self.dtype {
      return try Self.apply(ConvertingUnary(base: operation, dtype: dtype), self)
    }
    return try Self.apply(operation, try converted(in: dtype)).converted(in: dtype)
  }

  /// The throwing form of `to(_:)`.
  func converted(in dtype: DType) throws(ArrayError) -> Self {
    self.dtype == dtype ? self : try Self.apply(Cast(dtype), self)
  }
}
