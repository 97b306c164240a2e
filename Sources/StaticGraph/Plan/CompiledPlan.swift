import CKernels

/// A program with all shapes known, made ready to run: every value has its place, every step its operands; a run only carries out
/// instructions. Guarded by its session's lock.
final class CompiledPlan {
  /// One thing to do.
  private enum Instruction {
    case tiles(TileKernel)
    case operation(any StaticOperation, inputs: [NDArray], output: NDArray, step: Int)
    case several(any StaticOperation, inputs: [NDArray], outputs: [NDArray], step: Int)
    case random(RandomSource, node: Int, output: NDArray)
    case copy(NDArray, to: NDArray)
  }

  let program: Program
  /// The places of the calculated values.
  let buffers: BufferPlan
  private let nodes: [Node]
  private let layouts: Layouts
  private let block: Storage
  private let threads: Int

  private var arrays: [Int: NDArray] = [:]
  private var instructions: [Instruction] = []
  private var outcomes: [(source: NDArray, fetch: Int)] = []
  private var commits: [(source: NDArray, target: NDArray, variable: SessionStore.Variable)] = []
  private var boundFeeds: [NDArray] = []
  private var owner: AnyObject?
  /// Compiled functions for kernels, by the number of their step.
  private var native: [Int: (kernel: NativeKernel, function: TileKernel.NativeFunction)] = [:]
  private var library: NativeLibrary?

  /// The plan, or nil when a shape is only known when it runs.
  init?(_ program: Program, _ nodes: [Node], threads: Int) throws(SessionError) {
    guard program.isStatic else { return nil }
    self.program = program
    self.nodes = nodes
    self.threads = threads
    layouts = Layouts(program)
    buffers = BufferPlan(program, aliases: layouts.aliases)
    do { block = try Storage(byteCount: buffers.peakBytes) } catch {
      throw SessionError(.calculation, error.message)
    }
  }

  /// Has the fused kernels compiled to native code. Those for which that fails stay interpreted; `report` says why.
  func compile(_ settings: Compilation.Native, _ report: inout CompilationReport) {
    let source = NativeSource(program, layouts)
    defer {
      report.nativeKernels += native.count
      report.interpretedKernels +=
        program.steps.count { if case .fused = $0.kind { true } else { false } } - native.count
    }
    if source.kernels.isEmpty { return }
    do throws(NativeCompiler.Failure) {
      let library = try NativeCompiler(settings).library(source.text, &report)
      self.library = library
      for (number, kernel) in source.kernels {
        if let function = library.function(kernel.name) {
          native[number] = (kernel, function)
        } else {
          report.note("native code: the compiled file has no '\(kernel.name)'; it is interpreted")
        }
      }
    } catch { report.note(error.message) }
  }

  // MARK: Running

  /// Runs once, and writes what is fetched into `results`, in place where nobody else holds them.
  ///
  /// `owner` stands for feeds that are the same arrays in every run.
  func run(
    feeds: [NDArray], owner: AnyObject?, store: SessionStore, results: inout [NDArray]
  ) throws(SessionError) {
    if !isBound(to: feeds, owner) { try bind(feeds, owner, store) }
    for instruction in instructions {
      switch instruction {
      case .tiles(let kernel): kernel.run()
      case .copy(let source, let target): target.write(from: source)
      case .random(let source, let node, let output): output.write(from: store.draw(node, source))
      case .operation(let operation, let inputs, let output, let step):
        do { try operation.run(inputs, into: output) } catch { throw refusal(error, step) }
      case .several(let operation, let inputs, let outputs, let step):
        do {
          for (output, result) in zip(outputs, try operation.run(inputs)) { output.write(from: result) }
        } catch { throw refusal(error, step) }
      }
    }
    for (source, fetch) in outcomes {
      if !results[fetch].isOnlyOwner() {
        results[fetch] = checked { () throws(ArrayError) in
          try NDArray(uninitialized: source.shape, source.dtype)
        }
      }
      CompiledPlan.copy(source, to: results[fetch])
    }
    for (source, target, variable) in commits {
      CompiledPlan.copy(source, to: target)
      variable.isInitialized = true
    }
  }

  /// One number is moved without ceremony.
  @inline(__always) private static func copy(_ source: NDArray, to target: NDArray) {
    if source.count == 1 {
      let size = source.dtype.byteSize
      if size == 8 {
        target.pointer.storeBytes(of: source.pointer.load(as: UInt64.self), as: UInt64.self)
      } else {
        target.pointer.copyMemory(from: source.pointer, byteCount: size)
      }
    } else {
      target.write(from: source)
    }
  }

