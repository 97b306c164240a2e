/// Where the values of a program lie in one block of memory: values that are not needed at the same time share a place.
public struct BufferPlan: Sendable {
  /// The name by which the pass is listed and switched off.
  public static let passName = "buffer planning"
  /// What it does, in one line.
  public static let summary = "give values that are not needed at the same time one place in memory"

  /// One value's place.
  public struct Buffer: Sendable {
    /// The value.
    public let value: Int
    /// Its first byte in the block.
    public let offset: Int
    /// Its size in bytes.
    public let byteCount: Int
    /// The steps at which it is set and read last.
    public let lifetime: ClosedRange<Int>
  }

  /// The places, in the order in which the values are set.
  public let buffers: [Buffer]
  /// The size of the block: the most memory that is in use at any time.
  public let peakBytes: Int
  /// What it would be with a place of its own for every value.
  public let unplannedBytes: Int

  /// Places begin at multiples of this.
  private static let alignment = 64

  /// Plans the values that `program` calculates. `aliases` maps a value that is a view to the value whose memory it shows.
  init(_ program: Program, aliases: [Int: Int]) {
    let needs = BufferPlan.lifetimes(program, aliases)
    // Large ones first: they are the hardest to place.
    var placed: [Buffer] = []
    for need in needs.sorted(by: { ($0.byteCount, $1.value) > ($1.byteCount, $0.value) }) {
      let rivals = placed.filter { $0.lifetime.overlaps(need.lifetime) }.sorted { $0.offset < $1.offset }
      var offset = 0
      for rival in rivals {
        if offset + BufferPlan.rounded(need.byteCount) <= rival.offset { break }
        offset = max(offset, rival.offset + BufferPlan.rounded(rival.byteCount))
      }
      placed.append(
        Buffer(value: need.value, offset: offset, byteCount: need.byteCount, lifetime: need.lifetime))
    }
    buffers = placed.sorted { ($0.lifetime.lowerBound, $0.value) < ($1.lifetime.lowerBound, $1.value) }
    peakBytes = placed.map { $0.offset + BufferPlan.rounded($0.byteCount) }.max() ?? 0
    unplannedBytes = needs.reduce(0) { $0 + BufferPlan.rounded($1.byteCount) }
  }

  private static func rounded(_ bytes: Int) -> Int { (max(bytes, 1) + alignment - 1) & ~(alignment - 1) }

  private static func lifetimes(_ program: Program, _ aliases: [Int: Int]) -> [Buffer] {
    func owner(_ value: Int) -> Int {
      var value = value
      while let next = aliases[value] { value = next }
      return value
    }
    var first: [Int: Int] = [:]
    var last: [Int: Int] = [:]
    for (index, step) in program.steps.enumerated() {
      for input in step.inputs { last[owner(input)] = index }
      let setsMemory = if case .random = step.kind { true } else { !step.isLeaf }
      for result in step.results where setsMemory && aliases[result] == nil { first[result] = index }
    }
    let end = program.steps.count
    for value in program.fetches.compactMap({ $0 }) + program.commits.map(\.value) {
      last[owner(value)] = end
    }
    return first.sorted { $0.key < $1.key }.map { value, start in
      let type = program.values[value].type
      return Buffer(
        value: value, offset: 0, byteCount: type.shape!.elementCount * type.dtype.byteSize,
        lifetime: start...max(start, last[value] ?? start))
    }
  }
}
