extension StaticOperation {
  /// What can be known of the results while the graph is built.
  ///
  /// With every input's rank known this is the operation's own rule. Where a rank is open the rule is asked for every rank that input
  /// may have; what all the answers agree on is known. Throws when the rule refuses every one.
  func inferred(_ inputs: [StaticType]) throws(ArrayError) -> [StaticType] {
    if inputs.allSatisfy({ $0.shape != nil }) {
      let types = try types(inputs.map { ArrayType($0.dtype, $0.shape!) })
      let seen = types.map { StaticType($0.dtype, $0.shape) }
      if inputs.allSatisfy({ $0.shape!.isKnown }) { return seen }
      guard let ranks = rankForOnes(inputs) else { return seen }
      return zip(seen, ranks).map { $0.shape?.rank == $1 ? $0 : StaticType($0.dtype, nil) }
    }
    var common: [StaticType]?
    var refusal: ArrayError?
    for ranks in Self.trialRanks(inputs) {
      let trial = zip(inputs, ranks).map { input, rank in
        ArrayType(input.dtype, input.shape ?? Shape(repeating: Shape.unknown, rank: rank))
      }
      do {
        let types = try types(trial)
        let seen = types.map { StaticType($0.dtype, $0.shape) }
        common = common.map { zip($0, seen).map(Self.agreement) } ?? seen
      } catch {
        if refusal == nil { refusal = error }
      }
    }
    guard let common else { throw refusal! }
    return common
  }

  /// The results' ranks should every open size turn out to be 1, which is where a rank can depend on sizes (`squeeze`).
  private func rankForOnes(_ inputs: [StaticType]) -> [Int]? {
    try? types(inputs.map { ArrayType($0.dtype, Shape($0.shape!.map { $0 == Shape.unknown ? 1 : $0 })) })
      .map(\.shape.rank)
  }

  /// The ranks to try: all pairs for at most two open inputs, one rank for all of them otherwise.
  private static func trialRanks(_ inputs: [StaticType]) -> [[Int]] {
    let open = inputs.indices.filter { inputs[$0].shape == nil }
    let ranks = Array(0...Shape.maximumRank)
    func filled(_ choice: [Int]) -> [Int] {
      var result = inputs.map { $0.shape?.rank ?? 0 }
      for (position, index) in open.enumerated() { result[index] = choice[position] }
      return result
    }
    if open.count == 2 { return ranks.flatMap { a in ranks.map { filled([a, $0]) } } }
    return ranks.map { filled([Int](repeating: $0, count: open.count)) }
  }

  /// What two answers have in common.
  private static func agreement(_ a: StaticType, _ b: StaticType) -> StaticType {
    guard let first = a.shape, let second = b.shape, first.rank == second.rank else {
      return StaticType(a.dtype, nil)
    }
    return StaticType(a.dtype, Shape(zip(first, second).map { $0 == $1 ? $0 : Shape.unknown }))
  }
}
