/// `flip(x, dims)`: the order along these dimensions reversed. A copy; its own mirror.
public struct Flip: UnaryOperation {
  public static let name = "flip"
  /// The dimensions; none changes nothing.
  public let dims: [Int]
  public init(_ dims: [Int]) { self.dims = dims }
  public var attributes: [(name: String, value: String)] { [("dims", "\(dims)")] }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    if !dims.isEmpty { _ = try x.shape.axes(dims, Self.name) }
    return x
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    _ = try type(x.type)
    if x.count == 0 || x.rank == 0 { return try x.clone() }
    var (strides, offset) = (x.strides, x.offset)
    for dim in dims {
      let axis = try x.shape.axis(dim, Self.name)
      offset += (x.shape[axis] - 1) * strides[axis]
      strides[axis] = -strides[axis]
    }
    return try x.strided(x.shape, strides, offset: offset).clone()
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.flip(dims)
  }
}

/// `roll(x, shifts, dims)`: elements moved along the dimensions, what leaves at the end comes in at the beginning; without dims the
/// flattened array is rolled. Its mirror rolls back.
public struct Roll: UnaryOperation {
  public static let name = "roll"
  /// How far, one number for each dimension.
  public let shifts: [Int]
  /// The dimensions; nil: the flattened array.
  public let dims: [Int]?
  public init(_ shifts: [Int], _ dims: [Int]? = nil) {
    self.shifts = shifts
    self.dims = dims
  }
  public var attributes: [(name: String, value: String)] {
    [("shifts", "\(shifts)")] + (dims.map { [("dims", "\($0)")] } ?? [])
  }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    try require(!shifts.isEmpty, .runtime("roll: `shifts` required"))
    if let dims, !dims.isEmpty {
      try require(
        shifts.count == dims.count,
        .runtime("roll: shifts and dimensions must align. shifts: \(shifts.count), dims: \(dims.count)"))
      try require(
        x.shape.rank > 0, .index("roll: Dimension specified as \(dims[0]) but tensor has no dimensions"))
      if !x.isEmpty { for dim in dims { _ = try x.shape.axis(dim, Self.name) } }
    } else {
      try require(
        shifts.count == 1,
        .runtime("roll: shifts and dimensions must align. shifts: \(shifts.count), dims: 0"))
    }
    return x
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    _ = try type(x.type)
    if x.count == 0 || x.rank == 0 { return try x.clone() }
    guard let dims, !dims.isEmpty else {
      let flat = try Reshape([x.count]).forward(x)
      return try Reshape(x.shape).forward(try rolled(flat, 0, shifts[0]))
    }
    var result = x
    for (shift, dim) in zip(shifts, dims) {
      result = try rolled(result, try x.shape.axis(dim, Self.name), shift)
    }
    return result
  }
  private func rolled(_ x: NDArray, _ axis: Int, _ shift: Int) throws(ArrayError) -> NDArray {
    let size = x.shape[axis]
    let split = ((size - shift % size) % size + size) % size
    return try Cat(axis).forward([
      try Narrow(axis, split, size - split).forward(x), try Narrow(axis, 0, split).forward(x),
    ])[0]
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    checked { () throws(ArrayError) in try C.Value.apply(Roll(shifts.map { -$0 }, dims), gradient) }
  }
}

