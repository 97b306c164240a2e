import CKernels

/// A compiled plan together with the memory of certain feeds and of a session's variables: what a run carries out. Guarded by the
/// session's lock.
///
/// What the kernels at the end of the program calculate and what is fetched and assigned then is one call of C. Nothing here asks for
/// memory, except where an operation's own `forward` does or where a result of the run before is still held.
final class Binding {
  /// One thing to do.
  enum Instruction {
    case tiles(TileKernel, step: Int)
    case operation(any StaticOperation, inputs: [NDArray], output: NDArray, step: Int)
    case several(any StaticOperation, inputs: [NDArray], outputs: [NDArray], step: Int)
    case random(RandomSource, node: Int, output: NDArray)
    case copy(NDArray, to: NDArray)
  }
  /// A fetched value, and its place among the results.
  typealias Fetch = (source: NDArray, place: Int)
  /// A variable's next value.
  typealias Commit = (source: NDArray, target: NDArray, variable: SessionStore.Variable)

  private unowned let plan: CompiledPlan
  private let feeds: [NDArray]
  private let instructions: [Instruction]
  private let ending: [TileKernel]
  private let fetches: [Fetch]
  private let commits: [Commit]
  /// The end of the program as C reads it; the first copies are those of the fetches, in order.
  private let tail: UnsafeMutablePointer<ck_tile_plan>
  private let moves: UnsafeMutableBufferPointer<ck_move>
  /// The fetches' places among the results.
  private let places: UnsafeMutableBufferPointer<Int>
  private let programs: UnsafeMutableBufferPointer<UnsafePointer<ck_tile_program>>
  private var operands: UnsafeMutableBufferPointer<UnsafeRawPointer>?
  @exclusivity(unchecked) private var hasRun = false

  /// Instructions bound to memory; the sources of fetches and commits are contiguous.
  init(
    _ plan: CompiledPlan, feeds: [NDArray], _ instructions: [Instruction], fetches: [Fetch], commits: [Commit]
  ) {
    self.plan = plan
    self.feeds = feeds
    self.fetches = fetches
    self.commits = commits
    let kernels = instructions.reversed().prefix { if case .tiles = $0 { true } else { false } }.reversed()
    ending = kernels.compactMap { if case .tiles(let kernel, _) = $0 { kernel } else { nil } }
    self.instructions = Array(instructions.dropLast(kernels.count))
    moves = .copying(
      fetches.map { Binding.move($0.source, to: $0.source) }
        + commits.map { Binding.move($0.source, to: $0.target) })
    places = .copying(fetches.map(\.place))
    programs = .copying(ending.map { UnsafePointer($0.program) })
    tail = .allocate(capacity: 1)
    tail.initialize(
      to: ck_tile_plan(
        count: programs.count, programs: programs.baseAddress, moves: moves.count, move: moves.baseAddress,
        native: nil, operands: nil))
    useNativeEnding(kernels.compactMap { if case .tiles(_, let step) = $0 { step } else { nil } })
  }

  deinit {
    tail.deallocate()
    moves.deallocate()
    places.deallocate()
    programs.deallocate()
    operands?.deallocate()
  }

  private static func move(_ source: NDArray, to target: NDArray) -> ck_move {
    ck_move(to: target.pointer, from: source.pointer, bytes: source.count * source.dtype.byteSize)
  }

  /// Takes compiled code for the whole ending, if there is, unless one of its kernels is shared among threads.
  private func useNativeEnding(_ steps: [Int]) {
    guard let native = plan.native?.ending, native.steps == steps,
      ending.allSatisfy({ $0.isNative && !$0.isSplit })
    else { return }
    let table = UnsafeMutableBufferPointer.copying(ending.flatMap(\.nativeOperands))
    operands = table
    tail.pointee.native = native.function
    tail.pointee.operands = UnsafePointer(table.baseAddress)
  }

  /// Whether it is bound to these feeds.
  func isBound(to feeds: [NDArray]) -> Bool {
    zip(feeds, self.feeds).allSatisfy { $0.isSameView(as: $1) }
  }

  /// Runs once, and writes what is fetched into `results`, in place where nobody else holds them.
  @inline(__always)
  func run(_ results: inout [NDArray], _ store: SessionStore) throws(SessionError) {
    if !instructions.isEmpty { try runInstructions(store) }
    let (places, moves) = (places, moves)
    results.withUnsafeMutableBufferPointer { results in
      for index in places.indices {
        let place = places[index]
        if let address = results[place].ownAddress() {
          moves[index].to = address
        } else {
          results[place] = fresh(index)
          moves[index].to = results[place].address
        }
      }
    }
    ck_tile_plan_run(tail)
    if !hasRun { finishFirstRun() }
  }

  /// New memory for a fetched value.
  @inline(never)
  private func fresh(_ index: Int) -> NDArray {
    let model = fetches[index].source
    return checked { () throws(ArrayError) in try NDArray(uninitialized: model.shape, model.dtype) }
  }

  @inline(never)
  private func finishFirstRun() {
    for commit in commits { commit.variable.isInitialized = true }
    hasRun = true
  }

  private func runInstructions(_ store: SessionStore) throws(SessionError) {
    for instruction in instructions {
      switch instruction {
      case .tiles(let kernel, _): kernel.run()
      case .copy(let source, let target): target.write(from: source)
      case .random(let source, let node, let output): output.write(from: store.draw(node, source))
      case .operation(let operation, let inputs, let output, let step):
        do { try operation.run(inputs, into: output) } catch { throw plan.refusal(error, step) }
      case .several(let operation, let inputs, let outputs, let step):
        do {
          for (output, result) in zip(outputs, try operation.run(inputs)) { output.write(from: result) }
        } catch { throw plan.refusal(error, step) }
      }
    }
  }
}
