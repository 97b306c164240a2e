/// `select(x, dim, index)`: the part of x at one position of a dimension, which disappears. A view.
public struct Select: PartialView {
  public static let name = "select"
  /// The dimension.
  public let dim: Int
  /// The position; negative counts from the end.
  public let index: Int
  public init(_ dim: Int, _ index: Int) {
    self.dim = dim
    self.index = index
  }
  public var attributes: [(name: String, value: String)] { [("dim", "\(dim)"), ("index", "\(index)")] }

  private func resolve(_ shape: Shape) throws(ArrayError) -> (axis: Int, position: Int) {
    try require(shape.rank > 0, .index("select: select() cannot be applied to a 0-dim tensor."))
    let axis = try shape.axis(dim, Self.name)
    let size = shape[axis]
    try require(
      size == Shape.unknown || (index >= -size && index < size),
      .index("select: index \(index) out of range for tensor of size \(shape) at dimension \(axis)"))
    return (axis, index < 0 ? index + size : index)
  }
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    var shape = x.shape
    shape.remove(at: try resolve(shape).axis)
    return ArrayType(x.dtype, shape)
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let (axis, position) = try resolve(x.shape)
    var (shape, strides) = (x.shape, x.strides)
    shape.remove(at: axis)
    strides.remove(at: axis)
    return x.strided(shape, strides, offset: x.offset + position * x.strides[axis])
  }
}

/// `narrow(x, dim, start, length)`: `length` positions of a dimension from `start` on. A view.
public struct Narrow: PartialView {
  public static let name = "narrow"
  /// The dimension.
  public let dim: Int
  /// The first position; negative counts from the end.
  public let start: Int
  /// How many.
  public let length: Int
  public init(_ dim: Int, _ start: Int, _ length: Int) {
    self.dim = dim
    self.start = start
    self.length = length
  }
  public var attributes: [(name: String, value: String)] {
    [("dim", "\(dim)"), ("start", "\(start)"), ("length", "\(length)")]
  }
  public var gradientName: String { "SliceBackward0" }

  private func resolve(_ shape: Shape) throws(ArrayError) -> (axis: Int, first: Int) {
    try require(shape.rank > 0, .runtime("narrow: narrow() cannot be applied to a 0-dim tensor."))
    let axis = try shape.axis(dim, Self.name)
    let size = shape[axis]
    try require(length >= 0, .runtime("narrow: length must be non-negative, but is \(length)"))
    if size == Shape.unknown { return (axis, start) }
    try require(
      start >= -size && start <= size,
      .index(
        "narrow: start (\(start)) out of range: expected to be in range of [\(-size), \(size)] for dimension \(axis)"
      ))
    let first = start < 0 ? start + size : start
    try require(
      length <= size - first,
      .runtime("narrow: start (\(first)) + length (\(length)) exceeds dimension size (\(size))."))
    return (axis, first)
  }
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    var shape = x.shape
    shape[try resolve(shape).axis] = length
    return ArrayType(x.dtype, shape)
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let (axis, first) = try resolve(x.shape)
    var shape = x.shape
    shape[axis] = length
    return x.strided(shape, x.strides, offset: x.offset + first * x.strides[axis])
  }
}

/// `x[..., start:stop:step, ...]` along one dimension, with Python's rules for negative and too large bounds. A view.
public struct Slice: PartialView {
  public static let name = "slice"
  /// The dimension.
  public let dim: Int
  /// The first position; nil: 0.
  public let start: Int?
  /// The position before which to end; nil: the size.
  public let stop: Int?
  /// The step, at least 1.
  public let step: Int
  public init(_ dim: Int, start: Int? = nil, stop: Int? = nil, step: Int = 1) {
    self.dim = dim
    self.start = start
    self.stop = stop
    self.step = step
  }
  public var attributes: [(name: String, value: String)] {
    [
      ("dim", "\(dim)"),
      (
        "range",
        "\(start.map(String.init) ?? ""):\(stop.map(String.init) ?? "")" + (step == 1 ? "" : ":\(step)")
      ),
    ]
  }

  private func resolve(_ shape: Shape) throws(ArrayError) -> (axis: Int, first: Int, count: Int) {
    try require(shape.rank > 0, .index("slice: slice() cannot be applied to a 0-dim tensor."))
    try require(step > 0, .value("slice: step must be greater than zero, but is \(step)"))
    let axis = try shape.axis(dim, Self.name)
    let size = shape[axis]
    if size == Shape.unknown {
      return (axis, start ?? 0, start == nil && stop == nil && step == 1 ? size : Shape.unknown)
    }
    func clipped(_ bound: Int) -> Int { Swift.min(Swift.max(bound < 0 ? bound + size : bound, 0), size) }
    let first = clipped(start ?? 0)
    let last = clipped(stop ?? size)
    return (axis, first, last > first ? (last - first - 1) / step + 1 : 0)
  }
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    let (axis, _, count) = try resolve(x.shape)
    var shape = x.shape
    shape[axis] = count
    return ArrayType(x.dtype, shape)
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let (axis, first, count) = try resolve(x.shape)
    var (shape, strides) = (x.shape, x.strides)
    shape[axis] = count
    if count > 1 { strides[axis] *= step }
    return x.strided(shape, strides, offset: x.offset + (count == 0 ? 0 : first * x.strides[axis]))
  }
}

extension Select: TableEntry {
  public static var signature: Signature { Signature("T input, int dim, int index") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try Value.apply(
        Select(try arguments.int("dim"), try arguments.int("index")), try arguments.tensor("input"))
    ]
  }
}

extension Narrow: TableEntry {
  public static var signature: Signature { Signature("T input, int dim, int start, int length") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let (dim, start) = (try arguments.int("dim"), try arguments.int("start"))
    return [try Value.apply(Narrow(dim, start, try arguments.int("length")), try arguments.tensor("input"))]
  }
}

extension Slice: TableEntry {
  public static var signature: Signature { Signature("T input, int dim, int? start, int? stop, int step=1") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let slice = Slice(
      try arguments.int("dim"), start: try arguments.optionalInt("start"),
      stop: try arguments.optionalInt("stop"),
      step: try arguments.int("step", default: 1))
    return [try Value.apply(slice, try arguments.tensor("input"))]
  }
}

extension Algebra {
  /// The part at one position of a dimension, which disappears. A view.
  public func select(_ dim: Int, _ index: Int) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Select(dim, index), self) }
  }
  /// `length` positions of a dimension from `start` on. A view.
  public func narrow(_ dim: Int, _ start: Int, _ length: Int) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Narrow(dim, start, length), self) }
  }
  /// Every `step`-th position of a dimension from `start` to before `stop`. A view.
  public func slice(_ dim: Int, start: Int? = nil, stop: Int? = nil, step: Int = 1) -> Self {
    checked { () throws(ArrayError) in
      try Self.apply(Slice(dim, start: start, stop: stop, step: step), self)
    }
  }
}
