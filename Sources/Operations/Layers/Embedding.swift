/// `embedding(index, W, padding_idx, scale_grad_by_freq)`: the rows of W at these positions. Derivative: each row of g added to where it came
/// from, but not at `padding_idx`; with `scale_grad_by_freq` divided by how often the position occurs.
///
/// Shapes: index: any, int64 or int32; W: [V, d] → [*, d]. Throws an index error for a position outside 0..<V. PyTorch's `sparse` is not
/// offered: gradients are always written out.
public struct EmbeddingOperation: WritingBinary {
  public static let name = "nn.functional.embedding"
  /// The row that gets no gradient; not negative.
  public let paddingIndex: Int?
  /// Whether a row's gradient is the mean over its occurrences instead of their sum.
  public let scalesByFrequency: Bool
  public init(paddingIndex: Int? = nil, scalesByFrequency: Bool = false) {
    self.paddingIndex = paddingIndex
    self.scalesByFrequency = scalesByFrequency
  }
  public var attributes: [(name: String, value: String)] {
    (paddingIndex.map { [("padding_idx", "\($0)")] } ?? [])
      + (scalesByFrequency ? [("scale_grad_by_freq", "true")] : [])
  }
  public func gradientEntries(_ inputCount: Int) -> [Int?] { [1] }
  public func saves(for input: Int) -> SavedValues { input == 1 ? .first : [] }

  public func type(_ index: ArrayType, _ weight: ArrayType) throws(ArrayError) -> ArrayType {
    try checkIndexDType(index.dtype, "embedding")
    try require(
      weight.shape.rank == 2,
      .runtime("embedding: 'weight' must be 2-D, but its shape is \(weight.shape)"))
    let shape = try index.shape.inserting(weight.shape[1], at: index.shape.rank, "embedding")
    return ArrayType(weight.dtype, shape)
  }
  public func forward(_ index: NDArray, _ weight: NDArray, into output: NDArray) throws(ArrayError) {
    let positions = try resolvedIndices(index, size: weight.shape[0], "embedding", axis: 0)
    let result = output.isContiguous ? output : try NDArray(uninitialized: output.shape, output.dtype)
    let rows = try weight.contiguous()
    let rowBytes = weight.shape[1] * weight.dtype.byteSize
    for (place, position) in positions.enumerated() {
      (result.address + place * rowBytes).copyMemory(
        from: rows.address + position * rowBytes, byteCount: rowBytes)
    }
    if !output.isContiguous { output.write(from: result) }
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    if input == 0 { return nil }
    let index = context.input(0).to(.int64)
    return checked { () throws(ArrayError) in
      var rows = gradient
      if let paddingIndex { rows = rows * index.ne(paddingIndex).to(gradient.dtype).unsqueeze(-1) }
      if scalesByFrequency {
        rows = rows * (try C.Value.apply(InverseFrequency(gradient.dtype), index)).unsqueeze(-1)
      }
      let zeros = gradient.constant(try NDArray(scalar: 0, gradient.dtype)).broadcast(to: context.shape(1))
      // All dimensions but the last as one.
      let rank = rows.staticShape?.rank ?? 2
      let flat = rank == 1 ? rows.unsqueeze(0) : rows.flatten(0, rank - 2)
      return try C.Value.apply(IndexAdd(0), zeros, index.reshape(-1), flat)
    }
  }
}

/// For each integer 1 / (how often it occurs).
private struct InverseFrequency: WritingUnary {
  static let name = "inverse_frequency"
  let dtype: DType
  init(_ dtype: DType) { self.dtype = dtype }
  var isDifferentiable: Bool { false }
  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { ArrayType(dtype, x.shape) }
  func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    let numbers = try x.elements(convertedTo: Int.self)
    var counts: [Int: Double] = [:]
    for number in numbers { counts[number, default: 0] += 1 }
    output.write(from: NDArray(numbers.map { 1 / counts[$0]! }, shape: x.shape))
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient }
}

extension NDArray {
  /// Shrinks, in place, those of this matrix's rows at the positions `index` that are longer than `maxNorm`, measured by the `normType`-norm:
  /// PyTorch's `embedding_renorm_`. They end a little shorter, by a factor of norm / (norm + 10⁻⁷).
  ///
  /// Throws for a position that is no row, and then changes nothing.
  public func embeddingRenorm_(_ index: NDArray, maxNorm: Double, normType: Double = 2) throws(ArrayError) {
    _ = try EmbeddingOperation().type(index.type, type)
    let positions = try resolvedIndices(index, size: shape[0], "embedding_renorm_", axis: 0)
    for position in Set(positions).sorted() {
      let row = try Select(0, position).forward(self)
      let norm = try Norm(normType).forward(row).item(as: Double.self)
      guard norm > maxNorm else { continue }
      try WithScalar(Mul(), .float(maxNorm / (norm + 1e-7)), on: .right).forward(row, into: row)
    }
    storage.version += 1
  }
}