/// `x.repeat(repeats)`: the array repeated along each dimension, new ones in front. Derivative: the sum over the copies.
public struct Repeat: UnaryOperation {
  public static let name = "repeat"
  /// How often, one number for each dimension of the result.
  public let repeats: [Int]
  public init(_ repeats: [Int]) { self.repeats = repeats }
  public var attributes: [(name: String, value: String)] { [("repeats", "\(repeats)")] }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      repeats.count >= x.shape.rank,
      .runtime(
        "repeat: Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor: \(repeats) for shape \(x.shape)"
      ))
    try require(
      repeats.count <= Shape.maximumRank,
      .runtime("repeat: \(repeats.count) dimensions given, at most \(Shape.maximumRank) are supported"))
    try require(
      repeats.allSatisfy { $0 >= 0 },
      .runtime("repeat: Trying to create tensor with negative dimension: \(repeats)"))
    var shape = Shape(repeats)
    let shift = repeats.count - x.shape.rank
    for axis in 0..<x.shape.rank {
      if x.shape[axis] == Shape.unknown {
        shape[axis + shift] = Shape.unknown
        continue
      }
      let (size, overflow) = repeats[axis + shift].multipliedReportingOverflow(by: x.shape[axis])
      try require(!overflow, .runtime("repeat: \(repeats) of shape \(x.shape) has too many elements"))
      shape[axis + shift] = size
    }
    return ArrayType(x.dtype, shape)
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let type = try type(x.type)
    let output = try NDArray(uninitialized: type.shape, type.dtype)
    if output.count == 0 { return output }
    // Filled dimension by dimension: the array once, then along each axis, last to first, what is there is copied behind itself, doubling.
    let shift = output.rank - x.rank
    var filled = Shape(repeating: 1, rank: output.rank)
    for axis in 0..<x.rank { filled[axis + shift] = x.shape[axis] }
    output.strided(filled, output.strides, offset: 0).write(
      from: x.strided(filled, Repeat.widened(x, shift), offset: x.offset))
    for axis in (0..<output.rank).reversed() where repeats[axis] > 1 {
      let target = filled[axis] * repeats[axis]
      while filled[axis] < target {
        var part = filled
        part[axis] = Swift.min(filled[axis], target - filled[axis])
        output.strided(part, output.strides, offset: filled[axis] * output.strides[axis]).write(
          from: output.strided(part, output.strides, offset: 0), isApart: true)
        filled[axis] += part[axis]
      }
    }
    return output
  }
  private static func widened(_ x: NDArray, _ shift: Int) -> Strides {
    var strides = Strides(repeating: 0, rank: x.rank + shift)
    for axis in 0..<x.rank { strides[axis + shift] = x.strides[axis] }
    return strides
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    if repeats.contains(0) {
      return gradient.constant(checked { () throws(ArrayError) in try NDArray(scalar: 0, gradient.dtype) })
        .broadcast(to: context.shape(0))
    }
    guard let shape = gradient.staticShape, shape.count(where: { $0 == Shape.unknown }) <= 1 else {
      stop(.runtime("repeat: its derivative needs all sizes but one to be known while the graph is built"))
    }
    // [r₀, s₀, r₁, s₁ …] summed over the repeats; an open size is the one that is left over.
    let parts = repeats.indices.map { shape[$0] == Shape.unknown ? -1 : shape[$0] / repeats[$0] }
    var sizes: [Int] = []
    var copies: [Int] = []
    for axis in repeats.indices {
      if repeats[axis] != 1 {
        copies.append(sizes.count)
        sizes.append(repeats[axis])
      }
      sizes.append(parts[axis])
    }
    if copies.isEmpty { return gradient.reshape(to: context.shape(0)) }
    if sizes.count <= Shape.maximumRank {
      return gradient.reshape(sizes).sum(copies).reshape(to: context.shape(0))
    }
    var result = gradient
    for axis in repeats.indices.reversed() where repeats[axis] != 1 {
      let slices = (0..<repeats[axis]).map { result.narrow(axis, $0 * parts[axis], parts[axis]) }
      result = slices.dropFirst().reduce(slices[0]) { $0 + $1 }
    }
    return result.reshape(to: context.shape(0))
  }
}

/// `tile(x, dims)`: as `repeat`, missing leading numbers counting as 1.
public enum Tile: TableEntry {
  public static let name = "tile"
  public static var signature: Signature { Signature("T input, ints dims") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try tiled(try arguments.tensor("input"), try arguments.ints("dims"))]
  }
  static func tiled<Value: Algebra>(_ x: Value, _ dims: [Int]) throws(ArrayError) -> Value {
    guard let rank = x.staticShape?.rank else {
      throw .runtime("tile: the rank is not known yet; give the placeholder a shape")
    }
    let missing = Swift.max(rank - dims.count, 0)
    return try Value.apply(Repeat([Int](repeating: 1, count: missing) + dims), x)
  }
}

extension Flip: TableEntry {
  public static var signature: Signature { Signature("T input, ints dims") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Flip(try arguments.ints("dims")), try arguments.tensor("input"))]
  }
}

extension Roll: TableEntry {
  public static var signature: Signature { Signature("T input, int|ints shifts, int|ints? dims") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try Value.apply(
        Roll(try arguments.ints("shifts"), try arguments.optionalInts("dims")), try arguments.tensor("input"))
    ]
  }
}

extension Repeat: TableEntry {
  public static var signature: Signature { Signature("T input, ints repeats") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Repeat(try arguments.ints("repeats")), try arguments.tensor("input"))]
  }
}

extension Algebra {
  /// The order along these dimensions reversed.
  public func flip(_ dims: [Int]) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Flip(dims), self) }
  }
  /// Elements moved along the dimensions, coming in again at the other end; the flattened array when none is given.
  public func roll(_ shifts: [Int], _ dims: [Int]? = nil) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Roll(shifts, dims), self) }
  }
  /// The array repeated along each dimension, new ones in front.
  public func `repeat`(_ repeats: Int...) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Repeat(repeats), self) }
  }
  /// As `repeat`, missing leading numbers counting as 1.
  public func tile(_ dims: [Int]) -> Self {
    checked { () throws(ArrayError) in try Tile.tiled(self, dims) }
  }
}
