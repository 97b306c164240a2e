import CKernels
import Operations

/// Tensors run an operation at once and remember it.
extension Tensor: Algebra {
  public typealias ShapeReference = Shape

  @inlinable public var staticShape: Shape? { array.shape }
  @inlinable public var shapeReference: Shape { array.shape }
  @inlinable public static func shapeReference(_ shape: Shape) -> Shape { shape }
  @inlinable public func constant(_ array: NDArray) -> Tensor { Tensor(array) }
  @inlinable public static var remembers: Bool { true }
  @inlinable public func hasType(of other: Tensor) -> Bool { array.hasType(of: other.array) }

  /// Whether an operation on it may have to be recorded. Cheap, and right when it says no.
  @inlinable @inline(__always) var mayNeedRecording: Bool { node != nil || viewed != nil }

  @inlinable public static func apply<O: UnaryOperation>(
    _ operation: O, _ x: Tensor
  ) throws(ArrayError) -> Tensor {
    let result = Tensor(try operation.forward(x.array))
    if x.mayNeedRecording, ck_grad_mode_get() != 0, let node = try x.recordedNode(),
      operation.isDifferentiable,
      result.array.dtype.isFloatingPoint
    {
      result.node = try UnaryNode.make(operation, x, node, output: result.array)
    }
    if operation.isView { result.becomeView(of: x) }
    return result
  }

  @inlinable public static func apply<O: BinaryOperation>(
    _ operation: O, _ x: Tensor, _ y: Tensor
  ) throws(ArrayError) -> Tensor {
    let result = Tensor(try operation.forward(x.array, y.array))
    try result.record(operation, x, y)
    if operation.isView { result.becomeView(of: x) }
    return result
  }

  /// Broadcasting is part of the recorded operation, as in PyTorch: the gradient of an operand that was repeated is summed on its way.
  @inlinable public static func apply<O: ElementwiseBinary>(
    spreading operation: O, _ x: Tensor, _ y: Tensor
  ) throws(ArrayError) -> Tensor {
    let result = Tensor(try operation.forward(spreading: x.array, y.array))
    try result.record(operation, x, y)
    return result
  }

  /// Remembers that this is the operation's result on `x` and `y`, if recording is on and one of them requires a gradient.
  @inlinable @inline(__always) func record<O: BinaryOperation>(
    _ operation: O, _ x: Tensor, _ y: Tensor
  ) throws(ArrayError) {
    guard x.mayNeedRecording || y.mayNeedRecording, ck_grad_mode_get() != 0 else { return }
    let (xNode, yNode) = (try x.recordedNode(), try y.recordedNode())
    if xNode != nil || yNode != nil, operation.isDifferentiable, array.dtype.isFloatingPoint {
      node = try BinaryNode.make(operation, x, xNode, y, yNode, output: array)
    }
  }

  @inlinable public static func apply<O: TernaryOperation>(
    _ operation: O, _ x: Tensor, _ y: Tensor, _ z: Tensor
  ) throws(ArrayError) -> Tensor {
    let result = Tensor(try operation.forward(x.array, y.array, z.array))
    if ck_grad_mode_get() != 0 {
      let nodes = (try x.recordedNode(), try y.recordedNode(), try z.recordedNode())
      if nodes.0 != nil || nodes.1 != nil || nodes.2 != nil, operation.isDifferentiable,
        result.array.dtype.isFloatingPoint
      {
        result.node = try TernaryNode.make(operation, (x, y, z), nodes, output: result.array)
      }
    }
    return result
  }

  public static func apply<O: VariadicOperation>(
    _ operation: O, _ xs: [Tensor]
  ) throws(ArrayError) -> [Tensor] {
    let results = try operation.forward(xs.map(\.array)).map { Tensor($0) }
    if ck_grad_mode_get() != 0 {
      var isRecorded = false
      for x in xs where try x.recordedNode() != nil { isRecorded = true }
      if isRecorded, operation.isDifferentiable, results.contains(where: { $0.dtype.isFloatingPoint }) {
        let node = try VariadicNode.make(operation, xs, outputs: results.map(\.array))
        for (index, result) in results.enumerated() where result.dtype.isFloatingPoint {
          result.node = node
          result.outputIndex = UInt16(index)
        }
      }
    }
    if operation.isView {
      for result in results { result.becomeView(of: xs[0], isOneOfSeveral: true) }
    }
    return results
  }

  @inlinable public static func apply<O: ShapedOperation>(
    _ operation: O, _ x: Tensor, shape: Shape
  ) throws(ArrayError) -> Tensor {
    var operation = operation
    operation.shape = shape
    return try apply(operation, x)
  }

  @usableFromInline static var savedInferenceError: ArrayError {
    .runtime("inference tensors cannot be saved for backward; clone() the tensor outside inferenceMode first")
  }
}
