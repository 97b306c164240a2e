import CKernels

/// `all(x, dim, keepdim)`: whether every element is non-zero; true for none. uint8 stays uint8, as in PyTorch.
public struct All: TruthReduction {
  public static let name = "all"
  static var kernel: ck_reduce_op { CK_ALL }
  static var identity: Scalar { true }
  public let dims: [Int]?
  public let keepDim: Bool
  public init(_ dims: [Int]? = nil, keepDim: Bool = false) {
    self.dims = dims
    self.keepDim = keepDim
  }
}

/// `any(x, dim, keepdim)`: whether some element is non-zero; false for none. uint8 stays uint8, as in PyTorch.
public struct AnyTrue: TruthReduction {
  public static let name = "any"
  static var kernel: ck_reduce_op { CK_ANY }
  static var identity: Scalar { false }
  public let dims: [Int]?
  public let keepDim: Bool
  public init(_ dims: [Int]? = nil, keepDim: Bool = false) {
    self.dims = dims
    self.keepDim = keepDim
  }
}

/// What `all` and `any` have in common.
protocol TruthReduction: WritingUnary, TableEntry {
  static var kernel: ck_reduce_op { get }
  static var identity: Scalar { get }
  var dims: [Int]? { get }
  var keepDim: Bool { get }
  init(_ dims: [Int]?, keepDim: Bool)
}

extension TruthReduction {
  public var attributes: [(name: String, value: String)] { reductionAttributes(dims, keepDim) }
  public var isDifferentiable: Bool { false }

  /// An empty list of dimensions reduces nothing here, unlike in `sum`.
  private func axes(_ shape: Shape) throws(ArrayError) -> AxisSet {
    if let dims, dims.isEmpty { return AxisSet() }
    return try shape.axes(dims, Self.name)
  }
  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    ArrayType(x.dtype == .uint8 ? .uint8 : .bool, x.shape.reduced(try axes(x.shape), keepDim: keepDim))
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    let axes = try axes(x.shape)
    try x.requireRoom(forCopies: 1)
    let flags = x.ne(0)
    let reduction = Reduction(
      run: Self.kernel, combine: Self.kernel == CK_ALL ? CK_LOGICAL_AND : CK_LOGICAL_OR,
      identity: Self.identity)
    if output.dtype == .bool { return try reduction.run(flags, over: axes, into: output) }
    let truth = try NDArray(uninitialized: output.shape, .bool)
    try reduction.run(flags, over: axes, into: truth)
    output.write(from: truth)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient }

  public static var signature: Signature { Signature("T input, int|ints? dim, bool keepdim=false") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let operation = Self(
      try arguments.optionalInts("dim"), keepDim: try arguments.bool("keepdim", default: false))
    return [try Value.apply(operation, try arguments.tensor("input"))]
  }
}

/// `count_nonzero(x, dim)`: the number of elements that are not zero, as int64.
public enum CountNonzero: TableEntry {
  public static let name = "count_nonzero"
  public static var signature: Signature { Signature("T input, int|ints? dim") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try count(try arguments.tensor("input"), try arguments.optionalInts("dim"))]
  }
  static func count<Value: Algebra>(_ x: Value, _ dims: [Int]?) throws(ArrayError) -> Value {
    if let shape = x.staticShape { _ = try shape.axes(dims, name) }
    return try Value.apply(Sum(dims), try Value.apply(Ne(), x, scalar: 0, on: .right))
  }
}

extension Algebra {
  /// Whether every element along the dimensions is non-zero; of everything when nil.
  public func all(_ dims: [Int]? = nil, keepDim: Bool = false) -> Self {
    checked { () throws(ArrayError) in try Self.apply(All(dims, keepDim: keepDim), self) }
  }
  /// Whether some element along the dimensions is non-zero; of everything when nil.
  public func any(_ dims: [Int]? = nil, keepDim: Bool = false) -> Self {
    checked { () throws(ArrayError) in try Self.apply(AnyTrue(dims, keepDim: keepDim), self) }
  }
  /// The number of elements that are not zero, as int64.
  public func countNonzero(_ dims: [Int]? = nil) -> Self {
    checked { () throws(ArrayError) in try CountNonzero.count(self, dims) }
  }
}
