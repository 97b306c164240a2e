/// What can be wrong with a call on arrays, tensors or graphs.
///
/// Functions marked `throws` throw it; the convenient forms print its message on standard error and stop the process, also in
/// optimised builds.
public struct ArrayError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Which of PyTorch's exception classes the mistake corresponds to.
  public enum Kind: String, Sendable {
    /// Shapes, dtypes or states that do not fit (`RuntimeError`).
    case runtime
    /// An index or dimension out of range (`IndexError`).
    case index
    /// An argument with an impossible value (`ValueError`).
    case value
    /// An argument of the wrong type (`TypeError`).
    case type
  }

  /// The class of mistake.
  public let kind: Kind
  /// Operation, what was given, what was needed.
  public let message: String

  /// An error of this kind with this message.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { message }

  /// Shapes, dtypes or states that do not fit.
  public static func runtime(_ message: String) -> ArrayError { ArrayError(.runtime, message) }
  /// An index or dimension out of range.
  public static func index(_ message: String) -> ArrayError { ArrayError(.index, message) }
  /// An argument with an impossible value.
  public static func value(_ message: String) -> ArrayError { ArrayError(.value, message) }
  /// An argument of the wrong type.
  public static func type(_ message: String) -> ArrayError { ArrayError(.type, message) }
}

/// Stops the process with `error`'s message on standard error. `fatalError` keeps its message in optimised builds.
@inline(never)
public func stop(_ error: ArrayError) -> Never {
  fatalError(error.message)
}

/// The value of `body`, or the process stopped with the message of what it throws.
///
/// Every convenient form of an operation is `checked { try` its throwing form `}`, so there is one implementation of each check.
@inlinable @inline(__always)
public func checked<Value>(_ body: () throws(ArrayError) -> Value) -> Value {
  do { return try body() } catch { stop(error) }
}

/// Throws `error()` unless `condition` holds.
@inlinable @inline(__always)
public func require(_ condition: Bool, _ error: @autoclosure () -> ArrayError) throws(ArrayError) {
  if !condition { throw error() }
}

extension Optional {
  /// `map` for functions that throw array errors.
  package func map2<Result>(
    _ transform: (Wrapped) throws(ArrayError) -> Result
  ) throws(ArrayError) -> Result? {
    guard let self else { return nil }
    return try transform(self)
  }
}
