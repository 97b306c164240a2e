import COpenBLAS

/// `mm(a, b)`: the product of two matrices, by OpenBLAS for floating dtypes; transposed operands are not copied.
///
/// Shapes: a: [n, k], b: [k, m] → [n, m]. Derivatives: g·bᵀ and aᵀ·g.
public struct MM: WritingBinary {
  public static let name = "mm"
  @inlinable public init() {}
  @inlinable public func saves(for input: Int) -> SavedValues { input == 0 ? .second : .first }

  public func type(_ a: ArrayType, _ b: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      a.shape.rank == 2 && b.shape.rank == 2,
      .runtime("mm: both operands must be matrices, but their shapes are \(a.shape) and \(b.shape)"))
    try requireSameDType(a.dtype, b.dtype, Self.name)
    let (inner, other) = (a.shape[1], b.shape[0])
    try require(
      Shape.agree(inner, other),
      .runtime(
        "mm: mat1 and mat2 shapes cannot be multiplied (\(a.shape[0])x\(inner) and \(other)x\(b.shape[1])); the inner sizes must be equal"
      ))
    return ArrayType(a.dtype, Shape(rows: a.shape[0], columns: b.shape[1]))
  }

  public func forward(_ a: NDArray, _ b: NDArray, into output: NDArray) throws(ArrayError) {
    let (n, k, m) = (a.shape[0], a.shape[1], b.shape[1])
    if n == 0 || m == 0 { return }
    if k == 0 { return output.fill(with: 0) }
    guard output.isContiguous else { return output.write(from: try forward(a, b)) }
    if n == 1 && m == 1, a.dtype.isFloatingPoint {
      // A row by a column, in the order of `sum`: the same bits as (a * b).sum().
      return try Dot.sum(k, a, a.stride(1), b, b.stride(0), into: output)
    }
    if k == 1, a.dtype != .bool { return try Mul().forward(a, b, into: output) }
    BLAS.prepare()
    switch a.dtype {
    case .float64:
      let (a, b) = (try MatrixOperand(a), try MatrixOperand(b))
      cblas_dgemm(
        CblasRowMajor, a.order, b.order, numericCast(n), numericCast(m), numericCast(k), 1, a.double,
        a.leading, b.double, b.leading, 0, output.address.assumingMemoryBound(to: Double.self),
        numericCast(m))
    case .float32:
      let (a, b) = (try MatrixOperand(a), try MatrixOperand(b))
      cblas_sgemm(
        CblasRowMajor, a.order, b.order, numericCast(n), numericCast(m), numericCast(k), 1, a.float,
        a.leading, b.float, b.leading, 0, output.address.assumingMemoryBound(to: Float.self),
        numericCast(m))
    case .bool: throw Self.undefined(for: .bool)
    default:
      // Integers: Σ over k of a's columns times b's rows, by elementwise products and sums.
      let left = try a.contiguous().strided([n, 1, k], [k, k, 1], offset: a.isContiguous ? a.offset : 0)
      let right = try b.t().contiguous()
      let spread = right.strided([1, m, k], [m * k, k, 1], offset: right.offset)
      output.write(from: left.mul(spread).sum([2]))
    }
  }

  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C
    .Value?
  {
    input == 0 ? gradient.mm(context.input(1).t()) : context.input(0).t().mm(gradient)
  }
}

extension MM: TableEntry {
  public static var signature: Signature { Signature("T input, T mat2") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(MM(), try arguments.tensor("input"), try arguments.tensor("mat2"))]
  }
}

/// A matrix as BLAS wants it: row-major, or the transpose of a row-major one; anything else is copied.
struct MatrixOperand {
  let array: NDArray
  let order: CBLAS_TRANSPOSE
  let leading: blasint

  init(_ x: NDArray) throws(ArrayError) {
    let (rows, columns) = (x.shape[0], x.shape[1])
    if (x.strides[1] == 1 || columns == 1) && (x.strides[0] >= max(columns, 1) || rows == 1) {
      (array, order, leading) = (x, CblasNoTrans, numericCast(rows == 1 ? max(columns, 1) : x.strides[0]))
    } else if (x.strides[0] == 1 || rows == 1) && (x.strides[1] >= max(rows, 1) || columns == 1) {
      (array, order, leading) = (x, CblasTrans, numericCast(columns == 1 ? max(rows, 1) : x.strides[1]))
    } else {
      (array, order, leading) = (try x.clone(), CblasNoTrans, numericCast(max(columns, 1)))
    }
  }

  var double: UnsafePointer<Double> { UnsafePointer(array.address.assumingMemoryBound(to: Double.self)) }
  var float: UnsafePointer<Float> { UnsafePointer(array.address.assumingMemoryBound(to: Float.self)) }
}

/// Refuses operands of different dtypes, as PyTorch's matrix products do.
@usableFromInline func requireSameDType(_ a: DType, _ b: DType, _ operation: String) throws(ArrayError) {
  try require(
    a == b,
    .runtime(
      "\(operation): expected both operands to have the same dtype, but got: \(a.scalarTypeName) and \(b.scalarTypeName); convert one with to(_:)"
    ))
}

extension Algebra {
  /// The product of two matrices: [n, k] · [k, m] → [n, m].
  @inlinable public func mm(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(MM(), self, other) }
  }
}
