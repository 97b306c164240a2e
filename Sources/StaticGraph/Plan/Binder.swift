import CKernels

/// Gives every value of a compiled plan its memory, and every step its operands.
struct Binder {
  private let plan: CompiledPlan
  private let feeds: [NDArray]
  private var arrays: [Int: NDArray] = [:]
  private var instructions: [Binding.Instruction] = []

  /// The plan's instructions over the memory of these feeds and of the store's variables. Throws when a variable that is read has no value.
  static func binding(
    _ plan: CompiledPlan, _ feeds: [NDArray], _ store: SessionStore
  ) throws(SessionError) -> Binding {
    var binder = Binder(plan: plan, feeds: feeds)
    for (number, step) in plan.program.steps.enumerated() { try binder.bind(step, number, store) }
    return binder.finished(store)
  }

  private init(plan: CompiledPlan, feeds: [NDArray]) {
    self.plan = plan
    self.feeds = feeds
  }

  // MARK: Steps

  private mutating func bind(
    _ step: Program.Step, _ number: Int, _ store: SessionStore
  ) throws(SessionError) {
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

  /// The memory planned for a value.
  private mutating func place(_ value: Int) -> NDArray {
    let array = plan.place(value)
    arrays[value] = array
    return array
  }

  private mutating func bind(_ operation: any StaticOperation, _ step: Program.Step, _ number: Int) {
    let inputs = step.inputs.map { arrays[$0]! }
    if plan.layouts.aliases[step.results[0]] != nil {
      arrays[step.results[0]] = Layouts.view(operation, inputs)!
    } else if step.results.count == 1 {
      instructions.append(
        .operation(operation, inputs: inputs, output: place(step.results[0]), step: number))
    } else {
      let outputs = step.results.map { place($0) }
      instructions.append(.several(operation, inputs: inputs, outputs: outputs, step: number))
    }
  }

  private mutating func bind(_ kernel: FusedKernel, _ step: Program.Step, _ number: Int) {
    for result in step.results { _ = place(result) }
    var operands = arrays
    for input in step.inputs where RunAccess(arrays[input]!) == nil {
      // Its elements do not follow each other in any pattern that a tile can load: copied once per run.
      operands[input] = copied(arrays[input]!)
    }
    let values = plan.program.values
    let tiles = TileKernel(
      kernel, outputs: step.results, threads: plan.threads, { operands[$0]! }, { values[$0].type.dtype })
    if let native = plan.native?.kernels[number],
      step.inputs.allSatisfy({ RunAccess(operands[$0]!) == plan.layouts.access($0) })
    {
      tiles.use(
        native.function, operands: native.kernel.addresses { operands[$0]!.pointer },
        sums: native.kernel.totals.map {
          ck_tile_sum(
            out: operands[$0.step.results[0]]!.pointer,
            dtype: values[$0.step.inputs[0]].type.dtype.kernelType)
        })
    }
    instructions.append(.tiles(tiles, step: number))
  }

  /// An array to which each run copies the elements of `array`, row by row.
  private mutating func copied(_ array: NDArray) -> NDArray {
    let copy = checked { () throws(ArrayError) in try NDArray(uninitialized: array.shape, array.dtype) }
    instructions.append(.copy(array, to: copy))
    return copy
  }

  // MARK: Results

  private mutating func finished(_ store: SessionStore) -> Binding {
    let program = plan.program
    var fetches: [Binding.Fetch] = []
    for (place, value) in program.fetches.enumerated() {
      guard let array = value.map({ arrays[$0]! }) else { continue }
      fetches.append((array.isContiguous ? array : copied(array), place))
    }
    let variables = program.commits.map { store.variable($0.variable) }
    var commits: [Binding.Commit] = []
    for (commit, variable) in zip(program.commits, variables) {
      var source = arrays[commit.value]!
      // One variable becomes another, which may itself be about to change.
      let isVariable = variables.contains { $0.holds(source) }
      if isVariable || !source.isContiguous { source = copied(source) }
      commits.append((source, variable.place(source.type), variable))
    }
    return Binding(plan, feeds: feeds, instructions, fetches: fetches, commits: commits)
  }
}
