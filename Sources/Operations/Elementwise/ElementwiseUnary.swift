import CKernels

/// How the dtype of an elementwise result follows from that of the input.
public enum ElementRule: Sendable {
  /// The input's own dtype.
  case same
  /// The input's own, but int64 for bool.
  case number
  /// The input's if floating, else the default floating type.
  case floating
  /// Bool, for tests of elements.
  case bool
}

/// A function of one element, calculated by one kernel: conform with a name, a kernel, a rule and a derivative.
public protocol ElementwiseUnary: WritingUnary {
  /// The kernel that calculates it, for every dtype it is defined for.
  static var kernel: ck_unary_op { get }
  /// How the result's dtype follows from the input's.
  static var rule: ElementRule { get }
}

extension ElementwiseUnary {
  @inlinable public static var rule: ElementRule { .floating }
  @inlinable public static var isElementwise: Bool { true }

  @inlinable public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    ArrayType(try Self.resultDType(x.dtype), x.shape)
  }

  @inlinable static func resultDType(_ dtype: DType) throws(ArrayError) -> DType {
    switch Self.rule {
    case .floating where !dtype.isFloatingPoint: return DType.default
    case .number where dtype == .bool: return .int64
    case .bool: return .bool
    default:
      if ck_unary(Self.kernel, dtype.kernelType) == nil { throw Self.undefined(for: dtype) }
      return dtype
    }
  }

  @inlinable public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let output = try NDArray(like: x, try Self.resultDType(x.dtype))
    try forward(x, into: output)
    return output
  }

  @inlinable public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    if Self.rule != .bool && x.dtype != output.dtype {
      return try forward(try x.converted(to: output.dtype), into: output)
    }
    guard let kernel = ck_unary(Self.kernel, x.dtype.kernelType) else { throw Self.undefined(for: x.dtype) }
    ElementLoop.unary(kernel, output, x, cost: ck_unary_cost(Self.kernel, x.dtype.kernelType))
  }
}

extension Operation {
  /// The error of an operation that has no meaning for a dtype.
  @usableFromInline static func undefined(for dtype: DType) -> ArrayError {
    .runtime("\(name): not implemented for '\(dtype.scalarTypeName)'; convert with to(_:) first")
  }
}
