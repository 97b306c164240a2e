import CKernels
import Synchronization

/// Runs a kernel's inner loop over arrays of one shape and any strides.
///
/// Neighbouring dimensions that every operand steps through evenly are merged, so that contiguous arrays, and rows, columns and
/// scalars with stride 0, reach the kernel in as few and as long runs as possible, without a copy.
public enum ElementLoop {
  /// Elements from which on a run may wait for others (`KernelQueue`) and be shared among threads.
  @usableFromInline package static var shortest: Int { 1 << 13 }

  /// `output[i] = kernel(a[i])`; the shapes must be equal.
  @inlinable public static func unary(
    _ kernel: ck_unary_fn, _ output: NDArray, _ a: NDArray, cost: ck_cost = CK_COST_ARITHMETIC
  ) {
    if output.isContiguous && a.runStep >= 0 {
      if output.count >= shortest { return longUnary(kernel, output, a, cost) }
      return kernel(output.count, output.address, 1, a.address, a.runStep)
    }
    if let axis = axisToSplit(output, cost) {
      return Parallel.split(0..<output.shape[axis]) { rows in
        unarySerially(kernel, output.slab(rows, axis), a.slab(rows, axis))
      }
    }
    unarySerially(kernel, output, a)
  }

  /// The dimension by which an operation is shared among threads: the longest but the last; nil where it is too short to be shared.
  @usableFromInline static func axisToSplit(_ output: NDArray, _ cost: ck_cost) -> Int? {
    guard output.rank > 1, Parallel.isWorthwhile(output.count, size: output.dtype.byteSize, cost: cost) else {
      return nil
    }
    var longest = 0
    for axis in 1..<(output.rank - 1) where output.shape[axis] > output.shape[longest] { longest = axis }
    return output.shape[longest] > 1 ? longest : nil
  }

  @usableFromInline static func unarySerially(_ kernel: ck_unary_fn, _ output: NDArray, _ a: NDArray) {
    var plan = RunPlan(output.shape, output, a, a, a)
    let (outSize, aSize) = (output.dtype.byteSize, a.dtype.byteSize)
    let (outBase, aBase) = (output.address, a.address)
    let (outStep, aStep) = (plan.inner(0), plan.inner(1))
    repeat {
      kernel(
        plan.length, outBase + plan.offsets[0] &* outSize, outStep, aBase + plan.offsets[1] &* aSize, aStep)
    } while plan.advance()
  }

  /// `output[i] = kernel(value)`, the value given by its address.
  @inlinable public static func unary(
    _ kernel: ck_unary_fn, _ output: NDArray, scalarAt value: UnsafeRawPointer
  ) {
    if output.isContiguous {
      kernel(output.count, output.address, 1, value, 0)
      return
    }
    var plan = RunPlan(output.shape, output, output, output, output)
    repeat {
      kernel(
        plan.length, output.address + plan.offsets[0] &* output.dtype.byteSize, plan.inner(0), value, 0)
    } while plan.advance()
  }

  /// `output[i] = kernel(a[i], b[i])`; the operands broadcast to the output's shape.
  @inlinable public static func binary(
    _ kernel: ck_binary_fn, _ output: NDArray, _ a: NDArray, _ b: NDArray, cost: ck_cost = CK_COST_ARITHMETIC
  ) {
    let (aStep, bStep) = (a.step(along: output), b.step(along: output))
    if output.isContiguous && aStep >= 0 && bStep >= 0 {
      if output.count >= shortest { return longBinary(kernel, output, a, aStep, b, bStep, cost) }
      return kernel(output.count, output.address, 1, a.address, aStep, b.address, bStep)
    }
    binaryByRuns(kernel, output, a.spread(along: output), b.spread(along: output), cost)
  }

  @usableFromInline static func binaryByRuns(
    _ kernel: ck_binary_fn, _ output: NDArray, _ a: NDArray, _ b: NDArray, _ cost: ck_cost
  ) {
    if let axis = axisToSplit(output, cost) {
      return Parallel.split(0..<output.shape[axis]) { rows in
        binarySerially(kernel, output.slab(rows, axis), a.slab(rows, axis), b.slab(rows, axis))
      }
    }
    binarySerially(kernel, output, a, b)
  }

