/// `index_select(x, dim, index)`: the slices of x at the given positions of a dimension, in that order. Derivative: each slice of g added to
/// where it came from.
public struct IndexSelect: WritingBinary {
  public static let name = "index_select"
  /// The dimension.
  public let dim: Int
  public init(_ dim: Int) { self.dim = dim }
  public var attributes: [(name: String, value: String)] { [("dim", "\(dim)")] }
  public func gradientEntries(_ inputCount: Int) -> [Int?] { [0] }
  public func saves(for input: Int) -> SavedValues { input == 0 ? .second : [] }

  public func type(_ x: ArrayType, _ index: ArrayType) throws(ArrayError) -> ArrayType {
    let axis = try x.shape.axis(dim, Self.name)
    try require(
      index.shape.rank <= 1,
      .index("index_select: Index is supposed to be a vector, but got dim: \(index.shape.rank)"))
    try checkIndexDType(index.dtype, Self.name)
    var shape = x.shape
    let count = index.shape.rank == 0 ? 1 : index.shape[0]
    try require(
      shape.rank > 0 || count == 1 || count == Shape.unknown,
      .runtime("index_select: Index to scalar can have only 1 value, got \(count) value(s)"))
    if shape.rank > 0 { shape[axis] = count }
    return ArrayType(x.dtype, shape)
  }
  public func forward(_ x: NDArray, _ index: NDArray, into output: NDArray) throws(ArrayError) {
    let axis = try x.shape.axis(dim, Self.name)
    let positions = try resolvedIndices(index, size: x.rank == 0 ? 1 : x.shape[axis], Self.name, axis: axis)
    if x.rank == 0 { return output.write(from: x) }
    for (place, position) in positions.enumerated() {
      try Select(axis, place).forward(output).write(from: try Select(axis, position).forward(x))
    }
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    if input == 1 { return nil }
    return checked { () throws(ArrayError) in
      try C.Value.apply(IndexAdd(dim), gradient, context.input(1), shapeOf: context.shape(0))
    }
  }
}

/// The mirror of `index_select`: zeros of the first operand's shape with the slices of the third added at the positions of the second.
public struct IndexAdd: TernaryOperation {
  public static let name = "index_add"
  /// The dimension.
  public let dim: Int
  public init(_ dim: Int) { self.dim = dim }
  public var attributes: [(name: String, value: String)] { [("dim", "\(dim)")] }
  public func gradientEntries(_ inputCount: Int) -> [Int?] { [0, 2] }
  public func saves(for input: Int) -> SavedValues { input == 2 ? .second : [] }

  public func type(_ x: ArrayType, _ index: ArrayType, _ source: ArrayType) throws(ArrayError) -> ArrayType {
    x
  }
  public func forward(_ x: NDArray, _ index: NDArray, _ source: NDArray) throws(ArrayError) -> NDArray {
    let output = try x.clone()
    let axis = try x.shape.axis(dim, Self.name)
    let positions = try resolvedIndices(index, size: x.rank == 0 ? 1 : x.shape[axis], Self.name, axis: axis)
    for (place, position) in positions.enumerated() {
      if x.rank == 0 {
        output.add_(source)
      } else {
        try Select(axis, position).forward(output).add_(try Select(axis, place).forward(source))
      }
    }
    return output
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    switch input {
    case 0: gradient
    case 2: gradient.indexSelect(dim, context.input(1))
    default: nil
    }
  }
}

extension Algebra {
  /// Zeros of `shape` with this operation's third operand added.
  fileprivate static func apply(
    _ operation: IndexAdd, _ source: Self, _ index: Self, shapeOf shape: ShapeReference
  ) throws(ArrayError) -> Self {
    let zeros = source.constant(try NDArray(scalar: 0, source.dtype)).broadcast(to: shape)
    return try apply(operation, zeros, index, source)
  }
}

/// `masked_select(x, mask)`: the elements where the mask holds, as a vector; broadcast. Derivative: g put back where the mask holds.
public struct MaskedSelect: BinaryOperation {
  public static let name = "masked_select"
  public init() {}
  public func gradientEntries(_ inputCount: Int) -> [Int?] { [0] }
  /// Of x only the shape is read, but PyTorch keeps all of it.
  public func saves(for input: Int) -> SavedValues { input == 0 ? .inputs : [] }

  public func type(_ x: ArrayType, _ mask: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      mask.dtype == .bool,
      .runtime("masked_select: expected BoolTensor for mask, but got \(mask.dtype.scalarTypeName)"))
    if Shape.broadcast(x.shape, mask.shape) == nil { throw broadcastError(Self.name, x.shape, mask.shape) }
    return ArrayType(x.dtype, [Shape.unknown])
  }
  public func forward(_ x: NDArray, _ mask: NDArray) throws(ArrayError) -> NDArray {
    _ = try type(x.type, mask.type)
    var (x, mask) = (x, mask)
    try NDArray.broadcast(&x, &mask, Self.name)
    return try picked(x, try places(mask))
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    if input == 1 { return nil }
    return checked { () throws(ArrayError) in
      var (x, mask) = (context.input(0), context.input(1))
      try C.Value.broadcast(&x, &mask, Self.name)
      return try C.Value.apply(MaskedPlace(), gradient, mask).sum(to: context.shape(0))
    }
  }
}

