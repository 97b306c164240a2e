/// How an array's elements follow from the number of the element in a run.
enum RunAccess: Hashable {
  /// One after the other.
  case linear
  /// One element for all.
  case uniform
  /// Element (i / inner) % period: a row or a column repeated.
  case repeating(inner: Int, period: Int)

  /// The access that the array's strides amount to, or nil when it is none of these.
  init?(_ array: NDArray) {
    if array.isContiguous {
      self = .linear
      return
    }
    // Dimensions merged: sizes and steps from the innermost.
    var runs: [(size: Int, step: Int)] = []
    for axis in (0..<array.rank).reversed() where array.shape[axis] != 1 {
      let (size, step) = (array.shape[axis], array.strides[axis])
      if let last = runs.last, step == last.step * last.size {
        runs[runs.count - 1].size *= size
      } else {
        runs.append((size, step))
      }
    }
    switch runs.map({ ($0.size, $0.step) }) {
    case let list where list.count == 1 && list[0].1 == 0: self = .uniform
    case let list where list.count == 2 && list[0].1 == 1 && list[1].1 == 0:
      self = .repeating(inner: 1, period: list[0].0)
    case let list where list.count == 2 && list[0].1 == 0 && list[1].1 == 1:
      self = .repeating(inner: list[0].0, period: list[1].0)
    case let list where list.count == 3 && list[0].1 == 0 && list[1].1 == 1 && list[2].1 == 0:
      self = .repeating(inner: list[0].0, period: list[1].0)
    default: return nil
    }
  }
}
