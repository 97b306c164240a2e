import CKernels

/// Runs a reduction kernel over some dimensions of an array.
///
/// The order of a sum is NumPy's, documented because results depend on it: along the innermost dimension the kernel's pairwise
/// order; along outer dimensions row is added to row, first to last.
public struct Reduction: Sendable {
  /// Reduces one run of elements.
  public let run: ck_reduce_op
  /// Combines two partial results.
  public let combine: ck_binary_op
  /// The result for no elements.
  public let identity: Scalar

  /// Addition from 0.
  public static let sum = Reduction(run: CK_SUM, combine: CK_ADD, identity: 0)
  /// Multiplication from 1.
  public static let product = Reduction(run: CK_PROD, combine: CK_MUL, identity: 1)
  /// The largest; NaN wins.
  public static let maximum = Reduction(run: CK_MAX, combine: CK_MAXIMUM, identity: .float(-.infinity))
  /// The smallest; NaN wins.
  public static let minimum = Reduction(run: CK_MIN, combine: CK_MINIMUM, identity: .float(.infinity))

  /// Reduces `x` over `axes` into `output`, which has x's dtype and x's shape with the reduced sizes 1 or left out.
  public func run(_ x: NDArray, over axes: AxisSet, into output: NDArray) throws(ArrayError) {
    guard let kernel = ck_reduce(run, x.dtype.kernelType), let binary = ck_binary(combine, x.dtype.kernelType)
    else {
      throw .runtime("reduction: not implemented for '\(x.dtype.scalarTypeName)'; convert with to(_:) first")
    }
    if x.count == 0 || axes.isEmpty {
      if x.count == 0 {
        output.fill(with: identity)
      } else {
        output.write(from: x.strided(output.shape, x.dropping(axes, rank: output.rank), offset: x.offset))
      }
      return
    }
    if axes.count == x.rank && x.isContiguous {
      reduceAll(x, output, kernel, binary)
      return
    }
    if Parallel.isWorthwhile(x.count, size: x.dtype.byteSize),
      let axis = (0..<x.rank).filter({ !axes.contains($0) }).max(by: { x.shape[$0] < x.shape[$1] }),
      x.shape[axis] > 1
    {
      // Every result is calculated by one thread, in the order it always has.
      let output = output.rank == x.rank ? output : output.keeping(axes, of: x.shape)
      Parallel.split(0..<x.shape[axis]) { part in
        reducePart(x.slab(part, axis), axes, output.slab(part, axis), kernel, binary)
      }
      return
    }
    reducePart(x, axes, output, kernel, binary)
  }

  /// All elements, reduced to the one of an array of this shape.
  @usableFromInline func total(_ x: NDArray, as shape: Shape = Shape()) throws(ArrayError) -> NDArray {
    let output = try NDArray(uninitialized: shape, x.dtype)
    try run(x, over: AxisSet(all: x.rank), into: output)
    return output
  }

  private func reducePart(
    _ x: NDArray, _ axes: AxisSet, _ output: NDArray, _ kernel: ck_reduce_fn, _ binary: ck_binary_fn
  ) {
    let split = SplitAxes(x, axes, output)
    if split.reducesInnermost {
      reduceRuns(x, output, split, kernel, binary)
    } else {
      addRows(x, output, split, binary)
    }
  }

  /// One run. A long sum is shared among threads by the halves into which its order splits it anyway.
  private func reduceAll(
    _ x: NDArray, _ output: NDArray, _ kernel: ck_reduce_fn, _ combine: ck_binary_fn
  ) {
    if run == CK_SUM, ElementLoop.joins(sum: kernel, x, into: output) { return }
    guard x.dtype.isFloatingPoint, run == CK_SUM, Parallel.isWorthwhile(x.count, size: x.dtype.byteSize)
    else {
      return kernel(x.count, x.address, 1, output.address)
    }
    let (source, size) = (x.address, x.dtype.byteSize)
    Reduction.sumByHalves(x.count, x.dtype, into: output.address, combine) { start, count, sum in
      kernel(count, source + start * size, 1, sum)
    }
  }

