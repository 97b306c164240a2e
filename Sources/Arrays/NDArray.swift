import CKernels
import Synchronization

/// An n-dimensional array: shape, strides and offset over shared storage, with NumPy's semantics.
///
/// Copying the value copies the description, not the elements: both see the same storage, and a change in place
/// (`add_`, an assignment to a subscript) is seen through every view. `clone()` copies the elements.
public struct NDArray: @unchecked Sendable {
  /// The memory and how this array sees it.
  @usableFromInline var body: Storage

  /// The memory the elements live in.
  @inlinable public var storage: Storage { body.owner ?? body }
  /// The type of the elements.
  @inlinable public var dtype: DType { body.dtype }
  /// Whether the elements lie one after the other in row-major order.
  @inlinable public var isContiguous: Bool { body.isContiguous }
  /// The step with which one run visits all elements in order: 1 where contiguous, 0 where all are one place, else −1.
  @inlinable var runStep: Int { Int(body.runStep) }
  /// The number of elements.
  @inlinable public var count: Int { body.count }
  /// Where the first element is, in elements from the start of the storage.
  @inlinable public var offset: Int { body.offset }
  /// The size of each dimension.
  @inlinable public var shape: Shape { body.shape }
  /// The step between neighbours along each dimension, in elements of the storage.
  @inlinable public var strides: Strides {
    if !body.ownsMemory { return unsafeDowncast(body, to: StorageView.self).strides }
    return body.runStep == 0 ? Strides(repeating: 0, rank: rank) : body.shape.contiguousStrides
  }
  /// The step between neighbours along one dimension, counted from the front, in elements of the storage.
  @inlinable public func stride(_ axis: Int) -> Int {
    if !body.ownsMemory { return unsafeDowncast(body, to: StorageView.self).strides.sizes[axis] }
    if body.runStep == 0 { return 0 }
    var step = 1
    var inner = body.shape.rank - 1
    while inner > axis {
      step &*= max(body.shape.sizes[inner], 1)
      inner -= 1
    }
    return step
  }
  /// The number of dimensions.
  @inlinable public var rank: Int { body.shape.rank }
  /// The first element's address, for a moment: the elements are there, and nobody else changes them before the next operation on the array is
  /// asked for.
  @inlinable @inline(__always) package var address: UnsafeMutableRawPointer {
    if body.uses.load(ordering: .acquiring) >= Storage.oneUse { body.settle() }
    return body.pointer
  }
  /// The first element's address. It may be kept as long as the array is, to read and write there; operations on the array no longer join
  /// others in one pass over memory.
  public var pointer: UnsafeMutableRawPointer {
    body.expose()
    return address
  }

  @inlinable init(_ body: Storage) { self.body = body }

  /// A view of `storage`; what the strides reach must lie inside it.
  @inlinable public init(storage: Storage, dtype: DType, shape: Shape, strides: Strides, offset: Int) {
    body = StorageView(storage.owner ?? storage, dtype, shape, strides, offset: offset)
  }

  /// A new row-major array whose elements are not set. Throws when the size overflows or the memory cannot be had.
  @inlinable public init(uninitialized shape: Shape, _ dtype: DType) throws(ArrayError) {
    var count = 1
    var overflow = false
    for axis in 0..<shape.rank {
      let size = shape.sizes[axis]
      let (product, exceeds) = count.multipliedReportingOverflow(by: size)
      overflow = overflow || exceeds || size < 0
      count = product
    }
    if overflow || count > Int.max / 8 { count = try NDArray.unusualCount(shape) }
    body = try Storage.make(dtype, shape, count: count)
  }

  /// A new row-major array of this shape whose elements are not set. Throws when the memory cannot be had.
  @inlinable public init(like other: borrowing NDArray, _ dtype: DType) throws(ArrayError) {
    if other.count > Int.max / 8 { throw Storage.exhausted(other.count) }
    body = try Storage.make(like: other.body, dtype)
  }

  @usableFromInline static func unusualCount(_ shape: Shape) throws(ArrayError) -> Int {
    let count = try shape.checkedElementCount("empty")
    if count > Int.max / 8 { throw Storage.exhausted(count) }
    return count
  }

