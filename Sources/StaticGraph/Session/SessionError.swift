/// What can be wrong with a run of a graph: found when it runs, because the data decide.
public struct SessionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of mistake.
  public enum Kind: String, Sendable {
    /// A variable that is read has no value in this session.
    case uninitializedVariable
    /// A placeholder that is needed was not fed.
    case missingFeed
    /// A fed value has another dtype or shape than the graph says.
    case misfittingFeed
    /// What was fed is not in the graph.
    case unknownFeed
    /// What was fetched is not in the graph.
    case unknownFetch
    /// An operation refused its operands: shapes or values that do not fit.
    case calculation
    /// A file of saved variables is missing, unreadable, or does not fit the graph.
    case savedVariables
  }

  /// The kind of mistake.
  public let kind: Kind
  /// What was given and what was needed, by node name.
  public let message: String

  /// An error of this kind with this message.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// A variable that was read before anything was assigned to it.
  static func uninitialized(_ name: String) -> SessionError {
    SessionError(
      .uninitializedVariable,
      "variable '\(name)' has no value in this session; run the graph's initializer() first")
  }

  public var description: String { message }
}
