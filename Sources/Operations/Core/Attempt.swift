/// A value, or the error that kept it from being calculated with the type that it would have had.
///
/// Derivative rules are written with the convenient forms of operations, which stop the process where the operation throws. A rule that runs
/// on attempts goes on to its end whatever fails on the way, and the first failure is thrown there. Errors that the types alone show are
/// mistakes of the rule and still stop.
struct Attempt<Base: Algebra>: Algebra where Base.ShapeReference == Shape {
  private enum Outcome {
    case value(Base)
    case failure(ArrayError, ArrayType)
  }
  private let outcome: Outcome

  private init(_ outcome: Outcome) { self.outcome = outcome }

  /// A value that is there.
  init(_ value: Base) { outcome = .value(value) }

  /// The value. Throws the error if there is none.
  func get() throws(ArrayError) -> Base {
    switch outcome {
    case .value(let value): return value
    case .failure(let error, _): throw error
    }
  }

  /// What `calculate` gives, or its failure as something of the type that `type` gives.
  private static func attempt(
    _ calculate: () throws(ArrayError) -> Base, _ type: () throws(ArrayError) -> ArrayType
  ) throws(ArrayError) -> Attempt {
    do throws(ArrayError) { return Attempt(try calculate()) } catch {
      return Attempt(.failure(error, try type()))
    }
  }

  // MARK: What is known of it

  private var type: ArrayType {
    switch outcome {
    case .value(let value): ArrayType(value.dtype, value.shapeReference)
    case .failure(_, let type): type
    }
  }
  private var value: Base? {
    if case .value(let value) = outcome { value } else { nil }
  }
  var dtype: DType { type.dtype }
  var staticShape: Shape? { type.shape }
  var shapeReference: Shape { type.shape }
  var storedArray: NDArray? { value?.storedArray }
  var needsGradient: Bool { value?.needsGradient ?? false }
  static var remembers: Bool { Base.remembers }
  static func shapeReference(_ shape: Shape) -> Shape { shape }
  func constant(_ array: NDArray) -> Attempt {
    value.map { Attempt($0.constant(array)) } ?? self
  }

  // MARK: Operations

  static func apply<O: UnaryOperation>(_ operation: O, _ x: Attempt) throws(ArrayError) -> Attempt {
    try attempt(
      { () throws(ArrayError) in try Base.apply(operation, try x.get()) },
      { () throws(ArrayError) in try operation.type(x.type) })
  }
  static func apply<O: BinaryOperation>(
    _ operation: O, _ x: Attempt, _ y: Attempt
  ) throws(ArrayError) -> Attempt {
    try attempt(
      { () throws(ArrayError) in try Base.apply(operation, try x.get(), try y.get()) },
      { () throws(ArrayError) in try operation.type(x.type, y.type) })
  }
  static func apply<O: ElementwiseBinary>(
    spreading operation: O, _ x: Attempt, _ y: Attempt
  ) throws(ArrayError) -> Attempt {
    try attempt(
      { () throws(ArrayError) in try Base.apply(spreading: operation, try x.get(), try y.get()) },
      { () throws(ArrayError) in
        guard let shape = Shape.broadcast(x.type.shape, y.type.shape) else {
          throw broadcastError(O.name, x.type.shape, y.type.shape)
        }
        return ArrayType(try O.resultDType(x.dtype), shape)
      })
  }
  static func apply<O: TernaryOperation>(
    _ operation: O, _ x: Attempt, _ y: Attempt, _ z: Attempt
  ) throws(ArrayError) -> Attempt {
    try attempt(
      { () throws(ArrayError) in try Base.apply(operation, try x.get(), try y.get(), try z.get()) },
      { () throws(ArrayError) in try operation.type(x.type, y.type, z.type) })
  }
  static func apply<O: ElementwiseTernary>(
    spreading operation: O, _ x: Attempt, _ y: Attempt, _ z: Attempt
  ) throws(ArrayError) -> Attempt {
    try attempt(
      { () throws(ArrayError) in
        try Base.apply(spreading: operation, try x.get(), try y.get(), try z.get())
      }, { () throws(ArrayError) in try operation.type(x.type, y.type, z.type) })
  }
  static func apply<O: VariadicOperation>(_ operation: O, _ xs: [Attempt]) throws(ArrayError) -> [Attempt] {
    do throws(ArrayError) {
      var values: [Base] = []
      for x in xs { values.append(try x.get()) }
      return try Base.apply(operation, values).map { Attempt($0) }
    } catch {
      return try operation.types(xs.map(\.type)).map { Attempt(.failure(error, $0)) }
    }
  }
  static func apply<O: ShapedOperation>(
    _ operation: O, _ x: Attempt, shape: Shape
  ) throws(ArrayError) -> Attempt {
    var operation = operation
    operation.shape = shape
    return try apply(operation, x)
  }
  static func part(
    of gradient: Attempt, _ index: Int, along dim: Int, shapes: [Shape]
  ) throws(ArrayError) -> Attempt {
    try attempt(
      { () throws(ArrayError) in
        try Base.part(of: try gradient.get(), index, along: dim, shapes: shapes)
      }, { () throws(ArrayError) in ArrayType(gradient.dtype, shapes[index]) })
  }
  static func padded(_ x: Attempt, to shape: Shape) throws(ArrayError) -> Attempt {
    try attempt(
      { () throws(ArrayError) in try Base.padded(try x.get(), to: shape) },
      { () throws(ArrayError) in ArrayType(x.dtype, shape) })
  }
}

