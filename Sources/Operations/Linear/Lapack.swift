import COpenBLAS

/// The two element types that LAPACK calculates in, with the routines used here.
///
/// Matrices are column-major, as LAPACK has them; a row-major matrix is the transpose of one. None of the routines looks for NaN
/// first unless it says so.
protocol LapackElement: BinaryFloatingPoint {
  /// P·L·U in place of `a` (n×n); the number of the first pivot that is exactly zero, or 0.
  static func factorLU(
    _ n: Int, _ a: UnsafeMutablePointer<Self>, _ pivots: UnsafeMutablePointer<LapackInteger>
  ) -> Int
  /// The inverse in place of the factors that `factorLU` left.
  static func invertLU(_ n: Int, _ a: UnsafeMutablePointer<Self>, _ pivots: UnsafePointer<LapackInteger>)
  /// The solution of a·x = b in place of `b` (n×count), from the factors of a.
  static func solveLU(
    _ n: Int, _ count: Int, _ a: UnsafePointer<Self>, _ pivots: UnsafePointer<LapackInteger>,
    _ b: UnsafeMutablePointer<Self>)
  /// The upper factor R of a = Rᵀ·R in place of a's upper triangle; the order of the leading minor that is not positive, or 0.
  static func factorCholesky(_ n: Int, _ a: UnsafeMutablePointer<Self>) -> Int
  /// The solution of t·x = b in place of `b`; `t` (n×n, upper or lower) and `b` (n×count) are row-major.
  static func solveTriangular(
    _ n: Int, _ count: Int, _ t: UnsafePointer<Self>, isUpper: Bool, _ b: UnsafeMutablePointer<Self>)
  /// The singular values of `a` (rows×columns, destroyed) and, for job "S" or "A", the singular vectors. Not 0: no convergence, or
  /// elements that are not finite.
  static func decomposeSingular(
    _ job: Unicode.Scalar, _ rows: Int, _ columns: Int, _ a: UnsafeMutablePointer<Self>,
    _ s: UnsafeMutablePointer<Self>, _ u: UnsafeMutablePointer<Self>, _ uLeading: Int,
    _ vt: UnsafeMutablePointer<Self>, _ vtLeading: Int
  ) -> Int
  /// The x of least norm that minimises |a·x − b| in place of the beginning of `b` (max(rows, columns)×count); the singular values
  /// and the rank. Not 0: as `decomposeSingular`.
  static func solveLeastSquares(
    _ rows: Int, _ columns: Int, _ count: Int, _ a: UnsafeMutablePointer<Self>,
    _ b: UnsafeMutablePointer<Self>, _ s: UnsafeMutablePointer<Self>, _ cutoff: Self
  ) -> (status: Int, rank: Int)
}

/// LAPACKE's integers (`lapack_int`).
typealias LapackInteger = Int32

private let columnMajor = LAPACK_COL_MAJOR

