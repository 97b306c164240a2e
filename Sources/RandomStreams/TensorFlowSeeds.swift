/// The pair of seeds that a random operation of a TensorFlow graph gets.
public struct TensorFlowSeeds: Sendable, Hashable {
  /// The graph's seed when none was set but the operation has one.
  public static let defaultGraphSeed: Int64 = 87_654_321
  /// Seeds count modulo this, 2³¹ − 1.
  private static let modulus: Int64 = 2_147_483_647

  /// The kernel's first seed, from the graph's.
  public let first: Int64
  /// The kernel's second seed, from the operation's.
  public let second: Int64

  /// This pair as it stands.
  public init(_ first: Int64, _ second: Int64) {
    self.first = first
    self.second = second
  }

  /// The pair that `tf.compat.v1.get_seed` derives; nil when neither the graph nor the operation has a seed, which means
  /// that the kernel takes seeds of the system's.
  ///
  /// - Parameters:
  ///   - graph: the seed of `set_random_seed`, nil when it was not called.
  ///   - operation: the operation's own seed, nil when it has none.
  ///   - unseededBefore: how many operations without a seed of their own this graph had before; the number stands for a
  ///     missing seed. Older versions of TensorFlow
  ///     took the number of all nodes.
  public init?(graph: Int64?, operation: Int64?, unseededBefore: Int64 = 0) {
    if graph == nil && operation == nil { return nil }
    let first = Self.truncated(graph ?? Self.defaultGraphSeed)
    let second = Self.truncated(operation ?? unseededBefore)
    // A kernel takes (0, 0) to mean "no seeds".
    self.init(first, first == 0 && second == 0 ? Self.modulus : second)
  }

  /// A pair drawn from the system's generator, for an operation without seeds.
  public static func random() -> TensorFlowSeeds {
    TensorFlowSeeds(.random(in: .min ... .max), .random(in: .min ... .max))
  }

  /// The remainder that has the sign of the modulus, as in Python.
  private static func truncated(_ seed: Int64) -> Int64 {
    let remainder = seed % modulus
    return remainder < 0 ? remainder + modulus : remainder
  }
}
