/// `linalg.pinv(A)`: the Moore–Penrose inverse of each matrix of a batch, from its singular values; those up to
/// ε·max(m, n)·(the largest) count as zero.
///
/// Shapes: [*, m, n] → [*, n, m]. Derivative, with P = A⁺: −Pᵀ·g·Pᵀ + (1 − A·P)·gᵀ·P·Pᵀ + Pᵀ·P·gᵀ·(1 − P·A). Source: G. Golub,
/// V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems", SIAM J. Numer. Anal. 10 (1973).
public struct PseudoInverse: WritingUnary {
  public static let name = "linalg.pinv"
  public init() {}
  public func saves(for input: Int) -> SavedValues { [.first, .result] }

  public func type(_ a: ArrayType) throws(ArrayError) -> ArrayType {
    let (m, n) = try a.matrixSizes(Self.name)
    return a.withMatrices(n, m)
  }
  public func forward(_ a: NDArray, into output: NDArray) throws(ArrayError) {
    if a.count == 0 { return }
    let parts = try SVD(isFull: false).forward([a])
    let (u, s, vh) = (parts[0], parts[1], parts[2])
    let cutoff = s.amax([-1], keepDim: true).mul(singularCutoff(a))
    let inverse = s.gt(cutoff).where(s.reciprocal(), s.mul(0))
    output.write(from: vh.matricesTransposed.mul(inverse.unsqueeze(-2)).matmul(u.matricesTransposed))
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    PseudoInverse.slope(gradient, context.input(0), context.result)
  }
  /// The gradient of A, given that of its inverse P.
  static func slope<Value: Algebra>(_ g: Value, _ a: Value, _ p: Value) -> Value {
    let gT = g.mT
    let pT = p.mT
    let fromRight = gT.matmul(p).matmul(pT)
    let fromLeft = pT.matmul(p).matmul(gT)
    return -pT.matmul(g).matmul(pT) + (fromRight - a.matmul(p.matmul(fromRight)))
      + (fromLeft - fromLeft.matmul(p).matmul(a))
  }
}

/// The ratio to the largest singular value up to which one counts as zero: ε·max(m, n).
private func singularCutoff(_ a: NDArray) -> Double {
  let epsilon = a.dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne)
  return epsilon * Double(Swift.max(a.shape[a.rank - 2], a.shape[a.rank - 1]))
}

/// `linalg.lstsq(A, B)`: the X that minimises the norm of A·X − B, and of those the one with the least norm (LAPACK gelsd); also the
/// residuals, A's rank and its singular values.
///
/// Shapes: A: [*, m, n], B: [*, m, k] → X: [*, n, k]; residuals: [*, k], the sums of squares, but empty unless m > n and every A has
/// rank n; rank: [*], int64; singular values: [*, min(m, n)]. B may be a vector as in `linalg.solve`. All but the rank have derivatives.
public struct LeastSquares: VariadicOperation {
  public static let name = "linalg.lstsq"
  /// The ratio to the largest singular value up to which one counts as zero; nil: ε·max(m, n).
  public let cutoff: Double?
  /// Whether B is a vector, or a batch of them.
  let isVector: Bool
  public init(cutoff: Double? = nil, isVector: Bool = false) {
    self.cutoff = cutoff
    self.isVector = isVector
  }
  public func resultCount(_ inputCount: Int) -> Int { 4 }
  public func saves(for input: Int) -> SavedValues { [.inputs, .result] }