extension Double: LapackElement {
  static func factorLU(
    _ n: Int, _ a: UnsafeMutablePointer<Double>, _ pivots: UnsafeMutablePointer<LapackInteger>
  ) -> Int {
    BLAS.prepare()
    return Int(
      LAPACKE_dgetrf_work(columnMajor, LapackInteger(n), LapackInteger(n), a, LapackInteger(n), pivots))
  }
  static func invertLU(_ n: Int, _ a: UnsafeMutablePointer<Double>, _ pivots: UnsafePointer<LapackInteger>) {
    withScratch(n * 64) { (work: UnsafeMutablePointer<Double>) in
      _ = LAPACKE_dgetri_work(
        columnMajor, LapackInteger(n), a, LapackInteger(n), pivots, work, LapackInteger(n * 64))
    }
  }
  static func solveLU(
    _ n: Int, _ count: Int, _ a: UnsafePointer<Double>, _ pivots: UnsafePointer<LapackInteger>,
    _ b: UnsafeMutablePointer<Double>
  ) {
    _ = LAPACKE_dgetrs_work(
      columnMajor, letter("N"), LapackInteger(n), LapackInteger(count), a, LapackInteger(n), pivots, b,
      LapackInteger(n))
  }
  static func factorCholesky(_ n: Int, _ a: UnsafeMutablePointer<Double>) -> Int {
    BLAS.prepare()
    return Int(LAPACKE_dpotrf_work(columnMajor, letter("U"), LapackInteger(n), a, LapackInteger(n)))
  }
  static func solveTriangular(
    _ n: Int, _ count: Int, _ t: UnsafePointer<Double>, isUpper: Bool, _ b: UnsafeMutablePointer<Double>
  ) {
    cblas_dtrsm(
      CblasRowMajor, CblasLeft, isUpper ? CblasUpper : CblasLower, CblasNoTrans, CblasNonUnit, blasint(n),
      blasint(count), 1, t, blasint(n), b, blasint(count))
  }
  static func decomposeSingular(
    _ job: Unicode.Scalar, _ rows: Int, _ columns: Int, _ a: UnsafeMutablePointer<Double>,
    _ s: UnsafeMutablePointer<Double>, _ u: UnsafeMutablePointer<Double>, _ uLeading: Int,
    _ vt: UnsafeMutablePointer<Double>, _ vtLeading: Int
  ) -> Int {
    if !areFinite(a, rows * columns) { return -1 }
    return Int(
      LAPACKE_dgesdd(
        columnMajor, letter(job), LapackInteger(rows), LapackInteger(columns), a, LapackInteger(rows), s, u,
        LapackInteger(uLeading), vt, LapackInteger(vtLeading)))
  }
  static func solveLeastSquares(
    _ rows: Int, _ columns: Int, _ count: Int, _ a: UnsafeMutablePointer<Double>,
    _ b: UnsafeMutablePointer<Double>, _ s: UnsafeMutablePointer<Double>, _ cutoff: Double
  ) -> (status: Int, rank: Int) {
    if !areFinite(a, rows * columns) || !areFinite(b, max(rows, columns) * count) { return (-1, 0) }
    var rank: LapackInteger = 0
    let status = LAPACKE_dgelsd(
      columnMajor, LapackInteger(rows), LapackInteger(columns), LapackInteger(count), a, LapackInteger(rows),
      b,
      LapackInteger(max(rows, columns)), s, cutoff, &rank)
    return (Int(status), Int(rank))
  }
}

extension Float: LapackElement {
  static func factorLU(
    _ n: Int, _ a: UnsafeMutablePointer<Float>, _ pivots: UnsafeMutablePointer<LapackInteger>
  ) -> Int {
    BLAS.prepare()
    return Int(
      LAPACKE_sgetrf_work(columnMajor, LapackInteger(n), LapackInteger(n), a, LapackInteger(n), pivots))
  }
  static func invertLU(_ n: Int, _ a: UnsafeMutablePointer<Float>, _ pivots: UnsafePointer<LapackInteger>) {
    withScratch(n * 64) { (work: UnsafeMutablePointer<Float>) in
      _ = LAPACKE_sgetri_work(
        columnMajor, LapackInteger(n), a, LapackInteger(n), pivots, work, LapackInteger(n * 64))
    }
  }
  static func solveLU(
    _ n: Int, _ count: Int, _ a: UnsafePointer<Float>, _ pivots: UnsafePointer<LapackInteger>,
    _ b: UnsafeMutablePointer<Float>
  ) {
    _ = LAPACKE_sgetrs_work(
      columnMajor, letter("N"), LapackInteger(n), LapackInteger(count), a, LapackInteger(n), pivots, b,
      LapackInteger(n))
  }
  static func factorCholesky(_ n: Int, _ a: UnsafeMutablePointer<Float>) -> Int {
    BLAS.prepare()
    return Int(LAPACKE_spotrf_work(columnMajor, letter("U"), LapackInteger(n), a, LapackInteger(n)))
  }
  static func solveTriangular(
    _ n: Int, _ count: Int, _ t: UnsafePointer<Float>, isUpper: Bool, _ b: UnsafeMutablePointer<Float>
  ) {
    cblas_strsm(
      CblasRowMajor, CblasLeft, isUpper ? CblasUpper : CblasLower, CblasNoTrans, CblasNonUnit, blasint(n),
      blasint(count), 1, t, blasint(n), b, blasint(count))
  }
  static func decomposeSingular(
    _ job: Unicode.Scalar, _ rows: Int, _ columns: Int, _ a: UnsafeMutablePointer<Float>,
    _ s: UnsafeMutablePointer<Float>, _ u: UnsafeMutablePointer<Float>, _ uLeading: Int,
    _ vt: UnsafeMutablePointer<Float>, _ vtLeading: Int
  ) -> Int {
    if !areFinite(a, rows * columns) { return -1 }
    return Int(
      LAPACKE_sgesdd(
        columnMajor, letter(job), LapackInteger(rows), LapackInteger(columns), a, LapackInteger(rows), s, u,
        LapackInteger(uLeading), vt, LapackInteger(vtLeading)))
  }
  static func solveLeastSquares(
    _ rows: Int, _ columns: Int, _ count: Int, _ a: UnsafeMutablePointer<Float>,
    _ b: UnsafeMutablePointer<Float>, _ s: UnsafeMutablePointer<Float>, _ cutoff: Float
  ) -> (status: Int, rank: Int) {
    if !areFinite(a, rows * columns) || !areFinite(b, max(rows, columns) * count) { return (-1, 0) }
    var rank: LapackInteger = 0
    let status = LAPACKE_sgelsd(
      columnMajor, LapackInteger(rows), LapackInteger(columns), LapackInteger(count), a, LapackInteger(rows),
      b,
      LapackInteger(max(rows, columns)), s, cutoff, &rank)
    return (Int(status), Int(rank))
  }
}

