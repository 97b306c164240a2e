/// `scatter(x, dim, index, src)`: a copy of x with src[i][j] written at [index[i][j]][j] for dim 0, and so on; `reduce` "add" or "multiply"
/// combines instead.
///
/// Derivatives: g with zeros at the places written, and g gathered from them; combinations have derivatives only for "add".
public struct Scatter: TernaryOperation {
  public static let name = "scatter"
  /// The dimension.
  public let dim: Int
  /// How values meet those they are written to.
  enum Reduction: String { case replace, add, multiply }
  let reduction: Reduction
  /// Whether a number is written: a form of its own in PyTorch.
  let ofNumber: Bool
  init(_ dim: Int, _ reduction: Reduction = .replace, ofNumber: Bool = false) {
    self.dim = dim
    self.reduction = reduction
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
    let output = try x.clone()
    if index.count == 0 { return output }
    let axis = try x.shape.axis(dim, Self.name)
    let positions = try resolvedIndices(index, size: x.rank == 0 ? 1 : x.shape[axis], Self.name, axis: axis)
    let part = try source.leadingPart(index.shape).contiguous()
    let combination: NDArray.Combination =
      switch reduction {
      case .replace: .replace
      case .add: .add
      case .multiply: .multiply
      }
    output.combineElements(at: try IndexedWalk(output, axis, index.shape), positions, with: part, combination)
    return output
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    let index = context.input(1)
    switch (input, reduction) {
    case (0, .add): return gradient
    case (0, .replace):
      return checked { () throws(ArrayError) in
        let zeros = gradient.zeros()
        return try C.Value.apply(Scatter(dim), gradient, index, try C.Value.matching(zeros, index))
      }
    case (2, .add), (2, .replace):
      return checked { () throws(ArrayError) in
        try C.Value.padded(try C.Value.apply(Gather(dim), gradient, index), to: context.shape(2))
      }
    case (0, .multiply), (2, .multiply):
      stop(.runtime("scatter: the derivative of reduce=\"multiply\" is not implemented, as in PyTorch"))
    default: return nil
    }
  }
}

extension Scatter: TableEntry {
  public static var signature: Signature {
    Signature("T input, int dim, T index, T? src, S? value, str? reduce")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let (x, index) = (try arguments.tensor("input"), try arguments.tensor("index"))
    let dim = try arguments.int("dim")
    var reduction = Reduction.replace
    if let word = try arguments.optionalString("reduce") {
      guard let known = Reduction(rawValue: word), known != .replace else {
        throw .runtime("scatter: reduce argument must be either add or multiply, but is '\(word)'")
      }
      reduction = known
    }
    if let source = arguments.optionalTensor("src") {
      return [try Value.apply(Scatter(dim, reduction), x, index, source)]
    }
    return [try filled(x, dim, index, try arguments.scalar("value"), reduction)]
  }
  static func filled<Value: Algebra>(
    _ x: Value, _ dim: Int, _ index: Value, _ value: Scalar, _ reduction: Reduction
  ) throws(ArrayError) -> Value {
    try checkScatter(
      ArrayType(x.dtype, x.staticShape ?? []), ArrayType(index.dtype, index.staticShape ?? []), nil, dim, name
    )
    try value.checkConvertible(to: x.dtype, name)
    let number = x.constant(try NDArray(scalar: value, x.dtype))
    return try Value.apply(
      Scatter(dim, reduction, ofNumber: true), x, index, try Value.matching(number, index))
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
    checked { () throws(ArrayError) in try Scatter.filled(self, dim, index, value.scalar, .replace) }
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
    inPlace(Scatter.name) { x throws(ArrayError) in try Scatter.filled(x, dim, index, value.scalar, .replace)
    }
  }
}
