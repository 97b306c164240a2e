/// Arrays run operations and remember nothing. Long elementwise ones wait for each other until somebody looks, which nobody sees but for the
/// time they take: `synchronize()`.
extension NDArray: InPlaceAlgebra {
  public typealias ShapeReference = Shape

  @inlinable public var staticShape: Shape? { shape }
  @inlinable public var storedArray: NDArray? { self }
  @inlinable public var shapeReference: Shape { shape }

  @inlinable public static func apply<O: UnaryOperation>(
    _ operation: O, _ x: NDArray
  ) throws(ArrayError) -> NDArray {
    try operation.forward(x)
  }

  @inlinable public static func apply<O: BinaryOperation>(
    _ operation: O, _ x: NDArray, _ y: NDArray
  ) throws(ArrayError) -> NDArray {
    try operation.forward(x, y)
  }

  @inlinable public static func apply<O: ElementwiseBinary>(
    spreading operation: O, _ x: NDArray, _ y: NDArray
  ) throws(ArrayError) -> NDArray {
    try operation.forward(spreading: x, y)
  }

  @inlinable public static func apply<O: UnaryOperation>(
    _ operation: O, consuming x: consuming NDArray
  ) throws(ArrayError) -> NDArray {
    guard O.isElementwise, x.canBeOverwritten(), try operation.type(x.type).dtype == x.dtype else {
      return try operation.forward(x)
    }
    try operation.forward(x, into: x)
    return x
  }

  @inlinable public static func apply<O: ElementwiseBinary>(
    spreading operation: O, consuming x: consuming NDArray, _ y: NDArray
  ) throws(ArrayError) -> NDArray {
    guard x.fits(y), x.canBeOverwritten(), try O.resultDType(x.dtype) == x.dtype else {
      return try operation.forward(spreading: x, y)
    }
    try operation.forward(x, y, into: x)
    return x
  }

  /// Whether `y` has this dtype, and broadcasting it to this array is sure to leave this one's shape.
  @inlinable public func fits(_ y: NDArray) -> Bool {
    dtype == y.dtype && (y.shape == shape || y.count == 1 && y.rank <= rank)
  }

  @inlinable public static func apply<O: TernaryOperation>(
    _ operation: O, _ x: NDArray, _ y: NDArray, _ z: NDArray
  ) throws(ArrayError) -> NDArray {
    try operation.forward(x, y, z)
  }

  public static func apply<O: ElementwiseTernary>(
    spreading operation: O, _ x: NDArray, _ y: NDArray, _ z: NDArray
  ) throws(ArrayError) -> NDArray {
    try operation.forward(x, y, z)
  }

  @inlinable public static func apply<O: VariadicOperation>(
    _ operation: O, _ xs: [NDArray]
  ) throws(ArrayError) -> [NDArray] {
    try operation.forward(xs)
  }

  @inlinable public static func apply<O: ShapedOperation>(
    _ operation: O, _ x: NDArray, shape: Shape
  ) throws(ArrayError) -> NDArray {
    var operation = operation
    operation.shape = shape
    return try operation.forward(x)
  }

  @inlinable public static func shapeReference(_ shape: Shape) -> Shape { shape }
  @inlinable public func constant(_ array: NDArray) -> NDArray { array }

  @inlinable public func applyInPlace<O: UnaryOperation>(_ operation: O) throws(ArrayError) {
    let result = try operation.type(type)
    try checkInPlace(O.name, result, toleratesOverlap: O.toleratesOverlap)
    if O.isElementwise && result.dtype == dtype {
      try operation.forward(self, into: self)
      countChange()
    } else {
      try become(try operation.forward(self), O.name)
    }
  }

  @inlinable public func applyInPlace<O: BinaryOperation>(_ operation: O, _ y: NDArray) throws(ArrayError) {
    let result = try operation.type(type, y.type)
    try checkInPlace(O.name, result)
    try checkOverlap(with: y, O.name)
    if O.isElementwise && result.dtype == dtype && (!y.sharesStorage(with: self) || y.isSameView(as: self)) {
      try operation.forward(self, y, into: self)
      countChange()
    } else {
      try become(try operation.forward(self, y), O.name)
    }
  }

  @inlinable public func applyInPlace<O: ElementwiseBinary>(
    fitting operation: O, _ y: NDArray
  ) throws(ArrayError) {
    guard isContiguous, !y.sharesStorage(with: self) else { return try applyInPlace(operation, y) }
    try operation.forward(self, y, into: self)
    countChange()
  }

  public func become(_ value: NDArray, _ operation: String) throws(ArrayError) {
    try checkInPlace(operation, value.type)
    write(from: value)
    storage.version += 1
  }

  /// Throws when a result of `type` cannot be written into this array: another shape, a lower kind of dtype, or elements that
  /// share memory (an expanded array), unless that is tolerated.
  @inlinable public func checkInPlace(
    _ operation: @autoclosure () -> String, _ type: ArrayType, toleratesOverlap: Bool = false
  ) throws(ArrayError) {
    if isContiguous && type.dtype == dtype && type.shape == shape { return }
    try checkUnusual(operation(), type, toleratesOverlap)
  }

  @usableFromInline func checkUnusual(
    _ operation: String, _ type: ArrayType, _ toleratesOverlap: Bool
  ) throws(ArrayError) {
    try require(
      type.shape == shape,
      .runtime(
        "\(operation)_: output with shape \(shape) doesn't match the broadcast shape \(type.shape); an in-place operation cannot change the shape"
      ))
    try require(
      type.dtype.category <= dtype.category,
      .runtime(
        "\(operation)_: result type \(type.dtype.scalarTypeName) can't be cast to the desired output type \(dtype.scalarTypeName)"
      ))
    try require(
      toleratesOverlap || !hasOverlappingElements,
      .runtime(
        "\(operation)_: unsupported operation: more than one element of the written-to tensor refers to a single memory location; clone() it first"
      ))
  }

  @inlinable public func checkOverlap(
    with other: NDArray, _ operation: @autoclosure () -> String
  ) throws(ArrayError) {
    if sharesStorage(with: other) { try checkSharing(other, operation()) }
  }

  @usableFromInline func checkSharing(_ other: NDArray, _ operation: String) throws(ArrayError) {
    guard !isSameView(as: other), isDense, other.isDense else { return }
    if offset == other.offset && count == other.count && strides == other.strides { return }
    if offset + count <= other.offset || other.offset + other.count <= offset { return }
    throw .runtime(
      "\(operation)_: unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location; clone() the input first"
    )
  }

  /// Whether the elements fill a stretch of memory, each place once, in whatever order of dimensions.
  private var isDense: Bool {
    if isContiguous { return true }
    var step = 1
    for axis in (0..<rank).filter({ shape[$0] != 1 }).sorted(by: { strides[$0] < strides[$1] }) {
      if strides[axis] != step { return false }
      step *= shape[axis]
    }
    return true
  }

  /// Whether two elements are the same memory: a dimension of size above 1 has stride 0, and there are elements.
  public var hasOverlappingElements: Bool {
    if count == 0 { return false }
    for axis in 0..<rank where shape[axis] > 1 && strides[axis] == 0 { return true }
    return false
  }

  /// Whether both see the same elements of the same storage.
  @inlinable public func isSameView(as other: NDArray) -> Bool {
    storage === other.storage && offset == other.offset && shape == other.shape && strides == other.strides
      && dtype == other.dtype
  }
}
