import CKernels

/// Scales the gradients of all parameters together so that their norm is at most `maxNorm`; returns the norm before, 0-d.
///
///     g ← g·min(1, maxNorm / (‖g‖ + 10⁻⁶))
///
/// The norm is that of the norms of the gradients: `normType` 2, or another p, or infinity for the largest element. Parameters without a
/// gradient are passed over; without any the norm is 0. With `errorIfNonfinite` an infinite norm or a NaN stops; otherwise the gradients
/// become 0 or NaN. The small number is PyTorch's. Source: R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent
/// neural networks", ICML 2013.
@discardableResult
public func clipGradNorm_(
  _ parameters: [Tensor], maxNorm: Double, normType: Double = 2, errorIfNonfinite: Bool = false
) -> Tensor {
  checked { () throws(ArrayError) in
    try clippingGradNorm(
      parameters, maxNorm: maxNorm, normType: normType, errorIfNonfinite: errorIfNonfinite)
  }
}

/// The throwing form of `clipGradNorm_`.
public func clippingGradNorm(
  _ parameters: [Tensor], maxNorm: Double, normType: Double = 2, errorIfNonfinite: Bool = false
) throws(ArrayError) -> Tensor {
  let gradients = parameters.compactMap { $0.grad?.array }
  guard let first = gradients.first else { return Tensor.zeros([]) }
  let norms = gradients.map { $0.norm(normType).item(as: Double.self) }
  let total = NDArray(norms).norm(normType).item(as: Double.self)
  if errorIfNonfinite && !total.isFinite {
    throw .runtime(
      "clip_grad_norm_: The total norm of order \(normType) for gradients from `parameters` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set errorIfNonfinite to false"
    )
  }
  let factor = maxNorm / (total + 1e-6)
  for gradient in gradients { gradient.mul_(factor > 1 ? 1 : factor) }
  return Tensor(try NDArray(scalar: .float(total), first.dtype))
}

/// Limits each element of the gradients of all parameters to ±`clipValue`, in place. Parameters without a gradient are passed over.
public func clipGradValue_(_ parameters: [Tensor], clipValue: Double) {
  for case let gradient? in parameters.map(\.grad?.array) {
    if let clamp = ck_param(CK_HARDTANH, gradient.dtype.kernelType), gradient.isContiguous {
      clamp(gradient.count, gradient.address, 1, gradient.address, 1, -clipValue, clipValue)
      gradient.storage.version += 1
    } else {
      gradient.clamp_(min: -clipValue, max: clipValue)
    }
  }
}
