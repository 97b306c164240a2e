import CKernels

/// `cumsum(x, dim)`: the running sum along a dimension; integers and bools in int64. Derivative: the running sum of g from the end.
public struct CumSum: WritingUnary {
  public static let name = "cumsum"
  /// The dimension.
  public let dim: Int
  public init(_ dim: Int) { self.dim = dim }
  public var attributes: [(name: String, value: String)] { [("dim", "\(dim)")] }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    _ = try x.shape.axis(dim, Self.name)
    return ArrayType(x.dtype.isFloatingPoint ? x.dtype : .int64, x.shape)
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    try scan(x, into: output, along: try x.shape.axis(dim, Self.name), CK_CUMSUM, Self.name)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.flip([dim]).cumsum(dim).flip([dim])
  }
}

/// `cumprod(x, dim)`: the running product along a dimension; integers and bools in int64.
///
/// Derivative: Σ over k ≥ i of gₖ · Π of the other factors up to k; exact where factors are 0.
public struct CumProd: WritingUnary {
  public static let name = "cumprod"
  /// The dimension.
  public let dim: Int
  public init(_ dim: Int) { self.dim = dim }
  public var attributes: [(name: String, value: String)] { [("dim", "\(dim)")] }
  public func saves(for input: Int) -> SavedValues { [.first, .result] }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    _ = try x.shape.axis(dim, Self.name)
    return ArrayType(x.dtype.isFloatingPoint ? x.dtype : .int64, x.shape)
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    try scan(x, into: output, along: try x.shape.axis(dim, Self.name), CK_CUMPROD, Self.name)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    if context.input(0).staticShape?.rank == 0 { return gradient }
    let x = context.input(0).transpose(dim, -1)
    let slope = checked { () throws(ArrayError) in
      try C.Value.apply(CumProdSlope(), gradient.transpose(dim, -1), x)
    }
    return slope.transpose(dim, -1)
  }
}

/// The derivative of `cumprod` along the last dimension, in linear time: sᵢ = Σ over k ≥ i of gₖ · Π over j ≤ k, j ≠ i of xⱼ.
struct CumProdSlope: WritingBinary {
  static let name = "cumprod_backward"

  func saves(for input: Int) -> SavedValues { input == 0 ? .second : .inputs }
  func type(_ g: ArrayType, _ x: ArrayType) throws(ArrayError) -> ArrayType { x }

  func forward(_ g: NDArray, _ x: NDArray, into output: NDArray) throws(ArrayError) {
    let (factors, weights) = (
      try x.converted(to: .float64).contiguous(), try g.converted(to: .float64).contiguous()
    )
    let result = try NDArray(uninitialized: x.shape, .float64)
    let n = x.shape[x.rank - 1]
    if x.count == 0 { return }
    let (f, w) = (
      factors.pointer.assumingMemoryBound(to: Double.self),
      weights.pointer.assumingMemoryBound(to: Double.self)
    )
    let r = result.pointer.assumingMemoryBound(to: Double.self)
    for row in stride(from: 0, to: x.count, by: n) {
      // before: the product of the factors left of i; tail: Σ over k ≥ i of gₖ times the factors between i and k.
      var tail = 0.0
      for i in (0..<n).reversed() {
        tail = w[row + i] + (i + 1 < n ? f[row + i + 1] * tail : 0)
        r[row + i] = tail
      }
      var before = 1.0
      for i in 0..<n {
        r[row + i] *= before
        before *= f[row + i]
      }
    }
    output.write(from: result)
  }

  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    let x = context.input(1)
    // others[i, j] = x_j, but 1 for j = i: row i holds the factors that the i-th slope multiplies.
    let (others, own) = x.withoutOwnFactor()
    let h = gradient.unsqueeze(-1)
    if input == 0 { return (others.cumprod(-1) * h).triu().sum(-2) }
    let weights = (context.input(0).unsqueeze(-2) * h).triu()
    let slopes = checked { () throws(ArrayError) in try C.Value.apply(CumProdSlope(), weights, others) }
    return (slopes * own).sum(-2)
  }
}

/// `prod(x, dim, keepdim)`: the product; integers and bools in int64. Derivative: g times the product of the other factors, exact where
/// factors are 0.
public struct Prod: WritingUnary {
  public static let name = "prod"
  /// The dimension; nil: all.
  public let dim: Int?
  /// Whether it stays, with size 1.
  public let keepDim: Bool
  public init(_ dim: Int? = nil, keepDim: Bool = false) {
    self.dim = dim
    self.keepDim = keepDim
  }
  private var dims: [Int]? { dim.map { [$0] } }
  public var attributes: [(name: String, value: String)] { reductionAttributes(dims, keepDim) }
  public func saves(for input: Int) -> SavedValues { .first }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    let axes = try x.shape.axes(dims, Self.name)
    return ArrayType(x.dtype.isFloatingPoint ? x.dtype : .int64, x.shape.reduced(axes, keepDim: keepDim))
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    try Reduction.product.run(
      try x.converted(to: output.dtype), over: try x.shape.axes(dims, Self.name), into: output)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let shape = context.shape(0)
    let g = gradient.spread(dims, keepDim: keepDim, to: shape)
    if context.input(0).staticShape?.rank == 0 { return g }
    guard let dim else {
      return g * context.input(0).reshape(-1).productOfOthers().reshape(to: shape)
    }
    return g * context.input(0).transpose(dim, -1).productOfOthers().transpose(dim, -1)
  }
}