  public func types(_ xs: [ArrayType]) throws(ArrayError) -> [ArrayType] {
    let a = xs[0]
    let b = isVector ? ArrayType(xs[1].dtype, Shape(Array(xs[1].shape) + [1])) : xs[1]
    let (m, n) = try a.matrixSizes(Self.name)
    let batch = Shape(a.shape.dropLast(2))
    try require(
      b.dtype == a.dtype,
      .runtime(
        "linalg.lstsq: Expected input and other to have the same dtype, but got \(a.dtype.scalarTypeName) and \(b.dtype.scalarTypeName); convert one with to(_:)"
      ))
    try require(
      b.shape.rank == a.shape.rank && Shape(b.shape.dropLast(2)).agrees(with: batch)
        && Shape.agree(b.shape[b.shape.rank - 2], m),
      .runtime(
        "linalg.lstsq: input of shape \(a.shape) needs other of shape \(batch + [m])×k, but it has shape \(b.shape)"
      ))
    let k = m == Shape.unknown || n == Shape.unknown ? Shape.unknown : Swift.min(m, n)
    let solution = b.withMatrices(n, b.shape[b.shape.rank - 1])
    return [
      isVector ? ArrayType(b.dtype, Shape(solution.shape.dropLast())) : solution,
      ArrayType(a.dtype, [Shape.unknown]),
      ArrayType(.int64, batch), ArrayType(a.dtype, Shape(Array(batch) + [k])),
    ]
  }
  public func forward(_ xs: [NDArray]) throws(ArrayError) -> [NDArray] {
    let (a, b) = (xs[0], isVector ? try Unsqueeze(-1).forward(xs[1]) : xs[1])
    let types = try types(xs.map(\.type))
    let (m, n) = (a.shape[a.rank - 2], a.shape[a.rank - 1])
    let k = b.shape[b.rank - 1]
    // LAPACK wants the right-hand sides and the solution in one column-major array.
    var roomy = b.shape
    roomy[b.rank - 2] = k
    roomy[b.rank - 1] = Swift.max(m, n)
    let work = try NDArray(full: roomy, 0, b.dtype)
    try Narrow(-1, 0, m).forward(work).write(from: b.matricesTransposed)
    let values = try NDArray(full: types[3].shape, 0, b.dtype)
    let ranks = try NDArray(full: types[2].shape, 0, .int64)
    if b.dtype == .float64 {
      try solve(try a.columnMajorCopy(), work, values, ranks, singularCutoff(a), Double.self)
    } else {
      try solve(try a.columnMajorCopy(), work, values, ranks, singularCutoff(a), Float.self)
    }
    let solution = try Narrow(-1, 0, n).forward(work).matricesTransposed.clone()
    let isFullRank = ranks.toArray(of: Int.self).allSatisfy { $0 == n }
    let residuals =
      m > n && isFullRank
      ? a.matmul(solution).sub(b).square().sum([-2]) : try NDArray(uninitialized: [0], b.dtype)
    return [isVector ? try Squeeze([-1]).forward(solution) : solution, residuals, ranks, values]
  }
  private func solve<Element: LapackElement>(
    _ a: NDArray, _ b: NDArray, _ values: NDArray, _ ranks: NDArray, _ usual: Double, _: Element.Type
  ) throws(ArrayError) {
    let (m, n, k) = (a.shape[a.rank - 1], a.shape[a.rank - 2], b.shape[b.rank - 2])
    if m == 0 || n == 0 || k == 0 { return }
    for batch in 0..<a.matrixCount {
      let (status, rank) = Element.solveLeastSquares(
        m, n, k, a.elements(Element.self) + batch * m * n,
        b.elements(Element.self) + batch * k * Swift.max(m, n),
        values.elements(Element.self) + batch * Swift.min(m, n), Element(cutoff ?? usual))
      try require(
        status == 0,
        .runtime(
          "linalg.lstsq: \(batchElement(batch, a))The least squares solver failed: the input contained non-finite values or the singular values did not converge (status \(status))."
        ))
      ranks.elements(Int64.self)[batch] = Int64(rank)
    }
  }
  public func pullback<C: PullbackContext>(_ gradients: [C.Value?], _ context: C) -> [C.Value?] {
    func columns(_ x: C.Value) -> C.Value { isVector ? x.unsqueeze(-1) : x }
    let (a, b) = (context.input(0), columns(context.input(1)))
    var (slopes, otherSlopes): ([C.Value], [C.Value]) = ([], [])
    if let gradient = gradients[0].map(columns) {
      let p = checked { () throws(ArrayError) in try C.Value.apply(PseudoInverse(), a) }
      slopes.append(PseudoInverse.slope(gradient.matmul(b.mT), a, p))
      otherSlopes.append(p.mT.matmul(gradient))
    }
    if let gradient = gradients[1], gradient.staticShape != [0] {
      // At the minimum a change of the solution changes nothing.
      let solution = columns(context.result(0))
      let weighted = (a.matmul(solution) - b) * gradient.unsqueeze(-2).mul(2)
      slopes.append(weighted.matmul(solution.mT))
      otherSlopes.append(-weighted)
    }
    if let gradient = gradients[3] {
      let parts = checked { () throws(ArrayError) in try C.Value.apply(SVD(isFull: false), [a]) }
      slopes.append((parts[0] * gradient.unsqueeze(-2)).matmul(parts[2]))
    }
    let sums = [slopes, otherSlopes].map { terms in
      terms.first.map { first in terms.dropFirst().reduce(first) { sum, term in sum + term } }
    }
    return [sums[0], isVector ? sums[1]?.squeeze(-1) : sums[1]]
  }
}

extension PseudoInverse: TableEntry {
  public static var signature: Signature { Signature("T A") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(PseudoInverse(), try arguments.tensor("A"))]
  }
}

extension LeastSquares: TableEntry {
  public static var signature: Signature { Signature("T input, T b, float? rcond") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    try results(
      try arguments.tensor("input"), try arguments.tensor("b"), try arguments.optionalDouble("rcond"))
  }
  static func results<Value: Algebra>(
    _ a: Value, _ b: Value, _ cutoff: Double? = nil
  ) throws(ArrayError) -> [Value] {
    guard let x = a.staticShape, let y = b.staticShape else {
      throw .runtime("linalg.lstsq: the ranks are not known yet; give the placeholders shapes")
    }
    let isVector = LinearSolve.isVector(y, besides: x)
    return try Value.apply(LeastSquares(cutoff: cutoff, isVector: isVector), [a, b])
  }
}

extension Algebra {
  /// The Moore–Penrose inverse of each matrix of a batch: [*, m, n] → [*, n, m].
  public func pinv() -> Self { checked { () throws(ArrayError) in try Self.apply(PseudoInverse(), self) } }

  /// The X that minimises the norm of self·X − B, the sums of squares of what remains, self's rank and its singular values.
  public func lstsq(_ b: Self, rcond: Double? = nil) -> (
    solution: Self, residuals: Self, rank: Self, singularValues: Self
  ) {
    let parts = checked { () throws(ArrayError) in try LeastSquares.results(self, b, rcond) }
    return (parts[0], parts[1], parts[2], parts[3])
  }
}