  @usableFromInline static func binarySerially(
    _ kernel: ck_binary_fn, _ output: NDArray, _ a: NDArray, _ b: NDArray
  ) {
    var plan = RunPlan(output.shape, output, a, b, b)
    let (outSize, aSize, bSize) = (output.dtype.byteSize, a.dtype.byteSize, b.dtype.byteSize)
    let (outBase, aBase, bBase) = (output.address, a.address, b.address)
    let (outStep, aStep, bStep) = (plan.inner(0), plan.inner(1), plan.inner(2))
    repeat {
      kernel(
        plan.length, outBase + plan.offsets[0] &* outSize, outStep,
        aBase + plan.offsets[1] &* aSize, aStep, bBase + plan.offsets[2] &* bSize, bStep)
    } while plan.advance()
  }

  /// `output[i] = kernel(a[i], value)`, or `kernel(value, a[i])` when the scalar stands on the left.
  @inlinable public static func binary(
    _ kernel: ck_binary_fn, _ output: NDArray, _ a: NDArray, scalarAt value: UnsafeRawPointer,
    scalarOnLeft: Bool, cost: ck_cost = CK_COST_ARITHMETIC
  ) {
    if output.isContiguous && a.runStep >= 0 {
      if output.count >= shortest {
        return longBinary(kernel, output, a, scalarAt: value, scalarOnLeft: scalarOnLeft, cost)
      }
      if a.mayWait && waits(kernel, output, a, value, scalarOnLeft) { return }
      if scalarOnLeft { return kernel(output.count, output.address, 1, value, 0, a.address, a.runStep) }
      return kernel(output.count, output.address, 1, a.address, a.runStep, value, 0)
    }
    var plan = RunPlan(output.shape, output, a, a, a)
    repeat {
      let target = output.address + plan.offsets[0] &* output.dtype.byteSize
      let source = UnsafeRawPointer(a.address + plan.offsets[1] &* a.dtype.byteSize)
      if scalarOnLeft {
        kernel(plan.length, target, plan.inner(0), value, 0, source, plan.inner(1))
      } else {
        kernel(plan.length, target, plan.inner(0), source, plan.inner(1), value, 0)
      }
    } while plan.advance()
  }

  /// `output[i] = kernel(a[i], b[i], c[i])`; the operands broadcast to the output's shape.
  public static func ternary(
    _ kernel: ck_ternary_fn, _ output: NDArray, _ a: NDArray, _ b: NDArray, _ c: NDArray
  ) {
    if output.count >= shortest && KernelQueue.note(kernel, output, a, b, c) { return }
    spread(output, a, b, c) { n, output, step, a, aStep, b, bStep, c, cStep in
      kernel(n, output, step, a, aStep, b, bStep, c, cStep)
    }
  }

  /// `output[i] = kernel(a[i], b[i], c[i], factor)`, the factor given by its address; the operands broadcast to the output's shape.
  public static func ternary(
    _ kernel: ck_ternary_scaled_fn, _ output: NDArray, _ a: NDArray, _ b: NDArray, _ c: NDArray,
    factorAt factor: UnsafeRawPointer
  ) {
    spread(output, a, b, c) { n, output, step, a, aStep, b, bStep, c, cStep in
      kernel(n, output, step, a, aStep, b, bStep, c, cStep, factor)
    }
  }

  /// As `forEachRun` for operands that broadcast to the output's shape, long arrays shared among threads.
  private static func spread(_ output: NDArray, _ a: NDArray, _ b: NDArray, _ c: NDArray, _ body: RunBody) {
    let (aStep, bStep, cStep) = (a.step(along: output), b.step(along: output), c.step(along: output))
    guard output.isContiguous && aStep >= 0 && bStep >= 0 && cStep >= 0 else {
      return forEachRun(
        output, a.spread(along: output), b.spread(along: output), c.spread(along: output), body)
    }
    let size = output.dtype.byteSize
    if !Parallel.isWorthwhile(output.count, size: size) {
      return body(output.count, output.address, 1, a.address, aStep, b.address, bStep, c.address, cStep)
    }
    let (aSize, bSize, cSize) = (
      a.dtype.byteSize &* aStep, b.dtype.byteSize &* bStep, c.dtype.byteSize &* cStep
    )
    Parallel.split(0..<output.count) { part in
      let start = part.lowerBound
      body(
        part.count, output.address + start &* size, 1, a.address + start &* aSize, aStep,
        b.address + start &* bSize, bStep, c.address + start &* cSize, cStep)
    }
  }

