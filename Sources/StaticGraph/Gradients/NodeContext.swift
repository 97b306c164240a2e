/// What a derivative rule can look at in a graph: the node it differentiates.
public struct NodeContext: PullbackContext {
  public typealias Value = Symbol

  let graph: Graph
  let node: Node
  let inputs: [Symbol]
  /// For each input, whether its gradient is on the way to what was asked for.
  let needed: [Bool]

  public var inputCount: Int { inputs.count }
  public func input(_ index: Int) -> Symbol { inputs[index] }
  public func result(_ index: Int) -> Symbol { Symbol(graph, node, index) }
  public func shape(_ index: Int) -> ShapeOf { inputs[index].shapeReference }
  public func dtype(_ index: Int) -> DType { inputs[index].dtype }
  public func needsGradient(_ index: Int) -> Bool { needed[index] }
}
