import CKernels

/// `amax(x, dim, keepdim)`: the largest along the dimensions; NaN wins. Derivative: g shared equally among equal elements.
public struct AMax: ExtremeReduction {
  public static let name = "amax"
  public static var reduction: Reduction { .maximum }
  public let dims: [Int]?
  public let keepDim: Bool
  public init(_ dims: [Int]? = nil, keepDim: Bool = false) {
    self.dims = dims
    self.keepDim = keepDim
  }
}

/// `amin(x, dim, keepdim)`: the smallest along the dimensions; NaN wins. Derivative: g shared equally among equal elements.
public struct AMin: ExtremeReduction {
  public static let name = "amin"
  public static var reduction: Reduction { .minimum }
  public let dims: [Int]?
  public let keepDim: Bool
  public init(_ dims: [Int]? = nil, keepDim: Bool = false) {
    self.dims = dims
    self.keepDim = keepDim
  }
}

/// What `amax` and `amin` have in common.
public protocol ExtremeReduction: WritingUnary, TableEntry {
  /// Largest or smallest.
  static var reduction: Reduction { get }
  /// The dimensions; nil or empty: all.
  var dims: [Int]? { get }
  /// Whether they stay, with size 1.
  var keepDim: Bool { get }
  init(_ dims: [Int]?, keepDim: Bool)
}

extension ExtremeReduction {
  public var attributes: [(name: String, value: String)] { reductionAttributes(dims, keepDim) }
  public func saves(for input: Int) -> SavedValues { [.first, .result] }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    let axes = try x.shape.axes(dims, Self.name)
    for axis in axes.axes {
      try require(
        x.shape[axis] != 0,
        .index(
          "\(Self.name): Expected reduction dim \(axis) to have non-zero size. It has no identity for an empty tensor of shape \(x.shape)"
        ))
    }
    return ArrayType(x.dtype, x.shape.reduced(axes, keepDim: keepDim))
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    try Self.reduction.run(x, over: try x.shape.axes(dims, Self.name), into: output)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let (x, shape) = (context.input(0), context.shape(0))
    let chosen = x.eq(context.result.spread(dims, keepDim: keepDim, to: shape)).to(gradient.dtype)
    let share = gradient / chosen.sum(dims, keepDim: keepDim)
    return share.spread(dims, keepDim: keepDim, to: shape) * chosen
  }
  public static var signature: Signature { Signature("T input, int|ints? dim, bool keepdim=false") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let operation = Self(
      try arguments.optionalInts("dim"), keepDim: try arguments.bool("keepdim", default: false))
    return [try Value.apply(operation, try arguments.tensor("input"))]
  }
}

/// `argmax(x, dim, keepdim)`: the position of the largest, of the first of several; NaN wins. int64, no gradient.
public struct ArgMax: PositionReduction {
  public static let name = "argmax"
  public static var kernel: ck_reduce_op { CK_ARGMAX }
  public let dim: Int?
  public let keepDim: Bool
  public init(_ dim: Int? = nil, keepDim: Bool = false) {
    self.dim = dim
    self.keepDim = keepDim
  }
}

/// `argmin(x, dim, keepdim)`: the position of the smallest, of the first of several; NaN wins. int64, no gradient.
public struct ArgMin: PositionReduction {
  public static let name = "argmin"
  public static var kernel: ck_reduce_op { CK_ARGMIN }
  public let dim: Int?
  public let keepDim: Bool
  public init(_ dim: Int? = nil, keepDim: Bool = false) {
    self.dim = dim
    self.keepDim = keepDim
  }
}

/// What `argmax` and `argmin` have in common.
public protocol PositionReduction: WritingUnary, TableEntry {
  /// Largest or smallest.
  static var kernel: ck_reduce_op { get }
  /// The dimension; nil: the position in the flattened array.
  var dim: Int? { get }
  /// Whether it stays, with size 1.
  var keepDim: Bool { get }
  init(_ dim: Int?, keepDim: Bool)
}