  /// The same storage seen with another shape, strides and offset.
  @inline(never) public func strided(_ shape: Shape, _ strides: Strides, offset: Int) -> NDArray {
    NDArray(storage: storage, dtype: dtype, shape: shape, strides: strides, offset: offset)
  }

  /// An array whose reference is counted by hand: by whoever holds one until it gives it back, and by nobody while it is lent to a function,
  /// so that its holder must outlive the call.
  public struct Loan {
    @usableFromInline var storage: Unmanaged<Storage>
    @inlinable init(storage: Unmanaged<Storage>) { self.storage = storage }

    /// One that holds the array until it is given back.
    @inlinable @inline(__always) public init(holding array: consuming NDArray) {
      storage = .passRetained(array.body)
    }

    /// The array.
    @inlinable @inline(__always) public var array: NDArray { NDArray(storage.takeUnretainedValue()) }
    /// The type of the elements.
    @inlinable @inline(__always) public var dtype: DType { storage._withUnsafeGuaranteedRef { $0.dtype } }
    /// The size of each dimension.
    @inlinable @inline(__always) public var shape: Shape { storage._withUnsafeGuaranteedRef { $0.shape } }
    /// The number of elements.
    @inlinable @inline(__always) public var count: Int { storage._withUnsafeGuaranteedRef { $0.count } }
    /// The number of in-place changes of the storage.
    @inlinable @inline(__always) public var version: Int {
      storage._withUnsafeGuaranteedRef { NDArray.version(of: $0) }
    }

    /// Gives the array up that it held: where nobody else holds it, its memory serves the next one of its size.
    @inlinable @inline(__always) public func giveBack() { Storage.letGo(of: storage) }

    /// Whether the elements lie in row-major order and nobody else holds them: the array may serve as the result of an operation on it.
    @inlinable public mutating func canBeOverwritten() -> Bool {
      withStrong { array in array.canBeOverwritten() }
    }

    /// Whether nobody else holds the storage.
    @inlinable public mutating func isOnlyOwner() -> Bool { withStrong { array in array.isOnlyOwner() } }

    @inlinable @inline(__always) mutating func withStrong<Value>(_ body: (inout NDArray) -> Value) -> Value {
      withUnsafeMutablePointer(to: &storage) { pointer in
        pointer.withMemoryRebound(to: NDArray.self, capacity: 1) { body(&$0.pointee) }
      }
    }

    /// What `body` makes of the array.
    @inlinable @inline(__always) public func callAsFunction<Value>(
      _ body: (NDArray) throws(ArrayError) -> Value
    ) throws(ArrayError) -> Value {
      let result: Result<Value, ArrayError> = storage._withUnsafeGuaranteedRef {
        do throws(ArrayError) { return .success(try body(NDArray($0))) } catch { return .failure(error) }
      }
      return try result.get()
    }
  }

  /// The number of in-place changes of the memory that `body` describes.
  @inlinable @inline(__always) static func version(of body: Storage) -> Int {
    if body.ownsMemory { return body.changes }
    return unsafeDowncast(body, to: StorageView.self).viewed.changes
  }

  /// Counts a change of the elements in place.
  @inlinable @inline(__always) public func countChange() {
    if body.ownsMemory {
      body.changes &+= 1
    } else {
      unsafeDowncast(body, to: StorageView.self).viewed.changes &+= 1
    }
  }

  /// Whether nobody else holds the storage, so that it may be written to without anyone noticing.
  @inlinable public mutating func isOnlyOwner() -> Bool {
    guard isKnownUniquelyReferenced(&body) else { return false }
    return body.ownsMemory || isKnownUniquelyReferenced(&unsafeDowncast(body, to: StorageView.self).viewed)
  }

  /// The first element's address, if nobody else holds the storage, so that it may be written to without anyone noticing, and nothing waits
  /// that concerns it.
  @inlinable package mutating func ownAddress() -> UnsafeMutableRawPointer? {
    guard isOnlyOwner(), body.uses.load(ordering: .acquiring) < Storage.oneUse else { return nil }
    return body.pointer
  }

