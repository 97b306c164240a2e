import CKernels

/// `cumsum(x, dim)`: the running sum along a dimension; integers and bools in int64, float32 kept in float64 on the way. Derivative: the running sum of g from the end.
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
    if let shape = context.input(0).staticShape,
      shape.rank == 0 || shape[dim < 0 ? dim + shape.rank : dim] == 1
    {
      return gradient
    }
    let x = context.input(0).transpose(dim, -1)
    let slope = checked { () throws(ArrayError) in
      try C.Value.apply(CumProdSlope(), gradient.transpose(dim, -1), x)
    }
    return slope.transpose(dim, -1)
  }
}

/// The derivative of `cumprod` along the last dimension, in linear time: sᵢ = Σ over k ≥ i of gₖ · Π over j ≤ k, j ≠ i of xⱼ.
///
/// Before the first zero that is (Σ over k ≥ i of gₖ·yₖ) / xᵢ, y being the products; at the first zero the sum itself; behind it 0.
struct CumProdSlope: WritingBinary {
  static let name = "cumprod_backward"

  func saves(for input: Int) -> SavedValues { input == 0 ? .second : .inputs }
  func type(_ g: ArrayType, _ x: ArrayType) throws(ArrayError) -> ArrayType { x }

  func forward(_ g: NDArray, _ x: NDArray, into output: NDArray) throws(ArrayError) {
    if x.count == 0 { return }
    let (factors, weights) = (
      try x.converted(to: .float64).contiguous(), try g.converted(to: .float64).contiguous()
    )
    let result = try NDArray(full: x.shape, 0, .float64)
    let n = x.shape[x.rank - 1]
    if n == 1 { return output.write(from: g) }
    for row in stride(from: 0, to: x.count, by: n) {
      Self.slopes(
        n, factors.elements(Double.self) + row, weights.elements(Double.self) + row,
        result.elements(Double.self) + row)
    }
    output.write(from: result)
  }

  private static func slopes(
    _ n: Int, _ f: UnsafeMutablePointer<Double>, _ w: UnsafeMutablePointer<Double>,
    _ slope: UnsafeMutablePointer<Double>
  ) {
    let zero = (0..<n).first { f[$0] == 0 } ?? n
    var product = 1.0
    for i in 0..<zero {
      product *= f[i]
      slope[i] = w[i] * product
    }
    let before = product
    var tail = 0.0
    for i in (0..<zero).reversed() {
      tail += slope[i]
      slope[i] = tail / f[i]
    }
    if zero == n { return }
    (product, tail) = (1, w[zero])
    for i in (zero + 1)..<Swift.max(n, zero + 1) {
      if f[i] == 0 { break }
      product *= f[i]
      tail += w[i] * product
    }
    slope[zero] = tail * before
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
  public var gradientOverload: Int { dim == nil ? 0 : 1 }
  public func saves(for input: Int) -> SavedValues { [.first, .result] }

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

/// For each element the product of the others along the last dimension, in linear time: the product of all divided by the element,
/// or, where some element is 0, that of those before times that of those behind.
struct ProductOfOthers: WritingUnary {
  static let name = "prod_backward"

  func saves(for input: Int) -> SavedValues { .first }
  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { x }

  func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    if x.count == 0 { return }
    try x.requireRoom(forCopies: 3)
    if x.all().item(as: Bool.self) { return output.write(from: x.prod(-1, keepDim: true).div(x)) }
    let factors = try x.converted(to: .float64).contiguous()
    let result = try NDArray(uninitialized: x.shape, .float64)
    let (f, r) = (factors.elements(Double.self), result.elements(Double.self))
    let n = x.shape[x.rank - 1]
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
  if x.count > 0 { Rows(x, output, along: axis).map(kernel, cost: CK_COST_ARITHMETIC) }
}

extension CumSum: TableEntry {
  public static var signature: Signature { Signature("T input, int dim, dtype? dtype") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let x = try arguments.tensor("input")
    let dtype = try arguments.optionalDType("dtype")
    if dtype == .bool { throw undefined(for: .bool) }
    return [try x.applying(CumSum(try arguments.int("dim")), in: dtype)]
  }
}

extension CumProd: TableEntry {
  public static var signature: Signature { Signature("T input, int dim, dtype? dtype") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let x = try arguments.tensor("input")
    let dtype = try arguments.optionalDType("dtype")
    if dtype == .bool { throw undefined(for: .bool) }
    return [try x.applying(CumProd(try arguments.int("dim")), in: dtype)]
  }
}

extension Prod: TableEntry {
  public static var signature: Signature { Signature("T input, int? dim, bool keepdim=false, dtype? dtype") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let x = try arguments.tensor("input")
    let operation = Prod(
      try arguments.reducedDim(), keepDim: try arguments.bool("keepdim", default: false))
    return [try x.applying(operation, in: try arguments.optionalDType("dtype"))]
  }
}

extension InPlaceAlgebra {
  /// `cumsum` in place.
  @discardableResult public func cumsum_(_ dim: Int) -> Self {
    inPlace(CumSum(dim))
  }
  /// `cumprod` in place.
  @discardableResult public func cumprod_(_ dim: Int) -> Self {
    inPlace(CumProd(dim))
  }
}
