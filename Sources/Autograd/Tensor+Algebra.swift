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
    let output = try operation.forward(x.array)
    var recorded: Node?
    if x.mayNeedRecording, ck_grad_mode_get() != 0, let node = try x.recordedNode(),
      operation.isDifferentiable, output.dtype.isFloatingPoint
    {
      recorded = try UnaryNode.make(operation, x, node, output: output)
    }
    let result = Tensor(output, recordedAs: recorded)
    if operation.isView { result.becomeView(of: x) }
    return result
  }

  @inlinable public static func apply<O: BinaryOperation>(
    _ operation: O, _ x: Tensor, _ y: Tensor
  ) throws(ArrayError) -> Tensor {
    let output = try operation.forward(x.array, y.array)
    let result = Tensor(output, recordedAs: try node(of: operation, x, y, output))
    if operation.isView { result.becomeView(of: x) }
    return result
  }

  /// Broadcasting is part of the recorded operation, as in PyTorch: the gradient of an operand that was repeated is summed on its way.
  @inlinable public static func apply<O: ElementwiseBinary>(
    spreading operation: O, _ x: Tensor, _ y: Tensor
  ) throws(ArrayError) -> Tensor {
    let output = try operation.forward(spreading: x.array, y.array)
    return Tensor(output, recordedAs: try node(of: operation, x, y, output))
  }

  /// The node that remembers that `output` is the operation's result on `x` and `y`, if recording is on and one of them requires a gradient.
  @inlinable @inline(__always) static func node<O: BinaryOperation>(
    of operation: O, _ x: Tensor, _ y: Tensor, _ output: NDArray
  ) throws(ArrayError) -> Node? {
    guard x.mayNeedRecording || y.mayNeedRecording, ck_grad_mode_get() != 0 else { return nil }
    let (xNode, yNode) = (try x.recordedNode(), try y.recordedNode())
    guard xNode != nil || yNode != nil, operation.isDifferentiable, output.dtype.isFloatingPoint else {
      return nil
    }
    return try BinaryNode.make(operation, x, xNode, y, yNode, output: output)
  }

  @inlinable public static func apply<O: TernaryOperation>(
    _ operation: O, _ x: Tensor, _ y: Tensor, _ z: Tensor
  ) throws(ArrayError) -> Tensor {
    let output = try operation.forward(x.array, y.array, z.array)
    return Tensor(output, recordedAs: try node(of: operation, x, y, z, output))
  }

  /// As above for an operation on three tensors.
  @inlinable @inline(__always) static func node<O: TernaryOperation>(
    of operation: O, _ x: Tensor, _ y: Tensor, _ z: Tensor, _ output: NDArray
  ) throws(ArrayError) -> Node? {
    guard x.mayNeedRecording || y.mayNeedRecording || z.mayNeedRecording, ck_grad_mode_get() != 0 else {
      return nil
    }
    let (xNode, yNode, zNode) = (try x.recordedNode(), try y.recordedNode(), try z.recordedNode())
    guard xNode != nil || yNode != nil || zNode != nil, operation.isDifferentiable,
      output.dtype.isFloatingPoint
    else { return nil }
    return try TernaryNode.make(operation, x, xNode, y, yNode, z, zNode, output: output)
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
