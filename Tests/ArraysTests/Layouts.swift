import Arrays

/// Arrays of one shape in all sorts of layouts, and the plain walk over their elements that the fast ones are
/// held against.
enum Layouts {
  /// Shapes with few and many dimensions, sizes 0 and 1, and long and short runs.
  static let shapes: [Shape] = [
    [], [1], [7], [0], [2, 3], [3, 1], [1, 5], [40, 3], [3, 40], [2, 0, 3], [2, 3, 4], [1, 6, 1, 2],
    [2, 1, 3, 1, 2],
    [20, 2, 20], [2, 2, 2, 2, 2, 2, 2, 2],
  ]

  /// Names of the layouts that `array` makes.
  static let names = [
    "row-major", "column-major", "every second", "backwards", "offset", "inner gap", "rotated",
  ]

  /// An array with the elements 0, 1, 2 … (as far as the dtype holds them) in row-major order of its indices,
  /// laid out as `layout` says.
  static func array(_ shape: Shape, _ dtype: DType, _ layout: String) throws -> NDArray {
    let rank = shape.rank
    var order = Array(0..<rank)
    var factor = 1
    switch layout {
    case "column-major": order.reverse()
    case "rotated": if rank > 1 { order.append(order.removeFirst()) }
    case "every second", "inner gap": factor = layout == "every second" ? 2 : 3
    default: break
    }
    // `order` lists the dimensions from the slowest to the fastest in memory.
    var strides = Strides(repeating: 0, rank: rank)
    var step = factor
    for axis in order.reversed() {
      strides[axis] = step
      step *= max(shape[axis], 1) + (layout == "inner gap" ? 1 : 0)
    }
    var offset = layout == "offset" ? 5 : 0
    if layout == "backwards" && shape.elementCount > 0 {
      for axis in 0..<rank {
        offset += (shape[axis] - 1) * strides[axis]
        strides[axis] = -strides[axis]
      }
    }
    let memory = try NDArray(full: [step + offset + 1], 99, dtype)
    let view = memory.strided(shape, strides, offset: offset)
    for (position, place) in places(view).enumerated() {
      NDArray.store(.int(Int64(position % 100)), dtype, view.storage.base + place * dtype.byteSize)
    }
    return view
  }

  /// Where each element is, in elements from the start of the storage, in row-major order of the indices: one
  /// index after the other.
  static func places(_ array: NDArray) -> [Int] {
    var places = [array.offset]
    for axis in 0..<array.rank {
      places = places.flatMap { place in (0..<array.shape[axis]).map { place + $0 * array.strides[axis] } }
    }
    return array.count == 0 ? [] : places
  }

  /// The elements by the plain walk.
  static func values(_ array: NDArray) -> [Scalar] {
    places(array).map { NDArray.load(array.dtype, array.storage.base + $0 * array.dtype.byteSize) }
  }
}
