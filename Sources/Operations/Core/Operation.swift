/// One operation: name, shape and dtype rule, forward calculation and derivative, together.
///
/// Parameters that are not arrays (dimensions, flags) are stored properties. Conform to one of the protocols by arity below:
/// `UnaryOperation`, `BinaryOperation`, `TernaryOperation`, `VariadicOperation`.
///
/// Types have the operation's name; where that is a layer's or a loss's, too, theirs is the plain one (`Tanh`) and this `TanhOperation`.
public protocol Operation: Sendable {
  /// PyTorch's name for the operation, also the key in the table: `add`, `nn.functional.relu`.
  static var name: String { get }
  /// Parameters to show beside the name in drawings and listings, such as `dim=1`.
  var attributes: [(name: String, value: String)] { get }
  /// Whether the result is a view: it shares the storage of the first input.
  var isView: Bool { get }
  /// Whether each element of the result depends only on the same element of each input: such operations can be done in place and
  /// fused into one pass.
  static var isElementwise: Bool { get }
  /// Whether the inputs' gradients can be asked for at all. False for comparisons, rounding to indices and the like.
  var isDifferentiable: Bool { get }
  /// Whether it is recorded though it has no derivative: the result requires a gradient where an input does, and a backward pass that
  /// comes to it is refused. Only where `isDifferentiable` is false.
  static var lacksDerivative: Bool { get }
  /// PyTorch's name for the node that computes the derivative: `MulBackward0`. Follows from `name` and `gradientOverload` unless given.
  var gradientName: String { get }
  /// The number at the end of `gradientName`: PyTorch numbers the forms of an operation that have derivatives of their own, such as
  /// `SumBackward1` for the sum over dimensions.
  var gradientOverload: Int { get }
  /// What PyTorch's `next_functions` has an entry for, in its order: an input, or nil for a plain number that counts as a tensor there.
  /// Indices and masks have no entry.
  func gradientEntries(_ inputCount: Int) -> [Int?]
  /// Which values the derivative with respect to `input` reads. Everything else may be overwritten or freed after the forward pass.
  func saves(for input: Int) -> SavedValues
  /// Whether, done in place, it may write several elements that are one place in memory: it writes the same everywhere.
  static var toleratesOverlap: Bool { get }
  /// Whether its parameters are numbers, and lists of them: it does not matter then if it is held longer than it is needed.
  static var holdsNumbersOnly: Bool { get }
  /// Whether the derivative reads a plain number that PyTorch keeps as a value: a second pass over a freed graph is then refused there.
  var keepsNumber: Bool { get }
}

extension Operation {
  public var attributes: [(name: String, value: String)] { [] }
  @inlinable public var isView: Bool { false }
  @inlinable public static var isElementwise: Bool { false }
  @inlinable public var isDifferentiable: Bool { true }
  @inlinable public static var lacksDerivative: Bool { false }
  public func gradientEntries(_ inputCount: Int) -> [Int?] { Array(0..<inputCount) }
  @inlinable public func saves(for input: Int) -> SavedValues { [] }
  @inlinable public static var toleratesOverlap: Bool { false }
  @inlinable public var keepsNumber: Bool { false }
  @inlinable public static var holdsNumbersOnly: Bool { _isPOD(Self.self) }

  public var gradientOverload: Int { 0 }

  public var gradientName: String { Self.gradientName(of: Self.name, gradientOverload) }

  /// PyTorch's name for the derivative of the operation `title`, given its number: `MulBackward0`.
  static func gradientName(of title: String, _ overload: Int) -> String {
    let name = title.split(separator: ".").filter { $0 != "nn" && $0 != "functional" }
    let words = name.flatMap { $0.split(separator: "_") }.map { $0.prefix(1).uppercased() + $0.dropFirst() }
    return words.joined() + "Backward\(overload)"
  }
}

/// The values of the forward pass that a derivative rule reads.
public struct SavedValues: OptionSet, Sendable {
  public let rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The first input's value.
  @inlinable public static var first: SavedValues { SavedValues(rawValue: 1) }
  /// The second input's value.
  @inlinable public static var second: SavedValues { SavedValues(rawValue: 2) }
  /// The third input's value.
  @inlinable public static var third: SavedValues { SavedValues(rawValue: 4) }
  /// The values of all inputs, however many.
  @inlinable public static var inputs: SavedValues { SavedValues(rawValue: 7) }
  /// The result's value.
  @inlinable public static var result: SavedValues { SavedValues(rawValue: 8) }
}

/// What a derivative rule can look at. The recorded node of an eager graph and the node of a static graph both are one.
public protocol PullbackContext {
  /// The algebra the gradient is calculated in.
  associatedtype Value: Algebra

  /// The number of inputs.
  var inputCount: Int { get }
  /// The value of input `index`; only what `saves(for:)` lists may be asked for.
  func input(_ index: Int) -> Value
  /// As `input`, for a rule that does not ask for it again: what nobody else holds is given away, and may be written over.
  func lastInput(_ index: Int) -> Value
  /// The value of result `index`; only when `saves(for:)` contains `.result`.
  func result(_ index: Int) -> Value
  /// The shape of input `index`.
  func shape(_ index: Int) -> Value.ShapeReference
  /// The dtype of input `index`.
  func dtype(_ index: Int) -> DType
  /// Whether anybody asks for the gradient of input `index`.
  func needsGradient(_ index: Int) -> Bool
}