  /// What is done with one run of four arrays: its length, and for each array the address and the step in elements.
  public typealias RunBody = (
    _ length: Int, _ output: UnsafeMutableRawPointer, _ outputStep: Int, _ a: UnsafeMutableRawPointer,
    _ aStep: Int, _ b: UnsafeMutableRawPointer, _ bStep: Int, _ c: UnsafeMutableRawPointer, _ cStep: Int
  ) -> Void

  /// Visits every run of `output`, `a`, `b`, `c` (equal shapes).
  @inlinable public static func forEachRun(
    _ output: NDArray, _ a: NDArray, _ b: NDArray, _ c: NDArray, _ body: RunBody
  ) {
    var plan = RunPlan(output.shape, output, a, b, c)
    repeat {
      body(
        plan.length, output.address + plan.offsets[0] &* output.dtype.byteSize, plan.inner(0),
        a.address + plan.offsets[1] &* a.dtype.byteSize, plan.inner(1),
        b.address + plan.offsets[2] &* b.dtype.byteSize, plan.inner(2),
        c.address + plan.offsets[3] &* c.dtype.byteSize, plan.inner(3))
    } while plan.advance()
  }
}

extension NDArray {
  /// The step with which one run visits all elements, or the only one again and again; −1 where one run cannot.
  fileprivate var evenStep: Int { count == 1 ? 0 : runStep }

  /// The step with which one run visits, for every element of `output` in row-major order, the element that broadcasting puts there; −1
  /// where one run cannot.
  @inlinable public func step(along output: NDArray) -> Int {
    if count == 1 { return 0 }
    return count == output.count ? runStep : -1
  }

  /// Whether kernels may wait for it, or it for kernels. Cheap, and right when it says no.
  @inlinable @inline(__always) var mayWait: Bool { body.uses.load(ordering: .relaxed) >= Storage.oneUse }

  /// This array seen with the shape of `output`.
  @inlinable func spread(along output: NDArray) -> NDArray {
    shape == output.shape ? self : expanded(to: output.shape)
  }
}

/// How to walk four arrays of one shape as runs of even steps: the merged dimensions, and where each array stands now.
public struct RunPlan {
  @usableFromInline var sizes: InlineArray<8, Int>
  @usableFromInline var steps: InlineArray<4, InlineArray<8, Int>>
  @usableFromInline var index: InlineArray<8, Int>
  @usableFromInline var rank: Int
  /// Where each array stands, in elements from its first.
  public var offsets: InlineArray<4, Int>

  /// The plan for four arrays of `shape`; pass one twice when fewer take part.
  @inlinable public init(
    _ shape: Shape, _ a: borrowing NDArray, _ b: borrowing NDArray, _ c: borrowing NDArray,
    _ d: borrowing NDArray
  ) {
    sizes = InlineArray(repeating: 1)
    index = InlineArray(repeating: 0)
    offsets = InlineArray(repeating: 0)
    steps = InlineArray(repeating: InlineArray(repeating: 0))
    rank = 0
    for axis in 0..<shape.rank {
      let size = shape.sizes[axis]
      if size == 1 { continue }
      let (sa, sb) = (a.strides.sizes[axis], b.strides.sizes[axis])
      let (sc, sd) = (c.strides.sizes[axis], d.strides.sizes[axis])
      let last = rank - 1
      if rank > 0, steps[0][last] == sa &* size, steps[1][last] == sb &* size, steps[2][last] == sc &* size,
        steps[3][last] == sd &* size
      {
        sizes[last] &*= size
      } else {
        sizes[rank] = size
        rank += 1
      }
      steps[0][rank - 1] = sa
      steps[1][rank - 1] = sb
      steps[2][rank - 1] = sc
      steps[3][rank - 1] = sd
    }
    if rank == 0 { rank = 1 }
    if sizes[rank - 1] < 16 && rank > 1 { lengthenInnerRun() }
    if shape.elementCount == 0 { sizes[rank - 1] = 0 }
  }

  /// Puts the longest dimension last: the kernel's call is then paid less often. The order of elements does not matter.
  @inlinable mutating func lengthenInnerRun() {
    var longest = rank - 1
    for axis in 0..<rank where sizes[axis] > 4 &* sizes[longest] { longest = axis }
    if longest == rank - 1 { return }
    let last = rank - 1
    (sizes[longest], sizes[last]) = (sizes[last], sizes[longest])
    for operand in 0..<4 {
      let step = steps[operand][longest]
      steps[operand][longest] = steps[operand][last]
      steps[operand][last] = step
    }
  }