/// Whether no element is infinite or NaN. With one that is, LAPACK's singular value iterations may not end.
private func areFinite<Element: BinaryFloatingPoint>(
  _ elements: UnsafePointer<Element>, _ count: Int
) -> Bool {
  (0..<count).allSatisfy { elements[$0].isFinite }
}

private func letter(_ character: Unicode.Scalar) -> CChar { CChar(truncatingIfNeeded: character.value) }

/// Memory for `count` elements (at least one) while `body` runs.
func withScratch<Element, Result>(
  _ count: Int, _ body: (UnsafeMutablePointer<Element>) throws(ArrayError) -> Result
) throws(ArrayError) -> Result {
  let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(count, 1))
  defer { memory.deallocate() }
  return try body(memory)
}
private func withScratch<Element>(_ count: Int, _ body: (UnsafeMutablePointer<Element>) -> Void) {
  let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(count, 1))
  defer { memory.deallocate() }
  body(memory)
}

// MARK: What all operations on matrices check and walk

extension ArrayType {
  /// The sizes of the matrices of a batch. Throws for fewer than two dimensions and for dtypes that are not floating.
  func matrixSizes(_ operation: String) throws(ArrayError) -> (rows: Int, columns: Int) {
    try require(
      shape.rank >= 2,
      .runtime(
        "\(operation): The input tensor A must have at least 2 dimensions, but its shape is \(shape)."))
    try require(
      dtype.isFloatingPoint,
      .runtime(
        "\(operation): Expected a floating point tensor as input. Got \(dtype.scalarTypeName); convert it with to(.float64)"
      ))
    return (shape[shape.rank - 2], shape[shape.rank - 1])
  }

  /// The number of rows of the square matrices of a batch. Throws for others.
  func squareSize(_ operation: String) throws(ArrayError) -> Int {
    let (rows, columns) = try matrixSizes(operation)
    try require(
      Shape.agree(rows, columns),
      .runtime(
        "\(operation): A must be batches of square matrices, but they are \(rows) by \(columns) matrices"))
    return rows
  }

  /// The shape with the last two sizes replaced.
  func withMatrices(_ rows: Int, _ columns: Int) -> ArrayType {
    var result = self
    result.shape[shape.rank - 2] = rows
    result.shape[shape.rank - 1] = columns
    return result
  }
}

extension NDArray {
  /// The number of matrices in the batch.
  var matrixCount: Int { Shape(shape.dropLast(2)).elementCount }

  /// The elements as `Element`s, which they must be.
  func elements<Element>(_: Element.Type = Element.self) -> UnsafeMutablePointer<Element> {
    address.assumingMemoryBound(to: Element.self)
  }

  /// The transposes of the matrices, a view.
  var matricesTransposed: NDArray {
    var (shape, strides) = (self.shape, self.strides)
    shape.swapAt(rank - 2, rank - 1)
    strides.swapAt(rank - 2, rank - 1)
    return strided(shape, strides, offset: offset)
  }

  /// A copy in which each matrix is column-major: the row-major copy of its transpose.
  func columnMajorCopy() throws(ArrayError) -> NDArray { try matricesTransposed.clone() }
}

/// Which matrix of a batch a message speaks of; nothing where there is no batch.
func batchElement(_ number: Int, _ x: NDArray) -> String {
  x.rank > 2 ? "(Batch element \(number)): " : ""
}

extension Algebra {
  /// The transposes of the matrices of a batch (PyTorch's `mT`). A view.
  public var mT: Self { transpose(-2, -1) }
}
