/// `gather(x, dim, index)`: result[i][j] = x[index[i][j]][j] for dim 0, and so on. The mirror of `scatter_add`.
///
/// Shapes: index has x's rank and, except along dim, no larger sizes; the result has index's shape. Index is int64 or int32.
public struct Gather: WritingBinary {
  public static let name = "gather"
  /// The dimension.
  public let dim: Int
  public init(_ dim: Int) { self.dim = dim }
  public var attributes: [(name: String, value: String)] { [("dim", "\(dim)")] }
  public func gradientEntries(_ inputCount: Int) -> [Int?] { [0] }
  /// Of x only the shape is read, but PyTorch keeps all of it.
  public func saves(for input: Int) -> SavedValues { input == 0 ? .inputs : [] }

  public func type(_ x: ArrayType, _ index: ArrayType) throws(ArrayError) -> ArrayType {
    let axis = try x.shape.axis(dim, Self.name)
    if index.shape.isKnown && index.shape.elementCount == 0 { return ArrayType(x.dtype, index.shape) }
    try checkIndexDType(index.dtype, Self.name)
    if Swift.max(index.shape.rank, 1) != Swift.max(x.shape.rank, 1) {
      throw .runtime(
        "gather: Index tensor must have the same number of dimensions as input tensor, but their shapes are \(index.shape) and \(x.shape)"
      )
    }
    for other in 0..<Swift.min(x.shape.rank, index.shape.rank) where other != axis {
      try require(
        index.shape[other] <= x.shape[other] || x.shape[other] == Shape.unknown,
        .runtime(
          "gather: Size does not match at dimension \(other) expected index \(index.shape) to be no larger than self \(x.shape) apart from dimension \(axis)"
        ))
    }
    return ArrayType(x.dtype, index.shape)
  }
  public func forward(_ x: NDArray, _ index: NDArray, into output: NDArray) throws(ArrayError) {
    if index.count == 0 { return }
    let axis = try x.shape.axis(dim, Self.name)
    let positions = try resolvedIndices(index, size: x.rank == 0 ? 1 : x.shape[axis], Self.name, axis: axis)
    let walk = try IndexedWalk(x, axis, index.shape)
    output.writeElements(of: x, at: walk, positions)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    if input == 1 { return nil }
    return checked { () throws(ArrayError) in
      let zeros = gradient.constant(try NDArray(scalar: 0, gradient.dtype)).broadcast(to: context.shape(0))
      return try C.Value.apply(ScatterAdd(dim), zeros, context.input(1), gradient)
    }
  }
}

/// `scatter_add(x, dim, index, src)`: a copy of x with src[i][j] added at [index[i][j]][j] for dim 0, and so on. The mirror of `gather`.
public struct ScatterAdd: TernaryOperation {
  public static let name = "scatter_add"
  /// The dimension.
  public let dim: Int
  public init(_ dim: Int) { self.dim = dim }
  public var attributes: [(name: String, value: String)] { [("dim", "\(dim)")] }
  public func gradientEntries(_ inputCount: Int) -> [Int?] { [0, 2] }
  public func saves(for input: Int) -> SavedValues { input == 2 ? .second : [] }

  public func type(_ x: ArrayType, _ index: ArrayType, _ source: ArrayType) throws(ArrayError) -> ArrayType {
    try checkScatter(x, index, source, dim, Self.name)
    return x
  }
  public func forward(_ x: NDArray, _ index: NDArray, _ source: NDArray) throws(ArrayError) -> NDArray {
    _ = try type(x.type, index.type, source.type)
    return try scattered(x, dim, index, source, .add, Self.name)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    switch input {
    case 0: return gradient
    case 2:
      return checked { () throws(ArrayError) in
        let taken = try C.Value.apply(Gather(dim), gradient, context.input(1))
        return try C.Value.padded(taken, to: context.shape(2)).reshape(to: context.shape(2))
      }
    default: return nil
    }
  }
}

extension Gather: TableEntry {
  public static var signature: Signature { Signature("T input, int dim, T index") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try Value.apply(
        Gather(try arguments.int("dim")), try arguments.tensor("input"), try arguments.tensor("index"))
    ]
  }
}