  /// Whether the elements lie in row-major order and nobody else holds them: the array may serve as the result of an operation on it.
  @inlinable public mutating func canBeOverwritten() -> Bool { isContiguous && isOnlyOwner() }

  /// A row-major array of this dtype and shape, filled by `body`, which is given this array and the one to write to: this one itself if
  /// nobody else holds it and its elements lie in row-major order, else a new one.
  @inlinable @inline(__always) public consuming func replaced(
    by body: (_ source: NDArray, _ output: NDArray) throws(ArrayError) -> Void
  ) throws(ArrayError) -> NDArray {
    var source = self
    if source.canBeOverwritten() {
      try body(source, source)
      return source
    }
    let output = try NDArray(like: source, source.dtype)
    try body(source, output)
    return output
  }

  /// Whether all elements are one place in memory.
  @inlinable public var isRepetition: Bool { runStep == 0 }

  /// Whether all elements are one place in memory, and so many that it pays to calculate with that one and repeat the result.
  @inlinable public var isLongRepetition: Bool { runStep == 0 && count >= 1 << 12 }

  /// The first element as a 0-d array. A view; there must be one.
  public var firstElement: NDArray { strided(Shape(), Strides(), offset: offset) }

  /// Whether both have the same dtype and shape.
  @inlinable public func hasType(of other: NDArray) -> Bool {
    body === other.body || body.dtype == other.body.dtype && body.shape == other.body.shape
  }

  /// Whether both see the same storage.
  @inlinable public func sharesStorage(with other: NDArray) -> Bool {
    body.base == other.body.base
  }
}

// MARK: From and to Swift values

extension NDArray {
  /// A 1-d array with a copy of `values`; the dtype is that of the Swift type (`Int` and `Int64`: int64).
  public init<Element: ArrayElement>(_ values: [Element]) {
    self.init(values, shape: [values.count])
  }

  /// An array of this shape with a copy of `values` in row-major order. Stops when their number does not fit the shape.
  public init<Element: ArrayElement>(_ values: [Element], shape: Shape) {
    self = checked { () throws(ArrayError) in try NDArray(copying: values, shape: shape) }
  }

