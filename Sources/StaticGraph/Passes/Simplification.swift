import CKernels

/// Replaces calculations by simpler ones with the same bits.
///
/// Copies whose contents are at hand, x·1, x / 1, x − 0, −(−x), views that change nothing are dropped; x·x becomes x²; a mean becomes a sum and a
/// division; division by a power of two becomes the exact multiplication; an operand that is one number everywhere becomes a number. Not
/// among them: x + 0 (−0 would stay −0), x·0 (NaN), (x·a)·b (rounds twice).
///
/// Sums depend on how their operand lies in memory, so a calculation is only replaced by a value that lies as its result would: row by row.
public struct Simplification: Pass {
  public init() {}
  public var name: String { "simplification" }
  public var summary: String { "replace calculations by simpler ones with the same bits" }

  public func rewrite(_ program: inout Program) {
    var rewriter = ProgramRewriter(program)
    for step in program.steps { simplify(step, &rewriter) }
    program = rewriter.finished()
  }

  private func simplify(_ step: Program.Step, _ rewriter: inout ProgramRewriter) {
    var step = rewriter.resolved(step)
    guard let operation = step.operation, step.results.count == 1 else { return rewriter.keep(step) }
    if let same = sameValue(step, operation, rewriter) { return rewriter.replace(step, by: same) }
    if let mean = operation.base as? Mean { return decompose(mean, step, &rewriter) }
    if let simpler = simpler(step, operation, rewriter) {
      step.kind = .operation(simpler.operation)
      step.inputs = simpler.inputs
      // A product with an array of ones is one with 1, which is nothing.
      return simplify(step, &rewriter)
    }
    rewriter.keep(step)
  }

  // MARK: Nothing to calculate

  /// The value that the step's result is anyhow.
  private func sameValue(
    _ step: Program.Step, _ operation: any StaticOperation, _ rewriter: ProgramRewriter
  ) -> Int? {
    let x = step.inputs[0]
    let (from, to) = (rewriter.type(x), rewriter.type(step.results[0]))
    switch operation.base {
    case is IdentityOperation, is StopGradient, is Alias: return x
    case is BroadcastTo, is Spread, is SumTo, is Reshape, is View, is EnsureShape:
      return from.shape?.isKnown == true && from.shape == to.shape ? x : nil
    case let permute as Permute:
      guard let (inner, source) = rewriter.permutation(x), let rank = to.shape?.rank else { return nil }
      let outer = permute.dims.map { $0 < 0 ? $0 + rank : $0 }
      return outer.map { inner[$0] } == Array(0..<rank) ? source : nil
    case is Clone: return rewriter.liesRowByRow(x) ? x : nil
    case is Cast: return from.dtype == to.dtype && rewriter.liesRowByRow(x) ? x : nil
    case let scaled as any NumberOperand where scaled.isNeutral && from.dtype == to.dtype:
      return rewriter.liesRowByRow(x) ? x : nil
    case is Neg:
      guard let inner = rewriter.producer(x), inner.operation?.base is Neg else { return nil }
      return rewriter.liesRowByRow(inner.inputs[0]) ? inner.inputs[0] : nil
    default: return nil
    }
  }

  // MARK: Something simpler

  private func simpler(
    _ step: Program.Step, _ operation: any StaticOperation, _ rewriter: ProgramRewriter
  ) -> (operation: any StaticOperation, inputs: [Int])? {
    if operation.base is Mul, step.inputs[0] == step.inputs[1],
      rewriter.type(step.inputs[0]).dtype.isFloatingPoint
    {
      return (StaticUnary(operation: Square()), [step.inputs[0]])
    }
    if let binary = operation.base as? any ElementwiseBinary {
      for (number, side) in [(0, Side.left), (1, Side.right)] {
        let (own, other) = (step.inputs[number], step.inputs[1 - number])
        if let scalar = rewriter.uniform(own), rewriter.uniform(other) == nil,
          scalar.category == rewriter.type(own).dtype.category
        {
          let isFloat32 = [own, other].allSatisfy { rewriter.type($0).dtype == .float32 }
          return (binary.with(isFloat32 ? scalar.shortestInFloat32 : scalar, on: side), [other])
        }
      }
    }
    if let division = operation.base as? WithScalar<Div>, let factor = division.exactFactor {
      return (StaticUnary(operation: WithScalar(Mul(), .float(factor), on: .right)), step.inputs)
    }
    return nil
  }

  /// A mean as what it calculates: the sum, then the division by the number of elements.
  private func decompose(_ mean: Mean, _ step: Program.Step, _ rewriter: inout ProgramRewriter) {
    guard let from = rewriter.type(step.inputs[0]).shape, let to = rewriter.type(step.results[0]).shape,
      from.isKnown, to.isKnown
    else { return rewriter.keep(step) }
    let count = Double(from.elementCount) / Double(max(to.elementCount, 1))
    var sum = step
    sum.kind = .operation(StaticUnary(operation: Sum(mean.dims, keepDim: mean.keepDim)))
    sum.results = [rewriter.newValue(like: step.results[0], step.name + "/sum")]
    rewriter.keep(sum)
    var division = step
    let divide = WithScalar(Div(), .float(count), on: .right)
    division.kind = .operation(StaticUnary(operation: divide))
    if let factor = divide.exactFactor {
      division.kind = .operation(StaticUnary(operation: WithScalar(Mul(), .float(factor), on: .right)))
    }
    division.inputs = sum.results
    rewriter.keep(division)
  }
}

extension WithScalar where Base == Div {
  /// 1 / the divisor, where multiplying by it is the same as dividing: the divisor is a power of two that a float32 can also invert.
  var exactFactor: Double? {
    guard side == .right, case .float(let divisor) = scalar, divisor.isNormal, divisor.significand == 1,
      (-120...120).contains(divisor.exponent), divisor != 1
    else { return nil }
    return 1 / divisor
  }
}

extension ElementwiseBinary {
  /// The operation with a number as one operand.
  func with(_ scalar: Scalar, on side: Side) -> any StaticOperation {
    StaticUnary(operation: WithScalar(self, scalar, on: side))
  }
}

/// `WithScalar` of whatever operation.
protocol NumberOperand {
  /// The operation of two operands.
  var binary: any ElementwiseBinary { get }
  /// The number.
  var scalar: Scalar { get }
  /// The side it stands on.
  var side: Side { get }
}

extension WithScalar: NumberOperand {
  var binary: any ElementwiseBinary { base }
}

extension NumberOperand {
  /// Whether the result is the other operand, bit for bit.
  var isNeutral: Bool {
    switch binary {
    case is Mul: scalar.doubleValue == 1
    case is Div: scalar.doubleValue == 1 && side == .right
    case is Sub: side == .right && scalar.doubleValue == 0 && scalar.doubleValue.sign == .plus
    case is Add: scalar.doubleValue == 0 && scalar.doubleValue.sign == .minus
    default: false
    }
  }
}
