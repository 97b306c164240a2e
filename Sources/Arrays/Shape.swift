/// The sizes of an array's dimensions, stored in place (no allocation), at most `Shape.maximumRank` of them.
///
/// While a static graph is built a size may be open: `Shape.unknown`. Arrays never have one.
public struct Shape: Sendable {
  /// The most dimensions an array can have.
  public static let maximumRank = 8
  /// The mark of a size that is not known yet (−1); only in graphs.
  public static let unknown = -1

  @usableFromInline var sizes: InlineArray<8, Int>
  @usableFromInline var rankByte: UInt8

  /// The shape of a 0-d array: no dimensions.
  @inlinable public init() {
    sizes = InlineArray(repeating: 0)
    rankByte = 0
  }

  /// The shape with these sizes. Stops when there are more than `maximumRank`.
  @inlinable public init(_ list: some Collection<Int>) {
    if list.count > Shape.maximumRank {
      stop(.runtime("shape: \(list.count) dimensions given, at most \(Shape.maximumRank) are supported"))
    }
    self.init()
    for size in list {
      sizes[Int(rankByte)] = size
      rankByte += 1
    }
  }

  /// The shape of a matrix. (A list of sizes would be an array first.)
  @inlinable public init(rows: Int, columns: Int) {
    sizes = InlineArray(repeating: 0)
    sizes[0] = rows
    sizes[1] = columns
    rankByte = 2
  }

  /// The shape with `rank` dimensions, all of the given size.
  @inlinable public init(repeating size: Int, rank: Int) {
    self.init()
    for axis in 0..<rank { sizes[axis] = size }
    rankByte = UInt8(rank)
  }

  /// The number of dimensions.
  @inlinable public var rank: Int { Int(rankByte) }

  /// Whether every size is known.
  @inlinable public var isKnown: Bool {
    for axis in 0..<rank where sizes[axis] == Shape.unknown { return false }
    return true
  }

  /// Whether both may turn out to be the same shape: of one rank, with the same size wherever both are known.
  @inlinable public func agrees(with other: Shape) -> Bool {
    if rank != other.rank { return false }
    for axis in 0..<rank where !Shape.agree(sizes[axis], other.sizes[axis]) { return false }
    return true
  }

  /// Whether both may turn out to be the same size.
  @inlinable public static func agree(_ a: Int, _ b: Int) -> Bool { a == b || a == unknown || b == unknown }

  /// The number of elements: the product of the sizes, 1 for a 0-d array. Meaningful for known shapes.
  @inlinable public var elementCount: Int {
    var product = 1
    for axis in 0..<rank { product &*= sizes[axis] }
    return product
  }

  /// The product of the sizes of these dimensions.
  public func elementCount(along axes: AxisSet) -> Int {
    var product = 1
    for axis in 0..<rank where axes.contains(axis) { product &*= sizes[axis] }
    return product
  }

  /// The number of elements, or an error when it does not fit 63 bits or a size is negative.
  public func checkedElementCount(_ operation: String) throws(ArrayError) -> Int {
    var product = 1
    var overflowed = false
    for axis in 0..<rank {
      let size = sizes[axis]
      if size < 0 {
        throw .runtime("\(operation): Trying to create tensor with negative dimension \(size): \(self)")
      }
      if size == 0 { return try checkedZero(operation) }
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      overflowed = overflowed || overflow
      product = next
    }
    if overflowed {
      throw .runtime("\(operation): the sizes \(self) multiply to more elements than 64 bits can count")
    }
    return product
  }

  /// The sum of sizes that are not negative, or nil when it does not fit.
  public static func sum(_ sizes: [Int]) -> Int? {
    var total = 0
    for size in sizes {
      let (next, overflow) = total.addingReportingOverflow(size)
      if overflow { return nil }
      total = next
    }
    return total
  }

  private func checkedZero(_ operation: String) throws(ArrayError) -> Int {
    for size in self where size < 0 {
      throw .runtime("\(operation): Trying to create tensor with negative dimension \(size): \(self)")
    }
    return 0
  }

  /// The strides, in elements, of a row-major array of this shape.
  @inlinable public var contiguousStrides: Strides {
    var strides = self
    var step = 1
    var axis = rank - 1
    while axis >= 0 {
      strides.sizes[axis] = step
      step &*= Swift.max(sizes[axis], 1)
      axis -= 1
    }
    return strides
  }

  /// `dim` counted from the front; a negative one counts from the end. A 0-d array takes 0 and −1.
  ///
  /// Throws an index error that names the operation when out of range.
  @inlinable public func axis(_ dim: Int, _ operation: String) throws(ArrayError) -> Int {
    try Shape.axis(dim, rank: rank, operation)
  }

  /// As `axis(_:_:)` for a rank that is not a shape's own (for `unsqueeze` and `stack`, one more).
  @inlinable public static func axis(_ dim: Int, rank: Int, _ operation: String) throws(ArrayError) -> Int {
    let bound = Swift.max(rank, 1)
    guard dim >= -bound && dim < bound else { throw dimOutOfRange(dim, bound, operation) }
    return dim < 0 ? dim + bound : dim
  }

  @usableFromInline static func dimOutOfRange(_ dim: Int, _ bound: Int, _ operation: String) -> ArrayError {
    .index(
      "\(operation): Dimension out of range (expected to be in range of [\(-bound), \(bound - 1)], but got \(dim))"
    )
  }

