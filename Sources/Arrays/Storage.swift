import CKernels
import Synchronization

/// A block of memory that arrays share: a view and its base have the same storage.
///
/// Counts its in-place changes, so that automatic differentiation can tell when a value it kept has been overwritten. Not
/// synchronised: several threads may read; one that writes must be alone, as in NumPy and PyTorch.
///
/// It also describes the array it was made for. A view is described by an object of a subclass that has no memory of its own but refers to
/// its owner; so an array is a single reference, and passing it around copies no lists of sizes.
///
/// A small one that a tensor, or a pass over a graph, no longer needs is kept by its thread, with its buffer, and serves the next array of its
/// size.
public class Storage: @unchecked Sendable {
  /// The first byte, aligned to 64 bytes. What waits to be calculated is not there yet: see `NDArray.address`.
  @usableFromInline package final let base: UnsafeMutableRawPointer
  /// The size in bytes.
  @inlinable @inline(__always) public final var byteCount: Int { size }
  @exclusivity(unchecked) @usableFromInline final var size: Int
  /// The number of in-place changes so far (PyTorch's version counter).
  @inlinable public final var version: Int {
    get { changes }
    set { changes = newValue }
  }
  @exclusivity(unchecked) @usableFromInline final var changes = 0

  // How an array sees the memory. Changed only where a single array holds the storage.
  @usableFromInline final let pointer: UnsafeMutableRawPointer
  /// How many queues of kernels know of the memory, in steps of `oneUse`, and whether it is `exposed`. That of a view always tells to ask its
  /// owner.
  @usableFromInline final let uses = Atomic<UInt>(0)
  @exclusivity(unchecked) @usableFromInline final var count: Int
  @usableFromInline final let offset: Int
  @exclusivity(unchecked) @usableFromInline final var dtype: DType
  @exclusivity(unchecked) @usableFromInline final var isContiguous: Bool
  /// The step with which one run visits all elements in order: 1 where contiguous, 0 where all are one place, else −1.
  @exclusivity(unchecked) @usableFromInline final var runStep: Int8
  /// Whether this is no view.
  @usableFromInline final let ownsMemory: Bool
  @exclusivity(unchecked) @usableFromInline final var shape: Shape
  /// The next of the storages that a thread keeps.
  @exclusivity(unchecked) @usableFromInline final var next: Unmanaged<Storage>?

  /// The queue that is to calculate the elements, as a number; 0 when they are there.
  final let writer = Atomic<UInt>(0)
  /// In `uses`: somebody has the address and may read or write there unnoticed.
  @inlinable static var exposed: UInt { 1 }
  @inlinable static var oneUse: UInt { 2 }

  /// What a view sees the memory of; nil for the storage itself.
  @inlinable final var owner: Storage? {
    ownsMemory ? nil : unsafeDowncast(self, to: StorageView.self).viewed
  }

  /// Such memory, which nobody else has, as a row-major array.
  @inlinable init(
    _ memory: UnsafeMutableRawPointer, _ byteCount: Int, _ dtype: DType, _ shape: Shape, count: Int
  ) {
    base = memory
    pointer = memory
    size = byteCount
    self.dtype = dtype
    self.count = count
    self.shape = shape
    offset = 0
    isContiguous = true
    runStep = 1
    ownsMemory = true
  }

  /// As above with the shape of another one's array.
  @inlinable init(
    _ memory: UnsafeMutableRawPointer, _ byteCount: Int, _ dtype: DType, like other: borrowing Storage
  ) {
    base = memory
    pointer = memory
    size = byteCount
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
    size = owner.byteCount
    pointer = owner.base + offset &* dtype.byteSize
    self.dtype = dtype
    self.count = count
    self.shape = shape
    self.offset = offset
    isContiguous = runStep == 1
    self.runStep = runStep
    ownsMemory = false
    uses.store(Storage.oneUse, ordering: .relaxed)
  }

  /// Uninitialised memory from the buffer pool, for arrays that see it in ways of their own. Throws when it cannot be had.
  public convenience init(byteCount: Int) throws(ArrayError) {
    self.init(try Storage.memory(byteCount), byteCount, .uint8, [byteCount], count: byteCount)
  }

  deinit {
    if !ownsMemory { return }
    if uses.load(ordering: .acquiring) < Storage.oneUse || !KernelQueue.adopt(self) {
      ck_free(base, byteCount)
    }
    if let next { next.release() }
  }

  /// Throws when so many bytes cannot be had at present. For lists of the standard library, which would stop the process.
  public static func requireRoom(_ byteCount: Int) throws(ArrayError) {
    if ck_has_room(byteCount) != 0 { return }
    KernelQueue.settleAll()
    if ck_has_room(byteCount) == 0 { throw exhausted(byteCount) }
  }

