import CKernels

extension NDArray {
  /// Copies `source`, whose innermost dimension is not its fastest one in memory, by blocks that stay in cache. False (and nothing
  /// done) where that is not the case. Both have one shape and dtype.
  func copiesAsTransposition(from source: NDArray) -> Bool {
    guard isContiguous, rank >= 2, source.strides[rank - 1] != 1, count > 64 else { return false }
    guard let fast = (0..<(rank - 1)).first(where: { source.strides[$0] == 1 && shape[$0] > 1 }) else {
      return false
    }
    let last = rank - 1
    let size = dtype.byteSize
    var outer: [Int] = (0..<last).filter { $0 != fast && shape[$0] != 1 }
    var index = [Int](repeating: 0, count: outer.count)
    outer.reverse()
    while true {
      var (from, to) = (0, 0)
      for (position, axis) in outer.enumerated() {
        from += index[position] * source.strides[axis]
        to += index[position] * strides[axis]
      }
      let (target, origin) = (address + to * size, source.address + from * size)
      let isShared = Parallel.isWorthwhile(shape[fast] * shape[last], size: size)
      (isShared ? Parallel.split : { $1($0) })(0..<shape[fast]) { lines in
        ck_copy_2d(
          lines.count, shape[last], target + lines.lowerBound * strides[fast] * size, strides[fast],
          strides[last], origin + lines.lowerBound * source.strides[fast] * size, source.strides[fast],
          source.strides[last], size)
      }
      var position = 0
      while position < outer.count {
        index[position] += 1
        if index[position] < shape[outer[position]] { break }
        index[position] = 0
        position += 1
      }
      if position == outer.count { return true }
    }
  }
}
