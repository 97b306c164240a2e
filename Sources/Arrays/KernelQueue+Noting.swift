import CKernels
import Synchronization

extension KernelQueue {
  /// What a kernel reads: an array, or one number for all elements.
  enum Operand: @unchecked Sendable {
    case array(Storage, size: Int)
    case number(UnsafeRawPointer, size: Int)

    /// The operand of a kernel over `count` elements; nil where it cannot take part.
    init?(_ array: NDArray, count: Int) {
      let size = array.dtype.byteSize
      if array.count == 1 || array.runStep == 0 {
        self = .number(array.address, size: size)
      } else if array.count == count, KernelQueue.admits(array.body) {
        self = .array(array.body, size: size)
      } else {
        return nil
      }
    }
  }

  /// Whether an array may take part.
  static func admits(_ body: Storage) -> Bool {
    body.ownsMemory && body.runStep == 1 && body.uses.load(ordering: .relaxed) & Storage.exposed == 0
  }

  /// A kernel that was asked for.
  struct Call: @unchecked Sendable {
    let kind: ck_tile_kind
    let function: UnsafeMutableRawPointer
    let cost: ck_cost
    /// The number of elements that it visits.
    let count: Int
    let output: Storage
    let dtype: DType
    let a: Operand
    let b: Operand?
    let c: Operand?

    init(_ kernel: ck_unary_fn, _ cost: ck_cost, _ count: Int, _ output: NDArray, _ a: Operand) {
      let function = unsafeBitCast(kernel, to: UnsafeMutableRawPointer.self)
      self.init(CK_TILE_UNARY, function, count, output, a, cost: cost)
    }
    init(_ kernel: ck_binary_fn, _ count: Int, _ output: NDArray, _ a: Operand, _ b: Operand) {
      let function = unsafeBitCast(kernel, to: UnsafeMutableRawPointer.self)
      self.init(CK_TILE_BINARY, function, count, output, a, b)
    }
    init(_ kernel: ck_ternary_fn, _ count: Int, _ output: NDArray, _ a: Operand, _ b: Operand, _ c: Operand) {
      let function = unsafeBitCast(kernel, to: UnsafeMutableRawPointer.self)
      self.init(CK_TILE_TERNARY, function, count, output, a, b, c)
    }
    init(sum kernel: ck_reduce_fn, _ count: Int, _ output: NDArray, _ a: Operand) {
      let function = unsafeBitCast(kernel, to: UnsafeMutableRawPointer.self)
      self.init(CK_TILE_SUM, function, count, output, a)
    }
    init(sum kernel: ck_reduce2_fn, _ count: Int, _ output: NDArray, _ a: Operand, _ b: Operand) {
      let function = unsafeBitCast(kernel, to: UnsafeMutableRawPointer.self)
      self.init(CK_TILE_SUM2, function, count, output, a, b)
    }
    private init(
      _ kind: ck_tile_kind, _ function: UnsafeMutableRawPointer, _ count: Int, _ output: NDArray,
      _ a: Operand, _ b: Operand? = nil, _ c: Operand? = nil, cost: ck_cost = CK_COST_ARITHMETIC
    ) {
      self.kind = kind
      self.function = function
      self.cost = cost
      self.count = count
      self.output = output.body
      dtype = output.dtype
      self.a = a
      self.b = b
      self.c = c
    }

    var isSum: Bool { kind == CK_TILE_SUM || kind == CK_TILE_SUM2 }
  }

  /// Notes `output[i] = kernel(a[i])`; false where it must run at once.
  static func note(_ kernel: ck_unary_fn, _ cost: ck_cost, _ output: NDArray, _ a: NDArray) -> Bool {
    let count = output.count
    guard cost.rawValue <= CK_COST_FUNCTION.rawValue, admits(output.body), let a = Operand(a, count: count)
    else { return false }
    return note(Call(kernel, cost, count, output, a))
  }

  /// Notes `output[i] = kernel(a[i], b[i])`, an array of one element standing for all; false where it must run at once.
  static func note(_ kernel: ck_binary_fn, _ output: NDArray, _ a: NDArray, _ b: NDArray) -> Bool {
    let count = output.count
    guard admits(output.body), let a = Operand(a, count: count), let b = Operand(b, count: count) else {
      return false
    }
    return note(Call(kernel, count, output, a, b))
  }

