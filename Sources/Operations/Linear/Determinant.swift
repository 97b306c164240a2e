import COpenBLAS

/// `linalg.det(A)`: the determinant of each matrix of a batch, the product of the pivots of its LU factors.
///
/// Shapes: [*, n, n] → [*]. Derivative: g·cofactors(A), which exists for singular matrices too.
public struct Determinant: WritingUnary {
  public static let name = "linalg.det"
  public init() {}
  /// The result is not read, but PyTorch keeps it.
  public func saves(for input: Int) -> SavedValues { [.first, .result] }

  public func type(_ a: ArrayType) throws(ArrayError) -> ArrayType {
    _ = try a.squareSize(Self.name)
    return ArrayType(a.dtype, Shape(a.shape.dropLast(2)))
  }
  public func forward(_ a: NDArray, into output: NDArray) throws(ArrayError) {
    let result = output.isContiguous ? output : try NDArray(uninitialized: output.shape, output.dtype)
    if a.dtype == .float64 {
      try determinants(try a.columnMajorCopy(), result, Double.self)
    } else {
      try determinants(try a.columnMajorCopy(), result, Float.self)
    }
    if !output.isContiguous { output.write(from: result) }
  }
  private func determinants<Element: LapackElement>(
    _ a: NDArray, _ output: NDArray, _: Element.Type
  ) throws(ArrayError) {
    let n = a.shape[a.rank - 1]
    for batch in 0..<a.matrixCount {
      output.elements(Element.self)[batch] = try determinant(n, a.elements(Element.self) + batch * n * n)
    }
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.unsqueeze(-1).unsqueeze(-1) * context.input(0).cofactors()
  }
}

/// The determinant of one matrix, which is destroyed.
private func determinant<Element: LapackElement>(
  _ n: Int, _ a: UnsafeMutablePointer<Element>
) throws(ArrayError) -> Element {
  if n == 0 { return 1 }
  return try withScratch(n) { (pivots: UnsafeMutablePointer<LapackInteger>) throws(ArrayError) in
    _ = Element.factorLU(n, a, pivots)
    var product: Element = 1
    for i in 0..<n {
      product *= a[i * n + i]
      if Int(pivots[i]) != i + 1 { product.negate() }
    }
    return product
  }
}

/// The cofactors of each matrix of a batch, the derivative of its determinant: det(A)·A⁻ᵀ, but defined for singular matrices too.
///
/// With A = U·Σ·Vᵀ they are det(U)·det(V)·U·D·Vᵀ, where Dᵢᵢ is the product of the other singular values.
struct Cofactors: WritingUnary {
  static let name = "linalg.cofactors"
  func saves(for input: Int) -> SavedValues { .first }

  func type(_ a: ArrayType) throws(ArrayError) -> ArrayType { a }
  func forward(_ a: NDArray, into output: NDArray) throws(ArrayError) {
    let frame = try SingularFrame(a)
    output.write(
      from: frame.back { n, values, diagonal in
        for i in 0..<n { diagonal[i * n + i] = values.productWithout(i, i) }
      })
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    checked { () throws(ArrayError) in
      try C.Value.apply(CofactorsSlope(), gradient, context.input(0))
    }
  }
}

/// The derivative of the cofactors of A in direction H, exact for singular matrices too: in the frame of the singular vectors, with
/// K = Uᵀ·H·V and pᵢⱼ the product of all singular values but the i-th and j-th, Gᵢᵢ = Σ over j ≠ i of Kⱼⱼ·pᵢⱼ and Gᵢⱼ = −Kⱼᵢ·pᵢⱼ.
struct CofactorsSlope: WritingBinary {
  static let name = "linalg.cofactors_backward"
  func saves(for input: Int) -> SavedValues { .inputs }

