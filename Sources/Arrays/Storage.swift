import CKernels

/// A block of memory that arrays share: a view and its base have the same storage.
///
/// Counts its in-place changes, so that automatic differentiation can tell when a value it kept has been overwritten. Not
/// synchronised: several threads may read; one that writes must be alone, as in NumPy and PyTorch.
///
/// It also describes the array it was made for. A view is described by an object of a subclass that has no memory of its own but refers to
/// its owner; so an array is a single reference, and passing it around copies no lists of sizes.
public class Storage: @unchecked Sendable {
  /// The first byte, aligned to 64 bytes.
  public final let base: UnsafeMutableRawPointer
  /// The size in bytes.
  public final let byteCount: Int
  /// The number of in-place changes so far (PyTorch's version counter).
  @inlinable public final var version: Int {
    get { changes }
    set { changes = newValue }
  }
  @exclusivity(unchecked) @usableFromInline final var changes = 0

  // How an array sees the memory.
  @usableFromInline final let pointer: UnsafeMutableRawPointer
  @usableFromInline final let count: Int
  @usableFromInline final let offset: Int
  @usableFromInline final let dtype: DType
  @usableFromInline final let isContiguous: Bool
  /// The step with which one run visits all elements in order: 1 where contiguous, 0 where all are one place, else −1.
  @usableFromInline final let runStep: Int8
  /// Whether this is no view.
  @usableFromInline final let ownsMemory: Bool
  @usableFromInline final let shape: Shape

  /// What a view sees the memory of; nil for the storage itself.
  @inlinable final var owner: Storage? {
    ownsMemory ? nil : unsafeDowncast(self, to: StorageView.self).viewed
  }

  /// Uninitialised memory for a row-major array, from the buffer pool. Throws when it cannot be had.
  @inlinable init(_ dtype: DType, _ shape: Shape, count: Int) throws(ArrayError) {
    let byteCount = count &* dtype.byteSize
    guard let memory = ck_alloc(byteCount) else { throw Storage.exhausted(byteCount) }
    base = memory
    pointer = memory
    self.byteCount = byteCount
    self.dtype = dtype
    self.count = count
    self.shape = shape
    offset = 0
    isContiguous = true
    runStep = 1
    ownsMemory = true
  }

  /// Uninitialised memory for a row-major array with the shape of another one's.
  @inlinable init(like other: borrowing Storage, _ dtype: DType) throws(ArrayError) {
    let byteCount = other.count &* dtype.byteSize
    guard let memory = ck_alloc(byteCount) else { throw Storage.exhausted(byteCount) }
    base = memory
    pointer = memory
    self.byteCount = byteCount
    self.dtype = dtype
    count = other.count
    shape = other.shape
    offset = 0
    isContiguous = true
    runStep = 1
    ownsMemory = true
  }

  /// The description of a view.
  @usableFromInline init(
    viewing owner: Storage, _ dtype: DType, _ shape: Shape, count: Int, offset: Int, runStep: Int8
  ) {
    base = owner.base
    byteCount = owner.byteCount
    pointer = owner.base + offset &* dtype.byteSize
    self.dtype = dtype
    self.count = count
    self.shape = shape
    self.offset = offset
    isContiguous = runStep == 1
    self.runStep = runStep
    ownsMemory = false
  }

  /// Uninitialised memory from the buffer pool, for arrays that see it in ways of their own. Throws when it cannot be had.
  public convenience init(byteCount: Int) throws(ArrayError) {
    try self.init(.uint8, [byteCount], count: byteCount)
  }

  deinit { if ownsMemory { ck_free(base, byteCount) } }

  /// Throws when so many bytes cannot be had at present. For lists of the standard library, which would stop the process.
  public static func requireRoom(_ byteCount: Int) throws(ArrayError) {
    if ck_has_room(byteCount) == 0 { throw exhausted(byteCount) }
  }

  @usableFromInline static func exhausted(_ byteCount: Int) -> ArrayError {
    .runtime("storage: \(byteCount) bytes of memory cannot be had; use smaller sizes or a smaller dtype")
  }
}

/// The memory of another storage, seen in a way of its own.
@usableFromInline final class StorageView: Storage, @unchecked Sendable {
  @exclusivity(unchecked) @usableFromInline var viewed: Storage
  @usableFromInline let strides: Strides

  /// The memory of `owner`, itself no view, seen with these strides; what they reach must lie inside it.
  @usableFromInline init(
    _ owner: Storage, _ dtype: DType, _ shape: Shape, _ strides: Strides, offset: Int
  ) {
    var step = 1
    var contiguous = true
    var uniform = true
    var axis = shape.rank - 1
    while axis >= 0 {
      let size = shape.sizes[axis]
      if size != 1 {
        if strides.sizes[axis] != step { contiguous = false }
        if strides.sizes[axis] != 0 { uniform = false }
        step &*= size
      }
      axis -= 1
    }
    viewed = owner
    self.strides = strides
    super.init(
      viewing: owner, dtype, shape, count: step, offset: offset,
      runStep: contiguous || step == 0 ? 1 : uniform ? 0 : -1)
  }

  /// The element of `owner` at `offset`, seen everywhere in an array of this shape.
  @usableFromInline init(repeating owner: Storage, _ dtype: DType, _ shape: Shape, offset: Int) {
    let count = shape.elementCount
    viewed = owner
    strides = Strides(repeating: 0, rank: shape.rank)
    super.init(
      viewing: owner, dtype, shape, count: count, offset: offset, runStep: count < 2 ? 1 : 0)
  }
}
