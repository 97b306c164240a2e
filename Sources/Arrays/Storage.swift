import CKernels

/// A block of memory that arrays share: a view and its base have the same storage.
///
/// Counts its in-place changes, so that automatic differentiation can tell when a value it kept has been overwritten. Not
/// synchronised: several threads may read; one that writes must be alone, as in NumPy and PyTorch.
///
/// It also describes the array it was made for. A view is described by an object of the same kind that has no memory of its own but refers to
/// its owner; so an array is a single reference, and passing it around copies no lists of sizes.
public final class Storage: @unchecked Sendable {
  /// The first byte, aligned to 64 bytes.
  public let base: UnsafeMutableRawPointer
  /// The size in bytes.
  public let byteCount: Int
  /// The number of in-place changes so far (PyTorch's version counter).
  @inlinable public var version: Int {
    get { changes }
    set { changes = newValue }
  }
  @exclusivity(unchecked) @usableFromInline var changes = 0

  // How an array sees the memory.
  @usableFromInline let pointer: UnsafeMutableRawPointer
  @usableFromInline let count: Int
  @usableFromInline let offset: Int
  @usableFromInline let dtype: DType
  @usableFromInline let isContiguous: Bool
  /// The step with which one run visits all elements in order: 1 where contiguous, 0 where all are one place, else −1.
  @usableFromInline let runStep: Int8
  @usableFromInline let shape: Shape
  /// Set only where not contiguous.
  @usableFromInline let unusualStrides: Strides
  /// For a view: the storage whose memory it sees. In a structure, since the compiler releases chains of a class by a loop that costs
  /// more than it saves here: an owner has no owner.
  @usableFromInline struct Owner {
    @usableFromInline var storage: Storage
    @inlinable init(_ storage: Storage) { self.storage = storage }
  }
  @exclusivity(unchecked) @usableFromInline var held: Owner?
  @inlinable var owner: Storage? { held?.storage }
  @usableFromInline let ownsMemory: Bool

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
    unusualStrides = Strides()
    ownsMemory = true
  }

  /// Uninitialised memory from the buffer pool, for arrays that see it in ways of their own. Throws when it cannot be had.
  public convenience init(byteCount: Int) throws(ArrayError) {
    try self.init(.uint8, [byteCount], count: byteCount)
  }

  /// The memory of `owner` seen in another way; what the strides reach must lie inside it.
  @usableFromInline init(_ owner: Storage, _ dtype: DType, _ shape: Shape, _ strides: Strides, offset: Int) {
    base = owner.base
    byteCount = owner.byteCount
    pointer = owner.base + offset &* dtype.byteSize
    self.dtype = dtype
    self.shape = shape
    self.offset = offset
    held = Owner(owner)
    ownsMemory = false
    let count = shape.elementCount
    self.count = count
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
    isContiguous = contiguous || count == 0
    runStep = isContiguous ? 1 : uniform ? 0 : -1
    unusualStrides = strides
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
