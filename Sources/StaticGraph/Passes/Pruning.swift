/// Drops what no fetch and no assignment needs: calculations whose results were replaced, values that only lent their shape.
///
/// Random numbers are drawn even so, since later runs go on where the stream then stands.
public struct Pruning: Pass {
  public init() {}
  public var name: String { "pruning" }
  public var summary: String { "drop what no fetch and no assignment needs" }

  public func rewrite(_ program: inout Program) {
    var isNeeded = [Bool](repeating: false, count: program.values.count)
    for fetch in program.fetches { if let fetch { isNeeded[fetch] = true } }
    for commit in program.commits { isNeeded[commit.value] = true }
    var kept: [Program.Step] = []
    for step in program.steps.reversed() {
      var isKept = step.results.contains { isNeeded[$0] }
      if case .random = step.kind { isKept = true }
      if !isKept { continue }
      for input in step.inputs { isNeeded[input] = true }
      kept.append(step)
    }
    program.steps = kept.reversed()
  }
}