  /// The sum of `terms` of `count` elements of x and y that lie so many elements apart, into the one element of `output`: the bits are those
  /// of calculating the terms first. All have one floating dtype.
  @usableFromInline static func sum(
    _ terms: ck_reduce2_op, _ count: Int, _ x: NDArray, _ xStep: Int, _ y: NDArray, _ yStep: Int,
    into output: NDArray
  ) throws(ArrayError) {
    guard let kernel = ck_reduce2(terms, x.dtype.kernelType),
      let combine = ck_binary(CK_ADD, x.dtype.kernelType)
    else { throw Sum.undefined(for: x.dtype) }
    if ElementLoop.joins(sum: kernel, x, xStep, y, yStep, count: count, into: output) { return }
    let (a, b, size) = (x.address, y.address, x.dtype.byteSize)
    guard Parallel.isWorthwhile(count, size: size) else {
      return kernel(count, a, xStep, b, yStep, output.address)
    }
    sumByHalves(count, x.dtype, into: output.address, combine) { start, count, sum in
      kernel(count, a + start * xStep * size, xStep, b + start * yStep * size, yStep, sum)
    }
  }

  /// Σ x and Σ x·y of two contiguous arrays of one floating dtype, each with the bits it has alone, in one pass; false, and nothing done,
  /// where several threads share the work.
  @usableFromInline static func sumAndProducts(
    _ x: NDArray, _ y: NDArray, into sum: NDArray, _ products: NDArray
  ) throws(ArrayError) -> Bool {
    guard let kernel = ck_reduce2(CK_SUM_AND_PRODUCTS, x.dtype.kernelType) else {
      throw Sum.undefined(for: x.dtype)
    }
    if let plain = ck_reduce(CK_SUM, x.dtype.kernelType), ElementLoop.joins(sum: plain, x, into: sum) {
      // Both wait, and take no pass.
      try Reduction.sum(CK_SUM_PRODUCTS, x.count, x, 1, y, 1, into: products)
      return true
    }
    let size = x.dtype.byteSize
    if Parallel.isWorthwhile(x.count, size: size) { return false }
    var sums: (UInt64, UInt64) = (0, 0)
    withUnsafeMutableBytes(of: &sums) { sums in
      kernel(x.count, x.address, 1, y.address, 1, sums.baseAddress!)
      sum.address.copyMemory(from: sums.baseAddress!, byteCount: size)
      products.address.copyMemory(from: sums.baseAddress! + 8, byteCount: size)
    }
    return true
  }

  /// A long sum shared among threads: `sum` writes that of `count` terms from `start` on to an address.
  private static func sumByHalves(
    _ count: Int, _ dtype: DType, into output: UnsafeMutableRawPointer, _ combine: ck_binary_fn,
    _ sum: (_ start: Int, _ count: Int, UnsafeMutableRawPointer) -> Void
  ) {
    let size = dtype.byteSize
    let bounds = pairwiseBounds(count, levels: 4)
    withUnsafeTemporaryAllocation(byteCount: (bounds.count - 1) * size, alignment: 8) { partial in
      let sums = partial.baseAddress!
      Parallel.split(0..<(bounds.count - 1)) { parts in
        for part in parts { sum(bounds[part], bounds[part + 1] - bounds[part], sums + part * size) }
      }
      var count = bounds.count - 1
      while count > 1 {
        for pair in 0..<(count / 2) {
          combine(1, sums + pair * size, 1, sums + 2 * pair * size, 1, sums + (2 * pair + 1) * size, 1)
        }
        count /= 2
      }
      output.copyMemory(from: sums, byteCount: size)
    }
  }

  /// Where the parts begin and end after `levels` halvings, the first half each time rounded down to a multiple of 8.
  private static func pairwiseBounds(_ count: Int, levels: Int) -> [Int] {
    var bounds = [0, count]
    for _ in 0..<levels {
      var finer = [0]
      for (start, end) in zip(bounds, bounds.dropFirst()) {
        let half = (end - start) / 2
        finer += [start + half - half % 8, end]
      }
      bounds = finer
    }
    return bounds
  }

