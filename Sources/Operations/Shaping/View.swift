/// `x.view(size)`: the same memory seen with another shape; refused where the strides do not allow it. One size may be −1.
public struct View: UnaryOperation {
  public static let name = "view"
  /// The sizes.
  public let shape: Shape
  public init(_ shape: Shape) { self.shape = shape }
  public var attributes: [(name: String, value: String)] { [("size", shape.description)] }
  public var isView: Bool { true }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    ArrayType(x.dtype, try resolvedShape(shape, of: x.shape, Self.name))
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let target = try type(x.type).shape
    guard let strides = x.viewStrides(for: target) else {
      throw .runtime(
        "view: view size is not compatible with input tensor's size \(x.shape) and stride \(x.strides) (at least one dimension spans across two contiguous subspaces). Use reshape(...) instead."
      )
    }
    return x.strided(target, strides, offset: x.offset)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.reshape(to: context.shape(0))
  }
}

/// `x.expand(size)`: repeated along dimensions of size 1 without copying; −1 keeps a size. A view.
public enum Expand {
  /// The shape that `sizes` mean for `shape`.
  static func target(_ shape: Shape, _ sizes: Shape, _ operation: String) throws(ArrayError) -> Shape {
    try require(
      sizes.rank >= shape.rank,
      .runtime(
        "\(operation): the number of sizes provided (\(sizes.rank)) must be greater or equal to the number of dimensions in the tensor (\(shape.rank))"
      ))
    var target = sizes
    let shift = sizes.rank - shape.rank
    for axis in 0..<sizes.rank {
      if sizes[axis] == -1 {
        try require(
          axis >= shift,
          .runtime(
            "\(operation): the expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension \(axis)"
          ))
        target[axis] = shape[axis - shift]
      } else {
        try require(
          sizes[axis] >= 0, .runtime("\(operation): invalid size \(sizes[axis]) at dimension \(axis)"))
      }
      if axis >= shift, shape[axis - shift] != Shape.unknown, shape[axis - shift] != 1,
        target[axis] != shape[axis - shift]
      {
        throw .runtime(
          "\(operation): The expanded size of the tensor (\(target[axis])) must match the existing size (\(shape[axis - shift])) at non-singleton dimension \(axis). Target sizes: \(sizes). Tensor sizes: \(shape)"
        )
      }
    }
    return target
  }
  /// The view of `x`.
  static func apply<Value: Algebra>(
    _ x: Value, _ sizes: Shape, _ operation: String
  ) throws(ArrayError) -> Value {
    guard let shape = x.staticShape else { throw .runtime("\(operation): the rank is not known yet") }
    return try Value.apply(BroadcastTo(try target(shape, sizes, operation)), x)
  }
}

extension Expand: TableEntry {
  public static let name = "expand"
  public static var signature: Signature { Signature("T input, ints size") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try apply(try arguments.tensor("input"), try arguments.shape("size"), name)]
  }
}

extension BroadcastTo: TableEntry {
  public static var signature: Signature { Signature("T input, ints size") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Expand.apply(try arguments.tensor("input"), try arguments.shape("size"), name)]
  }
}

extension View: TableEntry {
  public static var signature: Signature { Signature("T input, ints size") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(View(try arguments.shape("size")), try arguments.tensor("input"))]
  }
}

extension Reshape: TableEntry {
  public static var signature: Signature { Signature("T input, ints shape") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try steps(try arguments.tensor("input"), to: try arguments.shape("shape"))]
  }
}

/// `flatten(x, start_dim, end_dim)`: the dimensions from start to end as one. A view where possible.
public enum FlattenOperation: TableEntry {
  public static let name = "flatten"
  public static var signature: Signature { Signature("T input, int start_dim=0, int end_dim=-1") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let (start, end) = (
      try arguments.int("start_dim", default: 0), try arguments.int("end_dim", default: -1)
    )
    return [try flattened(try arguments.tensor("input"), start, end)]
  }
  static func flattened<Value: Algebra>(_ x: Value, _ start: Int, _ end: Int) throws(ArrayError) -> Value {
    guard let shape = x.staticShape else { return try Value.apply(OpenFlatten(start, end), x) }
    let target = try merged(shape, start, end)
    if shape.rank > 0 && shape.rank == target.rank { return x }
    let open = target.count { $0 == Shape.unknown }
    return open > 1 ? try Value.apply(OpenFlatten(start, end), x) : try Reshape.steps(x, to: target)
  }

  /// The shape with the dimensions from `start` to `end` as one.
  fileprivate static func merged(_ shape: Shape, _ start: Int, _ end: Int) throws(ArrayError) -> Shape {
    let (first, last) = (try shape.axis(start, name), try shape.axis(end, name))
    try require(
      first <= last, .runtime("flatten: flatten() has invalid args: start_dim cannot come after end_dim"))
    if shape.rank == 0 { return [1] }
    var merged = Shape()
    for axis in 0..<shape.rank {
      if axis <= first || axis > last {
        merged.append(shape[axis])
      } else if shape[axis] == Shape.unknown || merged[first] == Shape.unknown {
        merged[first] = Shape.unknown
      } else {
        merged[first] *= shape[axis]
      }
    }
    return merged
  }
}

/// `flatten` of a value whose rank, or several of whose remaining sizes, are only known when it runs.
private struct OpenFlatten: UnaryOperation {
  static let name = FlattenOperation.name
  let start, end: Int
  init(_ start: Int, _ end: Int) { (self.start, self.end) = (start, end) }

  var attributes: [(name: String, value: String)] { [("start_dim", "\(start)"), ("end_dim", "\(end)")] }
  var isView: Bool { true }
  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    ArrayType(x.dtype, try FlattenOperation.merged(x.shape, start, end))
  }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray { try Reshape(try type(x.type).shape).forward(x) }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.reshape(to: context.shape(0))
  }
}

extension Algebra {
  /// The same memory seen with these sizes, of which one may be −1. Stops where the strides do not allow it.
  public func view(_ sizes: [Int]) -> Self {
    checked { () throws(ArrayError) in try Self.apply(View(Shape(sizes)), self) }
  }
  /// The same memory seen with these sizes.
  public func view(_ sizes: Int...) -> Self { view(sizes) }
  /// PyTorch's older word for `view`, deprecated there: the number of elements must stay the same.
  public func resize(_ sizes: Int...) -> Self { view(sizes) }
  /// Repeated along dimensions of size 1 without copying; −1 keeps a size. A view.
  public func expand(_ sizes: [Int]) -> Self {
    checked { () throws(ArrayError) in try Expand.apply(self, Shape(sizes), Expand.name) }
  }
  /// Repeated along dimensions of size 1 without copying; −1 keeps a size. A view.
  public func expand(_ sizes: Int...) -> Self { expand(sizes) }
  /// The dimensions from `startDim` to `endDim` as one.
  public func flatten(_ startDim: Int = 0, _ endDim: Int = -1) -> Self {
    checked { () throws(ArrayError) in try FlattenOperation.flattened(self, startDim, endDim) }
  }
}