  /// The number of elements in each run.
  @inlinable public var length: Int { sizes[rank - 1] }

  /// The step of array `operand` within a run.
  @inlinable public func inner(_ operand: Int) -> Int { steps[operand][rank - 1] }

  /// Moves to the next run; false after the last.
  @inlinable public mutating func advance() -> Bool {
    if sizes[rank - 1] == 0 { return false }
    var axis = rank - 2
    while axis >= 0 {
      index[axis] &+= 1
      if index[axis] < sizes[axis] {
        for operand in 0..<4 { offsets[operand] &+= steps[operand][axis] }
        return true
      }
      for operand in 0..<4 { offsets[operand] &-= steps[operand][axis] &* (sizes[axis] &- 1) }
      index[axis] = 0
      axis -= 1
    }
    return false
  }
}

// MARK: What may wait

extension ElementLoop {
  @usableFromInline static func longUnary(
    _ kernel: ck_unary_fn, _ output: NDArray, _ a: NDArray, _ cost: ck_cost
  ) {
    if KernelQueue.note(kernel, cost, output, a) { return }
    ck_run_unary(
      kernel, cost, output.count, output.address, output.dtype.byteSize, a.address, a.runStep,
      a.dtype.byteSize)
  }

  @usableFromInline static func longBinary(
    _ kernel: ck_binary_fn, _ output: NDArray, _ a: NDArray, _ aStep: Int, _ b: NDArray, _ bStep: Int,
    _ cost: ck_cost
  ) {
    if KernelQueue.note(kernel, output, a, b) { return }
    ck_run_binary(
      kernel, cost, output.count, output.address, output.dtype.byteSize, a.address, aStep, b.address, bStep,
      a.dtype.byteSize)
  }

  @usableFromInline static func longBinary(
    _ kernel: ck_binary_fn, _ output: NDArray, _ a: NDArray, scalarAt value: UnsafeRawPointer,
    scalarOnLeft: Bool, _ cost: ck_cost
  ) {
    if KernelQueue.note(kernel, output, a, numberAt: value, numberOnLeft: scalarOnLeft) { return }
    let (source, step) = (UnsafeRawPointer(a.address), a.runStep)
    let (left, right) = scalarOnLeft ? (value, source) : (source, value)
    ck_run_binary(
      kernel, cost, output.count, output.address, output.dtype.byteSize, left, scalarOnLeft ? 0 : step, right,
      scalarOnLeft ? step : 0, a.dtype.byteSize)
  }

  /// Lets a kernel over a number that waits wait too; false where it must run at once.
  @usableFromInline static func waits(
    _ kernel: ck_binary_fn, _ output: NDArray, _ a: NDArray, _ value: UnsafeRawPointer, _ scalarOnLeft: Bool
  ) -> Bool {
    KernelQueue.note(end: kernel, output, a, numberAt: value, numberOnLeft: scalarOnLeft)
  }

  /// Lets a sum over `x`, into the one element of `output`, wait together with the kernels that calculate `x`: it then takes no pass of its
  /// own over memory. `sum` is a kernel in the order of `CK_SUM`. False, and nothing done, where `x` is there already.
  @inlinable package static func joins(sum: ck_reduce_fn, _ x: NDArray, into output: NDArray) -> Bool {
    x.count >= shortest && longJoins(sum, x, output)
  }

  /// As above for a sum over `count` terms of `x` and `y`, whose elements lie so many apart.
  @inlinable package static func joins(
    sum: ck_reduce2_fn, _ x: NDArray, _ xStep: Int, _ y: NDArray, _ yStep: Int, count: Int,
    into output: NDArray
  ) -> Bool {
    count >= shortest && longJoins(sum, x, xStep, y, yStep, count, output)
  }

  @usableFromInline static func longJoins(_ sum: ck_reduce_fn, _ x: NDArray, _ output: NDArray) -> Bool {
    x.dtype.isFloatingPoint && KernelQueue.note(sum: sum, x, into: output)
  }

  @usableFromInline static func longJoins(
    _ sum: ck_reduce2_fn, _ x: NDArray, _ xStep: Int, _ y: NDArray, _ yStep: Int, _ count: Int,
    _ output: NDArray
  ) -> Bool {
    x.dtype.isFloatingPoint && xStep == x.evenStep && yStep == y.evenStep
      && KernelQueue.note(sum: sum, x, y, count: count, into: output)
  }
}