extension ScatterAdd: TableEntry {
  public static var signature: Signature { Signature("T input, int dim, T index, T src") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let index = try arguments.tensor("index")
    return [
      try Value.apply(
        ScatterAdd(try arguments.int("dim")), try arguments.tensor("input"), index,
        try arguments.tensor("src"))
    ]
  }
}

/// Refuses indices that are not int64 or int32.
func checkIndexDType(_ dtype: DType, _ operation: String) throws(ArrayError) {
  try require(
    dtype == .int64 || dtype == .int32,
    .runtime(
      "\(operation): expected dtype int32/int64 for index, but got \(dtype.scalarTypeName); convert it with to(.int64)"
    ))
}

/// The checks common to the scatter operations.
func checkScatter(
  _ x: ArrayType, _ index: ArrayType, _ source: ArrayType?, _ dim: Int, _ operation: String
) throws(ArrayError) {
  let axis = try x.shape.axis(dim, operation)
  let isEmpty = index.shape.isKnown && index.shape.elementCount == 0
  if !isEmpty { try checkIndexDType(index.dtype, operation) }
  if let source {
    try require(
      source.dtype == x.dtype,
      .runtime(
        "\(operation): Expected self.dtype to be equal to src.dtype, but they are \(x.dtype) and \(source.dtype)"
      ))
  }
  if isEmpty { return }
  try require(
    index.shape.rank == x.shape.rank || (index.shape.rank <= 1 && x.shape.rank <= 1),
    .runtime(
      "\(operation): Index tensor must have the same number of dimensions as self tensor; shapes \(index.shape) and \(x.shape)"
    ))
  if let source {
    try require(
      index.shape.rank == source.shape.rank || (index.shape.rank <= 1 && source.shape.rank <= 1),
      .runtime(
        "\(operation): Index tensor must have the same number of dimensions as src tensor; shapes \(index.shape) and \(source.shape)"
      ))
  }
  /// The size along a dimension; a 0-d shape has one of size 1.
  func size(_ shape: Shape, _ axis: Int) -> Int { shape.rank == 0 ? 1 : shape[axis] }
  for other in 0..<max(index.shape.rank, 1) {
    /// Whether the index, whose size is −1 where it is open, is no larger than another shape.
    func fits(_ shape: Shape) -> Bool {
      let limit = size(shape, other)
      return limit == Shape.unknown || size(index.shape, other) <= limit
    }
    try require(
      (other == axis || fits(x.shape)) && (source.map { fits($0.shape) } ?? true),
      .runtime(
        "\(operation): Expected index \(index.shape) to be no larger than self \(x.shape) apart from dimension \(axis)"
          + (source.map { " and to be no larger size than src \($0.shape)" } ?? "")))
  }
}

/// The indices as non-negative positions in row-major order. Throws for one out of range; `allowNegative` counts those from the end.
func resolvedIndices(
  _ index: NDArray, size: Int, _ operation: String, axis: Int, allowNegative: Bool = false
) throws(ArrayError) -> [Int] {
  var positions = try index.elements(convertedTo: Int.self)
  for (place, position) in positions.enumerated() {
    let resolved = allowNegative && position < 0 ? position + size : position
    try require(
      resolved >= 0 && resolved < size,
      .index("\(operation): index \(position) is out of bounds for dimension \(axis) with size \(size)"))
    positions[place] = resolved
  }
  return positions
}

/// Where the elements of an index array fall in another array: everything but the indexed dimension.
struct IndexedWalk {
  let base: [Int]
  let step: Int

  /// Places given as they are.
  init(offsets: [Int]) {
    base = offsets
    step = 0
  }

  /// For every element of an index of `shape`, the offset in `x` without the indexed dimension.
  init(_ x: NDArray, _ axis: Int, _ shape: Shape) throws(ArrayError) {
    try Storage.requireRoom(shape.elementCount * MemoryLayout<Int>.stride)
    step = x.rank == 0 ? 0 : x.strides[axis]
    var offsets = [Int](repeating: 0, count: shape.elementCount)
    var block = offsets.count
    for dimension in 0..<shape.rank {
      let size = Swift.max(shape[dimension], 1)
      block /= size
      let stride = dimension == axis || dimension >= x.rank ? 0 : x.strides[dimension]
      if stride == 0 { continue }
      for place in offsets.indices { offsets[place] += (place / block % size) * stride }
    }
    base = offsets
  }
}