extension PullbackContext {
  @inlinable public func lastInput(_ index: Int) -> Value { input(index) }
  /// The value of the only result.
  @inlinable public var result: Value { result(0) }
}

/// An operation on one array.
public protocol UnaryOperation: Operation {
  /// The result's dtype and shape, or an error that names the operation, what was given and what is needed.
  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType
  /// The result. Checks what `type` checks.
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray
  /// Writes the result into `output`, which has the type that `type` gives.
  func forward(_ x: NDArray, into output: NDArray) throws(ArrayError)
  /// The gradient of the input, given that of the result.
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value
  /// `pullback` on arrays, with the same bits; `gradient` may be written over where nobody else holds it (`NDArray.replaced`). Throws where
  /// memory cannot be had.
  func arrayPullback<C: PullbackContext>(
    _ gradient: consuming NDArray, _ context: C
  ) throws(ArrayError) -> NDArray where C.Value == NDArray
}

extension UnaryOperation {
  @inlinable public func arrayPullback<C: PullbackContext>(
    _ gradient: consuming NDArray, _ context: C
  ) throws(ArrayError) -> NDArray where C.Value == NDArray {
    let isLong =
      gradient.count > attemptedElementCount
      || (!Self.isElementwise && context.shape(0).elementCount > attemptedElementCount)
    return isLong ? try throwingPullback(gradient, context) : pullback(gradient, context)
  }
}

/// An operation on two arrays.
public protocol BinaryOperation: Operation {
  /// The result's dtype and shape, or an error.
  func type(_ x: ArrayType, _ y: ArrayType) throws(ArrayError) -> ArrayType
  /// The result. Checks what `type` checks.
  func forward(_ x: NDArray, _ y: NDArray) throws(ArrayError) -> NDArray
  /// Writes the result into `output`, which has the type that `type` gives.
  func forward(_ x: NDArray, _ y: NDArray, into output: NDArray) throws(ArrayError)
  /// The gradient of input 0 or 1, given that of the result; nil where there is none (an index, a mask).
  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value?
  /// `pullback` on arrays, with the same bits.
  func arrayPullback<C: PullbackContext>(
    _ gradient: NDArray, to input: Int, _ context: C
  ) throws(ArrayError) -> NDArray? where C.Value == NDArray
  /// On arrays `pullback(gradient, to: input, context)` summed to `shape`, with the same bits, where that takes fewer passes over memory;
  /// nil where it does not.
  func summedPullback<C: PullbackContext>(
    _ gradient: NDArray, to input: Int, _ shape: Shape, _ context: C
  ) throws(ArrayError) -> NDArray? where C.Value == NDArray
}

extension BinaryOperation {
  @inlinable public func arrayPullback<C: PullbackContext>(
    _ gradient: NDArray, to input: Int, _ context: C
  ) throws(ArrayError) -> NDArray? where C.Value == NDArray {
    let isLong = gradient.count > attemptedElementCount || (!Self.isElementwise && context.hasLongInput)
    return isLong
      ? try throwingPullback(gradient, to: input, context) : pullback(gradient, to: input, context)
  }
  @inlinable public func summedPullback<C: PullbackContext>(
    _ gradient: NDArray, to input: Int, _ shape: Shape, _ context: C
  ) throws(ArrayError) -> NDArray? where C.Value == NDArray { nil }
}

/// An operation on three arrays.
public protocol TernaryOperation: Operation {
  /// The result's dtype and shape, or an error.
  func type(_ x: ArrayType, _ y: ArrayType, _ z: ArrayType) throws(ArrayError) -> ArrayType
  /// The result. Checks what `type` checks.
  func forward(_ x: NDArray, _ y: NDArray, _ z: NDArray) throws(ArrayError) -> NDArray
  /// Writes the result into `output`, which has the type that `type` gives.
  func forward(_ x: NDArray, _ y: NDArray, _ z: NDArray, into output: NDArray) throws(ArrayError)
  /// The gradient of input 0, 1 or 2, given that of the result; nil where there is none.
  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value?
  /// On arrays the gradients of all inputs that need one, with the bits of `pullback`, where they take fewer passes over memory together
  /// than one by one; nil where they do not.
  func jointPullback<C: PullbackContext>(
    _ gradient: NDArray, _ context: C
  ) throws(ArrayError) -> (NDArray?, NDArray?, NDArray?)? where C.Value == NDArray
}

extension TernaryOperation {
  @inlinable public func jointPullback<C: PullbackContext>(
    _ gradient: NDArray, _ context: C
  ) throws(ArrayError) -> (NDArray?, NDArray?, NDArray?)? where C.Value == NDArray { nil }
}

