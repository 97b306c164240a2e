import CKernels

/// How many threads a large operation may use.
///
/// At first what the environment variable `OMP_NUM_THREADS` says, else one per processor. Results do not depend on it: work is only
/// split where the order of every sum stays the same. Operations of less than about 200 µs stay on the calling thread.
public var threadCount: Int { Int(ck_thread_count()) }

/// Sets the number of threads that large operations may use from now on, in the whole process. Stops unless it is within 1...256.
public func setThreadCount(_ count: Int) {
  if ck_set_thread_count(Int32(clamping: count)) != 0 {
    stop(.value("set_num_threads: the number of threads must be within 1...256, but is \(count)"))
  }
}

/// Work shared among threads.
public enum Parallel {
  /// Elements from which on it can pay to split even what takes long for each.
  @inlinable public static var serialLimit: Int { 1 << 15 }

  /// Whether work on `count` elements of `size` bytes is long enough to be split, each element taking `cost`.
  public static func isWorthwhile(_ count: Int, size: Int, cost: ck_cost = CK_COST_ARITHMETIC) -> Bool {
    count >= serialLimit && ck_is_worth_splitting(count, size, cost) != 0
  }

  /// Calls `body` with ranges that make up `range`, on several threads and in no order; returns when all are done. The parts must not
  /// depend on each other.
  public static func split(_ range: Range<Int>, _ body: (Range<Int>) -> Void) {
    let parts = min(range.count, threadCount * 4)
    if parts < 2 { return body(range) }
    withoutActuallyEscaping(body) { body in
      var task = Task(range: range, parts: parts, body: body)
      withUnsafeMutablePointer(to: &task) { task in
        ck_parallel(
          Int32(parts), ck_thread_count(),
          { context, part, _ in
            let task = context!.assumingMemoryBound(to: Task.self)
            task.pointee.body(task.pointee.part(Int(part)))
          }, task)
      }
    }
  }

  private struct Task {
    let range: Range<Int>
    let parts: Int
    let body: (Range<Int>) -> Void

    func part(_ number: Int) -> Range<Int> {
      func bound(_ number: Int) -> Int {
        range.lowerBound + range.count / parts * number + min(number, range.count % parts)
      }
      return bound(number)..<bound(number + 1)
    }
  }
}

extension NDArray {
  /// The part with the indices `range` along `axis`: a view.
  public func slab(_ range: Range<Int>, _ axis: Int) -> NDArray {
    var sizes = shape
    sizes[axis] = range.count
    return strided(sizes, strides, offset: offset + range.lowerBound * strides[axis])
  }
}
