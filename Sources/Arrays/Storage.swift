import CKernels

/// A block of memory that arrays share: a view and its base hold the same storage.
///
/// Counts its in-place changes, so that automatic differentiation can tell when a value it kept has been overwritten. Not
/// synchronised: several threads may read; one that writes must be alone, as in NumPy and PyTorch.
public final class Storage: @unchecked Sendable {
  /// The first byte, aligned to 64 bytes.
  public let base: UnsafeMutableRawPointer
  /// The size in bytes.
  public let byteCount: Int
  /// The number of in-place changes so far (PyTorch's version counter).
  @exclusivity(unchecked) public var version = 0

  /// Uninitialised memory, from the buffer pool. Throws when it cannot be had.
  @inlinable public init(byteCount: Int) throws(ArrayError) {
    guard let memory = ck_alloc(byteCount) else { throw Storage.exhausted(byteCount) }
    base = memory
    self.byteCount = byteCount
  }

  deinit { ck_free(base, byteCount) }

  @usableFromInline static func exhausted(_ byteCount: Int) -> ArrayError {
    .runtime("storage: \(byteCount) bytes of memory cannot be had; use smaller sizes or a smaller dtype")
  }
}
