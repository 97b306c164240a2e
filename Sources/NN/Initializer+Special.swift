import Foundation

extension Initializer {
  /// Normal with this mean and standard deviation, but only what lies within [low, high].
  ///
  /// Where more than 0.3 of the distribution lies inside, all is drawn anew until every element has had a fitting value; otherwise
  /// uniform candidates are accepted by their density. Both are PyTorch's way, with its draws.
  public static func truncNormal_(
    _ tensor: Tensor, mean: Double = 0, std: Double = 1, _ low: Double = -2, _ high: Double = 2,
    generator: TorchGenerator = .default
  ) {
    switch tensor.dtype {
    case .float32:
      copy(truncated(Float.self, tensor.count, mean, std, low, high, generator), to: tensor)
    case .float64:
      copy(truncated(Double.self, tensor.count, mean, std, low, high, generator), to: tensor)
    default: refuse("trunc_normal_", tensor.dtype)
    }
  }

  private static func truncated<Scalar: TorchFloatingPoint>(
    _: Scalar.Type, _ count: Int, _ mean: Double, _ std: Double, _ low: Double, _ high: Double,
    _ generator: TorchGenerator
  ) -> [Scalar] {
    func below(_ x: Double) -> Double { (1 + erf(x / 2.0.squareRoot())) / 2 }
    let inside = below((high - mean) / std) - below((low - mean) / std)
    if inside > 0.3 {
      let (least, largest) = (Scalar(low), Scalar(high))
      var result = generator.normal(mean: mean, std: std, count: count, of: Scalar.self)
      while result.contains(where: { $0 < least || $0 > largest }) {
        let fresh = generator.normal(mean: mean, std: std, count: count, of: Scalar.self)
        for i in result.indices where result[i] < least || result[i] > largest { result[i] = fresh[i] }
      }
      return result
    }
    let peak = -0.5 * pow((max(low, min(mean, high)) - mean) / std, 2)
    var result = [Scalar](repeating: 0, count: count)
    var pending = [Bool](repeating: true, count: count)
    repeat {
      let candidates = generator.uniform(from: low, to: high, count: count, of: Scalar.self)
      let chances = generator.uniform(from: 0, to: 1, count: count, of: Scalar.self)
      for i in result.indices where pending[i] {
        result[i] = candidates[i]
        let distance = (candidates[i] - Scalar(mean)) / Scalar(std)
        let density = distance * distance * Scalar(-0.5) - Scalar(peak)
        pending[i] = Scalar(log(Double(chances[i]))) > density
      }
    } while pending.contains(true)
    return result
  }

  /// A matrix with orthogonal rows or columns, whichever are fewer, times `gain`; of more dimensions the later are taken as one.
  ///
  /// The orthogonal factor of a normal matrix, its signs chosen so that the other factor has a positive diagonal: there is only
  /// one. Calculated in float64 by Gram and Schmidt's method, twice. Stops for fewer than two dimensions. Source: A. Saxe,
  /// J. McClelland, S. Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
  /// arXiv:1312.6120.
  public static func orthogonal_(
    _ tensor: Tensor, gain: Double = 1, generator: TorchGenerator = .default
  ) {
    if tensor.rank < 2 {
      stop(
        .value(
          "orthogonal_: Only tensors with 2 or more dimensions are supported, but the shape is \(tensor.shape)"
        ))
    }
    if tensor.count == 0 { return }
    let (rows, columns) = (tensor.size(0), tensor.count / tensor.size(0))
    normal_(tensor, generator: generator)
    let drawn = tensor.toArray(of: Double.self)
    let isWide = rows < columns
    let (count, length) = isWide ? (rows, columns) : (columns, rows)
    var vectors: [[Double]] = (0..<count).map { i in
      (0..<length).map { isWide ? drawn[i * columns + $0] : drawn[$0 * columns + i] }
    }
    for i in 0..<count {
      for _ in 0..<2 {
        for j in 0..<i {
          let part = zip(vectors[i], vectors[j]).reduce(0) { $0 + $1.0 * $1.1 }
          for k in 0..<length { vectors[i][k] -= part * vectors[j][k] }
        }
      }
      let size = vectors[i].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for k in 0..<length { vectors[i][k] /= size }
    }
    var result = [Double](repeating: 0, count: tensor.count)
    for i in 0..<count {
      for k in 0..<length { result[isWide ? i * columns + k : k * columns + i] = gain * vectors[i][k] }
    }
    copy(result, to: tensor)
  }
}
