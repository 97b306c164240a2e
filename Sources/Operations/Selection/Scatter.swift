/// `scatter(x, dim, index, src)`: a copy of x with src[i][j] written at [index[i][j]][j] for dim 0, and so on.
///
/// Derivatives: g with zeros at the places written, and g gathered from them.
public struct Scatter: TernaryOperation {
  public static let name = "scatter"
  /// The dimension.
  public let dim: Int
  /// Whether a number is written: a form of its own in PyTorch.
  let ofNumber: Bool
  init(_ dim: Int, ofNumber: Bool = false) {
    self.dim = dim
    self.ofNumber = ofNumber
  }
  public var gradientOverload: Int { ofNumber ? 1 : 0 }
  public var attributes: [(name: String, value: String)] { [("dim", "\(dim)")] }
  public func gradientEntries(_ inputCount: Int) -> [Int?] { ofNumber ? [0] : [0, 2] }
  public func saves(for input: Int) -> SavedValues { .second }

  public func type(_ x: ArrayType, _ index: ArrayType, _ source: ArrayType) throws(ArrayError) -> ArrayType {
    try checkScatter(x, index, source, dim, Self.name)
    return x
  }
  public func forward(_ x: NDArray, _ index: NDArray, _ source: NDArray) throws(ArrayError) -> NDArray {
    _ = try type(x.type, index.type, source.type)
    return try scattered(x, dim, index, source, .replace, Self.name)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    let index = context.input(1)
    switch input {
    case 0:
      return checked { () throws(ArrayError) in
        let zeros = gradient.zeros()
        return try C.Value.apply(Scatter(dim), gradient, index, try C.Value.matching(zeros, index))
      }
    case 2:
      return checked { () throws(ArrayError) in
        try C.Value.padded(try C.Value.apply(Gather(dim), gradient, index), to: context.shape(2))
      }
    default: return nil
    }
  }
}

/// `scatter(x, dim, index, src, reduce)`: as `scatter`, but what is written is added to what is there, or multiplied with it. As in PyTorch
/// it is recorded, but has no derivative; `scatter_add` has one.
struct ScatterReduction: TernaryOperation {
  static let name = Scatter.name
  let dim: Int
  /// How values meet those they are written to.
  enum Kind: String {
    case add, multiply
    var combination: NDArray.Combination { self == .add ? .add : .multiply }
  }
  let kind: Kind
  var attributes: [(name: String, value: String)] { [("dim", "\(dim)"), ("reduce", kind.rawValue)] }
  var isDifferentiable: Bool { false }
  static var lacksDerivative: Bool { true }

  func type(_ x: ArrayType, _ index: ArrayType, _ source: ArrayType) throws(ArrayError) -> ArrayType {
    try checkScatter(x, index, source, dim, Self.name)
    return x
  }
  func forward(_ x: NDArray, _ index: NDArray, _ source: NDArray) throws(ArrayError) -> NDArray {
    _ = try type(x.type, index.type, source.type)
    return try scattered(x, dim, index, source, kind.combination, Self.name)
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? { nil }
}

/// A copy of x in which the elements of `source` meet those at the places that `index` gives along `dim`.
func scattered(
  _ x: NDArray, _ dim: Int, _ index: NDArray, _ source: NDArray, _ combination: NDArray.Combination,
  _ operation: String
) throws(ArrayError) -> NDArray {
  let output = try x.clone()
  if index.count == 0 { return output }
  let axis = try x.shape.axis(dim, operation)
  let positions = try resolvedIndices(index, size: x.rank == 0 ? 1 : x.shape[axis], operation, axis: axis)
  let part = try source.leadingPart(index.shape).contiguous()
  output.combineElements(at: try IndexedWalk(output, axis, index.shape), positions, with: part, combination)
  return output
}

extension Scatter: TableEntry {
  public static var signature: Signature {
    Signature("T input, int dim, T index, T? src, S? value, str? reduce")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let (x, index) = (try arguments.tensor("input"), try arguments.tensor("index"))
    let dim = try arguments.int("dim")
    let reduction = try arguments.optionalString("reduce").map2 { (word) throws(ArrayError) in
      guard let kind = ScatterReduction.Kind(rawValue: word) else {
        throw .runtime("scatter: reduce argument must be either add or multiply, but is '\(word)'")
      }
      return ScatterReduction(dim: dim, kind: kind)
    }
    let source = arguments.optionalTensor("src")
    switch (reduction, source) {
    case (let reduction?, let source?): return [try Value.apply(reduction, x, index, source)]
    case (nil, let source?): return [try Value.apply(Scatter(dim), x, index, source)]
    case (let reduction?, nil):
      let source = try spread(try arguments.scalar("value"), x, dim, index)
      return [try Value.apply(reduction, x, index, source)]
    case (nil, nil): return [try filled(x, dim, index, try arguments.scalar("value"))]
    }
  }
  static func filled<Value: Algebra>(
    _ x: Value, _ dim: Int, _ index: Value, _ value: Scalar
  ) throws(ArrayError) -> Value {
    try Value.apply(Scatter(dim, ofNumber: true), x, index, try spread(value, x, dim, index))
  }
  /// A number as a source for what `index` writes to `x`.
  private static func spread<Value: Algebra>(
    _ value: Scalar, _ x: Value, _ dim: Int, _ index: Value
  ) throws(ArrayError) -> Value {
    try checkScatter(
      ArrayType(x.dtype, x.staticShape ?? []), ArrayType(index.dtype, index.staticShape ?? []), nil, dim, name
    )
    try value.checkConvertible(to: x.dtype, name)
    return try Value.matching(x.constant(try NDArray(scalar: value, x.dtype)), index)
  }
}

extension Algebra {
  /// `x` (a number, or anything as large) with the shape of `index`.
  static func matching(_ x: Self, _ index: Self) throws(ArrayError) -> Self {
    let number = x.staticShape?.rank == 0 ? x : x.constant(try NDArray(scalar: 0, x.dtype))
    return number.broadcast(to: index.shapeReference)
  }

  /// A copy with `source` written at the places that `index` gives along `dim`.
  public func scatter(_ dim: Int, _ index: Self, _ source: Self) -> Self {
    checked { () throws(ArrayError) in try Self.apply(Scatter(dim), self, index, source) }
  }
  /// A copy with a number written at the places that `index` gives along `dim`.
  public func scatter(_ dim: Int, _ index: Self, _ value: some ScalarConvertible) -> Self {
    checked { () throws(ArrayError) in try Scatter.filled(self, dim, index, value.scalar) }
  }
}

extension InPlaceAlgebra {
  /// `scatter` in place.
  @discardableResult public func scatter_(_ dim: Int, _ index: Self, _ source: Self) -> Self {
    inPlace(Scatter.name) { x throws(ArrayError) in try Self.apply(Scatter(dim), x, index, source) }
  }
  /// `scatter` of a number in place.
  @discardableResult public func scatter_(_ dim: Int, _ index: Self, _ value: some ScalarConvertible) -> Self
  {
    inPlace(Scatter.name) { x throws(ArrayError) in try Scatter.filled(x, dim, index, value.scalar) }
  }
}
