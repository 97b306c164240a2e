/// `sum(x, dim, keepdim)`: Σ over the given dimensions, over all when none is given.
///
/// Integers and bools are summed in int64. The order is NumPy's (see `Reduction`). Its mirror is `Spread`.
public struct Sum: WritingUnary {
  public static let name = "sum"
  /// The dimensions to sum over; nil or empty: all.
  public let dims: [Int]?
  /// Whether the summed dimensions stay, with size 1.
  public let keepDim: Bool

  @inlinable public init(_ dims: [Int]? = nil, keepDim: Bool = false) {
    self.dims = dims
    self.keepDim = keepDim
  }

  public var attributes: [(name: String, value: String)] { reductionAttributes(dims, keepDim) }
  public var gradientOverload: Int { dims == nil ? 0 : 1 }
  @inlinable public static var holdsNumbersOnly: Bool { true }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    let axes = try x.shape.axes(dims, Self.name)
    return ArrayType(x.dtype.isFloatingPoint ? x.dtype : .int64, x.shape.reduced(axes, keepDim: keepDim))
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    try Reduction.sum.run(
      try x.converted(to: output.dtype), over: try x.shape.axes(dims, Self.name), into: output)
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    dims == nil && !keepDim && x.dtype.isFloatingPoint ? try Reduction.sum.total(x) : try written(x)
  }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.spread(dims, keepDim: keepDim, to: context.shape(0))
  }
  @inlinable public func arrayPullback<C: PullbackContext>(
    _ gradient: consuming NDArray, _ context: C
  ) throws(ArrayError) -> NDArray where C.Value == NDArray {
    if gradient.count == 1 { return (consume gradient).repeating(as: context.shape(0)) }
    return pullback(gradient, context)
  }
}

extension Sum: TableEntry {
  public static var signature: Signature {
    Signature("T input, int|ints? dim, bool keepdim=false, dtype? dtype")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let x = try arguments.tensor("input")
    let operation = Sum(
      try arguments.optionalInts("dim"), keepDim: try arguments.bool("keepdim", default: false))
    return [try x.applying(operation, in: try arguments.optionalDType("dtype"))]
  }
}

/// The mirror of a reduction: puts the reduced dimensions back and repeats along them. A view.
public struct Spread: ShapedOperation {
  public static let name = "spread"
  public var shape: Shape
  /// The dimensions that were reduced; nil or empty: all.
  public let dims: [Int]?
  /// Whether the reduction kept them, with size 1.
  public let keepDim: Bool

  @inlinable public init(_ dims: [Int]?, keepDim: Bool, shape: Shape = Shape()) {
    self.dims = dims
    self.keepDim = keepDim
    self.shape = shape
  }

  public var attributes: [(name: String, value: String)] {
    [("shape", shape.description)] + reductionAttributes(dims, keepDim)
  }
  @inlinable public var isView: Bool { true }
  public var gradientName: String { "ExpandBackward0" }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { ArrayType(x.dtype, shape) }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    if x.rank == 0 || keepDim { return x.expanded(to: shape) }
    let axes = try shape.axes(dims, Self.name)
    var steps = Strides(repeating: 0, rank: shape.rank)
    var axis = 0
    for position in 0..<shape.rank where !axes.contains(position) {
      steps[position] = x.shape[axis] == 1 ? 0 : x.strides[axis]
      axis += 1
    }
    return x.strided(shape, steps, offset: x.offset)
  }
  @inlinable public func pullback<C: PullbackContext>(
    _ gradient: C.Value, shape: C.Value.ShapeReference, _ context: C
  ) -> C.Value {
    gradient.sum(dims, keepDim: keepDim)
  }
}

/// The parameters of a reduction, for drawings.
public func reductionAttributes(_ dims: [Int]?, _ keepDim: Bool) -> [(name: String, value: String)] {
  (dims.map { $0.isEmpty ? [] : [("dim", "\($0)")] } ?? []) + (keepDim ? [("keepdim", "true")] : [])
}

extension Algebra {
  /// The sum over `dims`, over everything when nil or empty. Integers and bools are summed in int64.
  @inlinable public func sum(_ dims: [Int]? = nil, keepDim: Bool = false) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Sum(dims, keepDim: keepDim), self) }
  }
  /// The sum over one dimension.
  @inlinable public func sum(_ dim: Int, keepDim: Bool = false) -> Self { sum([dim], keepDim: keepDim) }

  /// This value, the result of a reduction of `shape` over `dims`, repeated along them again.
  @inlinable public func spread(_ dims: [Int]?, keepDim: Bool, to shape: ShapeReference) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Spread(dims, keepDim: keepDim), self, shape: shape) }
  }
}
