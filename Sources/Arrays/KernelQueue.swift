import CKernels
import Guarding
import Synchronization

/// The long elementwise kernels, and sums over their results, that a thread was asked for and has not run yet.
///
/// On long arrays an operation waits for memory: it reads its operands and writes a result, which the next one reads again. So a long
/// kernel is only noted when it is asked for. As soon as somebody asks where the elements of an array are that takes part
/// (`NDArray.address`), everything noted is run, in its order, on one tile of the arrays after the other, which stays in the cache. The
/// bits are the same; a result that nobody holds any more is calculated in the cache and never written to memory. PyTorch leaves its
/// kernels to a queue too, on a GPU.
///
/// Only the time that a single operation seems to take shows it: see `synchronize()`.
///
/// Arrays take part that own their memory, all of one number of elements, so that no two overlap. Everything else runs at once, and asks
/// for its operands. A thread that asks for an array of which another one's queue knows lets all queues run. An array whose
/// address was given out (`NDArray.pointer`) takes no longer part: it may be read and written unnoticed.
final class KernelQueue: @unchecked Sendable {
  static let most = (instructions: 32, members: 64, orphans: 8, orphanBytes: 1 << 29)

  /// An array that takes part, or what is left of one: its memory.
  struct Member {
    /// nil when nobody holds the array any more.
    var storage: Unmanaged<Storage>?
    let memory: UnsafeMutableRawPointer
    let byteCount: Int
    /// Whether all its elements are set here before any is read.
    let isMadeHere: Bool
    var isWritten: Bool
  }

  /// A kernel over the one element of a sum, or of what was made of one; the other operand is a number.
  struct End: @unchecked Sendable {
    let kernel: ck_binary_fn
    let out: UnsafeMutableRawPointer
    let a: UnsafeMutableRawPointer
    let number: UInt64
    let numberOnLeft: Bool

    func run() {
      withUnsafePointer(to: number) { number in
        if numberOnLeft { kernel(1, out, 1, number, 0, a, 1) } else { kernel(1, out, 1, a, 1, number, 0) }
      }
    }
  }

  /// What is noted.
  struct Notes: ~Copyable {
    /// The number of elements of all arrays but those of sums.
    var count = 0
    var members: [Member] = []
    /// What nobody holds any more.
    var orphans = (count: 0, bytes: 0)

    var length = 0
    /// How long an element takes, in additions.
    var work = 0
    let code = UnsafeMutablePointer<ck_tile_instruction>.allocate(capacity: most.instructions)
    /// The numbers that stand for operands, three for each instruction.
    let numbers = UnsafeMutablePointer<UInt64>.allocate(capacity: 3 * most.instructions)
    /// What is done with sums when they are there.
    var ends: [End] = []
    var sumCount = 0
    let sums = UnsafeMutablePointer<ck_tile_sum>.allocate(capacity: Int(CK_TILE_SUMS))

    let streams = UnsafeMutablePointer<ck_tile_stream>.allocate(capacity: Int(CK_TILE_STREAMS))
    /// Tiles that stand for the memory of what nobody holds.
    var scratch: (memory: UnsafeMutableRawPointer, byteCount: Int)?

    deinit {
      code.deallocate()
      numbers.deallocate()
      sums.deallocate()
      streams.deallocate()
      if let scratch { ck_free(scratch.memory, scratch.byteCount) }
    }
  }

  let notes = Guarded(Notes())

  /// All queues. Locked before the notes of any.
  private static let all = Guarded<[Unmanaged<KernelQueue>]>([])

  private init() {
    let reference = Unmanaged.passUnretained(self)
    KernelQueue.all.withLock { $0.append(reference) }
  }

  deinit {
    // As long as anything waits here, others must find it.
    run()
    let place = mark
    KernelQueue.all.withLock { all in all.removeAll { UInt(bitPattern: $0.toOpaque()) == place } }
  }

  /// This thread's; nil while it has none.
  static var current: Unmanaged<KernelQueue>? { ck_queue_get().map { Unmanaged.fromOpaque($0) } }

  /// This thread's, made where there is none; nil when the thread is about to end.
  static var ofThread: Unmanaged<KernelQueue>? {
    if let current { return current }
    let queue = Unmanaged.passRetained(KernelQueue())
    if ck_keep_queue(queue.toOpaque()) != 0 { return queue }
    queue.release()
    return nil
  }

  /// By which an array remembers the queue that calculates it.
  var mark: UInt { UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()) }
}

// MARK: Noting