  /// As `init(_:shape:)`; throws when the number of values does not fit the shape.
  public init<Element: ArrayElement>(copying values: [Element], shape: Shape) throws(ArrayError) {
    let count = try shape.checkedElementCount("array")
    try require(
      count == values.count,
      .runtime("array: \(values.count) values do not fill the shape \(shape), which has \(count) elements"))
    try self.init(uninitialized: shape, Element.dtype)
    let target = address.assumingMemoryBound(to: Element.self)
    values.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { target.update(from: start, count: count) }
    }
  }

  /// A 0-d array with one value of this dtype; a floating value is truncated for an integral dtype.
  public init(scalar: Scalar, _ dtype: DType) throws(ArrayError) {
    try self.init(uninitialized: Shape(), dtype)
    NDArray.store(scalar, dtype, address)
  }

  /// An array of this shape filled with one value.
  public init(full shape: Shape, _ value: Scalar, _ dtype: DType) throws(ArrayError) {
    try self.init(uninitialized: shape, dtype)
    fill(with: value)
  }

  /// Writes `scalar`, converted to `dtype`, at `address`.
  @inlinable public static func store(_ scalar: Scalar, _ dtype: DType, _ address: UnsafeMutableRawPointer) {
    switch dtype {
    case .float64: address.storeBytes(of: scalar.doubleValue, as: Double.self)
    case .float32: address.storeBytes(of: Float(scalar.doubleValue), as: Float.self)
    case .int64: address.storeBytes(of: scalar.intValue, as: Int64.self)
    case .int32: address.storeBytes(of: Int32(truncatingIfNeeded: scalar.intValue), as: Int32.self)
    case .int16: address.storeBytes(of: Int16(truncatingIfNeeded: scalar.intValue), as: Int16.self)
    case .int8: address.storeBytes(of: Int8(truncatingIfNeeded: scalar.intValue), as: Int8.self)
    case .uint8: address.storeBytes(of: UInt8(truncatingIfNeeded: scalar.intValue), as: UInt8.self)
    case .bool: address.storeBytes(of: scalar.doubleValue != 0, as: Bool.self)
    }
  }

  /// The element of type `dtype` at `address`.
  @inlinable public static func load(_ dtype: DType, _ address: UnsafeRawPointer) -> Scalar {
    switch dtype {
    case .float64: .float(address.load(as: Double.self))
    case .float32: .float(Double(address.load(as: Float.self)))
    case .int64: .int(address.load(as: Int64.self))
    case .int32: .int(Int64(address.load(as: Int32.self)))
    case .int16: .int(Int64(address.load(as: Int16.self)))
    case .int8: .int(Int64(address.load(as: Int8.self)))
    case .uint8: .int(Int64(address.load(as: UInt8.self)))
    case .bool: .bool(address.load(as: UInt8.self) != 0)
    }
  }

  /// The value of an array with exactly one element, whatever its rank. Throws for any other number of elements.
  public func scalarValue() throws(ArrayError) -> Scalar {
    try require(
      count == 1,
      .runtime(
        "item: a tensor with \(count) elements cannot be converted to Scalar; select one element first"))
    return NDArray.load(dtype, address)
  }

  /// The value of an array with exactly one element, converted to `type`. Stops for any other number of elements.
  @inlinable public func item<Element: ArrayElement>(as type: Element.Type = Element.self) -> Element {
    if dtype == Element.dtype && count == 1 { return address.load(as: Element.self) }
    return convertedItem(as: type)
  }

  @usableFromInline func convertedItem<Element: ArrayElement>(as type: Element.Type) -> Element {
    checked { () throws(ArrayError) in _ = try scalarValue() }
    return toArray(of: type)[0]
  }

  /// The elements in row-major order, converted to `type`: always a copy.
  public func toArray<Element: ArrayElement>(of type: Element.Type = Element.self) -> [Element] {
    checked { () throws(ArrayError) in try elements(convertedTo: type) }
  }

  /// The throwing form of `toArray`: throws when memory for the list cannot be had.
  public func elements<Element: ArrayElement>(
    convertedTo type: Element.Type = Element.self
  ) throws(ArrayError) -> [Element] {
    // Empty arrays share one object of the standard library, which must not be written to.
    if count == 0 { return [] }
    let source = try converted(to: Element.dtype).contiguous()
    if count > 1 << 16 { try Storage.requireRoom(count * MemoryLayout<Element>.stride) }
    return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let start = buffer.baseAddress {
        start.initialize(from: source.address.assumingMemoryBound(to: Element.self), count: count)
      }
      initialized = count
    }
  }

  /// The elements in row-major order as scalars.
  public var scalars: [Scalar] {
    let source = checked { () throws(ArrayError) in try contiguous() }
    return (0..<count).map { NDArray.load(dtype, source.address + $0 * dtype.byteSize) }
  }
}

// MARK: Copying, converting, filling

extension NDArray {
  /// This array if its elements lie in row-major order, else a copy that does.
  @inlinable public func contiguous() throws(ArrayError) -> NDArray {
    isContiguous ? self : try clone()
  }

  /// A row-major copy with storage of its own.
  public func clone() throws(ArrayError) -> NDArray {
    let result = try NDArray(uninitialized: shape, dtype)
    result.write(from: self)
    return result
  }

  /// This array if it has this dtype already, else a converted row-major copy. Floats are truncated towards zero.
  @inlinable public func converted(to dtype: DType) throws(ArrayError) -> NDArray {
    if self.dtype == dtype { return self }
    let result = try NDArray(uninitialized: shape, dtype)
    result.write(from: self)
    return result
  }

  /// Overwrites the elements with those of `source`, broadcast to this shape (which must be possible) and converted.
  /// Does not count as a change of version: the caller decides. Where both are of one storage the source is copied first, unless no
  /// place is in both (`isApart`); stops when that copy cannot be had.
  public func write(from source: NDArray, isApart: Bool = false) {
    var source = source.shape == shape ? source : source.expanded(to: shape)
    if !isApart && source.storage === storage
      && !(isContiguous && source.isContiguous && source.offset == offset)
    {
      source = checked { () throws(ArrayError) in try source.clone() }
    }
    if source.dtype == dtype && source.isContiguous && isContiguous {
      address.copyMemory(from: source.address, byteCount: count * dtype.byteSize)
      return
    }
    if source.dtype == dtype, copiesAsTransposition(from: source) { return }
    ElementLoop.unary(ck_cast(source.dtype.kernelType, dtype.kernelType), self, source)
  }

