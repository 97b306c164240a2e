/// The runs of an array along one dimension, in row-major order of the other dimensions.
public struct Rows {
  /// One run.
  public struct Row {
    /// The first element.
    public let start: UnsafeMutableRawPointer
    /// The step in elements.
    public let step: Int
    /// The number of elements.
    public let length: Int
  }

  private let array: NDArray
  private let axis: Int
  private let outer: Shape
  private let outerStrides: Strides
  private let length: Int
  private let step: Int

  /// The runs along `axis`; a 0-d array is one run of one element.
  public init(_ array: NDArray, _ axis: Int) {
    self.array = array
    self.axis = axis
    if array.rank == 0 {
      (outer, outerStrides, length, step) = (Shape(), Strides(), 1, 1)
    } else {
      (outer, outerStrides) = (
        array.shape.reduced(AxisSet(axis), keepDim: false),
        array.strides.reduced(AxisSet(axis), keepDim: false)
      )
      (length, step) = (array.shape[axis], array.strides[axis])
    }
  }

  /// The number of runs.
  public var count: Int { outer.elementCount }

  /// Visits every run with its number.
  public func visit(_ body: (Row, Int) -> Void) {
    let total = count
    if total == 0 { return }
    var index = Shape(repeating: 0, rank: outer.rank)
    var offset = 0
    let size = array.dtype.byteSize
    for number in 0..<total {
      body(Row(start: array.pointer + offset * size, step: step, length: length), number)
      var dimension = outer.rank - 1
      while dimension >= 0 {
        index[dimension] += 1
        offset += outerStrides[dimension]
        if index[dimension] < outer[dimension] { break }
        offset -= outerStrides[dimension] * outer[dimension]
        index[dimension] = 0
        dimension -= 1
      }
    }
  }
}
