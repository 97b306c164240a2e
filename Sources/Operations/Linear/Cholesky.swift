/// `linalg.cholesky(A, upper)`: the lower triangular L with A = L·Lᵀ, or with `upper` the upper triangular U with A = Uᵀ·U.
///
/// Shapes: [*, n, n] → [*, n, n]. Only the triangle that is asked for is read. Throws when a matrix is not positive-definite.
/// Derivative (for L): L⁻ᵀ·½(P + strictly lower P, transposed)·L⁻¹ with P the lower triangle of Lᵀ·g. Source: I. Murray,
/// "Differentiation of the Cholesky decomposition", arXiv:1602.07527, as PyTorch uses it.
public struct Cholesky: WritingUnary {
  public static let name = "linalg.cholesky"
  /// Whether the upper factor is asked for.
  public let isUpper: Bool
  public init(isUpper: Bool = false) { self.isUpper = isUpper }
  public var attributes: [(name: String, value: String)] { isUpper ? [("upper", "true")] : [] }
  public var gradientName: String { "LinalgCholeskyExBackward0" }
  public func saves(for input: Int) -> SavedValues { .result }

  public func type(_ a: ArrayType) throws(ArrayError) -> ArrayType {
    _ = try a.squareSize(Self.name)
    return a
  }
  public func forward(_ a: NDArray, into output: NDArray) throws(ArrayError) {
    // LAPACK's upper factor of the column-major matrix is, row-major, the lower one.
    let factor = try (isUpper ? a.matricesTransposed : a).clone()
    if a.dtype == .float64 { try factorize(factor, Double.self) } else { try factorize(factor, Float.self) }
    let lower = factor.tril()
    output.write(from: isUpper ? lower.matricesTransposed : lower)
  }
  private func factorize<Element: LapackElement>(_ a: NDArray, _: Element.Type) throws(ArrayError) {
    let n = a.shape[a.rank - 1]
    for batch in 0..<a.matrixCount where n > 0 {
      let factor = a.elements(Element.self) + batch * n * n
      var order = Element.factorCholesky(n, factor)
      if order == 0, let broken = (0..<n).first(where: { factor[$0 * n + $0].isNaN }) { order = broken + 1 }
      try require(
        order == 0,
        .runtime(
          "linalg.cholesky: \(batchElement(batch, a))The factorization could not be completed because the input is not positive-definite (the leading minor of order \(order) is not positive-definite)."
        ))
    }
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let (l, g) = isUpper ? (context.result.mT, gradient.mT) : (context.result, gradient)
    let p = l.mT.matmul(g).tril()
    let symmetric = (p + p.tril(-1).mT).mul(0.5)
    let half = l.mT.solvedTriangular(symmetric, isUpper: true)
    return l.mT.solvedTriangular(half.mT, isUpper: true).mT
  }
}

extension Cholesky: TableEntry {
  public static var signature: Signature { Signature("T input, bool upper=false") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let operation = Cholesky(isUpper: try arguments.bool("upper", default: false))
    return [try Value.apply(operation, try arguments.tensor("input"))]
  }
}

extension Algebra {
  /// The triangular factor of each symmetric positive-definite matrix of a batch: L with A = L·Lᵀ, or U with A = Uᵀ·U.
  public func cholesky(upper: Bool = false) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Cholesky(isUpper: upper), self) }
  }
}
