import COpenBLAS

/// The solution X of A·X = B for each pair of matrices of two batches of one size, by LU factors with row exchanges.
///
/// Shapes: A: [*, n, n], B: [*, n, k] → [*, n, k]. Derivatives: A⁻ᵀ·g for B and −(A⁻ᵀ·g)·Xᵀ for A. Throws for a singular A.
struct Solve: WritingBinary {
  static let name = "linalg.solve"
  var gradientName: String { "LinalgSolveExBackward0" }
  func saves(for input: Int) -> SavedValues { input == 0 ? [.first, .result] : .first }

  func type(_ a: ArrayType, _ b: ArrayType) throws(ArrayError) -> ArrayType { b }
  func forward(_ a: NDArray, _ b: NDArray, into output: NDArray) throws(ArrayError) {
    let solution = try b.columnMajorCopy()
    if a.dtype == .float64 {
      try solve(try a.columnMajorCopy(), solution, Double.self)
    } else {
      try solve(try a.columnMajorCopy(), solution, Float.self)
    }
    output.write(from: solution.matricesTransposed)
  }
  private func solve<Element: LapackElement>(
    _ a: NDArray, _ b: NDArray, _: Element.Type
  ) throws(ArrayError) {
    let (n, count) = (b.shape[b.rank - 1], b.shape[b.rank - 2])
    try withScratch(n) { (pivots: UnsafeMutablePointer<LapackInteger>) throws(ArrayError) in
      for batch in 0..<a.matrixCount where n > 0 {
        let matrix = a.elements(Element.self) + batch * n * n
        let zero = Element.factorLU(n, matrix, pivots)
        try require(
          zero == 0,
          .runtime(
            "linalg.solve: \(batchElement(batch, a))The solver failed because the input matrix is singular (pivot \(zero) is zero); lstsq solves such systems"
          ))
        if count > 0 {
          Element.solveLU(n, count, matrix, pivots, b.elements(Element.self) + batch * n * count)
        }
      }
    }
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    let right = checked { () throws(ArrayError) in try C.Value.apply(Solve(), context.input(0).mT, gradient) }
    return input == 1 ? right : -right.matmul(context.result.mT)
  }
}

/// `linalg.solve(A, B, left)`: the X with A·X = B, or X·A = B when `left` is false.
///
/// Shapes: A: [*, n, n]; B: [*, n, k], or a vector: [n] or A's shape without its last dimension. Batches broadcast. Throws for a
/// singular A and for shapes or dtypes that do not fit.
public enum LinearSolve: TableEntry {
  public static let name = "linalg.solve"
  public static var signature: Signature { Signature("T A, T B, bool left=true") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [
      try solution(
        try arguments.tensor("A"), try arguments.tensor("B"), left: try arguments.bool("left", default: true))
    ]
  }

  static func solution<Value: Algebra>(_ a: Value, _ b: Value, left: Bool) throws(ArrayError) -> Value {
    guard let x = a.staticShape, let y = b.staticShape else {
      throw .runtime("linalg.solve: the ranks are not known yet; give the placeholders shapes")
    }
    let n = try ArrayType(a.dtype, x).squareSize(name)
    try require(
      a.dtype == b.dtype,
      .runtime(
        "linalg.solve: Expected A and B to have the same dtype, but found A of type \(a.dtype.scalarTypeName) and B of type \(b.dtype.scalarTypeName) instead; convert one with to(_:)"
      ))
    if isVector(y, besides: x) {
      try require(
        left,
        .runtime(
          "linalg.solve: Vector broadcasting of the left hand side is not supported for left=false; B / A is what it would be"
        ))
      let columns = try matrices(a, try Value.apply(Unsqueeze(-1), b), n, left: true)
      return try Value.apply(Squeeze([-1]), columns)
    }
    try require(
      y.rank >= 2,
      .runtime("linalg.solve: B must be a vector or have at least 2 dimensions, but its shape is \(y)"))
    return try matrices(a, b, n, left: left)
  }

