import CKernels

/// `bmm(a, b)`: the products of the matrices of two batches. Shapes: [B, n, k], [B, k, m] → [B, n, m]. Derivatives: g·bᵀ and aᵀ·g.
///
/// Operands of two dtypes are refused, unless nothing is multiplied: then, as in PyTorch, the result has b's.
public struct BMM: WritingBinary {
  public static let name = "bmm"
  public init() {}
  public func saves(for input: Int) -> SavedValues { input == 0 ? .second : .first }

  public func type(_ a: ArrayType, _ b: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      a.shape.rank == 3 && b.shape.rank == 3,
      .runtime("bmm: batch1 and batch2 must be 3D tensors, but their shapes are \(a.shape) and \(b.shape)"))
    if !a.isEmpty && !b.isEmpty { try requireSameDType(a.dtype, b.dtype, Self.name) }
    try require(
      Shape.agree(a.shape[0], b.shape[0]) && Shape.agree(a.shape[2], b.shape[1]),
      .runtime(
        "bmm: Expected size for first two dimensions of batch2 tensor to be: [\(a.shape[0]), \(a.shape[2])] but got: [\(b.shape[0]), \(b.shape[1])]."
      ))
    let batch = a.shape[0] == Shape.unknown ? b.shape[0] : a.shape[0]
    return ArrayType(b.dtype, [batch, a.shape[1], b.shape[2]])
  }
  public func forward(_ a: NDArray, _ b: NDArray, into output: NDArray) throws(ArrayError) {
    if a.count == 0 || b.count == 0 { return output.fill(with: 0) }
    for batch in 0..<a.shape[0] {
      let pick = Select(0, batch)
      try MM().forward(try pick.forward(a), try pick.forward(b), into: try pick.forward(output))
    }
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    let slope =
      input == 0
      ? gradient.bmm(context.input(1).transpose(1, 2)) : context.input(0).transpose(1, 2).bmm(gradient)
    return slope.to(context.dtype(input))
  }
}

/// `dot(a, b)`: Σ aᵢ·bᵢ of two vectors, in the order of `sum`. Derivatives: g·b and g·a.
public struct Dot: WritingBinary {
  public static let name = "dot"
  public init() {}
  public func saves(for input: Int) -> SavedValues { input == 0 ? .second : .first }

  public func type(_ a: ArrayType, _ b: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      a.shape.rank == 1 && b.shape.rank == 1,
      .runtime("dot: 1D tensors expected, but got \(a.shape.rank)D and \(b.shape.rank)D tensors"))
    try requireSameDType(a.dtype, b.dtype, Self.name)
    try require(
      Shape.agree(a.shape[0], b.shape[0]),
      .runtime(
        "dot: inconsistent tensor size, expected tensor [\(a.shape[0])] and src [\(b.shape[0])] to have the same number of elements"
      ))
    if a.dtype == .bool { throw Self.undefined(for: .bool) }
    return ArrayType(a.dtype, [])
  }
  public func forward(_ a: NDArray, _ b: NDArray, into output: NDArray) throws(ArrayError) {
    try Dot.sum(a.count, a, a.strides[0], b, b.strides[0], into: output)
  }
  /// The sum of `count` products of elements that lie so many elements apart, as the one element of `output`.
  static func sum(
    _ count: Int, _ a: NDArray, _ aStep: Int, _ b: NDArray, _ bStep: Int, into output: NDArray
  ) throws(ArrayError) {
    if a.dtype.isFloatingPoint {
      return try Reduction.sum(CK_SUM_PRODUCTS, count, a, aStep, b, bStep, into: output)
    }
    guard let kernel = ck_reduce2(CK_SUM_PRODUCTS, a.dtype.kernelType) else {
      throw Self.undefined(for: a.dtype)
    }
    let sum = try NDArray(uninitialized: Shape(), .int64)
    kernel(count, a.address, aStep, b.address, bStep, sum.address)
    output.write(from: sum)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    gradient * context.input(1 - input)
  }
}