/// An operation on any number of arrays, or with several results.
public protocol VariadicOperation: Operation {
  /// The number of results for this number of inputs.
  func resultCount(_ inputCount: Int) -> Int
  /// The results' dtypes and shapes, or an error.
  func types(_ xs: [ArrayType]) throws(ArrayError) -> [ArrayType]
  /// The results. Checks what `types` checks.
  func forward(_ xs: [NDArray]) throws(ArrayError) -> [NDArray]
  /// The gradients of the inputs, given those of the results (nil: zero).
  func pullback<C: PullbackContext>(_ gradients: [C.Value?], _ context: C) -> [C.Value?]
}

extension VariadicOperation {
  public func resultCount(_ inputCount: Int) -> Int { 1 }
}

/// An operation on one array that has a shape among its parameters: broadcast to it, sum to it, reshape to it.
///
/// In a graph the shape may only be known when it runs. The algebra then applies `Like`, which takes the shape from an operand.
public protocol ShapedOperation: UnaryOperation {
  /// The shape; open sizes only in graphs.
  var shape: Shape { get set }
  /// The gradient of the input, given that of the result and the shape as the algebra knows it.
  func pullback<C: PullbackContext>(
    _ gradient: C.Value, shape: C.Value.ShapeReference, _ context: C
  ) -> C.Value
  /// What `type` gives where the shape is that of another value, of which any sizes may still be open.
  func type(_ x: ArrayType, like reference: Shape) throws(ArrayError) -> ArrayType
}

extension ShapedOperation {
  public func type(_ x: ArrayType, like reference: Shape) throws(ArrayError) -> ArrayType {
    var operation = self
    operation.shape = reference
    return try operation.type(x)
  }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    pullback(gradient, shape: C.Value.shapeReference(shape), context)
  }
}

/// A shaped operation whose shape is that of its second operand.
public struct Like<Base: ShapedOperation>: BinaryOperation {
  public static var name: String { Base.name + "_like" }
  /// The operation; its own shape is ignored.
  public var base: Base

  public init(_ base: Base) { self.base = base }

  public var attributes: [(name: String, value: String)] { base.attributes.filter { $0.name != "shape" } }
  @inlinable public var isView: Bool { base.isView }
  public var gradientName: String { base.gradientName }
  public func gradientEntries(_ inputCount: Int) -> [Int?] { [0] }

  @usableFromInline func with(_ shape: Shape) -> Base {
    var operation = base
    operation.shape = shape
    return operation
  }

  public func type(_ x: ArrayType, _ reference: ArrayType) throws(ArrayError) -> ArrayType {
    try base.type(x, like: reference.shape)
  }
  @inlinable public func forward(_ x: NDArray, _ reference: NDArray) throws(ArrayError) -> NDArray {
    try with(reference.shape).forward(x)
  }
  @inlinable public func forward(_ x: NDArray, _ reference: NDArray, into output: NDArray) throws(ArrayError)
  {
    try with(reference.shape).forward(x, into: output)
  }
  @inlinable public func saves(for input: Int) -> SavedValues { input == 0 ? base.saves(for: 0) : [] }
  @inlinable public func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C
    .Value?
  {
    input == 0 ? base.pullback(gradient, shape: context.shape(1), context) : nil
  }
}

// MARK: Defaults by how an operation produces its result

/// An operation that writes into an array of the type its rule gives; `forward(_:)` then only allocates.
public protocol WritingUnary: UnaryOperation {}

extension WritingUnary {
  @inlinable public func forward(_ x: NDArray) throws(ArrayError) -> NDArray { try written(x) }
  /// The result, written into a new array.
  @inlinable func written(_ x: NDArray) throws(ArrayError) -> NDArray {
    let type = try type(x.type)
    let output = try NDArray(uninitialized: type.shape, type.dtype)
    try forward(x, into: output)
    return output
  }
}

/// An operation on two arrays that writes into an array of the type its rule gives.
public protocol WritingBinary: BinaryOperation {}

extension WritingBinary {
  @inlinable public func forward(_ x: NDArray, _ y: NDArray) throws(ArrayError) -> NDArray {
    let type = try type(x.type, y.type)
    let output = try NDArray(uninitialized: type.shape, type.dtype)
    try forward(x, y, into: output)
    return output
  }
}

/// An operation on three arrays that writes into an array of the type its rule gives.
public protocol WritingTernary: TernaryOperation {}

extension WritingTernary {
  @inlinable public func forward(_ x: NDArray, _ y: NDArray, _ z: NDArray) throws(ArrayError) -> NDArray {
    let type = try type(x.type, y.type, z.type)
    let output = try NDArray(uninitialized: type.shape, type.dtype)
    try forward(x, y, z, into: output)
    return output
  }
}

// An operation that makes its own result (a view, or a size that depends on the values) copies it when told where to put it.
extension UnaryOperation {
  @inlinable public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    output.write(from: try forward(x))
  }
}
extension BinaryOperation {
  @inlinable public func forward(_ x: NDArray, _ y: NDArray, into output: NDArray) throws(ArrayError) {
    output.write(from: try forward(x, y))
  }
}
extension TernaryOperation {
  @inlinable public func forward(_ x: NDArray, _ y: NDArray, _ z: NDArray, into output: NDArray)
    throws(ArrayError)
  {
    output.write(from: try forward(x, y, z))
  }
}
