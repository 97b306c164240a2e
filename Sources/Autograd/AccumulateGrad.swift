import Guarding
import Operations

/// Where the gradient of a leaf arrives: adds it to the leaf's `grad`.
///
/// It holds the gradient and a description of the leaf, not the tensor, which holds it. Sweeps of several threads may arrive at
/// once.
@usableFromInline final class AccumulateGrad: Node, @unchecked Sendable {
  /// The leaf's elements (shared, not copied).
  let array: NDArray
  /// The sum of the gradients so far.
  @exclusivity(unchecked) var grad: Tensor?
  /// Whether the leaf still requires a gradient.
  @exclusivity(unchecked) var isEnabled = true
  /// Called with the leaf after each accumulation.
  @exclusivity(unchecked) var postHooks: [(id: Int, leaf: WeakTensor, body: (Tensor) -> Void)] = []
  private let lock = Guarded<Void>(())

  init(_ array: NDArray) {
    self.array = array
    super.init(
      rule: { _, _, _ in }, sequenceNumber: .max, count: 0, output: array.type, isAccumulator: true,
      many: nil)
  }

  override var name: String { "AccumulateGrad" }

  /// Where gradients arrive that nobody keeps.
  static func deadEnd(_ array: NDArray) -> AccumulateGrad {
    let node = AccumulateGrad(array)
    node.isEnabled = false
    return node
  }

  /// Adds a plain gradient, in place where there is one already. `gradient` is taken over without a copy when nobody else holds it.
  func accumulate(_ gradient: consuming NDArray) throws(ArrayError) {
    guard isEnabled else { return }
    var gradient = gradient
    try lock.withLock { _ throws(ArrayError) in
      if let grad {
        if grad.array.hasOverlappingElements {
          self.grad = Tensor(try Add().forward(grad.array, gradient))
        } else {
          try grad.array.applyInPlace(Add(), gradient)
        }
      } else {
        grad = Tensor(gradient.isContiguous && gradient.isOnlyOwner() ? gradient : try gradient.clone())
      }
    }
    runPostHooks()
  }

  /// Adds a gradient that remembers how it was made; the sum remembers, too, and is a new tensor.
  func accumulate(_ gradient: Tensor) throws(ArrayError) {
    guard isEnabled else { return }
    try lock.withLock { _ throws(ArrayError) in
      grad =
        if let grad { try Tensor.apply(Add(), grad, gradient) } else { try Tensor.apply(Clone(), gradient) }
    }
    runPostHooks()
  }

  private func runPostHooks() {
    if postHooks.isEmpty { return }
    for hook in postHooks {
      if let leaf = hook.leaf.tensor { hook.body(leaf) }
    }
  }
}

extension Node {
  /// Whether gradients that arrive here are lost.
  var isDeadEnd: Bool { isAccumulator && !unsafeDowncast(self, to: AccumulateGrad.self).isEnabled }
}

/// A reference that does not keep its tensor alive.
struct WeakTensor {
  weak var tensor: Tensor?
}