/// `mv(a, v)`: the product of a matrix and a vector. Shapes: [n, k], [k] → [n]. Derivatives: the outer product of g and v, and aᵀ·g.
public struct MV: WritingBinary {
  public static let name = "mv"
  public init() {}
  public func saves(for input: Int) -> SavedValues { input == 0 ? .second : .first }

  public func type(_ a: ArrayType, _ v: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      a.shape.rank == 2 && v.shape.rank == 1,
      .runtime(
        "mv: vector + matrix @ vector expected, got \(a.shape.rank)D and \(v.shape.rank)D operands"))
    try require(
      Shape.agree(a.shape[1], v.shape[0]),
      .runtime("mv: size mismatch, got input (\(a.shape[0])x\(a.shape[1])), vec (\(v.shape[0]))"))
    try requireSameDType(a.dtype, v.dtype, Self.name)
    return ArrayType(a.dtype, [a.shape[0]])
  }
  public func forward(_ a: NDArray, _ v: NDArray, into output: NDArray) throws(ArrayError) {
    let column = Unsqueeze(1)
    try MM().forward(a, try column.forward(v), into: try column.forward(output))
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    input == 0 ? gradient.outer(context.input(1)) : context.input(0).t().mv(gradient)
  }
}

/// `matmul(a, b)`: vectors as rows and columns, matrices, and batches of them, broadcast, as NumPy's `@`.
public enum MatMul: TableEntry {
  public static let name = "matmul"
  public static var signature: Signature { Signature("T input, T other") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try product(try arguments.tensor("input"), try arguments.tensor("other"))]
  }
  @usableFromInline static func product<Value: Algebra>(_ a: Value, _ b: Value) throws(ArrayError) -> Value {
    guard let x = a.staticShape, let y = b.staticShape else { return try OpenMatMul.product(a, b) }
    try require(
      x.rank > 0 && y.rank > 0,
      .runtime(
        "matmul: both arguments to matmul need to be at least 1D, but they are \(x.rank)D and \(y.rank)D"))
    switch (x.rank, y.rank) {
    case (1, 1): return try Value.apply(Dot(), a, b)
    case (2, 2): return try Value.apply(MM(), a, b)
    case (2, 1): return try Value.apply(MV(), a, b)
    case (1, 2):
      return try Value.apply(
        Squeeze([0], inPlace: true), try Value.apply(MM(), try Value.apply(Unsqueeze(0), a), b))
    case _ where x.isKnown && y.isKnown: return try BatchedProduct(a, b, x, y).result()
    case (1, _):
      return try Value.apply(Squeeze([-2]), try product(try Value.apply(Unsqueeze(0), a), b))
    case (_, 1):
      return try Value.apply(Squeeze([-1]), try product(a, try Value.apply(Unsqueeze(1), b)))
    default: return try Value.apply(OpenMatMul(), a, b)
    }
  }
  /// The dimensions in front of the matrices, broadcast. Throws when they do not fit, or the inner sizes differ.
  static func batch(_ x: Shape, _ y: Shape) throws(ArrayError) -> Shape {
    guard let batch = Shape.broadcast(Shape(x.dropLast(2)), Shape(y.dropLast(2))) else {
      throw broadcastError(name, Shape(x.dropLast(2)), Shape(y.dropLast(2)))
    }
    let (inner, other) = (x[x.rank - 1], y[y.rank - 2])
    try require(
      Shape.agree(inner, other),
      .runtime("matmul: the inner sizes of \(x) and \(y) must be equal, but are \(inner) and \(other)"))
    return batch
  }
}

