/// `tril(x, diagonal)`: zeros above the diagonal (0 the main one, 1 the next above) of the last two dimensions. Its own mirror.
public struct Tril: TriangleOperation {
  public static let name = "tril"
  public let diagonal: Int
  public init(_ diagonal: Int = 0) { self.diagonal = diagonal }
  static func keeps(_ column: Int, _ limit: Int) -> Bool { column <= limit }
}

/// `triu(x, diagonal)`: zeros below the diagonal (0 the main one, 1 the next above) of the last two dimensions. Its own mirror.
public struct Triu: TriangleOperation {
  public static let name = "triu"
  public let diagonal: Int
  public init(_ diagonal: Int = 0) { self.diagonal = diagonal }
  static func keeps(_ column: Int, _ limit: Int) -> Bool { column >= limit }
}

/// What `tril` and `triu` have in common.
protocol TriangleOperation: UnaryOperation, TableEntry {
  var diagonal: Int { get }
  init(_ diagonal: Int)
  static func keeps(_ column: Int, _ limit: Int) -> Bool
}

extension TriangleOperation {
  public var attributes: [(name: String, value: String)] {
    diagonal == 0 ? [] : [("diagonal", "\(diagonal)")]
  }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      x.shape.rank >= 2,
      .runtime("\(Self.name): input tensor must have at least 2 dimensions, but its shape is \(x.shape)"))
    return x
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    _ = try type(x.type)
    let output = try x.clone()
    let (rows, columns, size) = (x.shape[x.rank - 2], x.shape[x.rank - 1], x.dtype.byteSize)
    if output.count == 0 { return output }
    let diagonal = Swift.min(Swift.max(diagonal, -rows), columns)
    for matrix in 0..<(output.count / (rows * columns)) {
      for row in 0..<rows {
        let start = output.address + (matrix * rows + row) * columns * size
        let limit = Swift.min(Swift.max(row + diagonal, -1), columns)
        let cleared =
          Self.keeps(0, 1) && !Self.keeps(1, 0)
          ? Swift.min(limit + 1, columns)..<columns : 0..<Swift.min(Swift.max(limit, 0), columns)
        if !cleared.isEmpty {
          (start + cleared.lowerBound * size).initializeMemory(
            as: UInt8.self, repeating: 0, count: cleared.count * size)
        }
      }
    }
    return output
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    checked { () throws(ArrayError) in try C.Value.apply(self, gradient) }
  }

  public static var signature: Signature { Signature("T input, int diagonal=0") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Self(try arguments.int("diagonal", default: 0)), try arguments.tensor("input"))]
  }
}

/// `diagonal(x, offset, dim1, dim2)`: the diagonal of the matrices in two dimensions, as the last dimension. A view.
public struct Diagonal: PartialView {
  public static let name = "diagonal"
  /// 0 the main diagonal, positive above, negative below.
  public let diagonalOffset: Int
  /// The rows' dimension.
  public let dim1: Int
  /// The columns' dimension.
  public let dim2: Int
  public init(_ offset: Int = 0, _ dim1: Int = 0, _ dim2: Int = 1) {
    diagonalOffset = offset
    self.dim1 = dim1
    self.dim2 = dim2
  }
  public var attributes: [(name: String, value: String)] {
    [("offset", "\(diagonalOffset)"), ("dim1", "\(dim1)"), ("dim2", "\(dim2)")]
  }

  private func resolve(_ shape: Shape) throws(ArrayError) -> (rows: Int, columns: Int, length: Int) {
    let (a, b) = (try shape.axis(dim1, Self.name), try shape.axis(dim2, Self.name))
    try require(a != b, .runtime("diagonal: diagonal dimensions cannot be identical \(dim1), \(dim2)"))
    if shape[a] == Shape.unknown || shape[b] == Shape.unknown { return (a, b, Shape.unknown) }
    // An offset beyond the corner leaves nothing, however far it is.
    let offset = Swift.min(Swift.max(diagonalOffset, -Int.max / 2), Int.max / 2)
    let length =
      offset >= 0 ? Swift.min(shape[a], shape[b] - offset) : Swift.min(shape[a] + offset, shape[b])
    return (a, b, Swift.max(length, 0))
  }
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    let (a, b, length) = try resolve(x.shape)
    var axes = AxisSet(a)
    axes.insert(b)
    var shape = x.shape.reduced(axes, keepDim: false)
    shape.append(length)
    return ArrayType(x.dtype, shape)
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let (a, b, length) = try resolve(x.shape)
    var axes = AxisSet(a)
    axes.insert(b)
    var (shape, strides) = (x.shape.reduced(axes, keepDim: false), x.strides.reduced(axes, keepDim: false))
    shape.append(length)
    strides.append(x.strides[a] + x.strides[b])
    if length == 0 { return x.strided(shape, strides, offset: x.offset) }
    let start = diagonalOffset >= 0 ? diagonalOffset * x.strides[b] : -diagonalOffset * x.strides[a]
    return x.strided(shape, strides, offset: x.offset + start)
  }
}

extension Diagonal: TableEntry {
  public static var signature: Signature { Signature("T input, int offset=0, int dim1=0, int dim2=1") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let operation = Diagonal(
      try arguments.int("offset", default: 0), try arguments.int("dim1", default: 0),
      try arguments.int("dim2", default: 1))
    return [try Value.apply(operation, try arguments.tensor("input"))]
  }
}

extension Algebra {
  /// Zeros above the diagonal of the last two dimensions.
  public func tril(_ diagonal: Int = 0) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Tril(diagonal), self) }
  }
  /// Zeros below the diagonal of the last two dimensions.
  public func triu(_ diagonal: Int = 0) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Triu(diagonal), self) }
  }
  /// The diagonal of the matrices in two dimensions, as the last dimension. A view.
  public func diagonal(_ offset: Int = 0, _ dim1: Int = 0, _ dim2: Int = 1) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Diagonal(offset, dim1, dim2), self) }
  }
}

extension InPlaceAlgebra {
  /// `tril` in place.
  @discardableResult public func tril_(_ diagonal: Int = 0) -> Self {
    inPlace(Tril(diagonal))
  }
  /// `triu` in place.
  @discardableResult public func triu_(_ diagonal: Int = 0) -> Self {
    inPlace(Triu(diagonal))
  }
}
