/// Gives its input back.
public final class Identity: Layer {
  public override func forward(_ input: Tensor) -> Tensor { input }
}

/// Makes the dimensions from `startDim` to `endDim` one; by default all but the batch.
///
/// Shapes: [n, a, b] → [n, a·b]. Stops when a dimension is out of range.
public final class Flatten: Layer {
  let startDim: Int
  let endDim: Int

  /// The first and the last of the dimensions to join; negative ones count from the end.
  public init(startDim: Int = 1, endDim: Int = -1) {
    self.startDim = startDim
    self.endDim = endDim
    super.init()
  }

  public override func forward(_ input: Tensor) -> Tensor { input.flatten(startDim, endDim) }
  public override var extraDescription: String { "start_dim=\(startDim), end_dim=\(endDim)" }
}
