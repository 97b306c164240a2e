import CKernels

/// The runs of an array along one dimension, and for each the place of its result: a run again (running sums, softmax) or one element
/// (the position of the largest).
struct Rows {
  private let x: NDArray
  private let output: NDArray
  private let axis: Int

  /// The runs of `x` along `axis`; a 0-d array is one run of one element. `output` has x's shape, or in place of `axis` size 1 or no
  /// dimension.
  init(_ x: NDArray, _ output: NDArray, along axis: Int) {
    (self.x, self.output, self.axis) = (x, output, axis)
  }

  /// One run and its result; the steps count elements.
  struct Row {
    /// The number of elements.
    let length: Int
    /// The first element.
    let start: UnsafeMutableRawPointer
    let step: Int
    /// Where the result begins.
    let target: UnsafeMutableRawPointer
    let targetStep: Int
  }

  /// Writes over each run of the result what `kernel` makes of the run; both arrays have one dtype. A run of the result may be the run itself.
  func map(_ kernel: ck_unary_fn, cost: ck_cost) {
    split(cost) { part in
      part.visitSideBySide(givesRuns: true, cost) { row in
        kernel(row.length, row.target, row.targetStep, row.start, row.step)
      }
    }
  }

  /// Writes what `kernel` makes of each run as its element of the result.
  func reduce(_ kernel: ck_reduce_fn) {
    split(CK_COST_ARITHMETIC) { part in
      part.visitSideBySide(givesRuns: false, CK_COST_ARITHMETIC) { row in
        kernel(row.length, row.start, row.step, row.target)
      }
    }
  }

  /// Visits every run as it lies.
  func visit(_ body: (Row) -> Void) {
    forEachBundle { bundle, start, target in bundle.visit(start, target, body) }
  }

  /// Runs that lie evenly apart.
  private struct Bundle {
    let length: Int
    let step: Int
    let targetStep: Int
    /// The number of runs, and what is between two of them.
    let rows: PairedLoops.Loop
    /// The size of an element of each array.
    let size: Int
    let targetSize: Int

    @inline(__always) func visit(
      _ start: UnsafeMutableRawPointer, _ target: UnsafeMutableRawPointer, _ body: (Row) -> Void
    ) {
      for number in 0..<rows.size {
        body(
          Row(
            length: length, start: start + number * rows.step * size, step: step,
            target: target + number * rows.outputStep * targetSize, targetStep: targetStep))
      }
    }
  }

  /// Calls `body` for every bundle with where its runs and their results begin.
  @inline(__always) private func forEachBundle(
    _ body: (Bundle, _ start: UnsafeMutableRawPointer, _ target: UnsafeMutableRawPointer) -> Void
  ) {
    let keepsRank = output.rank == x.rank
    var heads = PairedLoops()
    for dimension in 0..<x.rank where dimension != axis {
      let place = keepsRank || dimension < axis ? dimension : dimension - 1
      heads.nest(
        .init(size: x.shape[dimension], step: x.strides[dimension], outputStep: output.strides[place]))
    }
    let bundle = Bundle(
      length: x.rank == 0 ? 1 : x.shape[axis], step: x.rank == 0 ? 1 : x.strides[axis],
      targetStep: keepsRank && x.rank > 0 ? output.strides[axis] : 1, rows: heads.innermost,
      size: x.dtype.byteSize, targetSize: output.dtype.byteSize)
    let (source, target) = (x.address, output.address)
    heads.forEachRun { offset, outputOffset in
      body(bundle, source + offset * bundle.size, target + outputOffset * bundle.targetSize)
    }
  }

  /// Bytes of the copies of runs that are worked on at a time: they stay in the second-level cache.
  private static var blockBytes: Int { 1 << 17 }
  /// The length of a line of memory in bytes.
  private static var lineBytes: Int { 64 }

  /// As `visit`, but runs that lie across the memory are copied by blocks, so that each line of memory is fetched once and `body` sees runs
  /// without gaps. Where `givesRuns`, the copy is also where the result is written.
  ///
  /// What fits in the second-level cache is copied only for functions, which are vectorised for runs without gaps alone.
  private func visitSideBySide(givesRuns: Bool, _ cost: ck_cost, _ body: (Row) -> Void) {
    var scratch: NDArray?
    let smallest = cost == CK_COST_ARITHMETIC ? Rows.blockBytes : 1 << 10
    forEachBundle { bundle, start, target in
      let (rows, length, size) = (bundle.rows, bundle.length, bundle.size)
      guard rows.size >= 8, length >= 8, rows.size * length * size >= smallest,
        abs(rows.step) < abs(bundle.step), rows.step != 0
      else {
        return bundle.visit(start, target, body)
      }
      let blockSize = min(max(Rows.blockBytes / (length * size), Rows.lineBytes / size), rows.size)
      if scratch == nil { scratch = try? NDArray(uninitialized: [blockSize, length], x.dtype) }
      // Without memory for the copies the runs are visited as they lie.
      guard let copies = scratch?.address else { return bundle.visit(start, target, body) }
      for first in stride(from: 0, to: rows.size, by: blockSize) {
        let count = min(blockSize, rows.size - first)
        let targets = target + first * rows.outputStep * bundle.targetSize
        ck_copy_2d(
          count, length, copies, length, 1, start + first * rows.step * size, rows.step, bundle.step, size)
        for number in 0..<count {
          let copy = copies + number * length * size
          body(
            Row(
              length: length, start: copy, step: 1,
              target: givesRuns ? copy : targets + number * rows.outputStep * bundle.targetSize, targetStep: 1
            ))
        }
        if givesRuns {
          ck_copy_2d(
            count, length, targets, rows.outputStep, bundle.targetStep, copies, length, 1, size)
        }
      }
    }
  }

  /// Shares the runs among threads where there is enough to do, by the longest of the other dimensions.
  private func split(_ cost: ck_cost, _ body: (Rows) -> Void) {
    guard x.rank > 1, Parallel.isWorthwhile(x.count, size: x.dtype.byteSize, cost: cost) else {
      return body(self)
    }
    var longest = axis == 0 ? 1 : 0
    for dimension in 0..<x.rank where dimension != axis && x.shape[dimension] > x.shape[longest] {
      longest = dimension
    }
    let place = output.rank == x.rank || longest < axis ? longest : longest - 1
    Parallel.split(0..<x.shape[longest]) { part in
      body(Rows(x.slab(part, longest), output.slab(part, place), along: axis))
    }
  }
}
