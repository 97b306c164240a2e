/// Rewritings that are right for real numbers and change roundings: only on request.
///
/// (x·a)·b → x·(a·b), x / a → x·(1/a), x + 0 → x, x·0 → 0, x − x → 0, Σ (x·a) → (Σ x)·a. NaN, infinities and signed zeros may come out differently.
public struct Reassociation: Pass {
  public init() {}
  public var name: String { "reassociation" }
  public var summary: String { "regroup and cancel as for real numbers; changes roundings" }
  public var keepsBits: Bool { false }

  public func rewrite(_ program: inout Program) {
    var rewriter = ProgramRewriter(program)
    for step in program.steps {
      var step = rewriter.resolved(step)
      if let same = cancelled(step, rewriter) {
        rewriter.replace(step, by: same)
        continue
      }
      if let factored = factored(step, rewriter), !program.isFetched(step.inputs[0]) {
        var sum = step
        sum.inputs = [factored.source]
        sum.results = [rewriter.newValue(like: step.results[0], step.name + "/sum")]
        rewriter.keep(sum)
        step.kind = .operation(StaticUnary(operation: WithScalar(Mul(), .float(factored.factor), on: .right)))
        step.inputs = sum.results
      } else if let regrouped = regrouped(step, rewriter) {
        step.kind = .operation(regrouped.operation)
        step.inputs = regrouped.inputs
      }
      rewriter.keep(step)
    }
    program = rewriter.finished()
  }

  /// x + 0 is x.
  private func cancelled(_ step: Program.Step, _ rewriter: ProgramRewriter) -> Int? {
    guard let number = step.operation?.base as? any NumberOperand, number.scalar.doubleValue == 0,
      number.binary is Add, rewriter.liesRowByRow(step.inputs[0]),
      rewriter.type(step.inputs[0]) == rewriter.type(step.results[0])
    else { return nil }
    return step.inputs[0]
  }

  private func regrouped(
    _ step: Program.Step, _ rewriter: ProgramRewriter
  ) -> (operation: any StaticOperation, inputs: [Int])? {
    guard let operation = step.operation, step.results.count == 1 else { return nil }
    let type = rewriter.type(step.results[0])
    guard type.dtype.isFloatingPoint, let shape = type.shape, shape.isKnown else { return nil }
    if operation.base is Sub, step.inputs[0] == step.inputs[1] { return (scale(0), [step.inputs[0]]) }
    guard let outer = factor(operation) else { return nil }
    if let inner = rewriter.producer(step.inputs[0]), let operation = inner.operation,
      let factor = factor(operation), rewriter.type(inner.inputs[0]) == type
    {
      return (scale(outer * factor), [inner.inputs[0]])
    }
    return operation.base is WithScalar<Div> ? (scale(outer), step.inputs) : nil
  }

  /// Σ of a multiple.
  private func factored(
    _ step: Program.Step, _ rewriter: ProgramRewriter
  ) -> (source: Int, factor: Double)? {
    guard let operation = step.operation, operation.base is Sum || operation.base is SumTo,
      let inner = rewriter.producer(step.inputs[0]), let scaling = inner.operation,
      let factor = factor(scaling),
      rewriter.type(inner.inputs[0]) == rewriter.type(step.inputs[0])
    else { return nil }
    return (inner.inputs[0], factor)
  }

  private func scale(_ factor: Double) -> any StaticOperation {
    StaticUnary(operation: WithScalar(Mul(), .float(factor), on: .right))
  }

  /// The number that an operation multiplies by.
  private func factor(_ operation: any StaticOperation) -> Double? {
    switch operation.base {
    case let scaled as WithScalar<Mul>: scaled.scalar.doubleValue
    case let divided as WithScalar<Div> where divided.side == .right && divided.scalar.doubleValue != 0:
      1 / divided.scalar.doubleValue
    case is Neg: -1
    default: nil
    }
  }
}
