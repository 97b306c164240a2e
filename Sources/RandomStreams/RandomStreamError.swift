/// What was wrong with the data given to a random draw.
public struct RandomStreamError: Error, CustomStringConvertible, Equatable {
  /// The operation, what was given and what was needed.
  public let description: String

  /// An error with this text.
  public init(_ description: String) {
    self.description = description
  }
}
