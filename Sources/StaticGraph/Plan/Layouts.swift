/// How the values of a program lie in memory, found without calculating anything: which are views of which.
struct Layouts {
  /// For each value that is a view, the value whose memory it shows.
  private(set) var aliases: [Int: Int] = [:]
  private var arrays: [Int: NDArray] = [:]

  /// One buffer that stands for all memory; nothing is read from it.
  private static let blank = checked { () throws(ArrayError) in try Storage(byteCount: 64) }

  /// The layouts of a program whose shapes are all known.
  init(_ program: Program) {
    for step in program.steps {
      switch step.kind {
      case .constant(let array): arrays[step.results[0]] = array
      case .operation(let operation) where operation.isView && step.results.count == 1:
        if let view = Layouts.view(operation, step.inputs.map { arrays[$0]! }) {
          arrays[step.results[0]] = view
          aliases[step.results[0]] = step.inputs[0]
        } else {
          setRowByRow(step.results, program)
        }
      default: setRowByRow(step.results, program)
      }
    }
  }

  /// How the value's elements follow from the number of the element in a run. What lies in no such pattern is copied before kernels read it.
  func access(_ value: Int) -> RunAccess { arrays[value].flatMap(RunAccess.init) ?? .linear }

  private mutating func setRowByRow(_ values: [Int], _ program: Program) {
    for value in values {
      let type = program.values[value].type
      arrays[value] = NDArray(
        storage: Layouts.blank, dtype: type.dtype, shape: type.shape!, strides: type.shape!.contiguousStrides,
        offset: 0)
    }
  }

  /// The view that the operation makes of its first input, or nil when it must copy.
  static func view(_ operation: any StaticOperation, _ inputs: [NDArray]) -> NDArray? {
    // Reshaping copies where strides do not allow a view; that must be known before it is tried.
    if operation.base is Reshape || operation.base is Like<Reshape> {
      guard let type = try? operation.types(inputs.map(\.type)).first,
        let strides = inputs[0].viewStrides(for: type.shape)
      else { return nil }
      return inputs[0].strided(type.shape, strides, offset: inputs[0].offset)
    }
    guard let result = try? operation.run(inputs).first, result.sharesStorage(with: inputs[0]) else {
      return nil
    }
    return result
  }
}