/// `addmm(x, a, b, beta, alpha)`: beta·x + alpha·a·b; x broadcast to the product.
///
/// Shapes: x: broadcasts to [n, m], a: [n, k], b: [k, m] → [n, m]. One dtype; in an integral one the fractions of the factors are cut off.
/// Derivatives: beta·g summed to x's shape, alpha·g·bᵀ and alpha·aᵀ·g. As in PyTorch, beta = 0 ignores x altogether, NaN
/// included, and alpha = 0 the product.
public struct AddMM: WritingTernary {
  public static let name = "addmm"
  /// The factor of x.
  public let beta: Scalar
  /// The factor of the product.
  public let alpha: Scalar

  @inlinable public init(beta: Scalar = 1, alpha: Scalar = 1) {
    self.beta = beta
    self.alpha = alpha
  }

  public var attributes: [(name: String, value: String)] {
    [("beta", beta), ("alpha", alpha)].compactMap { name, factor in
      factor == 1 ? nil : (name, factor.description)
    }
  }
  @inlinable public func saves(for input: Int) -> SavedValues {
    input == 0 ? [] : input == 1 ? .third : .second
  }

  public func type(_ x: ArrayType, _ a: ArrayType, _ b: ArrayType) throws(ArrayError) -> ArrayType {
    let product = try MM().type(a, b)
    try requireSameDType(x.dtype, product.dtype, Self.name)
    if beta != 1 { try beta.checkConvertible(to: x.dtype, Self.name) }
    if alpha != 1 { try alpha.checkConvertible(to: x.dtype, Self.name) }
    try require(
      x.shape == product.shape || x.shape.expands(to: product.shape),
      .runtime(
        "addmm: the input of shape \(x.shape) cannot be broadcast to the product of shape \(product.shape)"))
    return product
  }
  public func forward(_ x: NDArray, _ a: NDArray, _ b: NDArray, into output: NDArray) throws(ArrayError) {
    if alpha == 1 && beta == 1 && a.shape[1] == 1 && output.isContiguous,
      let kernel = ck_pair(CK_MUL, CK_THEN_ADD, output.dtype.kernelType)
    {
      // A column by a row: each element is one product and one sum, with the bits of the two passes below.
      return ElementLoop.ternary(kernel, output, a, b, x)
    }
    if alpha.doubleValue == 0 {
      output.fill(with: 0)
    } else {
      try MM().forward(a, b, into: output)
    }
    if alpha != 1 { try AddMM.scaled(by: alpha, output.dtype).forward(output, into: output) }
    if beta.doubleValue == 0 { return }
    let term = beta == 1 ? x : try AddMM.scaled(by: beta, x.dtype).forward(x)
    try Add().forward(term, output, into: output)
  }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C)
    -> C.Value?
  {
    switch input {
    case 0: (beta == 1 ? gradient : gradient.mul(beta)).sum(to: context.shape(0))
    case 1: scaled(gradient.mm(context.input(2).t()))
    default: scaled(context.input(1).t().mm(gradient))
    }
  }
  /// A layer with one input and one output: the slopes of bias and weight are Σ g and Σ g·a, of one pass over both.
  @inlinable public func jointPullback<C: PullbackContext>(
    _ gradient: NDArray, _ context: C
  ) throws(ArrayError) -> (NDArray?, NDArray?, NDArray?)? where C.Value == NDArray {
    guard alpha == 1, beta == 1, gradient.isContiguous, gradient.shape[1] == 1,
      context.needsGradient(0), context.shape(0).elementCount == 1,
      !context.needsGradient(1), context.needsGradient(2), context.shape(2)[0] == 1
    else { return nil }
    let a = context.input(1)
    guard a.isContiguous else { return nil }
    let sum = try NDArray(uninitialized: context.shape(0), gradient.dtype)
    let products = try NDArray(uninitialized: context.shape(2), gradient.dtype)
    guard try Reduction.sumAndProducts(gradient, a, into: sum, products) else { return nil }
    return (sum, nil, products)
  }
  @inlinable func scaled<Value: Algebra>(_ gradient: Value) -> Value {
    alpha == 1 ? gradient : gradient.mul(alpha)
  }
  private static func scaled(by factor: Scalar, _ dtype: DType) -> WithScalar<Mul> {
    WithScalar(Mul(), dtype.isFloatingPoint ? factor : .int(factor.intValue), on: .right)
  }
}