  /// Every output element is made of whole runs of the innermost dimension.
  private func reduceRuns(
    _ x: NDArray, _ output: NDArray, _ split: SplitAxes, _ kernel: ck_reduce_fn, _ combine: ck_binary_fn
  ) {
    let size = x.dtype.byteSize
    let (source, target) = (x.address, output.address)
    let (rows, run) = (split.kept.innermost, split.reduced.innermost)
    if split.reduced.count < 2 {
      split.kept.forEachRun { offset, outputOffset in
        let (start, result) = (source + offset * size, target + outputOffset * size)
        for row in 0..<rows.size {
          kernel(run.size, start + row * rows.step * size, run.step, result + row * rows.outputStep * size)
        }
      }
      return
    }
    var scratch: UInt64 = 0
    withUnsafeMutableBytes(of: &scratch) { cell in
      split.kept.forEachPlace { offset, outputOffset in
        let result = target + outputOffset * size
        var first = true
        split.reduced.forEachRun { inner, _ in
          let start = source + (offset + inner) * size
          if first {
            kernel(run.size, start, run.step, result)
          } else {
            kernel(run.size, start, run.step, cell.baseAddress!)
            combine(1, result, 1, result, 1, cell.baseAddress!, 1)
          }
          first = false
        }
      }
    }
  }

  /// Rows of the innermost (kept) dimension are combined one after the other.
  private func addRows(_ x: NDArray, _ output: NDArray, _ split: SplitAxes, _ combine: ck_binary_fn) {
    let size = x.dtype.byteSize
    let copy = ck_cast(x.dtype.kernelType, x.dtype.kernelType)
    let addRows = run == CK_SUM ? ck_add_rows(x.dtype.kernelType) : nil
    let (source, target) = (x.address, output.address)
    let (row, down) = (split.kept.innermost, split.reduced.innermost)
    split.kept.forEachRun { offset, outputOffset in
      let (start, result) = (source + offset * size, target + outputOffset * size)
      if let addRows, row.step == 1, row.outputStep == 1, split.reduced.count < 2 {
        copy(row.size, result, 1, start, 1)
        addRows(row.size, result, start + down.step * size, down.step, down.size - 1)
        return
      }
      var first = true
      split.reduced.forEachPlace { inner, _ in
        if first {
          copy(row.size, result, row.outputStep, start + inner * size, row.step)
        } else {
          combine(
            row.size, result, row.outputStep, result, row.outputStep, start + inner * size, row.step)
        }
        first = false
      }
    }
  }
}

extension NDArray {
  /// The strides without `axes` (whose sizes are 1), or all of them when the rank is kept.
  func dropping(_ axes: AxisSet, rank: Int) -> Strides {
    if rank == self.rank { return strides }
    var result = Strides()
    for axis in 0..<self.rank where !axes.contains(axis) { result.append(strides[axis]) }
    return result
  }
}

extension NDArray {
  /// This result of a reduction of `shape` over `axes`, with the reduced dimensions put back with size 1.
  func keeping(_ axes: AxisSet, of shape: Shape) -> NDArray {
    var (sizes, steps) = (Shape(), Strides())
    var axis = 0
    for position in 0..<shape.rank {
      let isReduced = axes.contains(position)
      sizes.append(isReduced ? 1 : self.shape[axis])
      steps.append(isReduced ? 0 : strides[axis])
      if !isReduced { axis += 1 }
    }
    return strided(sizes, steps, offset: offset)
  }
}

/// The dimensions of a reduction's input, sorted into kept and reduced ones.
struct SplitAxes {
  /// Over the places of the result.
  private(set) var kept = PairedLoops()
  /// Over the elements that make up one of the result's.
  private(set) var reduced = PairedLoops()
  /// Whether the dimension with the shortest step is reduced.
  private(set) var reducesInnermost = true

  init(_ x: NDArray, _ axes: AxisSet, _ output: NDArray) {
    let keepsRank = output.rank == x.rank
    var outputAxis = 0
    var innermost = Int.max
    for axis in 0..<x.rank {
      let isReduced = axes.contains(axis)
      let target = isReduced ? 0 : output.strides[keepsRank ? axis : outputAxis]
      if !isReduced { outputAxis += 1 }
      let loop = PairedLoops.Loop(size: x.shape[axis], step: x.strides[axis], outputStep: target)
      if loop.size == 1 { continue }
      if abs(loop.step) <= innermost && loop.step != 0 {
        innermost = abs(loop.step)
        reducesInnermost = isReduced
      }
      if isReduced { reduced.nest(loop) } else { kept.nest(loop) }
    }
    if kept.count == 0 { reducesInnermost = true }
  }
}