extension EmbeddingOperation: TableEntry {
  public static var signature: Signature {
    Signature("T input, T weight, int? padding_idx, bool scale_grad_by_freq=false")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try rows(
        try arguments.tensor("input"), try arguments.tensor("weight"),
        try arguments.optionalInt("padding_idx"),
        scalesByFrequency: try arguments.bool("scale_grad_by_freq", default: false))
    ]
  }
  static func rows<Value: Algebra>(
    _ index: Value, _ weight: Value, _ padding: Int?, scalesByFrequency: Bool
  ) throws(ArrayError) -> Value {
    guard let padding else {
      return try Value.apply(EmbeddingOperation(scalesByFrequency: scalesByFrequency), index, weight)
    }
    let count = weight.staticShape?.first ?? Shape.unknown
    try require(
      count != Shape.unknown && padding < count && padding >= -count,
      .value("embedding: Padding_idx must be within num_embeddings: \(padding) is not within ±\(count)"))
    let row = padding < 0 ? padding + count : padding
    return try Value.apply(
      EmbeddingOperation(paddingIndex: row, scalesByFrequency: scalesByFrequency), index, weight)
  }
}

/// `one_hot(x, num_classes)`: for each class index a row of zeros with a one at that place; int64.
///
/// Shapes: [*] → [*, C]; C is `num_classes`, or when that is −1 one more than the largest index.
public struct OneHot: UnaryOperation {
  public static let name = "nn.functional.one_hot"
  /// The number of classes; −1: as many as occur.
  public let classes: Int
  public init(_ classes: Int = -1) { self.classes = classes }
  public var attributes: [(name: String, value: String)] { [("num_classes", "\(classes)")] }
  public var isDifferentiable: Bool { false }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      x.dtype == .int64,
      .runtime(
        "one_hot: is only applicable to index tensor of type LongTensor, but got \(x.dtype.scalarTypeName); convert it with to(.int64)"
      ))
    let last = classes == -1 ? Shape.unknown : classes
    return ArrayType(.int64, try x.shape.inserting(last, at: x.shape.rank, "one_hot"))
  }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    _ = try type(x.type)
    let indices = try x.elements(convertedTo: Int.self)
    try require(
      !indices.isEmpty || classes > 0,
      .runtime("one_hot: Can not infer total number of classes from empty tensor; give num_classes"))
    let (least, largest) = (indices.min() ?? 0, indices.max() ?? -1)
    try require(least >= 0, .runtime("one_hot: Class values must be non-negative, but there is \(least)."))
    let count = classes == -1 ? largest + 1 : classes
    try require(
      largest < count,
      .runtime(
        "one_hot: Class values must be smaller than num_classes, but \(largest) is not below \(count)."))
    let result = try NDArray(full: Shape(Array(x.shape) + [count]), 0, .int64)
    for (place, index) in indices.enumerated() {
      result.elements(Int64.self)[place * count + index] = 1
    }
    return result
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient }
}

extension OneHot: TableEntry {
  public static var signature: Signature { Signature("T input, int num_classes=-1") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try Value.apply(
        OneHot(try arguments.int("num_classes", default: -1)), try arguments.tensor("input"))
    ]
  }
}

extension Algebra {
  /// The rows of `weight` at these positions: [*] and [V, d] → [*, d]. The row `paddingIndex` gets no gradient; with `scaleGradByFreq` the
  /// others get the mean over their occurrences.
  public func embedding(_ weight: Self, paddingIndex: Int? = nil, scaleGradByFreq: Bool = false) -> Self {
    checked { () throws(ArrayError) in
      try EmbeddingOperation.rows(self, weight, paddingIndex, scalesByFrequency: scaleGradByFreq)
    }
  }
  /// For each class index a row of zeros with a one at that place: [*] → [*, classes], int64.
  public func oneHot(_ classes: Int = -1) -> Self {
    checked { () throws(ArrayError) in try Self.apply(OneHot(classes), self) }
  }
}