  /// Notes `output[i] = kernel(a[i], number)`, or with the number on the left; false where it must run at once.
  static func note(
    _ kernel: ck_binary_fn, _ output: NDArray, _ a: NDArray, numberAt number: UnsafeRawPointer,
    numberOnLeft: Bool
  ) -> Bool {
    let number = Operand.number(number, size: a.dtype.byteSize)
    guard admits(output.body), let a = Operand(a, count: output.count) else { return false }
    return note(
      numberOnLeft
        ? Call(kernel, output.count, output, number, a) : Call(kernel, output.count, output, a, number))
  }

  /// Notes `output[i] = kernel(a[i], b[i], c[i])`, an array of one element standing for all; false where it must run at once.
  static func note(_ kernel: ck_ternary_fn, _ output: NDArray, _ a: NDArray, _ b: NDArray, _ c: NDArray)
    -> Bool
  {
    let count = output.count
    guard admits(output.body), let a = Operand(a, count: count), let b = Operand(b, count: count),
      let c = Operand(c, count: count)
    else { return false }
    return note(Call(kernel, count, output, a, b, c))
  }

  /// Notes a sum over `x`, in the order of `CK_SUM`, into the one element of `output`; false where `x` is not to be calculated here.
  static func note(sum kernel: ck_reduce_fn, _ x: NDArray, into output: NDArray) -> Bool {
    guard isAwaited(x), admits(output.body), let a = Operand(x, count: x.count) else { return false }
    return note(Call(sum: kernel, x.count, output, a))
  }

  /// Notes a sum over terms of `x` and `y`, in the order of `CK_SUM`, into the one element of `output`; false where neither is to be
  /// calculated here.
  static func note(
    sum kernel: ck_reduce2_fn, _ x: NDArray, _ y: NDArray, count: Int, into output: NDArray
  ) -> Bool {
    guard isAwaited(x) || isAwaited(y), admits(output.body), let a = Operand(x, count: count),
      let b = Operand(y, count: count)
    else { return false }
    return note(Call(sum: kernel, count, output, a, b))
  }

  /// Notes `output = kernel(a, number)`, or with the number on the left, for an `a` of one element that is to be calculated here; false where
  /// it is not, or the kernel must run at once.
  static func note(
    end kernel: ck_binary_fn, _ output: NDArray, _ a: NDArray, numberAt number: UnsafeRawPointer,
    numberOnLeft: Bool
  ) -> Bool {
    guard a.count == 1, output.count == 1, isAwaited(a), admits(output.body), let current else {
      return false
    }
    var copy: UInt64 = 0
    withUnsafeMutableBytes(of: &copy) {
      $0.baseAddress!.copyMemory(from: number, byteCount: a.dtype.byteSize)
    }
    let end = End(
      kernel: kernel, out: output.body.pointer, a: a.body.pointer, number: copy, numberOnLeft: numberOnLeft)
    return current._withUnsafeGuaranteedRef { queue in
      if queue.isReadElsewhere(output.body) { return false }
      let (source, target, mark) = (a.body, output.body, queue.mark)
      return queue.notes.withLock { notes in notes.append(end, from: source, to: target, mark) }
    }
  }

  /// Whether this thread's queue is to calculate the array.
  private static func isAwaited(_ array: NDArray) -> Bool {
    guard let queue = ck_queue_get(), array.body.ownsMemory else { return false }
    return array.body.writer.load(ordering: .relaxed) == UInt(bitPattern: queue)
  }

  private static func note(_ call: Call) -> Bool {
    guard let reference = ofThread else { return false }
    return reference._withUnsafeGuaranteedRef { queue in
      // What another queue is to calculate, or reads while this one would change it, is settled first.
      if queue.isForeign(call.a) || call.b.map(queue.isForeign) ?? false
        || call.c.map(queue.isForeign) ?? false
        || queue.isReadElsewhere(call.output)
      {
        settleAll()
      }
      let mark = queue.mark
      queue.notes.withLock { notes in notes.append(call, mark) }
      return true
    }
  }

  private func isForeign(_ operand: Operand) -> Bool {
    guard case .array(let storage, _) = operand else { return false }
    let writer = storage.writer.load(ordering: .relaxed)
    return writer != 0 && writer != mark
  }

  /// Whether another queue reads the array, or is to calculate it.
  private func isReadElsewhere(_ body: Storage) -> Bool {
    let uses = body.uses.load(ordering: .relaxed) / Storage.oneUse
    if uses == 0 { return false }
    return uses > 1 || notes.withLock { notes in notes.place(of: body) == nil }
  }
}
