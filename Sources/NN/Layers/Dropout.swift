/// While training each element is 0 with probability p and 1/(1 − p) times itself otherwise; in evaluation the input itself.
///
/// Which elements fall is PyTorch's choice from the same generator state. Source: N. Srivastava and others, "Dropout: a simple way to
/// prevent neural networks from overfitting", JMLR 15 (2014); the paper scales in evaluation instead.
public final class Dropout: Layer {
  let p: Double
  let isInPlace: Bool
  private let generator: TorchGenerator

  /// Stops unless p is in [0, 1].
  public init(_ p: Double = 0.5, inPlace: Bool = false, generator: TorchGenerator = .default) {
    if !(p >= 0 && p <= 1) {
      stop(.value("Dropout: dropout probability has to be between 0 and 1, but got \(p)"))
    }
    self.p = p
    isInPlace = inPlace
    self.generator = generator
    super.init()
  }

  public override func forward(_ input: Tensor) -> Tensor {
    if !isTraining || p == 0 || input.count == 0 { return input }
    let mask = Tensor(checked { () throws(ArrayError) in try drawnMask(input) })
    return isInPlace ? input.mul_(mask) : input.mul(mask)
  }

  /// 1/(1 − p) where an element stays, 0 where it falls; with p = 1 nothing is drawn.
  private func drawnMask(_ input: Tensor) throws(ArrayError) -> NDArray {
    if !input.dtype.isFloatingPoint {
      throw .runtime("Dropout: the input is \(input.dtype); convert it to a floating dtype with to(_:)")
    }
    let mask = try NDArray(full: input.shape, 0, input.dtype)
    if p == 1 { return mask }
    let stays = generator.bernoulli(p: 1 - p, count: input.count)
    if input.dtype == .float64 {
      try mask.withMutableElements(of: Double.self) {
        for i in $0.indices where stays[i] { $0[i] = 1 / (1 - p) }
      }
    } else {
      let scale = 1 / Float(1 - p)
      try mask.withMutableElements(of: Float.self) { for i in $0.indices where stays[i] { $0[i] = scale } }
    }
    return mask
  }

  public override var extraDescription: String { "p=\(p), inplace=\(isInPlace.python)" }
}