extension KernelQueue.Notes {
  /// Where an array stands among the members.
  func place(of body: Storage) -> Int? {
    let reference = Unmanaged.passUnretained(body).toOpaque()
    return members.firstIndex { $0.storage?.toOpaque() == reference }
  }

  mutating func append(_ call: KernelQueue.Call, _ mark: UInt) {
    let most = KernelQueue.most
    if call.count != count || length == most.instructions || members.count + 4 > most.members
      || sumCount == CK_TILE_SUMS || call.isSum && place(of: call.output) != nil
    {
      run()
    }
    count = call.count
    var instruction = ck_tile_instruction()
    instruction.kind = call.kind
    instruction.function = call.function
    instruction.dtype = call.dtype.kernelType
    instruction.a = operand(call.a, 3 * length)
    if let b = call.b { instruction.b = operand(b, 3 * length + 1) }
    if let c = call.c { instruction.c = operand(c, 3 * length + 2) }
    enter(call.output, isMadeHere: !call.isSum, isWritten: true)
    call.output.writer.store(mark, ordering: .relaxed)
    let output = call.output.pointer
    if call.isSum {
      instruction.sum = Int32(sumCount)
      sums[sumCount] = ck_tile_sum(out: output, dtype: instruction.dtype)
      sumCount += 1
    } else {
      instruction.out = ck_tile_operand(base: output, step: call.dtype.byteSize, stride: 1, scratch: 0)
    }
    code[length] = instruction
    length += 1
    work += Int(call.cost.rawValue)
  }

  mutating func append(
    _ end: KernelQueue.End, from source: Storage, to target: Storage, _ mark: UInt
  ) -> Bool {
    let most = KernelQueue.most
    guard place(of: source) != nil, members.count < most.members, ends.count < most.instructions else {
      return false
    }
    enter(target, isMadeHere: false, isWritten: true)
    target.writer.store(mark, ordering: .relaxed)
    ends.append(end)
    return true
  }

  /// The operand as the tiles see it. A number is copied: it may change before they run.
  private mutating func operand(_ operand: KernelQueue.Operand, _ place: Int) -> ck_tile_operand {
    switch operand {
    case .array(let storage, let size):
      enter(storage, isMadeHere: false, isWritten: false)
      return ck_tile_operand(base: storage.pointer, step: size, stride: 1, scratch: 0)
    case .number(let number, let size):
      let cell = UnsafeMutableRawPointer(numbers + place)
      cell.copyMemory(from: number, byteCount: size)
      return ck_tile_operand(base: cell, step: 0, stride: 0, scratch: 0)
    }
  }

  private mutating func enter(_ storage: Storage, isMadeHere: Bool, isWritten: Bool) {
    if let place = place(of: storage) {
      if isWritten { members[place].isWritten = true }
      return
    }
    members.append(
      KernelQueue.Member(
        storage: Unmanaged.passUnretained(storage), memory: storage.base, byteCount: storage.byteCount,
        isMadeHere: isMadeHere, isWritten: isWritten))
    storage.uses.add(Storage.oneUse, ordering: .relaxed)
  }
}

// MARK: Running

/// Waits until everything has been calculated that was asked for: long operations run when somebody looks at their results. For measuring
/// times (`torch.cuda.synchronize`).
public func synchronize() { KernelQueue.settleAll() }

extension KernelQueue {
  /// Runs what is noted.
  private func run() { notes.withLock { notes in notes.run() } }

  /// Runs all that is noted anywhere.
  static func settleAll() {
    all.withLock { all in
      for queue in all { queue._withUnsafeGuaranteedRef { $0.run() } }
    }
  }

  /// What waits on this thread: kernels and sums, and arrays among theirs that nobody holds.
  static var waiting: (kernels: Int, orphans: Int) {
    guard let current else { return (0, 0) }
    return current._withUnsafeGuaranteedRef {
      $0.notes.withLock { notes in (notes.length, notes.orphans.count) }
    }
  }

  /// Lets everything happen that was noted of an array.
  static func settle(_ storage: Storage) {
    if let current {
      current._withUnsafeGuaranteedRef { $0.run() }
      if storage.uses.load(ordering: .acquiring) < Storage.oneUse { return }
    }
    settleAll()
  }

  /// Takes the memory of an array over that nobody holds any more; false where no queue knows of it any more.
  static func adopt(_ storage: Storage) -> Bool {
    if storage.uses.load(ordering: .acquiring) / Storage.oneUse == 1, let current {
      let isAdopted = current._withUnsafeGuaranteedRef { queue in
        queue.notes.withLock { notes in notes.adopt(storage) }
      }
      if isAdopted { return true }
    }
    settleAll()
    return false
  }
}

