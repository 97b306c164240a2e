/// Builds a rewritten program step by step, front to back, and answers what is known of the values so far.
struct ProgramRewriter {
  private var program: Program
  private var steps: [Program.Step] = []
  private var producers: [Int: Int] = [:]
  private var substitutions: [Int: Int] = [:]

  init(_ program: Program) { self.program = program }

  /// What is known of a value.
  func type(_ value: Int) -> StaticType { program.values[value].type }

  /// The step with its inputs as they are now called.
  func resolved(_ step: Program.Step) -> Program.Step {
    var step = step
    step.inputs = step.inputs.map { substitutions[$0] ?? $0 }
    return step
  }

  /// Takes the step over.
  mutating func keep(_ step: Program.Step) {
    for result in step.results { producers[result] = steps.count }
    steps.append(step)
  }

  /// Leaves the step out; its result is `value` from now on.
  mutating func replace(_ step: Program.Step, by value: Int) { substitutions[step.results[0]] = value }

  /// A new value of the same type.
  mutating func newValue(like value: Int, _ name: String) -> Int {
    program.newValue(program.values[value].type, name)
  }

  /// The step that sets a value.
  func producer(_ value: Int) -> Program.Step? { producers[value].map { steps[$0] } }

  /// The number that a constant repeats everywhere.
  func uniform(_ value: Int) -> Scalar? {
    if case .constant(let array)? = producer(value)?.kind { return array.uniformScalar }
    return nil
  }

  /// The axes of a permutation and the value it permutes.
  func permutation(_ value: Int) -> (dims: [Int], source: Int)? {
    guard let step = producer(value), let permute = step.operation?.base as? Permute else { return nil }
    let rank = permute.dims.count
    return (permute.dims.map { $0 < 0 ? $0 + rank : $0 }, step.inputs[0])
  }

  /// Whether the value is sure to lie in memory row by row.
  func liesRowByRow(_ value: Int) -> Bool {
    guard let step = producer(value) else { return false }
    switch step.kind {
    case .constant(let array): return array.isContiguous
    case .feed, .state, .random, .fused: return true
    case .operation(let operation):
      if !operation.isView { return true }
      return operation.base is Reshape && liesRowByRow(step.inputs[0])
    }
  }

  /// The rewritten program.
  func finished() -> Program {
    var result = program
    result.steps = steps
    result.replace(substitutions)
    return result
  }
}

extension Program {
  /// For each value the steps that read it.
  func readers() -> [[Int]] {
    var readers = [[Int]](repeating: [], count: values.count)
    for (index, step) in steps.enumerated() {
      for input in step.inputs { readers[input].append(index) }
    }
    return readers
  }

  /// Whether a value is asked for or committed.
  func isFetched(_ value: Int) -> Bool {
    fetches.contains(value) || commits.contains { $0.value == value }
  }
}
