/// `embedding(index, W, padding_idx)`: the rows of W at these positions. Derivative: each row of g added to where it came from, but
/// not at `padding_idx`.
///
/// Shapes: index: any, int64 or int32; W: [V, d] → [*, d]. Throws an index error for a position outside 0..<V.
public struct Embedding: WritingBinary {
  public static let name = "nn.functional.embedding"
  /// The row that gets no gradient; not negative.
  public let paddingIndex: Int?
  public init(paddingIndex: Int? = nil) { self.paddingIndex = paddingIndex }
  public var attributes: [(name: String, value: String)] {
    paddingIndex.map { [("padding_idx", "\($0)")] } ?? []
  }
  public func gradientEntries(_ inputCount: Int) -> [Int?] { [1] }
  public func saves(for input: Int) -> SavedValues { input == 1 ? .first : [] }

  public func type(_ index: ArrayType, _ weight: ArrayType) throws(ArrayError) -> ArrayType {
    try checkIndexDType(index.dtype, "embedding")
    try require(
      weight.shape.rank == 2,
      .runtime("embedding: 'weight' must be 2-D, but its shape is \(weight.shape)"))
    var shape = index.shape
    shape.append(weight.shape[1])
    return ArrayType(weight.dtype, shape)
  }
  public func forward(_ index: NDArray, _ weight: NDArray, into output: NDArray) throws(ArrayError) {
    let positions = try resolvedIndices(index, size: weight.shape[0], "embedding", axis: 0)
    let result = output.isContiguous ? output : try NDArray(uninitialized: output.shape, output.dtype)
    let rows = try weight.contiguous()
    let rowBytes = weight.shape[1] * weight.dtype.byteSize
    for (place, position) in positions.enumerated() {
      (result.pointer + place * rowBytes).copyMemory(
        from: rows.pointer + position * rowBytes, byteCount: rowBytes)
    }
    if !output.isContiguous { output.write(from: result) }
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    if input == 0 { return nil }
    let index = context.input(0).to(.int64)
    return checked { () throws(ArrayError) in
      var rows = gradient
      if let paddingIndex { rows = rows * index.ne(paddingIndex).to(gradient.dtype).unsqueeze(-1) }
      let zeros = gradient.constant(try NDArray(scalar: 0, gradient.dtype)).broadcast(to: context.shape(1))
      // All dimensions but the last as one.
      let rank = rows.staticShape?.rank ?? 2
      let flat = rank == 1 ? rows.unsqueeze(0) : rows.flatten(0, rank - 2)
      return try C.Value.apply(IndexAdd(0), zeros, index.reshape(-1), flat)
    }
  }
}

extension Embedding: TableEntry {
  public static var signature: Signature { Signature("T input, T weight, int? padding_idx") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try rows(
        try arguments.tensor("input"), try arguments.tensor("weight"),
        try arguments.optionalInt("padding_idx"))
    ]
  }
  static func rows<Value: Algebra>(
    _ index: Value, _ weight: Value, _ padding: Int?
  ) throws(ArrayError) -> Value {
    guard let padding else { return try Value.apply(Embedding(), index, weight) }
    let count = weight.staticShape?.first ?? Shape.unknown
    try require(
      count != Shape.unknown && padding < count && padding >= -count,
      .value("embedding: Padding_idx must be within num_embeddings: \(padding) is not within ±\(count)"))
    return try Value.apply(Embedding(paddingIndex: padding < 0 ? padding + count : padding), index, weight)
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
    var shape = x.shape
    shape.append(classes == -1 ? Shape.unknown : classes)
    return ArrayType(.int64, shape)
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
  /// The rows of `weight` at these positions: [*] and [V, d] → [*, d]. The row `paddingIndex` gets no gradient.
  public func embedding(_ weight: Self, paddingIndex: Int? = nil) -> Self {
    checked { () throws(ArrayError) in try Embedding.rows(self, weight, paddingIndex) }
  }
  /// For each class index a row of zeros with a one at that place: [*] → [*, classes], int64.
  public func oneHot(_ classes: Int = -1) -> Self {
    checked { () throws(ArrayError) in try Self.apply(OneHot(classes), self) }
  }
}
