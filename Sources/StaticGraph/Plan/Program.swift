/// What one run has to do: the part of a graph that a set of fetches needs, for feeds of known types, in an order in which it can run.
///
/// Every value is set by one step. Variables appear as the value they have when the run starts and, at the end, as a list of
/// values to be committed; so no step changes anything, and passes may reorder, share and drop steps freely.
public struct Program: Sendable {
  /// What is known of a value.
  public struct Value: Sendable {
    /// Its dtype and shape; open only where it depends on values (a list of non-zero places).
    public var type: StaticType
    /// The name of the graph's value it is or comes from.
    public var name: String
  }

  /// One thing to do.
  public struct Step: Sendable {
    /// What sets the results.
    public enum Kind: Sendable {
      /// The feed with this number.
      case feed(Int)
      /// This value.
      case constant(NDArray)
      /// The variable with this node number, as of the run's start.
      case state(Int)
      /// The next random numbers of this node's stream.
      case random(RandomSource)
      /// Several steps as one pass over their elements.
      case fused(FusedKernel)
      /// An operation on the inputs.
      case operation(any StaticOperation)
    }
    /// What sets the results.
    public var kind: Kind
    /// The values read.
    public var inputs: [Int]
    /// The values set.
    public var results: [Int]
    /// The graph's node it comes from.
    public var node: Int
    /// That node's name.
    public var name: String

    /// Whether it calculates nothing.
    public var isLeaf: Bool {
      switch kind {
      case .operation, .fused: false
      case .feed, .constant, .state, .random: true
      }
    }
    /// Its operation, if it has one.
    public var operation: (any StaticOperation)? {
      if case .operation(let operation) = kind { operation } else { nil }
    }
  }

  /// A variable's next value.
  public struct Commit: Sendable {
    /// The variable's node number.
    public var variable: Int
    /// The variable's name.
    public var name: String
    /// The value.
    public var value: Int
  }

  /// All values by number; a number no step sets any more is unused.
  public var values: [Value] = []
  /// In an order in which they can run.
  public var steps: [Step] = []
  /// The values asked for, nil for a node without a value.
  public var fetches: [Int?] = []
  /// What variables become at the end.
  public var commits: [Commit] = []

  /// A new value.
  mutating func newValue(_ type: StaticType, _ name: String) -> Int {
    values.append(Value(type: type, name: name))
    return values.count - 1
  }

  /// Whether every value's shape is known, so that memory can be planned.
  public var isStatic: Bool {
    steps.allSatisfy { $0.results.allSatisfy { values[$0].type.shape?.isKnown ?? false } }
  }

  /// Makes every reader of `old` read `new` instead.
  mutating func replace(_ substitutions: [Int: Int]) {
    if substitutions.isEmpty { return }
    func final(_ id: Int) -> Int {
      var id = id
      while let next = substitutions[id] { id = next }
      return id
    }
    for index in steps.indices { steps[index].inputs = steps[index].inputs.map(final) }
    fetches = fetches.map { $0.map(final) }
    commits = commits.map { Commit(variable: $0.variable, name: $0.name, value: final($0.value)) }
  }
}
