import Operations

/// The recorded graph behind a tensor, as a value: variables, the operations that made them, and what led to what.
///
/// It is read off the recording itself (`gradFn`, `nextFunctions`), nothing is run for it, and it keeps no tensor alive: a value is a
/// short text of the elements when the graph was taken, and is missing where the recording did not keep it. Graphs of 10⁶ operations are
/// fine; time and memory are proportional to the size.
///
///     let z = w * x + b
///     print(ComputationGraph(of: z, naming: ["x": x, "w": w, "b": b, "z": z]).text)
///
/// PyTorch has the same to offer by walking `grad_fn.next_functions`; drawings made of it are usually torchviz's.
public struct ComputationGraph: Sendable {
  /// The variables; those that nothing in the graph made come before those made from them.
  public internal(set) var variables: [Variable] = []
  /// The operations, each after those whose results it reads.
  public internal(set) var operations: [Operation] = []
  /// The variables whose history this is, by position.
  public internal(set) var roots: [Int] = []
  /// How many operations of the latest watched pass have run; nil when none was watched.
  public internal(set) var watchedSteps: Int?

  /// An empty graph.
  init() {}

  /// The graph behind `root`. Tensors that are given a name are found in it, and show their value and gradient; the first of several names
  /// counts.
  public init(of root: Tensor, naming names: KeyValuePairs<String, Tensor> = [:]) {
    self.init(of: [root], naming: names)
  }

  /// The graph behind several tensors.
  public init(of roots: [Tensor], naming names: KeyValuePairs<String, Tensor> = [:]) {
    var reader = GraphReader(names)
    reader.read(roots)
    self = reader.graph
  }
}

// MARK: Variables

extension ComputationGraph {
  /// A tensor as the recording knows it.
  public struct Variable: Sendable {
    /// What a variable is in the graph.
    public enum Role: String, Sendable {
      /// Requires a gradient, and no operation made it.
      case leaf
      /// Requires no gradient: for the recording a constant.
      case constant
      /// The result of a recorded operation.
      case inner
      /// What the graph was asked of.
      case root
    }
    /// What it is.
    public internal(set) var role: Role
    /// The name given by the user.
    public internal(set) var name: String?
    /// The name, or else a short one: `v3` for the third result without a name, `c1` for a constant, `p1` for a leaf.
    public internal(set) var label: String
    /// The type of the elements.
    public let dtype: DType
    /// The size of each dimension.
    public let shape: Shape
    /// The elements in short; nil when the recording did not keep them.
    public internal(set) var value: String?
    /// Whether a gradient is calculated for it.
    public let requiresGrad: Bool
    /// Its gradient; nil when none was calculated or kept, which is not zero.
    public internal(set) var gradient: Gradient?
    /// The operation that made it, by position; nil for leaves and constants.
    public let operation: Int?
    /// Which result of that operation it is.
    public let output: Int

    /// Whether no recorded operation made it.
    public var isLeaf: Bool { operation == nil }
  }

  /// A gradient in short.
  public struct Gradient: Sendable, Equatable {
    /// The elements.
    public var value: String
    /// When it was complete in the watched pass, counted from 1; nil when it was read from `grad`.
    public var step: Int?
  }

  /// A recorded operation.
  public struct Operation: Sendable {
    /// PyTorch's name of the operation: `mul`.
    public let name: String
    /// PyTorch's name of its derivative: `MulBackward0`.
    public let gradFn: String
    /// Its parameters that are no tensors.
    public let attributes: [(name: String, value: String)]
    /// The order in which operations were recorded on their thread.
    public let sequenceNumber: UInt64
    /// The variables it read, by position, in the order of its arguments.
    public internal(set) var inputs: [Int]
    /// Those of its results that occur in the graph, by position.
    public internal(set) var outputs: [Int]
    /// Whether a backward pass has freed what its derivative reads.
    public let isFreed: Bool
    /// When it ran in the watched pass, counted from 2 (1 is the start at the root); nil when it did not.
    public internal(set) var step: Int?
  }

  /// The variable with that name or label.
  public func variable(named name: String) -> Variable? {
    variables.first { $0.name == name } ?? variables.first { $0.label == name }
  }
}
