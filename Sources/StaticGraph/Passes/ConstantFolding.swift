/// Calculates now what depends on constants only.
///
/// A value that is the same everywhere stays one number, repeated without memory, where all its readers are elementwise. A
/// calculation that fails is left to fail when it runs.
public struct ConstantFolding: Pass {
  /// Results of more elements than this are not kept.
  static let largest = 1 << 16

  public init() {}
  public var name: String { "constant folding" }
  public var summary: String { "calculate what depends on constants only" }

  public func rewrite(_ program: inout Program) {
    var constants: [Int: NDArray] = [:]
    let readers = program.readers()
    for index in program.steps.indices {
      let step = program.steps[index]
      if case .constant(let array) = step.kind { constants[step.results[0]] = array }
      guard let operation = step.operation, step.results.count == 1 else { continue }
      let inputs = step.inputs.compactMap { constants[$0] }
      guard inputs.count == step.inputs.count else { continue }
      let isReadByElements = readers[step.results[0]].allSatisfy {
        program.steps[$0].operation?.isElementwise ?? false
      }
      let isReadFromOutside = program.isFetched(step.results[0])
      guard
        let array = folded(
          operation, inputs, keepsUniform: isReadByElements && !isReadFromOutside,
          type: program.values[step.results[0]].type)
      else { continue }
      constants[step.results[0]] = array
      program.steps[index].kind = .constant(array)
      program.steps[index].inputs = []
    }
  }

  private func folded(
    _ operation: any StaticOperation, _ inputs: [NDArray], keepsUniform: Bool, type: StaticType
  ) -> NDArray? {
    if operation.isView { return try? operation.run(inputs).first }
    guard let shape = type.shape, shape.isKnown else { return nil }
    if operation.isElementwise && keepsUniform, inputs.allSatisfy({ $0.isUniform }), shape.elementCount > 1 {
      let ones = Shape(repeating: 1, rank: shape.rank)
      let cells = inputs.map { $0.strided(ones, ones.contiguousStrides, offset: $0.offset) }
      return try? operation.run(cells).first?.expanded(to: shape)
    }
    return shape.elementCount <= Self.largest ? try? operation.run(inputs).first : nil
  }
}

extension NDArray {
  /// Whether it is one element, repeated without memory.
  var isUniform: Bool {
    count > 0 && (0..<rank).allSatisfy { shape[$0] == 1 || strides[$0] == 0 }
  }

  /// The number that a uniform array repeats; nil for other arrays, and for NaN, whose bits a number does not keep.
  var uniformScalar: Scalar? {
    guard isUniform else { return nil }
    let scalar = NDArray.load(dtype, pointer)
    return scalar.doubleValue.isNaN ? nil : scalar
  }
}

extension Scalar {
  /// Of the numbers that are the same in float32, the one with the fewest digits: 0.1, not 0.10000000149011612. Powers of two stay,
  /// since passes look for them.
  var shortestInFloat32: Scalar {
    guard case .float(let value) = self, value.significand != 1, let short = Double("\(Float(value))"),
      Float(short) == Float(value)
    else { return self }
    return .float(short)
  }
}
