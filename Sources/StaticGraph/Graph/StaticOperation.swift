/// An operation of the common table as a graph keeps it: whatever its arity, lists in and lists out.
public protocol StaticOperation: Sendable {
  /// The operation's name in the table.
  var name: String { get }
  /// Its parameters, for listings and drawings.
  var attributes: [(name: String, value: String)] { get }
  /// The operation itself, one of the table's types.
  var base: any Operation { get }
  /// Whether its inputs can have gradients.
  var isDifferentiable: Bool { get }
  /// Whether each element of the result depends on the same element of the inputs only.
  var isElementwise: Bool { get }
  /// Whether the result shares the first input's storage.
  var isView: Bool { get }

  /// The results' types for inputs whose rank is known.
  func types(_ inputs: [ArrayType]) throws(ArrayError) -> [ArrayType]
  /// The results.
  func run(_ inputs: [NDArray]) throws(ArrayError) -> [NDArray]
  /// Writes the only result into `output`.
  func run(_ inputs: [NDArray], into output: NDArray) throws(ArrayError)
  /// The gradients of the inputs, given those of the results.
  func gradients(_ results: [Symbol?], _ context: NodeContext) -> [Symbol?]
}

extension StaticOperation {
  public var attributes: [(name: String, value: String)] { base.attributes }
  public var isDifferentiable: Bool { base.isDifferentiable }
  public var isView: Bool { base.isView }
}

struct StaticUnary<O: UnaryOperation>: StaticOperation {
  let operation: O
  var name: String { O.name }
  var base: any Operation { operation }
  var isElementwise: Bool { O.isElementwise }

  func types(_ inputs: [ArrayType]) throws(ArrayError) -> [ArrayType] { [try operation.type(inputs[0])] }
  func run(_ inputs: [NDArray]) throws(ArrayError) -> [NDArray] { [try operation.forward(inputs[0])] }
  func run(_ inputs: [NDArray], into output: NDArray) throws(ArrayError) {
    try operation.forward(inputs[0], into: output)
  }
  func gradients(_ results: [Symbol?], _ context: NodeContext) -> [Symbol?] {
    guard let gradient = results[0] else { return [nil] }
    return [operation.pullback(gradient, context)]
  }
}

struct StaticBinary<O: BinaryOperation>: StaticOperation {
  let operation: O
  var name: String { O.name }
  var base: any Operation { operation }
  var isElementwise: Bool { O.isElementwise }

  func types(_ inputs: [ArrayType]) throws(ArrayError) -> [ArrayType] {
    [try operation.type(inputs[0], inputs[1])]
  }
  func run(_ inputs: [NDArray]) throws(ArrayError) -> [NDArray] {
    [try operation.forward(inputs[0], inputs[1])]
  }
  func run(_ inputs: [NDArray], into output: NDArray) throws(ArrayError) {
    try operation.forward(inputs[0], inputs[1], into: output)
  }
  func gradients(_ results: [Symbol?], _ context: NodeContext) -> [Symbol?] {
    guard let gradient = results[0] else { return [nil, nil] }
    return (0..<2).map { context.needsGradient($0) ? operation.pullback(gradient, to: $0, context) : nil }
  }
}

struct StaticTernary<O: TernaryOperation>: StaticOperation {
  let operation: O
  var name: String { O.name }
  var base: any Operation { operation }
  var isElementwise: Bool { O.isElementwise }

  func types(_ inputs: [ArrayType]) throws(ArrayError) -> [ArrayType] {
    [try operation.type(inputs[0], inputs[1], inputs[2])]
  }
  func run(_ inputs: [NDArray]) throws(ArrayError) -> [NDArray] {
    [try operation.forward(inputs[0], inputs[1], inputs[2])]
  }
  func run(_ inputs: [NDArray], into output: NDArray) throws(ArrayError) {
    try operation.forward(inputs[0], inputs[1], inputs[2], into: output)
  }
  func gradients(_ results: [Symbol?], _ context: NodeContext) -> [Symbol?] {
    guard let gradient = results[0] else { return [nil, nil, nil] }
    return (0..<3).map { context.needsGradient($0) ? operation.pullback(gradient, to: $0, context) : nil }
  }
}

struct StaticVariadic<O: VariadicOperation>: StaticOperation {
  let operation: O
  var name: String { O.name }
  var base: any Operation { operation }
  var isElementwise: Bool { O.isElementwise }

  func types(_ inputs: [ArrayType]) throws(ArrayError) -> [ArrayType] { try operation.types(inputs) }
  func run(_ inputs: [NDArray]) throws(ArrayError) -> [NDArray] { try operation.forward(inputs) }
  func run(_ inputs: [NDArray], into output: NDArray) throws(ArrayError) {
    output.write(from: try operation.forward(inputs)[0])
  }
  func gradients(_ results: [Symbol?], _ context: NodeContext) -> [Symbol?] {
    let gradients = operation.pullback(results, context)
    return gradients + [Symbol?](repeating: nil, count: context.inputCount - gradients.count)
  }
}