extension PositionReduction {
  public var attributes: [(name: String, value: String)] { reductionAttributes(dim.map { [$0] }, keepDim) }
  public var isDifferentiable: Bool { false }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    let axes = try x.shape.axes(dim.map { [$0] }, Self.name)
    if x.dtype == .bool { throw Self.undefined(for: .bool) }
    for axis in axes.axes {
      try require(
        x.shape[axis] != 0,
        .index(
          "\(Self.name): Expected reduction dim \(axis) to have non-zero size, but the shape is \(x.shape)"))
    }
    return ArrayType(.int64, x.shape.reduced(axes, keepDim: keepDim))
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    guard let kernel = ck_reduce(Self.kernel, x.dtype.kernelType) else { throw Self.undefined(for: x.dtype) }
    if let dim {
      if output.count > 0 { Rows(x, output, along: try x.shape.axis(dim, Self.name)).reduce(kernel) }
    } else {
      let flat = try x.contiguous()
      kernel(flat.count, flat.address, 1, output.address)
    }
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value { gradient }

  public static var signature: Signature { Signature("T input, int? dim, bool keepdim=false") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let operation = Self(
      try arguments.optionalInt("dim"), keepDim: try arguments.bool("keepdim", default: false))
    return [try Value.apply(operation, try arguments.tensor("input"))]
  }
}

/// `max(x)`, `max(x, other)`, `max(x, dim)`: of the whole, element by element, or along a dimension with positions.
public enum Max: ExtremeEntry {
  public static let name = "max"
  public typealias Extreme = AMax
  public typealias Position = ArgMax
  public typealias Pairwise = Maximum
  typealias Whole = WholeMax
}

/// `min(x)`, `min(x, other)`, `min(x, dim)`: of the whole, element by element, or along a dimension with positions.
public enum Min: ExtremeEntry {
  public static let name = "min"
  public typealias Extreme = AMin
  public typealias Position = ArgMin
  public typealias Pairwise = Minimum
  typealias Whole = WholeMin
}

/// The three forms of `max` and `min`.
protocol ExtremeEntry: TableEntry {
  associatedtype Extreme: ExtremeReduction
  associatedtype Position: PositionReduction
  associatedtype Pairwise: PlainElementwiseBinary
  associatedtype Whole: ChosenElement
}

/// One element chosen among all by its value: the largest, the smallest, the median; NaN wins.
///
/// Derivative: g shared equally among the elements equal to it, NaN counting as equal to NaN.
protocol ChosenElement: UnaryOperation {
  init()
}

extension ChosenElement {
  func saves(for input: Int) -> SavedValues { [.first, .result] }
  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { ArrayType(x.dtype, []) }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    let (x, shape) = (context.input(0), context.shape(0))
    let chosen = context.result.broadcast(to: shape)
    let mask = x.isSame(as: chosen)
    let share = gradient / mask.to(gradient.dtype).sum()
    return mask.where(share.broadcast(to: shape), x.zeros())
  }
}

/// `max(x)` of all elements.
struct WholeMax: ChosenElement {
  static let name = "max"
  var gradientName: String { "MaxBackward1" }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray { try AMax().forward(x) }
}

/// `min(x)` of all elements.
struct WholeMin: ChosenElement {
  static let name = "min"
  var gradientName: String { "MinBackward1" }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray { try AMin().forward(x) }
}

extension ExtremeEntry {
  public static var signature: Signature { Signature("T input, T? other, int? dim, bool keepdim=false") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let x = try arguments.tensor("input")
    if let other = arguments.optionalTensor("other") {
      if try arguments.optionalInt("dim") != nil {
        throw .type("\(name): takes a second tensor or a dim, not both")
      }
      return [try Value.apply(broadcasting: Pairwise(), x, other)]
    }
    guard let dim = try arguments.reducedDim() else {
      if let count = x.staticShape?.elementCount, count == 0 {
        throw .runtime(
          "\(name): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument."
        )
      }
      return [try Value.apply(Whole(), x)]
    }
    return try along(x, dim, keepDim: try arguments.bool("keepdim", default: false))
  }
  /// Values and positions along a dimension; the gradient goes to the position chosen.
  static func along<Value: Algebra>(_ x: Value, _ dim: Int, keepDim: Bool) throws(ArrayError) -> [Value] {
    let flags = x.dtype == .bool
    let numbers = flags ? try Value.apply(Cast(.uint8), x) : x
    let positions = try Value.apply(Position(dim, keepDim: true), numbers)
    return try Value.picked(x, dim, positions, keepDim: keepDim, for: Self.self)
  }
}