  /// Sets every element. Does not count as a change of version: the caller decides.
  public func fill(with value: Scalar) {
    if count == 1 { return NDArray.store(value, dtype, address) }
    var bits: UInt64 = 0
    withUnsafeMutableBytes(of: &bits) { cell in
      NDArray.store(value, dtype, cell.baseAddress!)
      let source = UnsafeRawPointer(cell.baseAddress!)
      ElementLoop.unary(ck_cast(dtype.kernelType, dtype.kernelType), self, scalarAt: source)
    }
  }

  /// Throws unless memory for `copies` more arrays of this shape, of 8 bytes per element, can be had at present. For calculations that make
  /// such arrays by the convenient forms, which would stop the process. Small arrays are let pass.
  public func requireRoom(forCopies copies: Int) throws(ArrayError) {
    // The pool rounds up by at most a quarter.
    if count > 1 << 16 { try Storage.requireRoom(count * 10 * copies) }
  }

  /// The array as seen with `target`'s shape, repeated elements having stride 0. The shapes must broadcast.
  @inlinable public func expanded(to target: Shape) -> NDArray {
    if count == 1 { return repeated(target) }
    let shift = target.rank - rank
    var steps = Strides(repeating: 0, rank: target.rank)
    for axis in 0..<rank where shape.sizes[axis] == target.sizes[axis + shift] && shape.sizes[axis] != 1 {
      steps.sizes[axis + shift] = strides.sizes[axis]
    }
    return strided(target, steps, offset: offset)
  }

  /// The only element, seen everywhere in an array of this shape.
  @inlinable func repeated(_ shape: Shape) -> NDArray {
    NDArray(StorageView(repeating: storage, dtype, shape, offset: offset))
  }

  /// The only element, seen everywhere in an array of this shape. It is given away: where nobody else holds it, it becomes that array itself.
  @inlinable public consuming func repeating(as shape: Shape) -> NDArray {
    var array = self
    guard array.body.ownsMemory, array.count == 1, array.isOnlyOwner() else { return array.repeated(shape) }
    let count = shape.elementCount
    array.body.shape = shape
    array.body.count = count
    array.body.isContiguous = count < 2
    array.body.runStep = count < 2 ? 1 : 0
    return array
  }

  /// Gives the array up: where nobody else holds it, its memory serves the next one of its size.
  @inlinable public consuming func giveBack() {
    var array = self
    if isKnownUniquelyReferenced(&array.body), array.body.retire() { _ = Unmanaged.passRetained(array.body) }
  }

  /// The strides with which `newShape` (of the same element count) sees the same elements in the same order, or nil when only a
  /// copy can: PyTorch's rule for `view`.
  public func viewStrides(for newShape: Shape) -> Strides? {
    if isContiguous { return newShape.contiguousStrides }
    var result = Strides(repeating: 0, rank: newShape.rank)
    var newAxis = newShape.rank - 1
    var axis = rank - 1
    while axis >= 0 {
      // A run of old dimensions that lie as one in memory.
      var runCount = shape[axis]
      let innerStride = strides[axis]
      while axis > 0 && (shape[axis - 1] == 1 || strides[axis - 1] == runCount * innerStride) {
        axis -= 1
        runCount *= shape[axis]
      }
      // The new dimensions that must fill exactly this run.
      var filled = 1
      while newAxis >= 0 && (filled < runCount || newShape[newAxis] == 1) {
        result[newAxis] = filled * innerStride
        filled *= newShape[newAxis]
        newAxis -= 1
      }
      if filled != runCount { return nil }
      axis -= 1
    }
    return newAxis < 0 ? result : nil
  }
}

extension DType {
  /// The same type as the kernels' enumeration, which has the same order.
  @inlinable public var kernelType: ck_dtype { ck_dtype(rawValue: numericCast(rawValue)) }
}
