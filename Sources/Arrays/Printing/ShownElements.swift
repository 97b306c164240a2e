extension NDArray {
  /// The sub-array at `position` along the first dimension.
  func row(_ position: Int) -> NDArray {
    var (rest, steps) = (shape, strides)
    rest.remove(at: 0)
    steps.remove(at: 0)
    return strided(rest, steps, offset: offset + position * strides[0])
  }

  /// Calls `body` with the value of each element in row-major order; `edgeItems` keeps only as many at both
  /// ends of each dimension that is longer than twice that.
  func forEachShown(edgeItems: Int?, _ body: (Scalar) -> Void) {
    if rank == 0 {
      body(NDArray.load(dtype, address))
      return
    }
    let size = shape[0]
    if let edgeItems, size > 2 * edgeItems {
      for position in 0..<edgeItems { row(position).forEachShown(edgeItems: edgeItems, body) }
      for position in (size - edgeItems)..<size { row(position).forEachShown(edgeItems: edgeItems, body) }
    } else {
      for position in 0..<size { row(position).forEachShown(edgeItems: edgeItems, body) }
    }
  }

  /// The values that printing shows: all, or those at the edges.
  func shownScalars(edgeItems: Int?) -> [Scalar] {
    var values: [Scalar] = []
    forEachShown(edgeItems: edgeItems) { values.append($0) }
    return values
  }
}
