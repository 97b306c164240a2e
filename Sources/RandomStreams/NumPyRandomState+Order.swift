// Order and selection.
extension NumPyRandomState {
  /// Shuffles in place: Fisher and Yates from the end. Rows of a table are shuffled by shuffling their indices.
  @inlinable
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    elements.withUnsafeMutableBufferPointer { elements in
      for last in stride(from: elements.count - 1, to: 0, by: -1) {
        elements.swapAt(last, Int(interval(UInt64(last))))
      }
    }
  }

  /// 0, 1, …, count − 1 in random order: `permutation(count)`. Stops when `count` is negative.
  public mutating func permutation(count: Int) -> [Int] {
    if count < 0 { stop("permutation: got \(count); a count is zero or more") }
    var indices = Array(0..<count)
    shuffle(&indices)
    return indices
  }

  /// The elements in random order: `permutation(elements)`.
  @inlinable
  public mutating func permutation<Element>(_ elements: [Element]) -> [Element] {
    var result = elements
    shuffle(&result)
    return result
  }

  /// `count` indices below `population`: `choice(population, count, replace)`.
  ///
  /// Throws `RandomStreamError` when the population is empty, or smaller than `count` without replacement.
  public mutating func choice(from population: Int, count: Int, replace: Bool = true) throws -> [Int] {
    if population <= 0 && count > 0 {
      throw RandomStreamError(
        "choice: cannot draw \(count) of a population of \(population); it must not be empty")
    }
    if replace {
      return count == 0 ? [] : randint(in: 0..<population, count: count)
    }
    if count > population {
      throw RandomStreamError(
        "choice: cannot draw \(count) of \(population) without replacement; draw fewer, or with replacement")
    }
    return Array(permutation(count: population).prefix(count))
  }

  /// `count` indices, index i with probability pᵢ: `choice(p.count, count, replace, p)`.
  ///
  /// Throws `RandomStreamError` when a probability is negative or not a number, when they do not sum to 1 within 1.5·10⁻⁸,
  /// or when fewer than `count` are positive without replacement.
  public mutating func choice(probabilities p: [Double], count: Int, replace: Bool = true) throws -> [Int] {
    try Self.validate(probabilities: p)
    if replace {
      let cumulative = Self.cumulative(p)
      return randomSample(count: count).map { Self.firstIndex(in: cumulative, above: $0) }
    }
    let positive = p.count { $0 > 0 }
    if positive < count {
      throw RandomStreamError(
        "choice: only \(positive) of \(p.count) probabilities are positive, but \(count) different indices were asked for"
      )
    }
    var p = p
    var found: [Int] = []
    while found.count < count {
      let samples = randomSample(count: count - found.count)
      for index in found { p[index] = 0 }
      let cumulative = Self.cumulative(p)
      var seen = Set<Int>()
      found += samples.map { Self.firstIndex(in: cumulative, above: $0) }.filter { seen.insert($0).inserted }
    }
    return found
  }

  /// The running sums, divided by the last.
  private static func cumulative(_ p: [Double]) -> [Double] {
    var sum = 0.0
    let sums = p.map { value in
      sum += value
      return sum
    }
    return sums.map { $0 / sum }
  }

  /// The first index whose entry is above the value, by bisection.
  private static func firstIndex(in cumulative: [Double], above value: Double) -> Int {
    var (low, high) = (0, cumulative.count)
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] > value { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private static func validate(probabilities p: [Double]) throws {
    if p.isEmpty { throw RandomStreamError("choice: got no probabilities; give one per index") }
    if let index = p.firstIndex(where: { !($0 >= 0) }) {
      throw RandomStreamError("choice: probability \(index) is \(p[index]); probabilities are zero or more")
    }
    let sum = p.reduce(0, +)
    if !(abs(sum - 1) <= 0x1p-26) {
      throw RandomStreamError("choice: the probabilities sum to \(sum); they must sum to 1")
    }
  }
}