  /// Whether a right-hand side is a batch of vectors: one vector, or A's shape without its last dimension.
  static func isVector(_ b: Shape, besides a: Shape) -> Bool {
    b.rank == 1 || (b.rank == a.rank - 1 && b == Shape(a.dropLast()))
  }

  private static func matrices<Value: Algebra>(
    _ a: Value, _ b: Value, _ n: Int, left: Bool
  ) throws(ArrayError) -> Value {
    if !left {
      return try matrices(a.mT, b.mT, n, left: true).mT
    }
    let (x, y) = (a.staticShape ?? [], b.staticShape ?? [])
    let (rows, columns) = (y[y.rank - 2], y[y.rank - 1])
    try require(
      rows == n || rows == Shape.unknown || n == Shape.unknown,
      .runtime(
        "linalg.solve: Incompatible shapes of A and B for the equation AX = B (\(n)x\(n) and \(rows)x\(columns))"
      ))
    let (batchA, batchB) = (Shape(x.dropLast(2)), Shape(y.dropLast(2)))
    guard let batch = Shape.broadcast(batchA, batchB) else { throw broadcastError(name, batchA, batchB) }
    func wide(_ value: Value, _ own: Shape) throws(ArrayError) -> Value {
      let target = Shape(Array(batch) + Array(own.suffix(2)))
      return own == target ? value : try Value.apply(BroadcastTo(target), value)
    }
    return try Value.apply(Solve(), try wide(a, x), try wide(b, y))
  }
}

/// The solution X of T·X = B, T upper or lower triangular; the other triangle is not read.
///
/// Shapes: T: [*, n, n], B: [*, n, k] → [*, n, k]. Derivatives: T⁻ᵀ·g for B and −(T⁻ᵀ·g)·Xᵀ, its triangle, for T.
struct SolveTriangular: WritingBinary {
  static let name = "linalg.solve_triangular"
  let isUpper: Bool
  var attributes: [(name: String, value: String)] { [("upper", "\(isUpper)")] }
  func saves(for input: Int) -> SavedValues { input == 0 ? [.first, .result] : .first }

  func type(_ t: ArrayType, _ b: ArrayType) throws(ArrayError) -> ArrayType { b }
  func forward(_ t: NDArray, _ b: NDArray, into output: NDArray) throws(ArrayError) {
    let solution = try b.clone()
    let t = try t.contiguous()
    if t.dtype == .float64 { solve(t, solution, Double.self) } else { solve(t, solution, Float.self) }
    output.write(from: solution)
  }
  private func solve<Element: LapackElement>(_ t: NDArray, _ b: NDArray, _: Element.Type) {
    let (n, count) = (b.shape[b.rank - 2], b.shape[b.rank - 1])
    if n == 0 || count == 0 { return }
    for batch in 0..<t.matrixCount {
      Element.solveTriangular(
        n, count, t.elements(Element.self) + batch * n * n, isUpper: isUpper,
        b.elements(Element.self) + batch * n * count)
    }
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    let right = context.input(0).mT.solvedTriangular(gradient, isUpper: !isUpper)
    if input == 1 { return right }
    let slope = -right.matmul(context.result.mT)
    return isUpper ? slope.triu() : slope.tril()
  }
}

extension Algebra {
  /// The X with self·X = B, or X·self = B when `left` is false. B may be a vector. Stops for a singular matrix.
  public func solve(_ b: Self, left: Bool = true) -> Self {
    checked { () throws(ArrayError) in try LinearSolve.solution(self, b, left: left) }
  }

  /// The X with self·X = B for a triangular self.
  func solvedTriangular(_ b: Self, isUpper: Bool) -> Self {
    checked { () throws(ArrayError) in try Self.apply(SolveTriangular(isUpper: isUpper), self, b) }
  }
}
