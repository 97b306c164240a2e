extension Report {
  /// The traces by sets of the same bits (up to where they diverge, if they do): each inner list holds places
  /// in `traces`, in order.
  public var groups: [[Int]] {
    var groups = [[Int]]()
    for index in traces.indices {
      if let group = groups.firstIndex(where: { pair($0[0], index).comparison.isSameBits }) {
        groups[group].append(index)
      } else {
        groups.append([index])
      }
    }
    return groups
  }

  /// The report on the traces at two different places, in their order in `traces`.
  public func pair(_ first: Int, _ second: Int) -> PairReport {
    let (i, j) = (min(first, second), max(first, second))
    // Before the pairs that begin with i stand those that begin with 0 … i − 1.
    let n = traces.count
    return pairs[i * n - i * (i + 1) / 2 + (j - i - 1)]
  }

  /// The letter of the group to which a trace belongs: `A`, `B`, …
  public func letter(of index: Int) -> String {
    Report.letters(groups.firstIndex { $0.contains(index) } ?? 0)
  }

  /// `A` … `Z`, `AA`, …
  public static func letters(_ group: Int) -> String {
    let letter = String(UnicodeScalar(UInt8(ascii: "A") + UInt8(group % 26)))
    return group < 26 ? letter : letters(group / 26 - 1) + letter
  }

  /// How far a run ended from the exact minimum: the distance of (w, b); nil if there is no single minimum.
  public func distance(of index: Int) -> Double? {
    guard let minimum = minimum.solution, let last = traces[index].steps.last else { return nil }
    let (w, b) = (last.w - minimum.w, last.b - minimum.b)
    return (w * w + b * b).squareRoot()
  }
}
