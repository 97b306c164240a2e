import Operations

/// `squeeze` that refuses a dimension whose size is not 1; while it is open, it is taken to be.
struct TensorFlowSqueeze: UnaryOperation {
  static let name = "squeeze"
  let dims: [Int]?
  var isView: Bool { true }
  var attributes: [(name: String, value: String)] { dims.map { [("dim", "\($0)")] } ?? [] }

  func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    guard let dims, !dims.isEmpty else { return try Squeeze(nil).type(x) }
    for axis in try x.shape.axes(dims, Self.name).axes
    where x.shape[axis] != 1 && x.shape[axis] != Shape.unknown {
      throw .value("squeeze: dimension \(axis) has size \(x.shape[axis]), it must be 1")
    }
    return ArrayType(x.dtype, x.shape.reduced(try x.shape.axes(dims, Self.name), keepDim: false))
  }
  func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    _ = try type(x.type)
    return try Squeeze(dims.flatMap { $0.isEmpty ? nil : $0 }).forward(x)
  }
  func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient.reshape(to: context.shape(0))
  }
}

/// xʸ with TensorFlow's derivative by y: g·xʸ·ln x, and 0 wherever x is not above 0.
struct TensorFlowPow: BinaryOperation {
  static let name = "pow"

  func type(_ x: ArrayType, _ y: ArrayType) throws(ArrayError) -> ArrayType { try Pow().type(x, y) }
  func forward(_ x: NDArray, _ y: NDArray) throws(ArrayError) -> NDArray { try Pow().forward(x, y) }
  func pullback<C: PullbackContext>(_ gradient: C.Value, to input: Int, _ context: C) -> C.Value? {
    let (x, y) = (context.input(0), context.input(1))
    if input == 0 { return gradient * y * (x.pow(y - 1)) }
    let outside = x.gt(0).logicalNot()
    return gradient * context.result * x.maskedFill(outside, 1).log().maskedFill(outside, 0)
  }
}