/// The elements that an operation has chosen along a dimension, such as the largest: one node, named after it. `positions` keep the
/// dimension; the result does where `keepDim`. Derivative: `gather`'s.
struct Picked<Chooser: TableEntry>: WritingBinary {
  static var name: String { Chooser.name }
  let dim: Int
  let keepDim: Bool
  let gradientOverload: Int
  var attributes: [(name: String, value: String)] { Gather(dim).attributes }
  func gradientEntries(_ inputCount: Int) -> [Int?] { Gather(dim).gradientEntries(inputCount) }
  func saves(for input: Int) -> SavedValues { input == 0 ? .second : [] }

  func type(_ x: ArrayType, _ positions: ArrayType) throws(ArrayError) -> ArrayType {
    let kept = try Gather(dim).type(x, positions)
    if keepDim { return kept }
    return ArrayType(
      kept.dtype, kept.shape.reduced(AxisSet(try x.shape.axis(dim, Self.name)), keepDim: false))
  }
  func forward(_ x: NDArray, _ positions: NDArray, into output: NDArray) throws(ArrayError) {
    try Gather(dim).forward(x, positions, into: keepDim ? output : try Unsqueeze(dim).forward(output))
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    Gather(dim).pullback(keepDim ? gradient : gradient.unsqueeze(dim), to: input, context)
  }
}

extension Algebra {
  /// Where elements are equal, NaN counting as equal to NaN.
  func isSame(as other: Self) -> Self { eq(other).logicalOr(ne(self).logicalAnd(other.ne(other))) }

  /// The elements of `x` at `positions` along `dim` (kept there with size 1), and the positions, both with the dimension removed
  /// unless it is kept. The node has the name of `chooser` and this overload.
  static func picked<Chooser: TableEntry>(
    _ x: Self, _ dim: Int, _ positions: Self, keepDim: Bool, for chooser: Chooser.Type, overload: Int = 0
  ) throws(ArrayError) -> [Self] {
    // A 0-d value has no dimension to lose.
    let keepDim = keepDim || x.staticShape?.rank == 0
    let picked = Picked<Chooser>(dim: dim, keepDim: keepDim, gradientOverload: overload)
    return [
      try apply(picked, x, positions), keepDim ? positions : try apply(Squeeze([dim]), positions),
    ]
  }

  /// The largest along the dimensions, of everything when nil; equal elements share the gradient.
  public func amax(_ dims: [Int]? = nil, keepDim: Bool = false) -> Self {
    checked { () throws(ArrayError) in try Self.apply(AMax(dims, keepDim: keepDim), self) }
  }
  /// The smallest along the dimensions, of everything when nil; equal elements share the gradient.
  public func amin(_ dims: [Int]? = nil, keepDim: Bool = false) -> Self {
    checked { () throws(ArrayError) in try Self.apply(AMin(dims, keepDim: keepDim), self) }
  }
  /// The position of the largest along a dimension, in the flattened array when nil.
  public func argmax(_ dim: Int? = nil, keepDim: Bool = false) -> Self {
    checked { () throws(ArrayError) in try Self.apply(ArgMax(dim, keepDim: keepDim), self) }
  }
  /// The position of the smallest along a dimension, in the flattened array when nil.
  public func argmin(_ dim: Int? = nil, keepDim: Bool = false) -> Self {
    checked { () throws(ArrayError) in try Self.apply(ArgMin(dim, keepDim: keepDim), self) }
  }
  /// The largest of all elements; equal elements share the gradient.
  public func max() -> Self { checked { () throws(ArrayError) in try Self.apply(WholeMax(), self) } }
  /// The smallest of all elements; equal elements share the gradient.
  public func min() -> Self { checked { () throws(ArrayError) in try Self.apply(WholeMin(), self) } }
  /// The larger of each two elements.
  public func max(_ other: Self) -> Self { maximum(other) }
  /// The smaller of each two elements.
  public func min(_ other: Self) -> Self { minimum(other) }
  /// The largest along a dimension and their positions; of several the first.
  public func max(dim: Int, keepDim: Bool = false) -> (values: Self, indices: Self) {
    let both = checked { () throws(ArrayError) in try Max.along(self, dim, keepDim: keepDim) }
    return (both[0], both[1])
  }
  /// The smallest along a dimension and their positions; of several the first.
  public func min(dim: Int, keepDim: Bool = false) -> (values: Self, indices: Self) {
    let both = checked { () throws(ArrayError) in try Min.along(self, dim, keepDim: keepDim) }
    return (both[0], both[1])
  }
}