/// The mirror of `masked_select`: the elements of a vector put, in order, where the mask holds, zeros elsewhere.
struct MaskedPlace: WritingBinary {
  static let name = "masked_scatter"
  func gradientEntries(_ inputCount: Int) -> [Int?] { [0] }
  func saves(for input: Int) -> SavedValues { input == 0 ? .second : [] }
  func type(_ x: ArrayType, _ mask: ArrayType) throws(ArrayError) -> ArrayType {
    ArrayType(x.dtype, mask.shape)
  }
  func forward(_ x: NDArray, _ mask: NDArray, into output: NDArray) throws(ArrayError) {
    output.fill(with: 0)
    let target = output.isContiguous ? output : try output.clone()
    let chosen = try places(mask)
    let values = try x.contiguous()
    target.combineElements(
      at: IndexedWalk(offsets: chosen), [Int](repeating: 0, count: chosen.count), with: values, .replace)
    if !output.isContiguous { output.write(from: target) }
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    input == 0 ? gradient.maskedSelect(context.input(1)) : nil
  }
}

/// `nonzero(x)`: the indices of the elements that are not zero, one row each, [count, rank], int64. No gradient.
public struct Nonzero: UnaryOperation {
  public static let name = "nonzero"
  public init() {}
  public var isDifferentiable: Bool { false }
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    ArrayType(.int64, [Shape.unknown, x.shape.rank])
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let chosen = try places(try Ne().forward(x, NDArray(scalar: 0, x.dtype).expanded(to: x.shape)))
    let rows = try NDArray(uninitialized: [chosen.count, x.rank], .int64)
    let steps = x.shape.contiguousStrides
    var target = rows.elements(Int64.self)
    for place in chosen {
      for axis in 0..<x.rank {
        target.pointee = Int64(place / steps[axis] % x.shape[axis])
        target += 1
      }
    }
    return rows
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient }
}

/// `take(x, index)`: the elements of the flattened array at these positions; negative counts from the end. Derivative: g added back.
public struct Take: WritingBinary {
  public static let name = "take"
  public init() {}
  public func gradientEntries(_ inputCount: Int) -> [Int?] { [0] }
  /// Of x only the shape is read, but PyTorch keeps all of it.
  public func saves(for input: Int) -> SavedValues { input == 0 ? .inputs : [] }
  public func type(_ x: ArrayType, _ index: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      index.dtype == .int64,
      .runtime(
        "take: Expected a long tensor for index, but got \(index.dtype.scalarTypeName); convert it with to(.int64)"
      ))
    try require(
      !x.shape.isKnown || x.shape.elementCount > 0 || !index.shape.isKnown || index.shape.elementCount == 0,
      .index("take: tried to take from an empty tensor"))
    return ArrayType(x.dtype, index.shape)
  }
  public func forward(_ x: NDArray, _ index: NDArray, into output: NDArray) throws(ArrayError) {
    let positions = try resolvedIndices(index, size: x.count, Self.name, axis: 0, allowNegative: true)
    output.write(from: try Reshape(index.shape).forward(try picked(try x.contiguous(), positions)))
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    if input == 1 { return nil }
    let index = context.input(1)
    return checked { () throws(ArrayError) in
      let flat = index.reshape(-1)
      let zeros = gradient.constant(try NDArray(scalar: 0, gradient.dtype)).broadcast(to: context.shape(0))
      let target = zeros.reshape(-1)
      let count = target.staticShape?[0] ?? Shape.unknown
      // Where the count is open the positions themselves are taken from 0, 1, 2 and so on.
      let resolved =
        count == Shape.unknown
        ? try C.Value.apply(Take(), target.to(.int64).add(1).cumsum(0).sub(1), flat)
        : flat.lt(0).where(flat.add(count), flat)
      return try C.Value.apply(ScatterAdd(0), target, resolved, gradient.reshape(-1)).reshape(
        to: context.shape(0))
    }
  }
}

