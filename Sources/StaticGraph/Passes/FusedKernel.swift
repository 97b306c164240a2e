import CKernels

/// Elementwise steps over runs of one length, and sums of their results over the whole run, done in one pass: tile by tile, so that what
/// one step hands to the next stays in the first-level cache.
public struct FusedKernel: Sendable {
  /// The steps it stands for, in order.
  public let steps: [Program.Step]
  /// The number of elements in the run.
  public let count: Int
  /// That number in words.
  var elements: String { count == 1 ? "one element" : "\(count) elements" }
}

/// Joins elementwise steps of one length, and the sums at their ends, into kernels.
///
/// Steps are sorted into levels: a step that reads an element of the same place stays on the level, one that needs a finished sum or
/// another kind of operation comes a level later. What is on one level and of one length becomes one kernel. Bits stay: every
/// element is calculated by the same kernels, and sums keep their order.
public struct Fusion: Pass {
  public init() {}
  public var name: String { "fusion" }
  public var summary: String { "join elementwise steps and sums at their ends into one pass over tiles" }

  public func rewrite(_ program: inout Program) {
    var levels = Levels(program)
    for (index, step) in program.steps.enumerated() { levels.place(index, step) }
    program.steps = levels.arranged()
  }
}

/// The levels of a program's steps.
private struct Levels {
  private let program: Program
  /// From which level on a value can be read outside its kernel.
  private var available: [Int]
  /// The length and level of the kernel that calculates a value element by element.
  private var kernelOf: [Int: Group]
  private var members: [Group: [Int]] = [:]
  private var others: [Int: [Int]] = [:]
  private var sums: [Group: Int] = [:]
  private var depth = 0

  private struct Group: Hashable {
    let count: Int
    let level: Int
  }

  init(_ program: Program) {
    self.program = program
    available = [Int](repeating: 0, count: program.values.count)
    kernelOf = [:]
  }

  mutating func place(_ index: Int, _ step: Program.Step) {
    if let count = elementCount(step) {
      let level =
        step.inputs.map { kernelOf[$0]?.count == count ? kernelOf[$0]!.level : available[$0] }.max() ?? 0
      add(index, to: Group(count: count, level: level), isSum: false)
    } else if let group = summedKernel(step), sums[group, default: 0] < CK_TILE_SUMS {
      sums[group, default: 0] += 1
      add(index, to: group, isSum: true)
    } else {
      let level = step.isLeaf ? 0 : step.inputs.map { available[$0] }.max() ?? 0
      others[level, default: []].append(index)
      depth = max(depth, level)
      for result in step.results { available[result] = level }
    }
  }

  private mutating func add(_ index: Int, to group: Group, isSum: Bool) {
    members[group, default: []].append(index)
    depth = max(depth, group.level)
    for result in program.steps[index].results {
      available[result] = group.level + 1
      if !isSum { kernelOf[result] = group }
    }
  }

  /// The length of the run, when the step can be part of a kernel.
  private func elementCount(_ step: Program.Step) -> Int? {
    guard let operation = step.operation, step.results.count == 1, let shape = shape(step.results[0]),
      step.inputs.allSatisfy({ self.shape($0) == shape }), shape.elementCount > 0,
      ElementFunction(operation, step.inputs.map { program.values[$0].type.dtype }) != nil
    else { return nil }
    return shape.elementCount
  }

  /// The kernel at whose end the step sums everything that a member has calculated.
  private func summedKernel(_ step: Program.Step) -> Group? {
    guard let operation = step.operation, step.results.count == 1, let from = shape(step.inputs[0]),
      let to = shape(step.results[0]), let group = kernelOf[step.inputs[0]],
      program.values[step.inputs[0]].type.dtype.isFloatingPoint
    else { return nil }
    switch operation.base {
    case let sum as Sum:
      guard to.elementCount == 1, let axes = try? from.axes(sum.dims, Sum.name), !axes.isEmpty else {
        return nil
      }
    case is SumTo: guard to.elementCount == 1, from != to else { return nil }
    default: return nil
    }
    return group
  }

  private func shape(_ value: Int) -> Shape? {
    program.values[value].type.shape.flatMap { $0.isKnown ? $0 : nil }
  }

  /// The steps level by level, each level's other steps before its kernels.
  func arranged() -> [Program.Step] {
    var steps: [Program.Step] = []
    let readers = program.readers()
    for level in 0...depth {
      steps += (others[level] ?? []).map { program.steps[$0] }
      for group in members.keys.filter({ $0.level == level }).sorted(by: { $0.count > $1.count }) {
        steps.append(kernel(group, members[group]!, readers))
      }
    }
    return steps
  }

  private func kernel(_ group: Group, _ members: [Int], _ readers: [[Int]]) -> Program.Step {
    let inside = Set(members)
    let steps = members.map { program.steps[$0] }
    let results = Set(steps.flatMap(\.results))
    var inputs: [Int] = []
    for input in steps.flatMap(\.inputs) where !results.contains(input) && !inputs.contains(input) {
      inputs.append(input)
    }
    let outputs = steps.flatMap(\.results).filter { result in
      program.isFetched(result) || readers[result].contains { !inside.contains($0) }
    }
    let last = steps[steps.count - 1]
    return Program.Step(
      kind: .fused(FusedKernel(steps: steps, count: group.count)), inputs: inputs, results: outputs,
      node: last.node, name: last.name)
  }
}