  private func refusal(_ error: ArrayError, _ step: Int) -> SessionError {
    let step = program.steps[step]
    return .calculation(error, nodes[step.node], step.inputs.map { program.values[$0].type })
  }

  private func isBound(to feeds: [NDArray], _ owner: AnyObject?) -> Bool {
    if let owner, owner === self.owner { return true }
    guard self.owner == nil, !instructions.isEmpty || !outcomes.isEmpty || !commits.isEmpty else {
      return false
    }
    return zip(feeds, boundFeeds).allSatisfy { $0.isSameView(as: $1) }
  }

  // MARK: Binding

  /// Gives every value its memory for these feeds. Throws when a variable that is read has no value.
  private func bind(_ feeds: [NDArray], _ owner: AnyObject?, _ store: SessionStore) throws(SessionError) {
    instructions = []
    for (number, step) in program.steps.enumerated() {
      switch step.kind {
      case .feed(let index): arrays[step.results[0]] = feeds[index]
      case .constant(let array): arrays[step.results[0]] = array
      case .state(let variable):
        guard let value = store.variable(variable).value else { throw .uninitialized(step.name) }
        arrays[step.results[0]] = value
      case .random(let source):
        instructions.append(.random(source, node: step.node, output: place(step.results[0])))
      case .operation(let operation): bind(operation, step, number)
      case .fused(let kernel): bind(kernel, step, number)
      }
    }
    outcomes = program.fetches.enumerated().compactMap { index, value in
      value.map { (arrays[$0]!, index) }
    }
    commits = program.commits.map { commit in
      var source = arrays[commit.value]!
      let variable = store.variable(commit.variable)
      if program.commits.contains(where: { store.variable($0.variable).holds(source) }) {
        // One variable becomes another, which may itself be about to change.
        let copy = checked { () throws(ArrayError) in try source.clone() }
        instructions.append(.copy(source, to: copy))
        source = copy
      }
      return (source, variable.place(source.type), variable)
    }
    boundFeeds = feeds
    self.owner = owner
  }

  /// The memory planned for a value.
  private func place(_ value: Int) -> NDArray {
    let type = program.values[value].type
    let offset = offsets[value]!
    let array = NDArray(
      storage: block, dtype: type.dtype, shape: type.shape!, strides: type.shape!.contiguousStrides,
      offset: offset / type.dtype.byteSize)
    arrays[value] = array
    return array
  }

  private lazy var offsets = Dictionary(
    uniqueKeysWithValues: buffers.buffers.map { ($0.value, $0.offset) })

  private func bind(_ operation: any StaticOperation, _ step: Program.Step, _ number: Int) {
    let inputs = step.inputs.map { arrays[$0]! }
    if layouts.aliases[step.results[0]] != nil {
      arrays[step.results[0]] = Layouts.view(operation, inputs)!
    } else if step.results.count == 1 {
      instructions.append(
        .operation(operation, inputs: inputs, output: place(step.results[0]), step: number))
    } else {
      instructions.append(
        .several(operation, inputs: inputs, outputs: step.results.map(place), step: number))
    }
  }

  private func bind(_ kernel: FusedKernel, _ step: Program.Step, _ number: Int) {
    for result in step.results { _ = place(result) }
    var operands = arrays
    for input in step.inputs where RunAccess(arrays[input]!) == nil {
      // Its elements do not follow each other in any pattern that a tile can load: copied once per run.
      let array = arrays[input]!
      let copy = checked { () throws(ArrayError) in try NDArray(uninitialized: array.shape, array.dtype) }
      instructions.append(.copy(array, to: copy))
      operands[input] = copy
    }
    let program = program
    let tiles = TileKernel(
      kernel, outputs: step.results, threads: threads, { operands[$0]! }, { program.values[$0].type.dtype })
    if let (native, function) = native[number],
      step.inputs.allSatisfy({ RunAccess(operands[$0]!) == layouts.access($0) })
    {
      let addresses = native.operands.map { operand in
        switch operand {
        case .value(let value): UnsafeRawPointer(operands[value]!.pointer)
        case .function(let function): UnsafeRawPointer(function)
        }
      }
      tiles.use(function, operands: addresses)
    }
    instructions.append(.tiles(tiles))
  }
}