/// For each element the product of the others along the last dimension, in linear time.
struct ProductOfOthers: WritingUnary {
  static let name = "prod_backward"

  func saves(for input: Int) -> SavedValues { .first }
  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { x }

  func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    let factors = try x.converted(to: .float64).contiguous()
    let result = try NDArray(uninitialized: x.shape, .float64)
    let n = x.shape[x.rank - 1]
    if x.count == 0 { return }
    let f = factors.pointer.assumingMemoryBound(to: Double.self)
    let r = result.pointer.assumingMemoryBound(to: Double.self)
    for row in stride(from: 0, to: x.count, by: n) {
      var product = 1.0
      for i in row..<(row + n) {
        r[i] = product
        product *= f[i]
      }
      product = 1
      for i in (row..<(row + n)).reversed() {
        r[i] *= product
        product *= f[i]
      }
    }
    output.write(from: result)
  }

  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let (others, own) = context.input(0).withoutOwnFactor()
    let pairs = others.productOfOthers() * own
    return (pairs * gradient.unsqueeze(-1)).sum(-2)
  }
}

extension Algebra {
  /// For x of n elements along the last dimension: the n×n matrix whose row i is x with 1 in place i, and the mask that is 0 on the
  /// diagonal and 1 elsewhere.
  fileprivate func withoutOwnFactor() -> (others: Self, mask: Self) {
    let wide = unsqueeze(-2) + unsqueeze(-1).mul(0)
    let ones = wide.eq(wide).logicalOr(wide.ne(wide)).to(dtype)
    let eye = ones.triu() * ones.tril()
    return (eye.to(.bool).where(ones, wide), 1 - eye)
  }

  fileprivate func productOfOthers() -> Self {
    checked { () throws(ArrayError) in try Self.apply(ProductOfOthers(), self) }
  }

  /// The running sum along a dimension; integers and bools in int64.
  public func cumsum(_ dim: Int) -> Self {
    checked { () throws(ArrayError) in try Self.apply(CumSum(dim), self) }
  }
  /// The running product along a dimension; integers and bools in int64.
  public func cumprod(_ dim: Int) -> Self {
    checked { () throws(ArrayError) in try Self.apply(CumProd(dim), self) }
  }
  /// The product along a dimension, of everything when nil; integers and bools in int64.
  public func prod(_ dim: Int? = nil, keepDim: Bool = false) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Prod(dim, keepDim: keepDim), self) }
  }
}

private func scan(
  _ x: NDArray, into output: NDArray, along axis: Int, _ operation: ck_row_op, _ name: String
) throws(ArrayError) {
  let x = try x.converted(to: output.dtype)
  guard let kernel = ck_row(operation, x.dtype.kernelType) else {
    throw .runtime("\(name): not implemented for '\(x.dtype.scalarTypeName)'")
  }
  try mapRows(x, into: output, along: axis, kernel)
}

/// Applies a kernel that maps a run to a run, along one dimension.
func mapRows(_ x: NDArray, into output: NDArray, along axis: Int, _ kernel: ck_unary_fn) throws(ArrayError) {
  if x.count == 0 { return }
  var targets: [Rows.Row] = []
  let rows = Rows(x, axis)
  targets.reserveCapacity(rows.count)
  Rows(output, axis).forEach { row, _ in targets.append(row) }
  rows.forEach { row, number in
    kernel(row.length, targets[number].start, targets[number].step, row.start, row.step)
  }
}

extension CumSum: TableEntry {
  public static var signature: Signature { Signature("T input, int dim, dtype? dtype") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let x = try arguments.tensor("input")
    let converted = try arguments.optionalDType("dtype").map { x.to($0) } ?? x
    return [try Value.apply(CumSum(try arguments.int("dim")), converted)]
  }
}

extension CumProd: TableEntry {
  public static var signature: Signature { Signature("T input, int dim, dtype? dtype") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let x = try arguments.tensor("input")
    let converted = try arguments.optionalDType("dtype").map { x.to($0) } ?? x
    return [try Value.apply(CumProd(try arguments.int("dim")), converted)]
  }
}

extension Prod: TableEntry {
  public static var signature: Signature { Signature("T input, int? dim, bool keepdim=false, dtype? dtype") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let x = try arguments.tensor("input")
    let converted = try arguments.optionalDType("dtype").map { x.to($0) } ?? x
    let operation = Prod(
      try arguments.optionalInt("dim"), keepDim: try arguments.bool("keepdim", default: false))
    return [try Value.apply(operation, converted)]
  }
}
