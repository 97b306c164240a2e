/// `x[index]` with integers, ranges, an ellipsis and new axes: basic indexing, always a view.
///
/// It is composed of `select`, `slice` and `unsqueeze`, so its derivative follows from theirs.
public enum GetItem: TableEntry {
  public static let name = "getitem"
  public static var signature: Signature { Signature("T input, index index") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try view(try arguments.tensor("input"), try arguments.index("index"))]
  }

  /// The view of `x` that the items describe. Throws when there are more of them than dimensions, or one is out of range. As in
  /// PyTorch each ellipsis stands for all dimensions that no other item takes: what follows a second one must not need any.
  public static func view<Value: Algebra>(_ x: Value, _ items: [IndexItem]) throws(ArrayError) -> Value {
    let used = items.count { $0 != .remaining && $0 != .inserted }
    guard let rank = x.staticShape?.rank else {
      throw .index("getitem: the rank is not known yet; give the placeholder a shape")
    }
    try require(
      used <= rank,
      .index("getitem: too many indices for tensor of dimension \(rank): \(used) given"))
    var result = x
    var dim = 0
    for item in items {
      switch item {
      case .integer(let index):
        result = try Value.apply(Select(dim, index), result)
      case .range(let start, let stop, let step):
        if start != nil || stop != nil || step != 1 {
          result = try Value.apply(Slice(dim, start: start, stop: stop, step: step), result)
        }
        dim += 1
      case .remaining:
        dim += rank - used
      case .inserted:
        result = try Value.apply(Unsqueeze(dim), result)
        dim += 1
      }
    }
    if items.isEmpty || items.allSatisfy({ $0 == .remaining || $0 == .range(start: nil, stop: nil) }) {
      result = try Value.apply(Alias(), result)
    }
    return result
  }
}

/// The same elements under another name: what `x[...]` gives. A view; its own mirror.
public struct Alias: UnaryOperation {
  public static let name = "alias"
  public init() {}
  public var isView: Bool { true }
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { x }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray { x }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient }
}

/// Something that can stand between the brackets of `x[...]`.
public protocol IndexConvertible {
  /// The item it stands for.
  var indexItem: IndexItem { get }
}

extension IndexItem: IndexConvertible { public var indexItem: IndexItem { self } }
extension Int: IndexConvertible { public var indexItem: IndexItem { .integer(self) } }
extension Range<Int>: IndexConvertible {
  public var indexItem: IndexItem { .range(start: lowerBound, stop: upperBound) }
}
extension ClosedRange<Int>: IndexConvertible {
  public var indexItem: IndexItem {
    .range(start: lowerBound, stop: upperBound == -1 || upperBound == .max ? nil : upperBound + 1)
  }
}
extension PartialRangeFrom<Int>: IndexConvertible {
  public var indexItem: IndexItem { .range(start: lowerBound, stop: nil) }
}
extension PartialRangeUpTo<Int>: IndexConvertible {
  public var indexItem: IndexItem { .range(start: nil, stop: upperBound) }
}
extension PartialRangeThrough<Int>: IndexConvertible {
  public var indexItem: IndexItem {
    .range(start: nil, stop: upperBound == -1 || upperBound == .max ? nil : upperBound + 1)
  }
}
extension StrideTo<Int>: IndexConvertible {
  /// The range whose positions these are; the step must be positive.
  public var indexItem: IndexItem {
    var positions = makeIterator()
    guard let first = positions.next() else { return .range(start: 0, stop: 0) }
    guard let second = positions.next() else {
      return .range(start: first, stop: first == -1 ? nil : first &+ 1)
    }
    let step = second &- first
    let last = first &+ (underestimatedCount - 1) &* step
    return .range(start: first, stop: last == -1 ? nil : last &+ 1, step: step)
  }
}

/// A word that can stand between the brackets: `x[.all, 0]`, `x[.ellipsis, .newAxis]`.
extension IndexConvertible where Self == IndexItem {
  /// The whole dimension, Python's `:`.
  public static var all: IndexItem { .range(start: nil, stop: nil) }
  /// A new dimension of size 1, NumPy's `newaxis` and Python's `None`.
  public static var newAxis: IndexItem { .inserted }
  /// As many whole dimensions as needed, Python's `...`.
  public static var ellipsis: IndexItem { .remaining }
  /// Python's `start:stop:step`, any part of it left out.
  public static func slice(_ start: Int? = nil, _ stop: Int? = nil, step: Int = 1) -> IndexItem {
    .range(start: start, stop: stop, step: step)
  }
}

extension Algebra {
  /// The view that basic indexing describes: integers, ranges, `.all`, `.ellipsis`, `.newAxis`.
  public subscript(_ items: any IndexConvertible...) -> Self {
    checked { () throws(ArrayError) in try GetItem.view(self, items.map(\.indexItem)) }
  }
}

extension InPlaceAlgebra {
  /// The view that basic indexing describes. Assigning writes the elements of the new value, broadcast and converted, into that place,
  /// where every view of the memory sees them; for a tensor an in-place operation, recorded like any other.
  ///
  /// Stops, with nothing changed, when an index is out of range or the value does not broadcast to the place.
  public subscript(_ items: any IndexConvertible...) -> Self {
    get { checked { () throws(ArrayError) in try GetItem.view(self, items.map(\.indexItem)) } }
    nonmutating set { checked { () throws(ArrayError) in try assign(newValue, at: items.map(\.indexItem)) } }
  }

  /// `x[items] = value`, the throwing form: leading dimensions of size 1 that the place does not have are dropped from `value`, which
  /// is then broadcast and converted.
  public func assign(_ value: Self, at items: [IndexItem]) throws(ArrayError) {
    let place = try GetItem.view(self, items)
    var value = value
    while let own = value.staticShape, let target = place.staticShape, own.rank > target.rank, own[0] == 1 {
      value = try Self.apply(Select(0, 0), value)
    }
    try place.applyInPlace(CopyFrom(), value)
  }

  /// `x[items] = number`, the throwing form: the number, converted, everywhere in that place. Throws when it does not fit the dtype.
  public func assign(_ number: Scalar, at items: [IndexItem]) throws(ArrayError) {
    let place = try GetItem.view(self, items)
    try number.checkConvertible(to: dtype, GetItem.name)
    try place.applyInPlace(Fill(number))
  }
}
