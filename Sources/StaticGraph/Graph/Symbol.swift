/// A value of a graph: not numbers, but the name of numbers that a session will calculate.
///
/// Operations are written as on arrays and tensors (`w * x + b`, `x.mean()`); each adds a node to the graph.
public struct Symbol: Sendable {
  /// The graph it belongs to.
  public let graph: Graph
  /// Which result of which node it is.
  public let port: Port
  /// The node's name, with `:1` and so on for further results.
  public let name: String
  /// What is known of it. A node without a value (a group) is a bool of unknown shape.
  public let staticType: StaticType
  /// Whether it is a variable, which can be assigned to.
  public let isVariable: Bool
  /// Whether it has a value at all; groups have none.
  public let hasValue: Bool

  init(_ graph: Graph, _ node: Node, _ output: Int) {
    self.graph = graph
    port = Port(node: node.id, output: output)
    name = output == 0 ? node.name : "\(node.name):\(output)"
    hasValue = !node.outputs.isEmpty
    staticType = hasValue ? node.outputs[output] : StaticType(.bool, nil)
    if case .variable = node.kind { isVariable = true } else { isVariable = false }
  }

  /// The node that calculates it.
  public var node: Node { graph.node(port.node) }
}

extension Symbol: Hashable {
  public static func == (a: Symbol, b: Symbol) -> Bool { a.port == b.port && a.graph === b.graph }
  public func hash(into hasher: inout Hasher) { hasher.combine(port) }
}

extension Symbol: CustomStringConvertible {
  /// `mul_1: float32[?, 1]`.
  public var description: String { hasValue ? "\(name): \(staticType)" : name }
}

/// A shape in a graph: known, or "that of this value when it runs".
public enum ShapeOf: Sendable {
  case known(Shape)
  case symbol(Symbol)
}

extension Symbol: Algebra {
  public typealias ShapeReference = ShapeOf

  public var dtype: DType { staticType.dtype }
  public var staticShape: Shape? { staticType.shape }
  public var shapeReference: ShapeOf {
    if let shape = staticShape, shape.isKnown { return .known(shape) }
    return .symbol(self)
  }
  /// Any node may be differentiated later.
  public var needsGradient: Bool { true }
  public static func shapeReference(_ shape: Shape) -> ShapeOf { .known(shape) }

  public static func apply<O: UnaryOperation>(_ operation: O, _ x: Symbol) throws(ArrayError) -> Symbol {
    try record(StaticUnary(operation: operation), [x])[0]
  }
  public static func apply<O: BinaryOperation>(
    _ operation: O, _ x: Symbol, _ y: Symbol
  ) throws(ArrayError) -> Symbol {
    try record(StaticBinary(operation: operation), [x, y])[0]
  }
  public static func apply<O: TernaryOperation>(
    _ operation: O, _ x: Symbol, _ y: Symbol, _ z: Symbol
  ) throws(ArrayError) -> Symbol {
    try record(StaticTernary(operation: operation), [x, y, z])[0]
  }
  public static func apply<O: ElementwiseBinary>(
    spreading operation: O, _ x: Symbol, _ y: Symbol
  ) throws(ArrayError) -> Symbol {
    try spread(StaticBinary(operation: operation), [x, y])
  }
  public static func apply<O: ElementwiseTernary>(
    spreading operation: O, _ x: Symbol, _ y: Symbol, _ z: Symbol
  ) throws(ArrayError) -> Symbol {
    try spread(
      StaticTernary(operation: operation),
      [
        try operation.converted(x, operand: 0), try operation.converted(y, operand: 1),
        try operation.converted(z, operand: 2),
      ])
  }
  public static func apply<O: VariadicOperation>(
    _ operation: O, _ xs: [Symbol]
  ) throws(ArrayError) -> [Symbol] {
    try require(!xs.isEmpty, .value("\(O.name): needs at least one value of the graph"))
    return try record(StaticVariadic(operation: operation), xs)
  }
  public static func apply<O: ShapedOperation>(
    _ operation: O, _ x: Symbol, shape: ShapeOf
  ) throws(ArrayError) -> Symbol {
    switch shape {
    case .known(let shape):
      var operation = operation
      operation.shape = shape
      return try apply(operation, x)
    case .symbol(let reference):
      return try apply(Like(operation), x, reference)
    }
  }

  public static func part(
    of gradient: Symbol, _ index: Int, along dim: Int, shapes: [ShapeOf]
  ) throws(ArrayError) -> Symbol {
    let references = shapes.map { shape in
      switch shape {
      case .known(let shape): gradient.shapeHolder(shape)
      case .symbol(let symbol): symbol
      }
    }
    return try apply(ConcatenationPart(index: index, dim: dim), [gradient] + references)[0]
  }

  public static func padded(_ x: Symbol, to shape: ShapeOf) throws(ArrayError) -> Symbol {
    try apply(AtBeginning(), x, shape: shape)
  }

  /// A value that only stands for its shape: one zero, repeated without memory.
  private func shapeHolder(_ shape: Shape) -> Symbol {
    let zero = checked { () throws(ArrayError) in try NDArray(scalar: 0, dtype) }
    return constant(zero.expanded(to: shape))
  }

  /// `array` as a constant of this value's graph.
  public func constant(_ array: NDArray) -> Symbol {
    checked { () throws(ArrayError) in try graph.recordConstant(array, name: "constant", at: nil) }
  }

  /// Appends the node, or throws an error that names it and the line that wanted it.
  static func record(_ operation: any StaticOperation, _ inputs: [Symbol]) throws(ArrayError)
    -> [Symbol]
  {
    let graph = inputs[0].graph
    for input in inputs where !input.hasValue {
      throw .type("\(operation.name): '\(input.name)' is a group, which has no value to calculate with")
    }
    do {
      let types = try operation.inferred(inputs.map(\.staticType))
      let first = try graph.append(.operation(operation), inputs, types, name: operation.name)
      let node = first.node
      return types.indices.map { Symbol(graph, node, $0) }
    } catch {
      let origin = graph.origin(nil)
      let operands = inputs.map(\.description).joined(separator: ", ")
      let place = origin.text.map { ", made at \($0)" } ?? ""
      throw ArrayError(error.kind, "\(error.message) (node '\(operation.name)' of \(operands)\(place))")
    }
  }
}