extension NDArray {
  /// The part of this array that starts at its first element and has `shape`.
  func leadingPart(_ shape: Shape) -> NDArray {
    rank == shape.rank
      ? strided(shape, strides, offset: offset) : strided(shape, shape.contiguousStrides, offset: offset)
  }

  /// How an element meets the one written to its place.
  enum Combination { case replace, add, multiply }

  /// Fills this array, in row-major order, with the elements of `x` at the walk's places.
  func writeElements(of x: NDArray, at walk: IndexedWalk, _ positions: [Int]) {
    let target =
      isContiguous ? self : checked { () throws(ArrayError) in try NDArray(uninitialized: shape, dtype) }
    func copy<Bits: FixedWidthInteger>(_: Bits.Type) {
      let (to, from) = (
        target.address.assumingMemoryBound(to: Bits.self), x.address.assumingMemoryBound(to: Bits.self)
      )
      for place in positions.indices { to[place] = from[walk.base[place] + positions[place] * walk.step] }
    }
    switch dtype.byteSize {
    case 1: copy(UInt8.self)
    case 2: copy(UInt16.self)
    case 4: copy(UInt32.self)
    default: copy(UInt64.self)
    }
    if !isContiguous { write(from: target) }
  }

  /// Combines the elements at the walk's places with those of `values` (row-major), one after the other.
  func combineElements(
    at walk: IndexedWalk, _ positions: [Int], with values: NDArray, _ combination: Combination
  ) {
    func run<Element>(_: Element.Type, _ combine: (Element, Element) -> Element) {
      let (to, from) = (
        address.assumingMemoryBound(to: Element.self), values.address.assumingMemoryBound(to: Element.self)
      )
      for place in positions.indices {
        let target = walk.base[place] + positions[place] * walk.step
        to[target] = combine(to[target], from[place])
      }
    }
    func number<Element: FixedWidthInteger>(_ type: Element.Type) {
      switch combination {
      case .replace: run(type) { $1 }
      case .add: run(type) { $0 &+ $1 }
      case .multiply: run(type) { $0 &* $1 }
      }
    }
    func real<Element: BinaryFloatingPoint>(_ type: Element.Type) {
      switch combination {
      case .replace: run(type) { $1 }
      case .add: run(type) { $0 + $1 }
      case .multiply: run(type) { $0 * $1 }
      }
    }
    switch dtype {
    case .float64: real(Double.self)
    case .float32: real(Float.self)
    case .int64: number(Int64.self)
    case .int32: number(Int32.self)
    case .int16: number(Int16.self)
    case .int8: number(Int8.self)
    case .uint8: number(UInt8.self)
    case .bool:
      switch combination {
      case .replace: run(UInt8.self) { $1 }
      case .add: run(UInt8.self) { $0 | $1 }
      case .multiply: run(UInt8.self) { $0 & $1 }
      }
    }
  }
}

extension Algebra where ShapeReference == Shape {
  /// `x` at the beginning of zeros of `shape`.
  public static func padded(_ x: Self, to shape: Shape) throws(ArrayError) -> Self {
    guard let own = x.staticShape, own != shape else { return x }
    if own.elementCount == 0 { return x.constant(try NDArray(full: shape, 0, x.dtype)) }
    guard own.rank == shape.rank else { return x }
    var result = x
    for axis in 0..<shape.rank where own[axis] != shape[axis] {
      var wide = result.staticShape ?? own
      wide[axis] = shape[axis]
      result = try apply(Embed(Narrow(axis, 0, own[axis])), result, shape: wide)
    }
    return result
  }
}

extension Algebra {
  /// result[i][j] = self[index[i][j]][j] for dim 0, and so on.
  public func gather(_ dim: Int, _ index: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Gather(dim), self, index) }
  }
  /// A copy with `source` added at the places that `index` gives along `dim`.
  public func scatterAdd(_ dim: Int, _ index: Self, _ source: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(ScatterAdd(dim), self, index, source) }
  }
}

extension InPlaceAlgebra {
  /// `scatterAdd` in place.
  @discardableResult public func scatterAdd_(_ dim: Int, _ index: Self, _ source: Self) -> Self {
    inPlace(ScatterAdd.name) { x throws(ArrayError) in try Self.apply(ScatterAdd(dim), x, index, source) }
  }
}
