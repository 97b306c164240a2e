/// `linalg.svd(A, full_matrices)`: U, S, Vᵀ with A = U·diag(S)·Vᵀ; S falls, U and V have orthonormal columns (LAPACK gesdd).
///
/// Shapes: A: [*, m, n] → U: [*, m, k], S: [*, k], Vᵀ: [*, k, n] with k = min(m, n); with full matrices U: [*, m, m], Vᵀ: [*, n, n].
/// Throws for elements that are not finite. Derivative: J. Townsend, "Differentiating the singular value decomposition" (2016), as
/// PyTorch uses it; not finite where singular values are equal and U or V take part.
public struct SVD: VariadicOperation {
  public static let name = "linalg.svd"
  /// Whether U and Vᵀ are made square.
  public let isFull: Bool
  public init(isFull: Bool = true) { self.isFull = isFull }
  public var attributes: [(name: String, value: String)] { [("full_matrices", "\(isFull)")] }
  public func resultCount(_ inputCount: Int) -> Int { 3 }
  public func saves(for input: Int) -> SavedValues { .result }

  public func types(_ xs: [ArrayType]) throws(ArrayError) -> [ArrayType] {
    let a = xs[0]
    let (m, n) = try a.matrixSizes(Self.name)
    let k = m == Shape.unknown || n == Shape.unknown ? Shape.unknown : Swift.min(m, n)
    var values = Shape(a.shape.dropLast(2))
    values.append(k)
    return [a.withMatrices(m, isFull ? m : k), ArrayType(a.dtype, values), a.withMatrices(isFull ? n : k, n)]
  }
  public func forward(_ xs: [NDArray]) throws(ArrayError) -> [NDArray] {
    let types = try types([xs[0].type])
    let s = try NDArray(uninitialized: types[1].shape, types[1].dtype)
    let u = try NDArray(uninitialized: types[0].shape, types[0].dtype)
    let vh = try NDArray(uninitialized: types[2].shape, types[2].dtype)
    // The vectors come column-major: the row-major arrays of the transposed shapes.
    let columns = (
      u: u.withMatrixSizesSwapped, vh: vh.withMatrixSizesSwapped, a: try xs[0].columnMajorCopy()
    )
    if s.dtype == .float64 {
      try decompose(columns.a, columns.u, s, columns.vh, Double.self)
    } else {
      try decompose(columns.a, columns.u, s, columns.vh, Float.self)
    }
    return [columns.u.matricesTransposed, s, columns.vh.matricesTransposed]
  }
  private func decompose<Element: LapackElement>(
    _ a: NDArray, _ u: NDArray, _ s: NDArray, _ vh: NDArray, _: Element.Type
  ) throws(ArrayError) {
    let (m, n) = (a.shape[a.rank - 1], a.shape[a.rank - 2])
    let (uColumns, vRows) = (u.shape[u.rank - 2], vh.shape[vh.rank - 1])
    for batch in 0..<a.matrixCount {
      let target = (
        u: u.elements(Element.self) + batch * m * uColumns, vh: vh.elements(Element.self) + batch * vRows * n
      )
      if m == 0 || n == 0 {
        for i in 0..<uColumns { for j in 0..<m { target.u[i * m + j] = i == j ? 1 : 0 } }
        for i in 0..<n { for j in 0..<vRows { target.vh[i * vRows + j] = i == j ? 1 : 0 } }
        continue
      }
      let status = Element.decomposeSingular(
        isFull ? "A" : "S", m, n, a.elements(Element.self) + batch * m * n,
        s.elements(Element.self) + batch * Swift.min(m, n), target.u, m, target.vh, vRows)
      try require(status == 0, singularFailure("linalg.svd", batch, a, status))
    }
  }

  public func pullback<C: PullbackContext>(_ gradients: [C.Value?], _ context: C) -> [C.Value?] {
    let s = context.result(1)
    let k = s.staticShape.map { $0[$0.rank - 1] }
    // Columns beyond the k-th are any basis of the rest: there is no derivative through them.
    func columns(_ x: C.Value) -> C.Value { isFull && k != nil ? x.narrow(-1, 0, k ?? 0) : x }
    func rows(_ x: C.Value) -> C.Value { isFull && k != nil ? x.narrow(-2, 0, k ?? 0) : x }
    let (u, vh) = (columns(context.result(0)), rows(context.result(2)))
    let (gu, gs, gvh) = (gradients[0].map(columns), gradients[1], gradients[2].map(rows))
    if gu == nil && gvh == nil {
      return [gs.map { (u * $0.unsqueeze(-2)).matmul(vh) }]
    }
    let (row, column) = (s.unsqueeze(-2), s.unsqueeze(-1))
    let differences = (row - column) * (row + column)
    let ones = differences.mul(0).add(1)
    let eye = ones.triu() * ones.tril()
    let divisor = differences + eye
    func skew(_ x: C.Value) -> C.Value { x - x.mT }
    var inner: C.Value? = gs.map { $0.unsqueeze(-1) * eye }
    func add(_ term: C.Value) { inner = inner.map { $0 + term } ?? term }
    if let gu { add(skew(u.mT.matmul(gu)) / divisor * row) }
    if let gvh { add(column * (skew(vh.matmul(gvh.mT)) / divisor)) }
    var result = u.matmul(inner ?? divisor).matmul(vh)
    if let gu {
      // What of gU lies outside the columns of U.
      let scaled = gu / row
      result = result + (scaled - u.matmul(u.mT.matmul(scaled))).matmul(vh)
    }
    if let gvh {
      let scaled = gvh / column
      result = result + u.matmul(scaled - scaled.matmul(vh.mT).matmul(vh))
    }
    return [result]
  }
}

