import CKernels

/// A program with all shapes known, made ready to run: every value has its place in memory. Guarded by its session's lock.
final class CompiledPlan {
  let program: Program
  /// The places of the calculated values.
  let buffers: BufferPlan
  let layouts: Layouts
  let threads: Int
  private let nodes: [Node]
  private let block: Storage
  private let offsets: [Int: Int]
  /// Compiled code for kernels and for runs.
  private(set) var native: NativeCode?
  /// The binding of the last run that brought feeds of its own.
  private var last: Binding?

  /// The plan, or nil when a shape is only known when it runs.
  init?(_ program: Program, _ nodes: [Node], threads: Int) throws(SessionError) {
    guard program.isStatic else { return nil }
    self.program = program
    self.nodes = nodes
    self.threads = threads
    layouts = Layouts(program)
    buffers = BufferPlan(program, aliases: layouts.aliases)
    offsets = Dictionary(uniqueKeysWithValues: buffers.buffers.map { ($0.value, $0.offset) })
    do { block = try Storage(byteCount: buffers.peakBytes) } catch {
      throw SessionError(.calculation, error.message)
    }
  }

  /// Has the fused kernels compiled to native code. Those for which that fails stay interpreted; `report` says why.
  func compile(_ settings: Compilation.Native, _ report: inout CompilationReport) {
    native = NativeCode(program, layouts, settings, &report)
    let kernels = program.steps.count { if case .fused = $0.kind { true } else { false } }
    report.nativeKernels += native?.kernels.count ?? 0
    report.interpretedKernels += kernels - (native?.kernels.count ?? 0)
  }

  /// The memory planned for a value.
  func place(_ value: Int) -> NDArray {
    let type = program.values[value].type
    return NDArray(
      storage: block, dtype: type.dtype, shape: type.shape!, strides: type.shape!.contiguousStrides,
      offset: offsets[value]! / type.dtype.byteSize)
  }

  /// The plan over the memory of these feeds: that of the last run, if it had the same.
  func binding(_ feeds: [NDArray], _ store: SessionStore) throws(SessionError) -> Binding {
    if let last, last.isBound(to: feeds) { return last }
    let new = try Binder.binding(self, feeds, store)
    last = new
    return new
  }

  /// An operation's refusal, with the node it comes from.
  func refusal(_ error: ArrayError, _ step: Int) -> SessionError {
    let step = program.steps[step]
    return .calculation(error, nodes[step.node], step.inputs.map { program.values[$0].type })
  }
}
