import Operations

/// Numbers in nested brackets, as one writes them: `[[1, 2], [3, 4]]`.
///
/// The dtype is inferred as in PyTorch from what is written, not from a Swift type: bools give bool, integers int64, and one number
/// with a point makes all of them float32.
public enum TensorLiteral: Sendable {
  case number(Scalar)
  case list([TensorLiteral])
}

extension TensorLiteral: ExpressibleByArrayLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral
{
  public init(arrayLiteral elements: TensorLiteral...) { self = .list(elements) }
  public init(integerLiteral value: Int64) { self = .number(.int(value)) }
  public init(floatLiteral value: Double) { self = .number(.float(value)) }
  public init(booleanLiteral value: Bool) { self = .number(.bool(value)) }
}

extension TensorLiteral {
  /// The array this describes, of the inferred dtype unless one is given. Throws when the lists of one level differ in length.
  public func array(_ dtype: DType? = nil) throws(ArrayError) -> NDArray {
    var shape = Shape()
    var level = self
    while case .list(let items) = level {
      shape.append(items.count)
      guard let first = items.first else { break }
      level = first
    }
    var numbers: [Scalar] = []
    try collect(shape, 0, &numbers)
    let category = numbers.map(\.category).max()
    let inferred: DType =
      switch category {
      case .bool: .bool
      case .integral: .int64
      case .floating, nil: .default
      }
    let result = try NDArray(uninitialized: shape, dtype ?? inferred)
    for (position, number) in numbers.enumerated() {
      NDArray.store(number, result.dtype, result.address + position * result.dtype.byteSize)
    }
    return result
  }

  private func collect(_ shape: Shape, _ axis: Int, _ numbers: inout [Scalar]) throws(ArrayError) {
    switch self {
    case .number(let number):
      try require(
        axis == shape.rank,
        .value(
          "tensor: expected sequence of length \(axis < shape.rank ? shape[axis] : 0) at dim \(axis), got a number"
        ))
      numbers.append(number)
    case .list(let items):
      try require(
        axis < shape.rank && items.count == shape[axis],
        .value(
          axis < shape.rank
            ? "tensor: expected sequence of length \(shape[axis]) at dim \(axis) (got \(items.count))"
            : "tensor: expected a number at dim \(axis), got a sequence of length \(items.count)"))
      for item in items { try item.collect(shape, axis + 1, &numbers) }
    }
  }
}

extension Tensor: ExpressibleByArrayLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral
{
  public convenience init(arrayLiteral elements: TensorLiteral...) {
    self.init(checked { () throws(ArrayError) in try TensorLiteral.list(elements).array() })
  }
  public convenience init(integerLiteral value: Int64) {
    self.init(checked { () throws(ArrayError) in try TensorLiteral.number(.int(value)).array() })
  }
  public convenience init(floatLiteral value: Double) {
    self.init(checked { () throws(ArrayError) in try TensorLiteral.number(.float(value)).array() })
  }
  public convenience init(booleanLiteral value: Bool) {
    self.init(checked { () throws(ArrayError) in try TensorLiteral.number(.bool(value)).array() })
  }
}