/// `linalg.svdvals(A)`: the singular values of each matrix of a batch, falling. Shapes: [*, m, n] → [*, min(m, n)].
///
/// Where a derivative may be asked for they are the second result of `linalg.svd`, whose vectors the derivative U·diag(g)·Vᵀ reads, as in
/// PyTorch; otherwise no vectors are calculated.
public enum SingularValues: TableEntry {
  public static let name = "linalg.svdvals"
  public static var signature: Signature { Signature("T A") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try values(try arguments.tensor("A"))]
  }

  static func values<Value: Algebra>(_ a: Value) throws(ArrayError) -> Value {
    if let array = a.storedArray, !a.needsGradient { return a.constant(try values(of: array)) }
    return try Value.apply(SVD(isFull: false), [a])[1]
  }

  private static func values(of a: NDArray) throws(ArrayError) -> NDArray {
    _ = try a.type.matrixSizes(name)
    let values = try NDArray(uninitialized: try SVD(isFull: false).types([a.type])[1].shape, a.dtype)
    if a.dtype == .float64 {
      try decompose(try a.clone(), values, Double.self)
    } else {
      try decompose(try a.clone(), values, Float.self)
    }
    return values
  }
  private static func decompose<Element: LapackElement>(
    _ a: NDArray, _ values: NDArray, _: Element.Type
  ) throws(ArrayError) {
    let (m, n) = (a.shape[a.rank - 2], a.shape[a.rank - 1])
    try withScratch(1) { (unused: UnsafeMutablePointer<Element>) throws(ArrayError) in
      for batch in 0..<a.matrixCount where m > 0 && n > 0 {
        // What is column-major here is Aᵀ, which has the same singular values.
        let status = Element.decomposeSingular(
          "N", n, m, a.elements(Element.self) + batch * m * n,
          values.elements(Element.self) + batch * Swift.min(m, n), unused, 1, unused, 1)
        try require(status == 0, singularFailure(name, batch, a, status))
      }
    }
  }
}

private func singularFailure(_ operation: String, _ batch: Int, _ a: NDArray, _ status: Int) -> ArrayError {
  .runtime(
    status < 0
      ? "\(operation): \(batchElement(batch, a))The algorithm failed to converge because the input matrix contained non-finite values."
      : "\(operation): \(batchElement(batch, a))The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated singular values (status \(status))."
  )
}

extension NDArray {
  /// The same row-major memory with the last two sizes exchanged.
  fileprivate var withMatrixSizesSwapped: NDArray {
    var shape = self.shape
    shape.swapAt(rank - 2, rank - 1)
    return strided(shape, shape.contiguousStrides, offset: offset)
  }
}

extension SVD: TableEntry {
  public static var signature: Signature { Signature("T A, bool full_matrices=true") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let operation = SVD(isFull: try arguments.bool("full_matrices", default: true))
    return try Value.apply(operation, [try arguments.tensor("A")])
  }
}

/// `svd(A, some)`: U, S and V (not its transpose) with A = U·diag(S)·Vᵀ; with `some` (the default) only min(m, n) columns.
public enum SVDWithV: TableEntry {
  public static let name = "svd"
  public static var signature: Signature { Signature("T input, bool some=true") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let isFull = !(try arguments.bool("some", default: true))
    let parts = try Value.apply(SVD(isFull: isFull), [try arguments.tensor("input")])
    return [parts[0], parts[1], parts[2].mT]
  }
}

extension Algebra {
  /// U, S and V with self = U·diag(S)·Vᵀ (PyTorch's `torch.svd`); with `some` only min(m, n) columns of U and V.
  public func svd(some: Bool = true) -> (u: Self, s: Self, v: Self) {
    let parts = checked { () throws(ArrayError) in try Self.apply(SVD(isFull: !some), [self]) }
    return (parts[0], parts[1], parts[2].mT)
  }
  /// The singular values of each matrix of a batch, falling.
  public func svdvals() -> Self {
    checked { () throws(ArrayError) in try SingularValues.values(self) }
  }
}