/// `take_along_dim(x, indices, dim)`: `gather` with broadcasting of the other dimensions; without dim both are flattened.
public enum TakeAlongDim: TableEntry {
  public static let name = "take_along_dim"
  public static var signature: Signature { Signature("T input, T indices, int? dim") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let (x, index) = (try arguments.tensor("input"), try arguments.tensor("indices"))
    return [try taken(x, index, try arguments.optionalInt("dim"))]
  }
  /// All elements in one row, as a view: PyTorch refuses what would have to be copied.
  private static func flat<Value: Algebra>(_ x: Value, _ what: String) throws(ArrayError) -> Value {
    do throws(ArrayError) {
      return try Value.apply(View([-1]), x)
    } catch {
      throw .runtime("take_along_dim: without a dim the \(what) must be contiguous; \(error.message)")
    }
  }
  static func taken<Value: Algebra>(_ x: Value, _ index: Value, _ dim: Int?) throws(ArrayError) -> Value {
    guard let dim else {
      return try Value.apply(Gather(0), try flat(x, "input"), try flat(index, "indices"))
    }
    try require(
      index.dtype == .int64,
      .runtime(
        "take_along_dim: dtype of indices should be Long but got \(index.dtype.scalarTypeName); convert it with to(.int64)"
      ))
    guard let a = x.staticShape, let b = index.staticShape else {
      throw .runtime("take_along_dim: the rank is not known yet; give the placeholders shapes")
    }
    try require(
      a.rank == b.rank,
      .runtime(
        "take_along_dim: input and indices should have the same number of dimensions, but got \(a.rank) dimensions for input, and \(b.rank) dimensions for indices"
      ))
    try require(
      a.rank > 0, .index("take_along_dim: Dimension specified as \(dim) but tensor has no dimensions"))
    let axis = try a.axis(dim, name)
    let (values, places) = try met(x, index, besides: axis, a, b)
    // Positions count modulo the size, as in PyTorch: −1 is the last, the size itself the first.
    guard a[axis] == Shape.unknown else {
      let resolved = try Value.apply(Remainder(), places, scalar: .int(Int64(a[axis])), on: .right)
      return try Value.apply(Gather(axis), values, resolved)
    }
    let ones = values.constant(try NDArray(scalar: 1, .int64)).broadcast(to: values.shapeReference)
    let size = try Value.apply(Sum([axis], keepDim: true), ones)
    return try Value.apply(
      Gather(axis), values, try Value.apply(broadcasting: Remainder(), places, size))
  }

  /// Both operands, of shapes `a` and `b`, seen with the sizes in which they meet in all dimensions but one.
  private static func met<Value: Algebra>(
    _ x: Value, _ index: Value, besides axis: Int, _ a: Shape, _ b: Shape
  ) throws(ArrayError) -> (Value, Value) {
    var (one, other) = (a, b)
    one[axis] = 1
    other[axis] = 1
    guard let wide = Shape.broadcast(one, other) else { throw broadcastError(name, a, b) }
    func seen(
      _ value: Value, _ own: Shape, against partner: Value, inAnyCase: Bool = false
    ) throws(ArrayError) -> Value {
      var target = wide
      target[axis] = own[axis]
      if own == target && wide.isKnown && !inAnyCase { return value }
      return target.isKnown
        ? try Value.apply(BroadcastTo(target), value)
        : try Value.apply(BroadcastAgainst(keeping: axis), value, partner)
    }
    // PyTorch remembers the step that changes nothing of the values, too.
    return (try seen(x, a, against: index, inAnyCase: Value.remembers), try seen(index, b, against: x))
  }
}

/// The places, in row-major order, where a bool array holds.
private func places(_ mask: NDArray) throws(ArrayError) -> [Int] {
  let flags = try mask.elements(convertedTo: Bool.self)
  try Storage.requireRoom(3 * flags.count * MemoryLayout<Int>.stride)
  return flags.indices.filter { flags[$0] }
}

/// The elements of a row-major array at these places, as a vector.
private func picked(_ x: NDArray, _ places: [Int]) throws(ArrayError) -> NDArray {
  let output = try NDArray(uninitialized: [places.count], x.dtype)
  output.writeElements(
    of: try x.contiguous(), at: IndexedWalk(offsets: places), [Int](repeating: 0, count: places.count))
  return output
}

extension IndexSelect: TableEntry {
  public static var signature: Signature { Signature("T input, int dim, T index") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try Value.apply(
        IndexSelect(try arguments.int("dim")), try arguments.tensor("input"), try arguments.tensor("index"))
    ]
  }
}

extension MaskedSelect: TableEntry {
  public static var signature: Signature { Signature("T input, T mask") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(MaskedSelect(), try arguments.tensor("input"), try arguments.tensor("mask"))]
  }
}

extension Nonzero: TableEntry {
  public static var signature: Signature { Signature("T input") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Nonzero(), try arguments.tensor("input"))]
  }
}

extension Take: TableEntry {
  public static var signature: Signature { Signature("T input, T index") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Take(), try arguments.tensor("input"), try arguments.tensor("index"))]
  }
}

extension Algebra {
  /// The slices at the given positions of a dimension.
  public func indexSelect(_ dim: Int, _ index: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(IndexSelect(dim), self, index) }
  }
  /// The elements where the mask (bool) holds, as a vector.
  public func maskedSelect(_ mask: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(MaskedSelect(), self, mask) }
  }
  /// The indices of the elements that are not zero: [count, rank], int64.
  public func nonzero() -> Self { checked { () throws(ArrayError) in try Self.apply(Nonzero(), self) } }
  /// The elements of the flattened array at these positions.
  public func take(_ index: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Take(), self, index) }
  }
  /// `gather` with broadcasting of the other dimensions; without dim both are flattened.
  public func takeAlongDim(_ index: Self, _ dim: Int? = nil) -> Self {
    checked { () throws(ArrayError) in try TakeAlongDim.taken(self, index, dim) }
  }
}
