import Arrays
import CKernels
import COpenBLAS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What must be so before OpenBLAS is called.
enum BLAS {
  /// Gives OpenBLAS this library's number of threads; the first time, also kernels that suit the processor.
  static func prepare() {
    _ = hasKernels
    let count = threadCount
    if openblas_get_num_threads() != count { openblas_set_num_threads(numericCast(count)) }
  }

  /// An OpenBLAS older than the processor does not know it and falls back on kernels for the first x86-64, an eighth as fast. It has better ones for
  /// the vector units that are there; they are taken if they multiply rightly. Whoever sets OPENBLAS_CORETYPE has chosen already.
  private static let hasKernels: Bool = {
    let variable = "OPENBLAS_CORETYPE"
    guard getenv(variable) == nil, String(cString: openblas_get_corename()) == "Prescott",
      let quit = function("gotoblas_dynamic_quit"), let initialize = function("gotoblas_dynamic_init")
    else { return true }
    func choose(_ core: String) {
      setenv(variable, core, 1)
      quit()
      initialize()
      unsetenv(variable)
    }
    switch ck_best_level() {
    case CK_LEVEL_V4: choose("SkylakeX")
    case CK_LEVEL_V3: choose("Haswell")
    default: return true
    }
    if !multipliesRightly { choose("Prescott") }
    return true
  }()

  private static func function(_ name: String) -> (@convention(c) () -> Void)? {
    dlsym(nil, name).map { unsafeBitCast($0, to: (@convention(c) () -> Void).self) }
  }

  /// Products of small whole numbers, which are exact in any order, at sizes around those of the kernels' blocks.
  private static var multipliesRightly: Bool {
    for (n, k, m) in [(5, 7, 3), (33, 65, 47), (130, 129, 131)] {
      let a = (0..<(n * k)).map { Double($0 * 31 % 17 - 8) }
      let b = (0..<(k * m)).map { Double($0 * 37 % 19 - 9) }
      let (narrowA, narrowB) = (a.map { Float($0) }, b.map { Float($0) })
      var (c, narrowC) = ([Double](repeating: 1, count: n * m), [Float](repeating: 1, count: n * m))
      let (rows, inner, columns) = (blasint(n), blasint(k), blasint(m))
      cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, columns, inner, 1, a, inner, b, columns, 0, &c,
        columns)
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, columns, inner, 1, narrowA, inner, narrowB, columns,
        0,
        &narrowC, columns)
      for i in 0..<n {
        for j in 0..<m {
          var sum = 0.0
          for l in 0..<k { sum += a[i * k + l] * b[l * m + j] }
          if c[i * m + j] != sum || Double(narrowC[i * m + j]) != sum { return false }
        }
      }
    }
    return true
  }
}