/// A context whose values are attempts.
private struct AttemptContext<Base: PullbackContext>: PullbackContext
where Base.Value.ShapeReference == Shape {
  typealias Value = Attempt<Base.Value>
  let base: Base
  init(_ base: Base) { self.base = base }

  var inputCount: Int { base.inputCount }
  func input(_ index: Int) -> Value { Value(base.input(index)) }
  func result(_ index: Int) -> Value { Value(base.result(index)) }
  func shape(_ index: Int) -> Shape { base.shape(index) }
  func dtype(_ index: Int) -> DType { base.dtype(index) }
  func needsGradient(_ index: Int) -> Bool { base.needsGradient(index) }
}

// MARK: Rules that throw

/// From how many elements on memory may be short: below, rules run without detour.
@usableFromInline let attemptedElementCount = 1 << 16

extension PullbackContext where Value.ShapeReference == Shape {
  /// Whether an input is so long that memory for more of its kind may be short.
  @inlinable var hasLongInput: Bool {
    for input in 0..<inputCount where shape(input).elementCount > attemptedElementCount { return true }
    return false
  }
}

extension Algebra where ShapeReference == Shape {
  @inlinable var isLong: Bool { shapeReference.elementCount > attemptedElementCount }
}

extension UnaryOperation {
  /// `pullback`, which throws where memory for long arrays cannot be had.
  @inlinable public func throwingPullback<C: PullbackContext>(
    _ gradient: C.Value, _ context: C
  ) throws(ArrayError) -> C.Value where C.Value.ShapeReference == Shape {
    guard gradient.isLong || context.hasLongInput else { return pullback(gradient, context) }
    return try attemptedPullback(gradient, context)
  }
  @usableFromInline func attemptedPullback<C: PullbackContext>(
    _ gradient: C.Value, _ context: C
  ) throws(ArrayError) -> C.Value where C.Value.ShapeReference == Shape {
    try pullback(Attempt(gradient), AttemptContext(context)).get()
  }
}

extension BinaryOperation {
  /// `pullback`, which throws where memory for long arrays cannot be had.
  @inlinable public func throwingPullback<C: PullbackContext>(
    _ gradient: C.Value, to input: Int, _ context: C
  ) throws(ArrayError) -> C.Value? where C.Value.ShapeReference == Shape {
    guard gradient.isLong || context.hasLongInput else { return pullback(gradient, to: input, context) }
    return try attemptedPullback(gradient, to: input, context)
  }
  @usableFromInline func attemptedPullback<C: PullbackContext>(
    _ gradient: C.Value, to input: Int, _ context: C
  ) throws(ArrayError) -> C.Value? where C.Value.ShapeReference == Shape {
    try pullback(Attempt(gradient), to: input, AttemptContext(context))?.get()
  }
}

extension TernaryOperation {
  /// `pullback`, which throws where memory for long arrays cannot be had.
  @inlinable public func throwingPullback<C: PullbackContext>(
    _ gradient: C.Value, to input: Int, _ context: C
  ) throws(ArrayError) -> C.Value? where C.Value.ShapeReference == Shape {
    guard gradient.isLong || context.hasLongInput else { return pullback(gradient, to: input, context) }
    return try attemptedPullback(gradient, to: input, context)
  }
  @usableFromInline func attemptedPullback<C: PullbackContext>(
    _ gradient: C.Value, to input: Int, _ context: C
  ) throws(ArrayError) -> C.Value? where C.Value.ShapeReference == Shape {
    try pullback(Attempt(gradient), to: input, AttemptContext(context))?.get()
  }
}

extension VariadicOperation {
  /// `pullback`, which throws where memory for long arrays cannot be had.
  @inlinable public func throwingPullback<C: PullbackContext>(
    _ gradients: [C.Value?], _ context: C
  ) throws(ArrayError) -> [C.Value?] where C.Value.ShapeReference == Shape {
    var isLong = context.hasLongInput
    for case let gradient? in gradients where gradient.isLong { isLong = true }
    if !isLong { return pullback(gradients, context) }
    return try attemptedPullback(gradients, context)
  }
  @usableFromInline func attemptedPullback<C: PullbackContext>(
    _ gradients: [C.Value?], _ context: C
  ) throws(ArrayError) -> [C.Value?] where C.Value.ShapeReference == Shape {
    var results: [C.Value?] = []
    for result in pullback(gradients.map { $0.map { Attempt($0) } }, AttemptContext(context)) {
      results.append(try result?.get())
    }
    return results
  }
}
