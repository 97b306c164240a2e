/// `matmul` where one operand has more than two dimensions, in the steps that PyTorch takes.
///
/// Where the other operand is one matrix or vector, the batch is folded into rows: one product of two matrices, and a derivative by that
/// operand that is never as large as the batch. Otherwise both are repeated to the common batch and multiplied by `bmm`. Source: PyTorch,
/// `_matmul_impl` and `should_fold` in `aten/src/ATen/native/LinearAlgebra.cpp`.
struct BatchedProduct<Value: Algebra> {
  private let (a, b): (Value, Value)
  private let (x, y): (Shape, Shape)
  private let batch: Shape

  /// The product of `a` and `b`, whose shapes are `x` and `y`. Throws when dtypes or shapes do not fit.
  init(_ a: Value, _ b: Value, _ x: Shape, _ y: Shape) throws(ArrayError) {
    try requireSameDType(a.dtype, b.dtype, MatMul.name)
    batch = try MatMul.batch(x.rank == 1 ? [1, x[0]] : x, y.rank == 1 ? [y[0], 1] : y)
    (self.a, self.b, self.x, self.y) = (a, b, x, y)
  }

  func result() throws(ArrayError) -> Value {
    if x.rank == 3 && y.rank == 3 && x[0] != y[0] {
      if x[0] == 1 && a.needsGradient { return try MatMul.product(try Value.apply(Squeeze([0]), a), b) }
      if y[0] == 1 && b.needsGradient { return try MatMul.product(a, try Value.apply(Squeeze([0]), b)) }
    }
    return folds ? try folded() : try expanded()
  }

  // MARK: Folded

  /// Whether the operand with the batch is the right one, and is therefore transposed first.
  private var isTransposed: Bool { x.rank < y.rank }

  private var folds: Bool {
    if min(x.rank, y.rank) > 2 { return false }
    if (isTransposed ? a : b).needsGradient { return true }
    if x.rank == 2 { return false }
    guard let array = (isTransposed ? b : a).storedArray else { return true }
    let larger = isTransposed ? array.matricesTransposed : array
    // Otherwise folding would copy.
    return larger.count == 0
      || (0..<larger.rank - 2).allSatisfy {
        larger.strides[$0] == larger.strides[$0 + 1] * larger.shape[$0 + 1]
      }
  }

  private func folded() throws(ArrayError) -> Value {
    let larger = isTransposed ? b.mT : a
    let smaller = !isTransposed ? b : x.rank == 2 ? try Value.apply(MatrixTranspose(), a) : a
    let front = isTransposed ? y.dropLast(2) + [y[y.rank - 1]] : x.dropLast(1)
    let inner = x[x.rank - 1]
    let rows = try Reshape.steps(larger, to: [Shape(Array(front)).elementCount, inner])
    guard let shape = smaller.staticShape, shape.rank == 2 else {
      return try unfolded(try Value.apply(MV(), rows, smaller), Shape(Array(front)))
    }
    let product = try unfolded(try Value.apply(MM(), rows, smaller), Shape(front + [shape[1]]))
    if !isTransposed { return product }
    let turned = product.mT
    return turned.storedArray?.isContiguous == true ? turned : try Value.apply(Clone(), turned)
  }

  private func unfolded(_ product: Value, _ shape: Shape) throws(ArrayError) -> Value {
    try Value.apply(Reshape(shape, .unsafeView), product)
  }

  // MARK: Repeated

  private func expanded() throws(ArrayError) -> Value {
    let left = try repeated(a, x, x.rank == 1 ? [1, x[0]] : Array(x.suffix(2)))
    var right = try repeated(b, y, Array(y.suffix(2)))
    if y.rank == 1 { right = try Value.apply(Unsqueeze(2), right) }
    var product = try Value.apply(BMM(), left, right)
    if y.rank == 1 { product = try Value.apply(Squeeze([-1]), product) }
    let result = Array(batch) + (x.rank == 1 ? [] : [x[x.rank - 2]]) + (y.rank == 1 ? [] : [y[y.rank - 1]])
    return isNeeded(product, Shape(result)) ? try unfolded(product, Shape(result)) : product
  }

  /// The matrices `own`, once per element of the common batch.
  private func repeated(_ value: Value, _ shape: Shape, _ own: [Int]) throws(ArrayError) -> Value {
    let (wide, flat) = (Shape(Array(batch) + own), Shape([batch.elementCount] + own))
    let spread = isNeeded(value, wide) ? try Value.apply(BroadcastTo(wide), value) : value
    return isNeeded(spread, flat) ? try Reshape.steps(spread, to: flat) : spread
  }

  /// Whether a step to this shape is taken: PyTorch remembers those that change nothing, too.
  private func isNeeded(_ value: Value, _ shape: Shape) -> Bool {
    Value.remembers || value.staticShape != shape
  }
}
