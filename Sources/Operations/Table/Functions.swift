// The operations of the chapter as functions: `add(x, y)` beside `x.add(y)`. Both are one operation; these only call the methods, whose
// comments say what they do and refuse.

/// x + alpha·y.
public func add<Value: Algebra>(_ x: Value, _ y: Value, alpha: Scalar = 1) -> Value { x.add(y, alpha: alpha) }
/// x + alpha·y with a number.
public func add<Value: Algebra>(_ x: Value, _ y: some ScalarConvertible, alpha: Scalar = 1) -> Value {
  x.add(y, alpha: alpha)
}
/// x − alpha·y.
public func sub<Value: Algebra>(_ x: Value, _ y: Value, alpha: Scalar = 1) -> Value { x.sub(y, alpha: alpha) }
/// x − alpha·y with a number.
public func sub<Value: Algebra>(_ x: Value, _ y: some ScalarConvertible, alpha: Scalar = 1) -> Value {
  x.sub(y, alpha: alpha)
}
/// x·y.
public func mul<Value: Algebra>(_ x: Value, _ y: Value) -> Value { x.mul(y) }
/// x·y with a number.
public func mul<Value: Algebra>(_ x: Value, _ y: some ScalarConvertible) -> Value { x.mul(y) }
/// x / y.
public func div<Value: Algebra>(_ x: Value, _ y: Value) -> Value { x.div(y) }
/// x / y with a number.
public func div<Value: Algebra>(_ x: Value, _ y: some ScalarConvertible) -> Value { x.div(y) }
/// xʸ.
public func pow<Value: Algebra>(_ x: Value, _ y: Value) -> Value { x.pow(y) }
/// xʸ with a number.
public func pow<Value: Algebra>(_ x: Value, _ y: some ScalarConvertible) -> Value { x.pow(y) }
/// x = y.
public func eq<Value: Algebra>(_ x: Value, _ y: Value) -> Value { x.eq(y) }
/// x = y with a number.
public func eq<Value: Algebra>(_ x: Value, _ y: some ScalarConvertible) -> Value { x.eq(y) }
/// x ≥ y.
public func ge<Value: Algebra>(_ x: Value, _ y: Value) -> Value { x.ge(y) }
/// x ≥ y with a number.
public func ge<Value: Algebra>(_ x: Value, _ y: some ScalarConvertible) -> Value { x.ge(y) }
/// x > y.
public func gt<Value: Algebra>(_ x: Value, _ y: Value) -> Value { x.gt(y) }
/// x > y with a number.
public func gt<Value: Algebra>(_ x: Value, _ y: some ScalarConvertible) -> Value { x.gt(y) }
/// x ≤ y.
public func le<Value: Algebra>(_ x: Value, _ y: Value) -> Value { x.le(y) }
/// x ≤ y with a number.
public func le<Value: Algebra>(_ x: Value, _ y: some ScalarConvertible) -> Value { x.le(y) }
/// x < y.
public func lt<Value: Algebra>(_ x: Value, _ y: Value) -> Value { x.lt(y) }
/// x < y with a number.
public func lt<Value: Algebra>(_ x: Value, _ y: some ScalarConvertible) -> Value { x.lt(y) }
/// −x.
public func neg<Value: Algebra>(_ x: Value) -> Value { x.neg() }
/// |x|.
public func abs<Value: Algebra>(_ x: Value) -> Value { x.abs() }
/// −1, 0 or 1.
public func sign<Value: Algebra>(_ x: Value) -> Value { x.sign() }
/// √x.
public func sqrt<Value: Algebra>(_ x: Value) -> Value { x.sqrt() }
/// eˣ.
public func exp<Value: Algebra>(_ x: Value) -> Value { x.exp() }
/// ln x.
public func log<Value: Algebra>(_ x: Value) -> Value { x.log() }
/// 1 / (1 + e⁻ˣ).
public func sigmoid<Value: Algebra>(_ x: Value) -> Value { x.sigmoid() }
/// The hyperbolic tangent.
public func tanh<Value: Algebra>(_ x: Value) -> Value { x.tanh() }
/// The sine.
public func sin<Value: Algebra>(_ x: Value) -> Value { x.sin() }
/// The cosine.
public func cos<Value: Algebra>(_ x: Value) -> Value { x.cos() }
/// The least integer not below x.
public func ceil<Value: Algebra>(_ x: Value) -> Value { x.ceil() }
/// The greatest integer not above x.
public func floor<Value: Algebra>(_ x: Value) -> Value { x.floor() }
/// x².
public func square<Value: Algebra>(_ x: Value) -> Value { x.square() }
/// x + value·a·b.
public func addcmul<Value: Algebra>(_ x: Value, _ a: Value, _ b: Value, value: Scalar = 1) -> Value {
  x.addcmul(a, b, value: value)
}
/// x + value·a / b.
public func addcdiv<Value: Algebra>(_ x: Value, _ a: Value, _ b: Value, value: Scalar = 1) -> Value {
  x.addcdiv(a, b, value: value)
}
/// x no less than `min` and no more than `max`.
public func clamp<Value: Algebra>(
  _ x: Value, min: (any ScalarConvertible)? = nil, max: (any ScalarConvertible)? = nil
) -> Value { x.clamp(min: min, max: max) }
/// e^x along a dimension, scaled to sum to 1.
public func softmax<Value: Algebra>(_ x: Value, _ dim: Int) -> Value { x.softmax(dim) }
/// The tensors one after the other along a dimension.
public func cat<Value: Algebra>(_ tensors: [Value], dim: Int = 0) -> Value { Value.cat(tensors, dim: dim) }
/// Tensors of one shape along a new dimension.
public func stack<Value: Algebra>(_ tensors: [Value], dim: Int = 0) -> Value {
  Value.stack(tensors, dim: dim)
}
/// Σ aᵢ·bᵢ of two vectors.
public func dot<Value: Algebra>(_ a: Value, _ b: Value) -> Value { a.dot(b) }
/// The product of two matrices.
public func mm<Value: Algebra>(_ a: Value, _ b: Value) -> Value { a.mm(b) }
/// The products of the matrices of two batches.
public func bmm<Value: Algebra>(_ a: Value, _ b: Value) -> Value { a.bmm(b) }
/// The product of a matrix and a vector.
public func mv<Value: Algebra>(_ a: Value, _ v: Value) -> Value { a.mv(v) }
/// The product of vectors, matrices or batches of matrices.
public func matmul<Value: Algebra>(_ a: Value, _ b: Value) -> Value { a.matmul(b) }
