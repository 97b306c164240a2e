import CKernels

/// Runs `body` without recording: results do not require gradients, and leaves may be changed in place. Holds for this thread.
@inlinable @discardableResult public func noGrad<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let previous = ck_grad_mode_get()
  ck_grad_mode_set(0)
  defer { ck_grad_mode_set(previous) }
  return try body()
}

/// Runs `body` with recording, also inside `noGrad`. Holds for this thread.
@inlinable @discardableResult public func enableGrad<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let previous = ck_grad_mode_get()
  ck_grad_mode_set(1)
  defer { ck_grad_mode_set(previous) }
  return try body()
}

/// Runs `body` with recording on or off, as `set_grad_enabled`. Holds for this thread.
@inlinable @discardableResult public func gradEnabled<Result, Failure: Error>(
  _ isEnabled: Bool, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let previous = ck_grad_mode_get()
  ck_grad_mode_set(isEnabled ? 1 : 0)
  defer { ck_grad_mode_set(previous) }
  return try body()
}

/// Whether operations of this thread are recorded.
@inlinable public var isGradEnabled: Bool { ck_grad_mode_get() != 0 }

/// Runs `body` without recording, and the tensors made in it never take part in it later: using one in a recorded operation that must
/// keep it is an error. `clone()` outside gives an ordinary tensor. Holds for this thread.
@inlinable @discardableResult public func inferenceMode<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let (grad, inference) = (ck_grad_mode_get(), ck_inference_mode_get())
  ck_grad_mode_set(0)
  ck_inference_mode_set(1)
  defer {
    ck_grad_mode_set(grad)
    ck_inference_mode_set(inference)
  }
  return try body()
}

/// Whether this thread is inside `inferenceMode`.
@inlinable public var isInferenceModeEnabled: Bool { ck_inference_mode_get() != 0 }
