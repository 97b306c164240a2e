import CKernels

/// `mse_loss(x, y, reduction)`: (x − y)², their mean unless told otherwise.
///
/// Shapes: broadcast; one floating dtype; a scalar unless `reduction` is `none`. A mean or sum reads both operands once, and has the bits of
/// the squares' sum. Derivatives: ±2·g·(x − y), for the mean divided by the number of elements.
public struct MSELossOperation: WritingBinary {
  public static let name = "nn.functional.mse_loss"
  /// How the squares are made one number: the elements, their mean or their sum.
  public let reduction: LossReduction

  /// The loss that is reduced so.
  @inlinable init(_ reduction: LossReduction) { self.reduction = reduction }

  public var attributes: [(name: String, value: String)] { [("reduction", reduction.rawValue)] }
  @inlinable public func saves(for input: Int) -> SavedValues { .inputs }

  public func type(_ x: ArrayType, _ y: ArrayType) throws(ArrayError) -> ArrayType {
    let element = try Sub().type(x, y)
    if !element.dtype.isFloatingPoint { throw Self.undefined(for: element.dtype) }
    return reduction == .none ? element : ArrayType(element.dtype, Shape())
  }
  public func forward(_ x: NDArray, _ y: NDArray, into output: NDArray) throws(ArrayError) {
    if reduction == .none {
      try Sub().forward(x, y, into: output)
      return try Square().forward(output, into: output)
    }
    try Reduction.sum(
      CK_SUM_SQUARED_DIFFERENCES, x.count, try x.contiguous(), 1, try y.contiguous(), 1, into: output)
    if reduction == .mean {
      try WithScalar(Div(), .float(Double(x.count)), on: .right).forward(output, into: output)
    }
  }

  @inlinable public func pullback<C: PullbackContext>(
    _ gradient: C.Value, to input: Int, _ context: C
  ) -> C.Value? {
    let doubled = gradient.mul(input == 0 ? 2 : -2)
    let difference = context.input(0) - context.input(1)
    if reduction == .none { return difference * doubled }
    // Where this is differentiated in turn, a mean's is a sum of quotients, 0 for none.
    let factors = doubled.spread(nil, keepDim: false, to: context.shape(0))
    return difference * (reduction == .mean ? factors.dividedByCount(nil, of: context.shape(0)) : factors)
  }
  /// One pass over both operands.
  @inlinable public func arrayPullback<C: PullbackContext>(
    _ gradient: NDArray, to input: Int, _ context: C
  ) throws(ArrayError) -> NDArray? where C.Value == NDArray {
    let (x, y) = (context.input(0), context.input(1))
    guard let kernel = ck_pair(CK_SUB, CK_THEN_MULTIPLY, x.dtype.kernelType) else {
      throw Self.undefined(for: x.dtype)
    }
    try gradient.requireRoom(forCopies: 2)
    let output = try NDArray(like: x, x.dtype)
    let doubled = gradient.mul(input == 0 ? 2 : -2)
    let factor = reduction == .mean ? doubled.dividedByCount(nil, of: context.shape(0)) : doubled
    ElementLoop.ternary(kernel, output, x, y, factor)
    return output
  }
}

extension MSELossOperation: ElementwiseLoss {
  static func loss<Value: Algebra>(
    _ x: Value, _ y: Value, _ p: Double, _ reduction: LossReduction
  ) throws(ArrayError) -> Value {
    if x.dtype == y.dtype { return try Value.apply(MSELossOperation(reduction), x, y) }
    return try Value.apply(converting: MSELossOperation(reduction), x, y, to: DType.promote(x.dtype, y.dtype))
  }

  /// The loss of operands that may first have to be brought to one dtype and shape.
  @usableFromInline static func matched<Value: Algebra>(
    _ input: Value, _ target: Value, _ reduction: LossReduction
  ) throws(ArrayError) -> Value { try compute(input, target, reduction) }
}

extension Algebra {
  /// (x − y)², reduced. Stops when the shapes do not broadcast, and for dtypes that are not floating.
  @inlinable public func mseLoss(_ target: Self, reduction: LossReduction = .mean) -> Self {
    checked { () throws(ArrayError) in
      if dtype.isFloatingPoint && hasType(of: target) {
        return try Self.apply(MSELossOperation(reduction), self, target)
      }
      return try MSELossOperation.matched(self, target, reduction)
    }
  }
}
