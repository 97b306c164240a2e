// The reductions as functions: `sum(x)` beside `x.sum()`. Both are one operation; these only call the methods, whose comments say what they
// do and refuse. Without dimensions everything is reduced.

/// The sum over the dimensions.
public func sum<Value: Algebra>(_ x: Value, _ dims: [Int]? = nil, keepDim: Bool = false) -> Value {
  x.sum(dims, keepDim: keepDim)
}
/// The sum over one dimension.
public func sum<Value: Algebra>(_ x: Value, _ dim: Int, keepDim: Bool = false) -> Value {
  x.sum(dim, keepDim: keepDim)
}
/// The mean over the dimensions.
public func mean<Value: Algebra>(_ x: Value, _ dims: [Int]? = nil, keepDim: Bool = false) -> Value {
  x.mean(dims, keepDim: keepDim)
}
/// The mean over one dimension.
public func mean<Value: Algebra>(_ x: Value, _ dim: Int, keepDim: Bool = false) -> Value {
  x.mean(dim, keepDim: keepDim)
}
/// The product of everything, or over one dimension.
public func prod<Value: Algebra>(_ x: Value, _ dim: Int? = nil, keepDim: Bool = false) -> Value {
  x.prod(dim, keepDim: keepDim)
}
/// The standard deviation over the dimensions.
public func std<Value: Algebra>(
  _ x: Value, _ dims: [Int]? = nil, correction: Double = 1, keepDim: Bool = false
) -> Value {
  x.std(dims, correction: correction, keepDim: keepDim)
}
/// The variance over the dimensions.
public func `var`<Value: Algebra>(
  _ x: Value, _ dims: [Int]? = nil, correction: Double = 1, keepDim: Bool = false
) -> Value {
  x.var(dims, correction: correction, keepDim: keepDim)
}
/// The p-norm over the dimensions.
public func norm<Value: Algebra>(
  _ x: Value, _ p: Double = 2, _ dims: [Int]? = nil, keepDim: Bool = false
) -> Value {
  x.norm(p, dims, keepDim: keepDim)
}
/// The p-norm of the difference.
public func dist<Value: Algebra>(_ x: Value, _ y: Value, p: Double = 2) -> Value { x.dist(y, p: p) }
/// The middle value of everything.
public func median<Value: Algebra>(_ x: Value) -> Value { x.median() }
/// The middle values over one dimension, and where they are.
public func median<Value: Algebra>(
  _ x: Value, _ dim: Int, keepDim: Bool = false
) -> (values: Value, indices: Value) {
  x.median(dim, keepDim: keepDim)
}
/// The largest element.
public func max<Value: Algebra>(_ x: Value) -> Value { x.max() }
/// The larger one of each two elements.
public func max<Value: Algebra>(_ x: Value, _ y: Value) -> Value { x.max(y) }
/// The largest elements over one dimension, and where they are first.
public func max<Value: Algebra>(
  _ x: Value, dim: Int, keepDim: Bool = false
) -> (values: Value, indices: Value) {
  x.max(dim: dim, keepDim: keepDim)
}
/// The smallest element.
public func min<Value: Algebra>(_ x: Value) -> Value { x.min() }
/// The smaller one of each two elements.
public func min<Value: Algebra>(_ x: Value, _ y: Value) -> Value { x.min(y) }
/// The smallest elements over one dimension, and where they are first.
public func min<Value: Algebra>(
  _ x: Value, dim: Int, keepDim: Bool = false
) -> (values: Value, indices: Value) {
  x.min(dim: dim, keepDim: keepDim)
}
/// The largest elements over the dimensions; equal ones share the gradient.
public func amax<Value: Algebra>(_ x: Value, _ dims: [Int]? = nil, keepDim: Bool = false) -> Value {
  x.amax(dims, keepDim: keepDim)
}
/// The smallest elements over the dimensions; equal ones share the gradient.
public func amin<Value: Algebra>(_ x: Value, _ dims: [Int]? = nil, keepDim: Bool = false) -> Value {
  x.amin(dims, keepDim: keepDim)
}
/// Where the largest element is first.
public func argmax<Value: Algebra>(_ x: Value, _ dim: Int? = nil, keepDim: Bool = false) -> Value {
  x.argmax(dim, keepDim: keepDim)
}
/// Where the smallest element is first.
public func argmin<Value: Algebra>(_ x: Value, _ dim: Int? = nil, keepDim: Bool = false) -> Value {
  x.argmin(dim, keepDim: keepDim)
}
/// Whether all elements over the dimensions are true.
public func all<Value: Algebra>(_ x: Value, _ dims: [Int]? = nil, keepDim: Bool = false) -> Value {
  x.all(dims, keepDim: keepDim)
}
/// Whether any element over the dimensions is true.
public func any<Value: Algebra>(_ x: Value, _ dims: [Int]? = nil, keepDim: Bool = false) -> Value {
  x.any(dims, keepDim: keepDim)
}
/// How many elements over the dimensions are not zero.
public func countNonzero<Value: Algebra>(_ x: Value, _ dims: [Int]? = nil) -> Value { x.countNonzero(dims) }
/// The sums of the elements up to each one along a dimension.
public func cumsum<Value: Algebra>(_ x: Value, _ dim: Int) -> Value { x.cumsum(dim) }
/// The products of the elements up to each one along a dimension.
public func cumprod<Value: Algebra>(_ x: Value, _ dim: Int) -> Value { x.cumprod(dim) }
/// ln Σ eˣ over the dimensions.
public func logsumexp<Value: Algebra>(_ x: Value, _ dims: [Int], keepDim: Bool = false) -> Value {
  x.logsumexp(dims, keepDim: keepDim)
}
