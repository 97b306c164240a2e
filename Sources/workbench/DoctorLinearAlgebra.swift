import COpenBLAS

/// BLAS and LAPACK: a product and a system of equations, both compared with what they must be.
enum DoctorLinearAlgebra {
  @Sendable static func examine() async -> [Diagnosis] { [blas(), lapack()] }

  private static let mend = DoctorProbe.install("libopenblas-dev", "liblapacke-dev")
  private static let n = 256

  /// C = A B for matrices whose entries are small integers, so that the result is exact and can be compared bit for bit.
  private static func blas() -> Diagnosis {
    let a = (0..<n * n).map { Double($0 * 7 % 11 - 5) }
    let b = (0..<n * n).map { Double($0 * 5 % 13 - 6) }
    var c = [Double](repeating: 0, count: n * n)
    let size = blasint(n)
    let start = ContinuousClock.now
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size, size, 1, a, size, b, size, 0, &c, size)
    let time = ContinuousClock.now - start
    let isRight = stride(from: 0, to: n * n, by: 97).allSatisfy { index in
      let (row, column) = (index / n, index % n)
      return c[index] == (0..<n).reduce(0) { $0 + a[row * n + $1] * b[$1 * n + column] }
    }
    let version = openBLASVersion
    guard isRight else {
      return .fails("BLAS", version: version, trial: "a product of two matrices is wrong", mend: mend)
    }
    return .works(
      "BLAS", version: version,
      trial:
        "multiplied two \(n) × \(n) matrices in \(time.brief), \(openblas_get_num_threads()) threads, kernels for "
        + String(cString: openblas_get_corename()))
  }

  /// The first two words of OpenBLAS's own description: `OpenBLAS 0.3.21`.
  private static var openBLASVersion: String {
    String(cString: openblas_get_config()).split(separator: " ").prefix(2).joined(separator: " ")
  }

  /// Solves A x = b for a matrix with a heavy diagonal and a known x.
  private static func lapack() -> Diagnosis {
    let size = Int32(n)
    var matrix = (0..<n * n).map { Double($0 * 7 % 11 - 5) }
    for i in 0..<n { matrix[i * n + i] += Double(4 * n) }
    let known = (0..<n).map { Double($0 % 9 - 4) }
    var x = (0..<n).map { row in (0..<n).reduce(0) { $0 + matrix[row * n + $1] * known[$1] } }
    var pivots = [Int32](repeating: 0, count: n)
    let status = LAPACKE_dgesv(LAPACK_ROW_MAJOR, size, 1, &matrix, size, &pivots, &x, 1)
    let error = zip(x, known).map { abs($0 - $1) }.max() ?? .infinity
    var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
    LAPACKE_ilaver(&major, &minor, &patch)
    let version = "\(major).\(minor).\(patch)"
    // The condition number is below 10, so that a right solution is within some hundred roundings of numbers up to 4.
    guard status == 0, error < 1e-12 else {
      return .fails(
        "LAPACK", version: version,
        trial: "a system of equations is solved wrongly (status \(status), error \(error))",
        mend: mend)
    }
    return .works(
      "LAPACK", version: version,
      trial: "solved \(n) equations, largest error \(Format.short(error))")
  }
}
