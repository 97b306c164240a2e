/// `permute(x, dims)`: dimension i of the result is dimension dims[i] of x. A view; its mirror is the inverse permutation.
public struct Permute: UnaryOperation {
  public static let name = "permute"
  /// For each dimension of the result the one of the input it is.
  public let dims: [Int]

  public init(_ dims: [Int]) { self.dims = dims }

  public var attributes: [(name: String, value: String)] { [("dims", "\(dims)")] }
  public var isView: Bool { true }

  private func axes(_ rank: Int) throws(ArrayError) -> [Int] {
    try require(
      dims.count == rank,
      .runtime("permute: \(dims.count) dims given for a tensor of \(rank) dimensions; each must appear once"))
    var seen = AxisSet()
    var result: [Int] = []
    for dim in dims {
      let axis = try Shape.axis(dim, rank: rank, Self.name)
      try require(!seen.contains(axis), .runtime("permute: duplicate dim \(dim) in \(dims)"))
      seen.insert(axis)
      result.append(axis)
    }
    return result
  }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    let axes = try axes(x.shape.rank)
    return ArrayType(x.dtype, Shape(axes.map { x.shape[$0] }))
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let axes = try axes(x.rank)
    return x.strided(Shape(axes.map { x.shape[$0] }), Strides(axes.map { x.strides[$0] }), offset: x.offset)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    var inverse = dims
    for (position, dim) in dims.enumerated() { inverse[dim < 0 ? dim + dims.count : dim] = position }
    return gradient.permute(inverse)
  }
}

extension Permute: TableEntry {
  public static var signature: Signature { Signature("T input, ints dims") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Permute(try arguments.ints("dims")), try arguments.tensor("input"))]
  }
}

/// `transpose(x, dim0, dim1)`: two dimensions exchanged. A view; its own mirror.
public struct Transpose: UnaryOperation {
  public static let name = "transpose"
  /// One dimension.
  public let dim0: Int
  /// The other.
  public let dim1: Int
  /// Whether it is the form in place.
  let isInPlace: Bool

  public init(_ dim0: Int, _ dim1: Int) { self.init(dim0, dim1, inPlace: false) }
  package init(_ dim0: Int, _ dim1: Int, inPlace: Bool) {
    (self.dim0, self.dim1, isInPlace) = (dim0, dim1, inPlace)
  }
  public var gradientOverload: Int { isInPlace ? 1 : 0 }

  public var attributes: [(name: String, value: String)] { [("dim0", "\(dim0)"), ("dim1", "\(dim1)")] }
  public var isView: Bool { true }

  private func exchanged(_ list: Shape, _ a: Int, _ b: Int) -> Shape {
    var result = list
    guard list.rank > 0 else { return list }
    (result[a], result[b]) = (list[b], list[a])
    return result
  }
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    let (a, b) = (try x.shape.axis(dim0, Self.name), try x.shape.axis(dim1, Self.name))
    return ArrayType(x.dtype, exchanged(x.shape, a, b))
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let (a, b) = (try x.shape.axis(dim0, Self.name), try x.shape.axis(dim1, Self.name))
    return x.strided(exchanged(x.shape, a, b), exchanged(x.strides, a, b), offset: x.offset)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.transpose(dim0, dim1)
  }
}

extension Transpose: TableEntry {
  public static var signature: Signature { Signature("T input, int dim0, int dim1") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try Value.apply(
        Transpose(try arguments.int("dim0"), try arguments.int("dim1")), try arguments.tensor("input"))
    ]
  }
}

/// `t(x)`: the transpose of a matrix; vectors and numbers stay as they are. A view; its own mirror.
public struct MatrixTranspose: UnaryOperation {
  public static let name = "t"
  /// Whether it is the form in place.
  @usableFromInline let isInPlace: Bool
  @inlinable public init() { isInPlace = false }
  package init(inPlace: Bool) { isInPlace = inPlace }
  public var gradientOverload: Int { isInPlace ? 1 : 0 }
  @inlinable public var isView: Bool { true }
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      x.shape.rank <= 2,
      .runtime("t: expects a tensor with <= 2 dimensions, but self is \(x.shape.rank)D; use transpose(_:_:)"))
    return x.shape.rank < 2 ? x : ArrayType(x.dtype, Shape(rows: x.shape[1], columns: x.shape[0]))
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    guard x.rank == 2 else {
      _ = try type(x.type)
      return x
    }
    return x.strided(
      Shape(rows: x.shape[1], columns: x.shape[0]), Strides(rows: x.stride(1), columns: x.stride(0)),
      offset: x.offset)
  }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.t()
  }
}

extension MatrixTranspose: TableEntry {
  public static var signature: Signature { Signature("T input") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(MatrixTranspose(), try arguments.tensor("input"))]
  }
}

extension Algebra {
  /// The dimensions in another order. A view.
  public func permute(_ dims: [Int]) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Permute(dims), self) }
  }
  /// The dimensions in another order. A view.
  public func permute(_ dims: Int...) -> Self { permute(dims) }
  /// Two dimensions exchanged. A view.
  public func transpose(_ dim0: Int, _ dim1: Int) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Transpose(dim0, dim1), self) }
  }
  /// The transpose of a matrix. A view.
  @inlinable public func t() -> Self {
    checked { () throws(ArrayError) in try Self.apply(MatrixTranspose(), self) }
  }
}