extension AddMM: TableEntry {
  public static var signature: Signature { Signature("T input, T mat1, T mat2, S beta=1, S alpha=1") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let operation = AddMM(
      beta: try arguments.scalar("beta", default: 1), alpha: try arguments.scalar("alpha", default: 1))
    return [
      try Value.apply(
        operation, try arguments.tensor("input"), try arguments.tensor("mat1"), try arguments.tensor("mat2"))
    ]
  }
}

/// `outer(a, b)`: the matrix of all products aᵢ·bⱼ.
public enum Outer: TableEntry {
  public static let name = "outer"
  public static var signature: Signature { Signature("T input, T vec2") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try product(try arguments.tensor("input"), try arguments.tensor("vec2"))]
  }
  static func product<Value: Algebra>(_ a: Value, _ b: Value) throws(ArrayError) -> Value {
    for operand in [a, b] {
      try require(
        operand.staticShape.map { $0.rank == 1 } ?? true,
        .runtime("outer: Expected 1-D argument, but got \(operand.staticShape?.rank ?? -1)-D"))
    }
    let column = try Reshape.steps(a, to: [a.staticShape?[0] ?? Shape.unknown, 1])
    return try Value.apply(broadcasting: Mul(), column, b)
  }
}

/// `trace(x)`: the sum of a matrix's diagonal. Derivative: g on the diagonal.
public struct Trace: WritingUnary {
  public static let name = "trace"
  public init() {}
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    try require(
      x.shape.rank == 2,
      .runtime("trace: expected a matrix, but got tensor with dim \(x.shape.rank)"))
    if x.dtype == .bool { throw Self.undefined(for: .bool) }
    return try Sum().type(try Diagonal().type(x))
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    try Sum().forward(try Diagonal().forward(x), into: output)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    // A diagonal of that length, whatever it holds.
    let line = gradient.broadcast(to: context.shape(0)).diagonal()
    return Diagonal().pullback(gradient.broadcast(to: line.shapeReference), context)
  }
}

extension Trace: TableEntry {
  public static var signature: Signature { Signature("T input") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Trace(), try arguments.tensor("input"))]
  }
}

extension BMM: TableEntry {
  public static var signature: Signature { Signature("T input, T mat2") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(BMM(), try arguments.tensor("input"), try arguments.tensor("mat2"))]
  }
}

extension MV: TableEntry {
  public static var signature: Signature { Signature("T input, T vec") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(MV(), try arguments.tensor("input"), try arguments.tensor("vec"))]
  }
}

extension Dot: TableEntry {
  public static var signature: Signature { Signature("T input, T tensor") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Dot(), try arguments.tensor("input"), try arguments.tensor("tensor"))]
  }
}

extension Algebra {
  /// The products of the matrices of two batches: [B, n, k] · [B, k, m] → [B, n, m].
  public func bmm(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(BMM(), self, other) }
  }
  /// Σ aᵢ·bᵢ of two vectors.
  public func dot(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Dot(), self, other) }
  }
  /// The product of this matrix and a vector.
  public func mv(_ vector: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(MV(), self, vector) }
  }
  /// The product of vectors, matrices or batches of matrices, as NumPy's `@`.
  public func matmul(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try MatMul.product(self, other) }
  }
  /// The matrix of all products of the elements of two vectors.
  public func outer(_ other: Self) -> Self {
    checked { () throws(ArrayError) in try Outer.product(self, other) }
  }
  /// The sum of this matrix's diagonal.
  public func trace() -> Self { checked { () throws(ArrayError) in try Self.apply(Trace(), self) } }
}
