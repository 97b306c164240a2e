/// A table of vectors, looked up by integers.
///
/// Shapes: index: any, integers in 0..<count → [*, dim]; weight: [count, dim], standard normal at first. The row `paddingIndex` is zero at first
/// and gets no gradient.
public final class Embedding: Layer {
  /// The table, [count, dim].
  public let weight: Tensor
  /// The row without gradient, not negative.
  public let paddingIndex: Int?

  /// A fresh table of this dtype. Stops unless the padding index is a row (negative: from the end).
  public init(
    _ count: Int, _ dim: Int, paddingIndex: Int? = nil, dtype: DType = .default,
    generator: TorchGenerator = .default
  ) {
    self.paddingIndex = Embedding.row(paddingIndex, count)
    weight = Tensor.zeros([count, dim], dtype: dtype)
    super.init()
    register(parameter: "weight", weight)
    Initializer.normal_(weight, generator: generator)
    if let row = self.paddingIndex { noGrad { weight.select(0, row).zero_() } }
    requiresGrad_()
  }

  /// A given table, shared; not trained while frozen. Stops unless it is a matrix.
  public init(pretrained table: Tensor, freeze: Bool = true, paddingIndex: Int? = nil) {
    if table.rank != 2 {
      stop(
        .value(
          "Embedding: Embeddings parameter is expected to be 2-dimensional, but its shape is \(table.shape)"))
    }
    self.paddingIndex = Embedding.row(paddingIndex, table.size(0))
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
    index.embedding(weight, paddingIndex: paddingIndex)
  }

  public override var extraDescription: String {
    "\(weight.size(0)), \(weight.size(1))" + (paddingIndex.map { ", padding_idx=\($0)" } ?? "")
  }
}
