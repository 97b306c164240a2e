import CLocks
import Synchronization

/// A value that one thread at a time may look at or change: Swift's `Mutex`, of which ThreadSanitizer is told.
///
/// Between threads that wait, `Mutex` is handed over by the kernel, where the sanitizer does not look; it would call what the lock guards
/// a race.
public struct Guarded<Value: ~Copyable>: ~Copyable {
  @usableFromInline let mutex: Mutex<Value>

  /// Guards this value.
  @inlinable public init(_ value: consuming sending Value) { mutex = Mutex(value) }

  /// Calls `body` with the value while no other thread has it.
  @inlinable @inline(__always) public borrowing func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    try mutex.withLock { value throws(Failure) in
      withUnsafePointer(to: mutex) { cl_lock_taken($0) }
      defer { withUnsafePointer(to: mutex) { cl_lock_left($0) } }
      return try body(&value)
    }
  }
}

extension Guarded: @unchecked Sendable where Value: ~Copyable {}