  func type(_ h: ArrayType, _ a: ArrayType) throws(ArrayError) -> ArrayType { a }
  func forward(_ h: NDArray, _ a: NDArray, into output: NDArray) throws(ArrayError) {
    let frame = try SingularFrame(a)
    let inside = try frame.u.matricesTransposed.matmul(try h.converted(to: .float64))
      .matmul(frame.vh.matricesTransposed).contiguous()
    var batch = 0
    output.write(
      from: frame.back { n, values, slope in
        let k = inside.elements(Double.self) + batch * n * n
        for i in 0..<n {
          for j in 0..<n where i != j {
            let product = values.productWithout(i, j)
            slope[i * n + i] += k[j * n + j] * product
            slope[i * n + j] = -k[j * n + i] * product
          }
        }
        batch += 1
      })
  }
  /// ⟨G, dC(A)[H]⟩ is symmetric in G and H, so the gradient of H is the slope in direction G; that of A, where A can be inverted,
  /// follows from C = det(A)·A⁻ᵀ.
  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    let (h, a) = (context.input(0), context.input(1))
    if input == 0 {
      return checked { () throws(ArrayError) in try C.Value.apply(CofactorsSlope(), gradient, a) }
    }
    // With B = A⁻ᵀ, s(X) = ⟨B, X⟩: ⟨G, slope⟩ = det·(s(H)·s(G) − ⟨Bᵀ·H·Bᵀ, Gᵀ⟩).
    let b = a.inv().mT
    let det = a.det().unsqueeze(-1).unsqueeze(-1)
    func s(_ x: C.Value) -> C.Value { (b * x).sum([-2, -1], keepDim: true) }
    let bhb = b.matmul(h.mT).matmul(b)
    let bgb = b.matmul(gradient.mT).matmul(b)
    let value = s(h) * s(gradient) - (bhb * gradient).sum([-2, -1], keepDim: true)
    let crossed = bgb.matmul(h.mT).matmul(b) + bhb.matmul(gradient.mT).matmul(b)
    return det * (value * b - s(gradient) * bhb - s(h) * bgb + crossed)
  }
}

/// The singular value decomposition of each matrix of a batch, in float64, with the sign det(U)·det(V). What follows for a matrix with
/// elements that are not finite is NaN.
private struct SingularFrame {
  let u: NDArray
  let s: NDArray
  let vh: NDArray
  let dtype: DType
  let isBroken: NDArray

  init(_ a: NDArray) throws(ArrayError) {
    dtype = a.dtype
    isBroken = a.isfinite().all([-2, -1], keepDim: true).logicalNot()
    let parts = try SVD(isFull: false).forward([try a.converted(to: .float64).maskedFill(isBroken, 0)])
    (u, s, vh) = (parts[0], parts[1], parts[2])
  }

  /// The singular values of one matrix.
  struct Values {
    let count: Int
    let start: UnsafePointer<Double>
    /// Their product without the i-th and j-th.
    func productWithout(_ i: Int, _ j: Int) -> Double {
      var product = 1.0
      for k in 0..<count where k != i && k != j { product *= start[k] }
      return product
    }
  }

  /// U·M·Vᵀ times the sign, for the M that `fill` writes over zeros, matrix by matrix.
  func back(_ fill: (_ n: Int, Values, UnsafeMutablePointer<Double>) -> Void) -> NDArray {
    checked { () throws(ArrayError) in
      let n = u.shape[u.rank - 1]
      let inner = try NDArray(full: u.shape, 0, .float64)
      let values = try s.contiguous()
      for batch in 0..<u.matrixCount {
        fill(
          n, Values(count: n, start: UnsafePointer(values.elements(Double.self) + batch * n)),
          inner.elements(Double.self) + batch * n * n)
      }
      let sign = u.det().mul(vh.det()).sign().unsqueeze(-1).unsqueeze(-1)
      return u.matmul(inner).matmul(vh).mul(sign).maskedFill(isBroken, Double.nan).to(dtype)
    }
  }
}

extension Determinant: TableEntry {
  public static var signature: Signature { Signature("T A") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Determinant(), try arguments.tensor("A"))]
  }
}

extension Algebra {
  /// The determinant of each matrix of a batch: [*, n, n] → [*].
  public func det() -> Self { checked { () throws(ArrayError) in try Self.apply(Determinant(), self) } }

  fileprivate func cofactors() -> Self {
    checked { () throws(ArrayError) in try Self.apply(Cofactors(), self) }
  }
}
