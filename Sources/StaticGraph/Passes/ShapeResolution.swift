/// Puts known shapes in place of references to other values' shapes: the graph was built for any number of rows, the
/// program is made for the rows that were fed. What was to be broadcast to the shape it has stays as it is.
public struct ShapeResolution: Pass {
  public init() {}
  public var name: String { "shape resolution" }
  public var summary: String { "replace 'the shape of that value' by the shape itself" }

  public func rewrite(_ program: inout Program) {
    var substitutions: [Int: Int] = [:]
    for index in program.steps.indices {
      let step = program.steps[index]
      guard let operation = step.operation, step.results.count == 1,
        let shape = program.values[step.results[0]].type.shape, shape.isKnown
      else { continue }
      if let like = operation.base as? any ShapeReferring,
        let reference = program.values[step.inputs[1]].type.shape, reference.isKnown
      {
        program.steps[index].kind = .operation(like.resolved(reference))
        program.steps[index].inputs = [step.inputs[0]]
      } else if operation.base is BroadcastAgainst, program.values[step.inputs[0]].type.shape == shape {
        substitutions[step.results[0]] = step.inputs[0]
      } else if operation.base is BroadcastAgainst {
        program.steps[index].kind = .operation(StaticUnary(operation: BroadcastTo(shape)))
        program.steps[index].inputs = [step.inputs[0]]
      }
    }
    program.steps.removeAll { $0.results.count == 1 && substitutions[$0.results[0]] != nil }
    program.replace(substitutions)
  }
}

/// An operation that takes its shape from a second operand.
private protocol ShapeReferring {
  /// The same operation with the shape as a parameter.
  func resolved(_ shape: Shape) -> any StaticOperation
}

extension Like: ShapeReferring {
  fileprivate func resolved(_ shape: Shape) -> any StaticOperation {
    var operation = base
    operation.shape = shape
    return StaticUnary(operation: operation)
  }
}
