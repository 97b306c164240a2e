/// `unsqueeze(x, dim)`: a new dimension of size 1 before `dim`. A view; its mirror removes it again.
public struct Unsqueeze: UnaryOperation {
  public static let name = "unsqueeze"
  /// Where; from −(rank + 1) to rank.
  public let dim: Int
  /// Whether it is the form in place.
  let isInPlace: Bool
  public init(_ dim: Int) { self.init(dim, inPlace: false) }
  package init(_ dim: Int, inPlace: Bool) { (self.dim, isInPlace) = (dim, inPlace) }
  public var attributes: [(name: String, value: String)] { [("dim", "\(dim)")] }
  public var isView: Bool { true }
  public var gradientOverload: Int { isInPlace ? 1 : 0 }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    let axis = try Shape.axis(dim, rank: x.shape.rank + 1, Self.name)
    return ArrayType(x.dtype, try x.shape.inserting(1, at: axis, Self.name))
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let axis = try Shape.axis(dim, rank: x.rank + 1, Self.name)
    let shape = try x.shape.inserting(1, at: axis, Self.name)
    var strides = x.strides
    strides.insert(axis < x.rank ? x.shape[axis] * x.strides[axis] : 1, at: axis)
    return x.strided(shape, strides, offset: x.offset)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.reshape(to: context.shape(0))
  }
}

/// `squeeze(x, dim)`: without the given dimensions where their size is 1, without all such where none is given. A view.
public struct Squeeze: UnaryOperation {
  public static let name = "squeeze"
  /// The dimensions; nil: all of size 1. An empty list changes nothing.
  public let dims: [Int]?
  /// Whether it is the form in place.
  let isInPlace: Bool
  public init(_ dims: [Int]? = nil) { self.init(dims, inPlace: false) }
  package init(_ dims: [Int]?, inPlace: Bool) { (self.dims, isInPlace) = (dims, inPlace) }
  public var attributes: [(name: String, value: String)] { dims.map { [("dim", "\($0)")] } ?? [] }
  public var isView: Bool { true }
  public var gradientOverload: Int { (dims.map { $0.count == 1 ? 1 : 2 } ?? 0) + (isInPlace ? 3 : 0) }

  private func removed(_ shape: Shape) throws(ArrayError) -> AxisSet {
    var set = AxisSet()
    if let dims {
      for dim in dims {
        let axis = try shape.axis(dim, Self.name)
        try require(
          !set.contains(axis), .runtime("squeeze: dim \(axis) appears multiple times in the list of dims"))
        set.insert(axis)
      }
    } else {
      set = AxisSet(all: shape.rank)
    }
    var result = AxisSet()
    for axis in 0..<shape.rank where set.contains(axis) && shape[axis] == 1 { result.insert(axis) }
    return result
  }
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    ArrayType(x.dtype, x.shape.reduced(try removed(x.shape), keepDim: false))
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let axes = try removed(x.shape)
    let shape = x.shape.reduced(axes, keepDim: false)
    return x.strided(shape, x.strides.reduced(axes, keepDim: false), offset: x.offset)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.reshape(to: context.shape(0))
  }
}

extension Unsqueeze: TableEntry {
  public static var signature: Signature { Signature("T input, int dim") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Unsqueeze(try arguments.int("dim")), try arguments.tensor("input"))]
  }
}

extension Squeeze: TableEntry {
  public static var signature: Signature { Signature("T input, int|ints? dim") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Squeeze(try arguments.optionalInts("dim")), try arguments.tensor("input"))]
  }
}

extension Algebra {
  /// With a new dimension of size 1 before `dim`. A view.
  public func unsqueeze(_ dim: Int) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Unsqueeze(dim), self) }
  }
  /// Without the dimensions of size 1, or without those given where their size is 1. A view.
  public func squeeze(_ dims: Int...) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Squeeze(dims.isEmpty ? nil : dims), self) }
  }
}
