import COpenBLAS

/// `linalg.inv(A)`: the inverse of each matrix of a batch, by LU factors with row exchanges (LAPACK getrf, getri).
///
/// Shapes: [*, n, n] → [*, n, n]. Derivative: −A⁻ᵀ·g·A⁻ᵀ. Throws for a singular matrix (a pivot of exactly zero).
public struct Inverse: WritingUnary {
  public static let name = "linalg.inv"
  public var gradientName: String { "LinalgInvExBackward0" }
  public init() {}
  public func saves(for input: Int) -> SavedValues { .result }

  public func type(_ a: ArrayType) throws(ArrayError) -> ArrayType {
    _ = try a.squareSize(Self.name)
    return a
  }
  public func forward(_ a: NDArray, into output: NDArray) throws(ArrayError) {
    let result = try a.columnMajorCopy()
    if a.dtype == .float64 { try invert(result, Double.self) } else { try invert(result, Float.self) }
    output.write(from: result.matricesTransposed)
  }
  private func invert<Element: LapackElement>(_ a: NDArray, _: Element.Type) throws(ArrayError) {
    let n = a.shape[a.rank - 1]
    try withScratch(n) { (pivots: UnsafeMutablePointer<LapackInteger>) throws(ArrayError) in
      for batch in 0..<a.matrixCount {
        let matrix = a.elements(Element.self) + batch * n * n
        let zero = n == 0 ? 0 : Element.factorLU(n, matrix, pivots)
        try require(
          zero == 0,
          .runtime(
            "linalg.inv: \(batchElement(batch, a))The diagonal element \(zero) is zero, the inversion could not be completed because the input matrix is singular."
          ))
        if n > 0 { Element.invertLU(n, matrix, pivots) }
      }
    }
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let transposed = context.result.mT
    return -transposed.matmul(gradient).matmul(transposed)
  }
}

extension Inverse: TableEntry {
  public static var signature: Signature { Signature("T A") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Inverse(), try arguments.tensor("A"))]
  }
}

extension Algebra {
  /// The inverse of each matrix of a batch: [*, n, n] → [*, n, n]. Stops for a singular one.
  public func inv() -> Self { checked { () throws(ArrayError) in try Self.apply(Inverse(), self) } }
}
