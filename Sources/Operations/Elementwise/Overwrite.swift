/// `x.copy_(y)`: the elements of y, converted and broadcast, in the place of those of x. Derivatives: 0 and g.
public struct CopyFrom: WritingBinary {
  public static let name = "copy"
  @inlinable public static var isElementwise: Bool { true }
  @inlinable public init() {}

  public var gradientName: String { "CopyBackwards" }

  public func type(_ x: ArrayType, _ y: ArrayType) throws(ArrayError) -> ArrayType {
    guard Shape.broadcast(x.shape, y.shape) == x.shape else {
      throw .runtime(
        "copy: the expanded size of the tensor must match the existing size: \(y.shape) cannot be copied into \(x.shape)"
      )
    }
    return x
  }
  public func forward(_ x: NDArray, _ y: NDArray, into output: NDArray) throws(ArrayError) {
    output.write(from: y.sharesStorage(with: output) && !y.isSameView(as: output) ? try y.clone() : y)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    if input == 0 { return gradient.zeros() }
    return gradient.sum(to: context.shape(1)).to(context.dtype(1))
  }
}

/// `x.fill_(value)`: the same number everywhere. Derivative: 0.
public struct Fill: WritingUnary {
  public static let name = "fill"
  @inlinable public static var isElementwise: Bool { true }
  @inlinable public static var toleratesOverlap: Bool { true }
  /// The number, converted to the dtype.
  public let value: Scalar
  @inlinable public init(_ value: Scalar) { self.value = value }

  public var attributes: [(name: String, value: String)] { [("value", value.description)] }
  public var gradientOverload: Int { 2 }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { x }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) { output.fill(with: value) }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient.zeros() }
}

extension Algebra {
  /// Zeros of this value's dtype and shape, without a gradient.
  @usableFromInline func zeros() -> Self {
    checked { () throws(ArrayError) in
      constant(try NDArray(scalar: 0, dtype)).broadcast(to: shapeReference)
    }
  }
}

extension InPlaceAlgebra {
  /// x ← y, converted to this dtype and broadcast to this shape.
  @discardableResult public func copy_(_ source: Self) -> Self {
    checked { () throws(ArrayError) in try applyInPlace(CopyFrom(), source) }
    return self
  }
  /// x ← one number everywhere.
  @discardableResult public func fill_(_ value: some ScalarConvertible) -> Self {
    inPlace(Fill(value.scalar))
  }
  /// x ← 0.
  @discardableResult public func zero_() -> Self {
    inPlace(Fill(0))
  }
}
