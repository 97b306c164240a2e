/// A table of vectors, looked up by integers.
///
/// Shapes: index: any, integers in 0..<count → [*, dim]; weight: [count, dim], standard normal at first. The row `paddingIndex` is zero at first
/// and gets no gradient. PyTorch's `sparse` is not offered: gradients are always written out.
public final class Embedding: Layer {
  /// The table, [count, dim].
  public let weight: Tensor
  /// The row without gradient, not negative.
  public let paddingIndex: Int?
  /// The length to which rows that are longer are shrunk, in the table itself, when they are looked up.
  public let maxNorm: Double?
  /// The order of the norm that `maxNorm` bounds.
  public let normType: Double
  /// Whether a row's gradient is divided by how often the row was looked up.
  public let scaleGradByFreq: Bool

  /// A fresh table of this dtype. Stops unless the padding index is a row (negative: from the end).
  public init(
    _ count: Int, _ dim: Int, paddingIndex: Int? = nil, maxNorm: Double? = nil, normType: Double = 2,
    scaleGradByFreq: Bool = false, dtype: DType = .default, generator: TorchGenerator = .default
  ) {
    self.paddingIndex = Embedding.row(paddingIndex, count)
    (self.maxNorm, self.normType, self.scaleGradByFreq) = (maxNorm, normType, scaleGradByFreq)
    weight = Tensor.zeros([count, dim], dtype: dtype)
    super.init()
    register(parameter: "weight", weight)
    Initializer.normal_(weight, generator: generator)
    if let row = self.paddingIndex { noGrad { weight.select(0, row).zero_() } }
    requiresGrad_()
  }

  /// A given table, shared; not trained while frozen. Stops unless it is a matrix.
  public init(
    pretrained table: Tensor, freeze: Bool = true, paddingIndex: Int? = nil, maxNorm: Double? = nil,
    normType: Double = 2, scaleGradByFreq: Bool = false
  ) {
    if table.rank != 2 {
      stop(
        .value(
          "Embedding: Embeddings parameter is expected to be 2-dimensional, but its shape is \(table.shape)"))
    }
    self.paddingIndex = Embedding.row(paddingIndex, table.size(0))
    (self.maxNorm, self.normType, self.scaleGradByFreq) = (maxNorm, normType, scaleGradByFreq)
    weight = table
    super.init()
    register(parameter: "weight", weight)
    requiresGrad_(!freeze)
  }

  private static func row(_ index: Int?, _ count: Int) -> Int? {
    guard let index else { return nil }
    if index >= count || index < -count {
      stop(.value("Embedding: Padding_idx must be within num_embeddings: \(index) is not within ±\(count)"))
    }
    return index < 0 ? index + count : index
  }

  public override func forward(_ index: Tensor) -> Tensor {
    if let maxNorm {
      return index.embedding(
        weight, paddingIndex: paddingIndex, maxNorm: maxNorm, normType: normType,
        scaleGradByFreq: scaleGradByFreq)
    }
    return index.embedding(weight, paddingIndex: paddingIndex, scaleGradByFreq: scaleGradByFreq)
  }

  public override var extraDescription: String {
    var text = "\(weight.size(0)), \(weight.size(1))"
    if let paddingIndex { text += ", padding_idx=\(paddingIndex)" }
    if let maxNorm { text += ", max_norm=\(maxNorm)" }
    if normType != 2 { text += ", norm_type=\(normType)" }
    if scaleGradByFreq { text += ", scale_grad_by_freq=True" }
    return text
  }
}

extension Tensor {
  /// `embedding` after those rows of `weight` that are looked up have been shrunk to a `normType`-norm of at most `maxNorm`, in place and
  /// without being recorded.
  public func embedding(
    _ weight: Tensor, paddingIndex: Int? = nil, maxNorm: Double, normType: Double = 2,
    scaleGradByFreq: Bool = false
  ) -> Tensor {
    checked { () throws(ArrayError) in
      try weight.array.embeddingRenorm_(array, maxNorm: maxNorm, normType: normType)
    }
    return embedding(weight, paddingIndex: paddingIndex, scaleGradByFreq: scaleGradByFreq)
  }
}