  /// Memory from the pool; where there is none, after all queues of kernels have given back theirs.
  @inlinable @inline(__always) static func memory(_ byteCount: Int) throws(ArrayError)
    -> UnsafeMutableRawPointer
  {
    if let memory = ck_alloc(byteCount) { return memory }
    return try reclaimed(byteCount)
  }

  @usableFromInline static func reclaimed(_ byteCount: Int) throws(ArrayError) -> UnsafeMutableRawPointer {
    KernelQueue.settleAll()
    guard let memory = ck_alloc(byteCount) else { throw exhausted(byteCount) }
    return memory
  }

  @usableFromInline static func exhausted(_ byteCount: Int) -> ArrayError {
    .runtime("storage: \(byteCount) bytes of memory cannot be had; use smaller sizes or a smaller dtype")
  }
}

// MARK: Kernels that wait

extension Storage {
  /// Lets everything happen that a queue of kernels knows of the memory.
  @usableFromInline @inline(never) final func settle() {
    let owner = owner ?? self
    if owner.uses.load(ordering: .acquiring) >= Storage.oneUse { KernelQueue.settle(owner) }
  }

  /// Keeps the memory out of queues from now on.
  @usableFromInline @inline(never) final func expose() {
    let owner = owner ?? self
    if owner.uses.load(ordering: .relaxed) & Storage.exposed == 0 {
      owner.uses.bitwiseOr(Storage.exposed, ordering: .relaxed)
    }
  }
}

// MARK: Serving again

extension Storage {
  /// Uninitialised memory for a row-major array, that of a storage which served before where there is one. Throws when it cannot be had.
  @inlinable @inline(__always) static func make(
    _ dtype: DType, _ shape: Shape, count: Int
  ) throws(ArrayError) -> Storage {
    guard let spare = spare(dtype, count: count) else {
      let byteCount = count &* dtype.byteSize
      return Storage(try memory(byteCount), byteCount, dtype, shape, count: count)
    }
    let storage = spare.takeRetainedValue()
    storage.shape = shape
    return storage
  }

  /// As above for the shape of another one's array.
  @inlinable @inline(__always) static func make(
    like other: borrowing Storage, _ dtype: DType
  ) throws(ArrayError) -> Storage {
    guard let spare = spare(dtype, count: other.count) else {
      let byteCount = other.count &* dtype.byteSize
      return Storage(try memory(byteCount), byteCount, dtype, like: other)
    }
    let storage = spare.takeRetainedValue()
    storage.shape = other.shape
    return storage
  }

  /// A storage that served before, for so many elements; its shape is still the old one.
  @inlinable @inline(__always) static func spare(_ dtype: DType, count: Int) -> Unmanaged<Storage>? {
    let byteCount = count &* dtype.byteSize
    guard byteCount <= CK_SMALL_LIMIT, let spares = ck_spares_of_size(byteCount),
      let first = spares.pointee.first
    else { return nil }
    let reference = Unmanaged<Storage>.fromOpaque(first)
    reference._withUnsafeGuaranteedRef { storage in
      spares.pointee.first = storage.next?.toOpaque()
      spares.pointee.count &-= 1
      storage.next = nil
      storage.size = byteCount
      storage.changes = 0
      storage.uses.store(0, ordering: .relaxed)
      storage.dtype = dtype
      storage.count = count
      storage.isContiguous = true
      storage.runStep = 1
      if ck_marks_memory != 0 { ck_mark_used(storage.base, byteCount) }
    }
    return reference
  }

  /// Gives a reference up. A small storage that nobody else holds is kept, with its buffer, for the next array of its size on this thread.
  @usableFromInline static func letGo(of reference: Unmanaged<Storage>) {
    if reference.isLast(), reference._withUnsafeGuaranteedRef({ $0.retire() }) { return }
    reference.release()
  }

  /// Puts this storage, with the reference that is given up, on the thread's list; false where it does not.
  @usableFromInline final func retire() -> Bool {
    // At most 256, of at most half a MiB together.
    guard ownsMemory, size <= CK_SMALL_LIMIT, uses.load(ordering: .acquiring) < Storage.oneUse,
      ck_keeps_spares() != 0, let spares = ck_spares_of_size(size),
      max(size, 2048) &* spares.pointee.count < 1 << 19
    else { return false }
    if ck_marks_memory != 0 { ck_mark_spare(base, size) }
    next = spares.pointee.first.map { Unmanaged.fromOpaque($0) }
    spares.pointee.first = Unmanaged.passUnretained(self).toOpaque()
    spares.pointee.count &+= 1
    return true
  }
}

extension Unmanaged {
  /// Whether this reference, which is counted, is the only one.
  @inlinable @inline(__always) package func isLast() -> Bool {
    var reference = self
    return withUnsafeMutablePointer(to: &reference) { pointer in
      pointer.withMemoryRebound(to: Instance.self, capacity: 1) { isKnownUniquelyReferenced(&$0.pointee) }
    }
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
