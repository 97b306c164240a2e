import COpenBLAS

/// `linalg.solve(A, B, left)`: the X with A·X = B, or X·A = B when `left` is false, by LU factors with row exchanges.
///
/// Shapes: A: [*, n, n]; B: [*, n, k] (X·A = B: [*, k, n]), or a vector: [n] or A's shape without its last dimension. Batches broadcast.
/// Derivatives: A⁻ᵀ·g for B and −(A⁻ᵀ·g)·Xᵀ for A, summed over what was broadcast. Throws for a singular A and for shapes or dtypes that
/// do not fit.
public struct LinearSolve: WritingBinary {
  public static let name = "linalg.solve"
  /// Whether A stands on the left of X.
  let left: Bool
  /// Whether B is a vector, or a batch of them.
  let isVector: Bool
  public var attributes: [(name: String, value: String)] { left ? [] : [("left", "false")] }
  public var gradientName: String { "LinalgSolveExBackward0" }
  public func saves(for input: Int) -> SavedValues { [.first, .result] }

  public func type(_ a: ArrayType, _ b: ArrayType) throws(ArrayError) -> ArrayType {
    let n = try a.squareSize(Self.name)
    try require(
      a.dtype == b.dtype,
      .runtime(
        "linalg.solve: Expected A and B to have the same dtype, but found A of type \(a.dtype.scalarTypeName) and B of type \(b.dtype.scalarTypeName) instead; convert one with to(_:)"
      ))
    try require(
      left || !isVector,
      .runtime(
        "linalg.solve: Vector broadcasting of the left hand side is not supported for left=false; B / A is what it would be"
      ))
    let own = Array(b.shape.suffix(isVector ? 1 : 2))
    try require(
      own.count == (isVector ? 1 : 2),
      .runtime("linalg.solve: B must be a vector or have at least 2 dimensions, but its shape is \(b.shape)"))
    let (rows, columns) = isVector ? (own[0], 1) : left ? (own[0], own[1]) : (own[1], own[0])
    try require(
      Shape.agree(rows, n),
      .runtime(
        "linalg.solve: Incompatible shapes of A and B for the equation AX = B (\(n)x\(n) and \(rows)x\(columns))"
      ))
    let (batchA, batchB) = (Shape(a.shape.dropLast(2)), Shape(b.shape.dropLast(own.count)))
    guard let batch = Shape.broadcast(batchA, batchB) else { throw broadcastError(Self.name, batchA, batchB) }
    return ArrayType(a.dtype, Shape(Array(batch) + own))
  }

  public func forward(_ a: NDArray, _ b: NDArray, into output: NDArray) throws(ArrayError) {
    let wide = b.shape == output.shape ? b : b.expanded(to: output.shape)
    let columns = isVector ? try Unsqueeze(-1).forward(wide) : left ? wide : wide.matricesTransposed
    let target = Shape(Array(columns.shape.dropLast(2)) + Array(a.shape.suffix(2)))
    let matrices = a.shape == target ? a : a.expanded(to: target)
    let factors = left ? try matrices.columnMajorCopy() : try matrices.clone()
    let solution = try columns.columnMajorCopy()
    if a.dtype == .float64 {
      try solve(factors, solution, Double.self)
    } else {
      try solve(factors, solution, Float.self)
    }
    let result = left ? solution.matricesTransposed : solution
    output.write(from: isVector ? try Squeeze([-1]).forward(result) : result)
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

  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    let right = checked { () throws(ArrayError) in try C.Value.apply(self, context.input(0).mT, gradient) }
    if input == 1 { return right.sum(to: context.shape(1)) }
    func columns(_ x: C.Value) -> C.Value { isVector ? x.unsqueeze(-1) : x }
    let (r, x) = (columns(right), columns(context.result))
    return -(left ? r.matmul(x.mT) : x.mT.matmul(r)).sum(to: context.shape(0))
  }

  /// Whether a right-hand side is a batch of vectors: one vector, or A's shape without its last dimension.
  static func isVector(_ b: Shape, besides a: Shape) -> Bool {
    b.rank == 1 || (b.rank == a.rank - 1 && b == Shape(a.dropLast()))
  }
}

extension LinearSolve: TableEntry {
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
    return try Value.apply(LinearSolve(left: left, isVector: isVector(y, besides: x)), a, b)
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