extension KernelQueue.Notes {
  fileprivate mutating func adopt(_ storage: Storage) -> Bool {
    guard let place = place(of: storage) else { return false }
    members[place].storage = nil
    orphans.count += 1
    orphans.bytes += storage.byteCount
    if orphans.count == KernelQueue.most.orphans || orphans.bytes > KernelQueue.most.orphanBytes { run() }
    return true
  }

  /// Runs what is noted.
  fileprivate mutating func run() {
    if length == 0 { return }
    let isPlain = code[0].kind == CK_TILE_UNARY || code[0].kind == CK_TILE_BINARY
    if length == 1 && isPlain { runKernel(code[0]) } else { runTiles() }
    for end in ends { end.run() }
    ends.removeAll(keepingCapacity: true)
    for member in members {
      if let storage = member.storage {
        storage._withUnsafeGuaranteedRef { storage in
          storage.writer.store(0, ordering: .relaxed)
          // From here on another thread may free it.
          storage.uses.subtract(Storage.oneUse, ordering: .releasing)
        }
      } else {
        ck_free(member.memory, member.byteCount)
      }
    }
    members.removeAll(keepingCapacity: true)
    orphans = (0, 0)
    (length, work, sumCount) = (0, 0, 0)
  }

  private func runKernel(_ only: ck_tile_instruction) {
    let (out, a, b) = (only.out, only.a, only.b)
    let cost = ck_cost(rawValue: Int32(work))
    if only.kind == CK_TILE_UNARY {
      let kernel = unsafeBitCast(only.function, to: ck_unary_fn.self)
      ck_run_unary(kernel, cost, count, out.base!, out.step, a.base!, a.stride, a.step)
    } else {
      let kernel = unsafeBitCast(only.function, to: ck_binary_fn.self)
      ck_run_binary(
        kernel, cost, count, out.base!, out.step, a.base!, a.stride, b.base!, b.stride, max(a.step, b.step))
    }
  }

  private mutating func runTiles() {
    let threads = Int(ck_thread_count())
    useScratch(threads)
    var program = ck_tile_program()
    program.count = count
    program.instructions = length
    program.work = work
    program.code = UnsafePointer(code)
    program.sums = sumCount
    program.results = UnsafePointer(sums)
    program.scratch_bytes = KernelQueue.most.orphans * KernelQueue.Notes.tileBytes
    program.threads = Int32(threads)
    program.streams = listStreams()
    program.stream = UnsafePointer(streams)
    ck_tile_run(&program)
  }

  /// Lists the arrays whose memory the tiles go through, for them to be fetched ahead, and gives their number; 0 where they fit in the
  /// second-level cache.
  private func listStreams() -> Int {
    var (number, bytes) = (0, 0)
    for member in members where number < CK_TILE_STREAMS {
      let isCell = member.byteCount < count
      if isCell || scratch != nil && member.storage == nil && member.isMadeHere { continue }
      streams[number] = ck_tile_stream(
        base: member.memory, step: member.byteCount / count, is_written: member.isWritten ? 1 : 0)
      number += 1
      bytes += member.byteCount
    }
    return bytes < CK_TILE_NEAR_BYTES ? 0 : number
  }

  private static var tileBytes: Int { Int(CK_TILE) * 8 }

  /// Lets tiles stand for the memory of what was made here and nobody holds. Without memory for them everything is written where it would have been.
  private mutating func useScratch(_ threads: Int) {
    if orphans.count == 0 { return }
    let needed = KernelQueue.most.orphans * KernelQueue.Notes.tileBytes * threads
    if scratch.map({ $0.byteCount < needed }) ?? true {
      if let scratch { ck_free(scratch.memory, scratch.byteCount) }
      scratch = ck_alloc(needed).map { ($0, needed) }
    }
    guard let scratch else { return }
    var tile = scratch.memory
    for member in members where member.storage == nil && member.isMadeHere {
      let stand = ck_tile_operand(base: tile, step: 0, stride: 1, scratch: 1)
      for place in 0..<length {
        var instruction = code[place]
        if instruction.out.base == member.memory { instruction.out = stand }
        if instruction.a.base == member.memory { instruction.a = stand }
        if instruction.b.base == member.memory { instruction.b = stand }
        if instruction.c.base == member.memory { instruction.c = stand }
        code[place] = instruction
      }
      tile += KernelQueue.Notes.tileBytes
    }
  }
}