  /// `dims` counted from the front, each at most once; an empty or absent list means every dimension. A 0-d array has none, though it
  /// takes 0 and −1.
  public func axes(_ dims: [Int]?, _ operation: String) throws(ArrayError) -> AxisSet {
    guard let dims, !dims.isEmpty else { return AxisSet(all: rank) }
    var set = AxisSet()
    for dim in dims {
      let axis = try axis(dim, operation)
      if set.contains(axis) {
        throw .runtime("\(operation): dim \(axis) appears multiple times in the list of dims")
      }
      set.insert(axis)
    }
    return rank == 0 ? AxisSet() : set
  }

  /// The shape without these dimensions, or with size 1 there when `keepDim`.
  public func reduced(_ axes: AxisSet, keepDim: Bool) -> Shape {
    var result = Shape()
    for axis in 0..<rank {
      if !axes.contains(axis) { result.append(sizes[axis]) } else if keepDim { result.append(1) }
    }
    return result
  }

  /// Adds a dimension at the end.
  @inlinable public mutating func append(_ size: Int) {
    if rank == Shape.maximumRank {
      stop(.runtime("shape: more than \(Shape.maximumRank) dimensions are not supported"))
    }
    sizes[rank] = size
    rankByte += 1
  }

  /// The shape with one more dimension before `axis`. Throws, naming the operation, where that is one too many.
  public func inserting(_ size: Int, at axis: Int, _ operation: String) throws(ArrayError) -> Shape {
    if rank == Shape.maximumRank {
      throw .runtime("\(operation): the result has \(rank + 1) dimensions, at most \(rank) are supported")
    }
    var shape = self
    shape.insert(size, at: axis)
    return shape
  }

  /// Adds a dimension before `axis`. Stops where that is one too many.
  public mutating func insert(_ size: Int, at axis: Int) {
    append(size)
    var position = rank - 1
    while position > axis {
      sizes[position] = sizes[position - 1]
      position -= 1
    }
    sizes[axis] = size
  }

  /// Removes a dimension.
  public mutating func remove(at axis: Int) {
    for position in axis..<(rank - 1) { sizes[position] = sizes[position + 1] }
    rankByte -= 1
    sizes[rank] = 0
  }

  /// The shape that arrays of these shapes broadcast to, or nil when they cannot (NumPy's rule): dimensions are matched from the
  /// end; sizes must be equal or one of them 1. An open size meets 1 as open, and a size above 1 as that size.
  public static func broadcast(_ a: Shape, _ b: Shape) -> Shape? {
    var result = a.rank >= b.rank ? a : b
    let shift = result.rank - Swift.min(a.rank, b.rank)
    let shorter = a.rank >= b.rank ? b : a
    for axis in 0..<shorter.rank {
      let one = result.sizes[axis + shift]
      let other = shorter.sizes[axis]
      if one == other || other == 1 { continue }
      if one == 1 {
        result.sizes[axis + shift] = other
      } else if one == Shape.unknown {
        result.sizes[axis + shift] = other
      } else if other != Shape.unknown {
        return nil
      }
    }
    return result
  }
}

/// Steps between neighbours along each dimension, in elements: the same in-place list as a shape.
public typealias Strides = Shape

extension Shape: RandomAccessCollection, MutableCollection {
  @inlinable public var startIndex: Int { 0 }
  @inlinable public var endIndex: Int { rank }
  @inlinable public subscript(axis: Int) -> Int {
    get { sizes[axis] }
    set { sizes[axis] = newValue }
  }
}

extension Shape: Hashable {
  @inlinable public static func == (a: Shape, b: Shape) -> Bool {
    if a.rankByte != b.rankByte { return false }
    for axis in 0..<a.rank where a.sizes[axis] != b.sizes[axis] { return false }
    return true
  }
  public func hash(into hasher: inout Hasher) {
    hasher.combine(rankByte)
    for size in self { hasher.combine(size) }
  }
}

extension Shape: ExpressibleByArrayLiteral {
  @inlinable public init(arrayLiteral elements: Int...) { self.init(elements) }
}

extension Shape: CustomStringConvertible {
  /// As PyTorch writes it in messages: `[2, 3]`; an open size is `?`.
  public var description: String {
    "[" + map { $0 == Shape.unknown ? "?" : String($0) }.joined(separator: ", ") + "]"
  }
}

/// A set of dimensions of one array.
public struct AxisSet: Sendable, Hashable {
  @usableFromInline var bits: UInt16 = 0

  /// No dimensions.
  @inlinable public init() {}
  /// All of the first `rank` dimensions.
  @inlinable public init(all rank: Int) { bits = (1 << UInt16(rank)) - 1 }
  /// Just this one.
  @inlinable public init(_ axis: Int) { bits = 1 << UInt16(axis) }
  /// Whether `axis` is in the set.
  @inlinable public func contains(_ axis: Int) -> Bool { bits & (1 << UInt16(axis)) != 0 }
  /// Adds `axis`.
  @inlinable public mutating func insert(_ axis: Int) { bits |= 1 << UInt16(axis) }
  /// The number of dimensions in the set.
  @inlinable public var count: Int { bits.nonzeroBitCount }
  /// Whether the set has no dimension.
  @inlinable public var isEmpty: Bool { bits == 0 }
  /// The dimensions in ascending order.
  public var axes: [Int] { (0..<16).filter(contains) }
}
