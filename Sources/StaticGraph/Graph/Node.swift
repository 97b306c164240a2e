/// One node of a graph. Nodes do not change once they are made.
public struct Node: Sendable {
  /// What a node does when it runs.
  public enum Kind: Sendable {
    /// Waits for a value to be fed.
    case placeholder
    /// Always has this value.
    case constant(NDArray)
    /// Has the value that the session keeps for it.
    case variable(trainable: Bool)
    /// Draws random numbers.
    case random(RandomSource)
    /// Reads a variable again, after the node's control inputs.
    case read
    /// Calculates.
    case operation(any StaticOperation)
    /// Changes a variable (input 0) by a value (input 1).
    case assign(Assignment)
    /// Runs its control inputs.
    case group
  }

  /// The node's number, counted from 0 in the order of making.
  public let id: Int
  /// The node's name, unique in its graph.
  public let name: String
  /// What it does.
  public let kind: Kind
  /// The values it is calculated from.
  public let inputs: [Port]
  /// Nodes that must run before it.
  public let controlInputs: [Int]
  /// What is known of its results.
  public let outputs: [StaticType]
  /// The source line that made it.
  public let origin: SourceLocation

  /// The operation's name as graphs are drawn and listed: `mul`, `placeholder`, `assign_add`.
  public var operationName: String {
    switch kind {
    case .placeholder: "placeholder"
    case .constant: "constant"
    case .variable: "variable"
    case .random(let source): source.name
    case .read: "read"
    case .operation(let operation): operation.name
    case .assign(let assignment): assignment.rawValue
    case .group: "group"
    }
  }
}

/// How a variable is changed.
public enum Assignment: String, Sendable {
  /// The variable becomes the value.
  case set = "assign"
  /// The value is added.
  case add = "assign_add"
  /// The value is subtracted.
  case subtract = "assign_sub"
}

/// One result of a node.
public struct Port: Hashable, Sendable {
  /// The node's number.
  public let node: Int
  /// Which of its results.
  public let output: Int
}

/// What is known of a value while the graph is built: its dtype, and its shape as far as it is known.
public struct StaticType: Hashable, Sendable {
  /// The type of the elements.
  public let dtype: DType
  /// The shape; open sizes are `Shape.unknown`, nil when even the rank is open.
  public let shape: Shape?

  /// The dtype with this shape.
  public init(_ dtype: DType, _ shape: Shape?) {
    self.dtype = dtype
    self.shape = shape
  }

  /// Whether a value of this concrete type may stand here.
  public func admits(_ type: ArrayType) -> Bool {
    guard type.dtype == dtype else { return false }
    return shape.map { $0.agrees(with: type.shape) } ?? true
  }
}

extension StaticType: CustomStringConvertible {
  public var description: String { "\(dtype)\(shape.map(\.description) ?? "[…]")" }
}
