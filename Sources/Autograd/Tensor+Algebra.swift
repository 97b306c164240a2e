import CKernels
import Operations

/// Tensors run an operation, as arrays do, and remember it.
extension Tensor: Algebra {
  public typealias ShapeReference = Shape

  @inlinable public var staticShape: Shape? { shape }
  @inlinable public var shapeReference: Shape { shape }
  @inlinable public static func shapeReference(_ shape: Shape) -> Shape { shape }
  @inlinable public func constant(_ array: NDArray) -> Tensor { Tensor(array) }
  @inlinable public static var remembers: Bool { true }
  public var needsGradient: Bool { requiresGrad }
  @inlinable public var storedArray: NDArray? { array }
  @inlinable public func hasType(of other: Tensor) -> Bool {
    elements.dtype == other.elements.dtype && elements.shape == other.elements.shape
  }

  /// Whether an operation on it may have to be recorded. Cheap, and right when it says no.
  @inlinable @inline(__always) var mayNeedRecording: Bool { !heldNode.isEmpty || isView }

  /// What `body` makes of the elements of both, which nobody replaces meanwhile.
  @inlinable @inline(__always) static func lend<Value>(
    _ x: Tensor, _ y: Tensor, to body: (NDArray, NDArray) throws(ArrayError) -> Value
  ) throws(ArrayError) -> Value {
    let (x, y) = (x.elements, y.elements)
    return try x { x throws(ArrayError) in
      try y { y throws(ArrayError) in try body(x, y) }
    }
  }

  @inlinable public static func apply<O: UnaryOperation>(
    _ operation: O, _ x: Tensor
  ) throws(ArrayError) -> Tensor {
    let output = try x.elements { x throws(ArrayError) in try operation.forward(x) }
    let recorded = try Tensor.node(of: operation, x, output)
    let result = Tensor(output, recordedAs: recorded)
    if operation.isView { result.becomeView(of: x) }
    return result
  }

  @inlinable public static func apply<O: BinaryOperation>(
    _ operation: O, _ x: Tensor, _ y: Tensor
  ) throws(ArrayError) -> Tensor {
    let output = try lend(x, y) { x, y throws(ArrayError) in try operation.forward(x, y) }
    let recorded = try Tensor.node(of: operation, x, y, output)
    let result = Tensor(output, recordedAs: recorded)
    if operation.isView { result.becomeView(of: x) }
    return result
  }

  /// Broadcasting is part of the recorded operation, as in PyTorch: the gradient of an operand that was repeated is summed on its way.
  @inlinable public static func apply<O: ElementwiseBinary>(
    spreading operation: O, _ x: Tensor, _ y: Tensor
  ) throws(ArrayError) -> Tensor {
    let output = try lend(x, y) { x, y throws(ArrayError) in try operation.forward(spreading: x, y) }
    let recorded = try Tensor.node(of: operation, x, y, output)
    return Tensor(output, recordedAs: recorded)
  }

  @inlinable public static func apply<O: UnaryOperation>(
    _ operation: O, consuming x: consuming Tensor
  ) throws(ArrayError) -> Tensor {
    guard O.isElementwise, !operation.saves(for: 0).contains(.first), canBecomeResult(&x),
      try operation.type(x.type).dtype == x.dtype
    else { return try apply(operation, x) }
    let elements = x.elements
    let recorded = try elements { output throws(ArrayError) in
      try operation.forward(output, into: output)
      return try Tensor.node(of: operation, x, isGiven: true, output)
    }
    x.becomeResult(of: recorded)
    return x
  }

  @inlinable public static func apply<O: ElementwiseBinary>(
    spreading operation: O, consuming x: consuming Tensor, _ y: Tensor
  ) throws(ArrayError) -> Tensor {
    let isRead =
      !x.heldNode.isEmpty && operation.saves(for: 0).contains(.first)
      || y.mayNeedRecording && operation.saves(for: 1).contains(.first)
    guard !isRead,
      try lend(x, y, to: { x, y throws(ArrayError) in x.fits(y) }),
      canBecomeResult(&x), try O.resultDType(x.dtype) == x.dtype
    else { return try apply(spreading: operation, x, y) }
    let elements = (x.elements, y.elements)
    let recorded = try elements.0 { output throws(ArrayError) in
      try elements.1 { y throws(ArrayError) in try operation.forward(output, y, into: output) }
      return try Tensor.node(of: operation, x, givesFirst: true, y, output)
    }
    x.becomeResult(of: recorded)
    return x
  }

  /// Whether nothing but the caller holds `x` and its elements, so that it may be made the result of the next operation.
  @inlinable @inline(__always) static func canBecomeResult(_ x: inout Tensor) -> Bool {
    isKnownUniquelyReferenced(&x) && !x.isView && x.heldExtras.isEmpty
      && x.isInference == (ck_inference_mode_get() != 0) && x.elements.canBeOverwritten()
  }

  /// Hangs this tensor on the node of the operation whose result it has become.
  @inlinable @inline(__always) func becomeResult(of node: Held<Node>) {
    let old = heldNode
    heldNode = node
    outputIndex = 0
    if let old = old.reference { Node.letGo(of: old) }
  }

  /// The node that remembers that `output` is the operation's result on `x`, if recording is on and `x` requires a gradient. `isGiven`: `x`
  /// gives its own node away.
  @inlinable @inline(__always) static func node<O: UnaryOperation>(
    of operation: O, _ x: Tensor, isGiven: Bool = false, _ output: NDArray
  ) throws(ArrayError) -> Held<Node> {
    guard x.mayNeedRecording, ck_grad_mode_get() != 0, let xNode = try x.recordedReference(),
      output.dtype.isFloatingPoint
    else { return Held() }
    if operation.isDifferentiable {
      return try UnaryNode.make(operation, x, xNode, isGiven: isGiven, output: output)
    }
    return O.lacksDerivative
      ? Held(UnderivedNode(operation, [(x, xNode)], output: output.type)) : Held()
  }

  /// The node that remembers that `output` is the operation's result on `x` and `y`, if recording is on and one of them requires a gradient.
  @inlinable @inline(__always) static func node<O: BinaryOperation>(
    of operation: O, _ x: Tensor, givesFirst: Bool = false, _ y: Tensor, _ output: NDArray
  ) throws(ArrayError) -> Held<Node> {
    guard x.mayNeedRecording || y.mayNeedRecording, ck_grad_mode_get() != 0 else { return Held() }
    let (xNode, yNode) = (try x.recordedReference(), try y.recordedReference())
    guard xNode != nil || yNode != nil, output.dtype.isFloatingPoint else { return Held() }
    if operation.isDifferentiable {
      return try BinaryNode.make(operation, x, xNode, givesFirst: givesFirst, y, yNode, output: output)
    }
    return O.lacksDerivative
      ? Held(UnderivedNode(operation, [(x, xNode), (y, yNode)], output: output.type)) : Held()
  }

  @inlinable public static func apply<O: TernaryOperation>(
    _ operation: O, _ x: Tensor, _ y: Tensor, _ z: Tensor
  ) throws(ArrayError) -> Tensor {
    let loan = z.elements
    let output = try lend(x, y) { x, y throws(ArrayError) in
      try loan { z throws(ArrayError) in try operation.forward(x, y, z) }
    }
    let recorded = try Tensor.node(of: operation, x, y, z, output)
    return Tensor(output, recordedAs: recorded)
  }

  public static func apply<O: ElementwiseTernary>(
    spreading operation: O, _ x: Tensor, _ y: Tensor, _ z: Tensor
  ) throws(ArrayError) -> Tensor { try apply(operation, x, y, z) }

  /// As above for an operation on three tensors.
  @inlinable @inline(__always) static func node<O: TernaryOperation>(
    of operation: O, _ x: Tensor, _ y: Tensor, _ z: Tensor, _ output: NDArray
  ) throws(ArrayError) -> Held<Node> {
    guard x.mayNeedRecording || y.mayNeedRecording || z.mayNeedRecording, ck_grad_mode_get() != 0 else {
      return Held()
    }
    let (xNode, yNode) = (try x.recordedReference(), try y.recordedReference())
    let zNode = try z.recordedReference()
    guard xNode != nil || yNode != nil || zNode != nil, output.dtype.isFloatingPoint else { return Held() }
    if operation.isDifferentiable {
      return try TernaryNode.make(operation, x, xNode, y, yNode, z, zNode, output: output)
    }
    return O.lacksDerivative
      ? Held(UnderivedNode(operation, [(x, xNode), (y, yNode), (z, zNode)], output: output.type)) : Held()
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

  /// number / x, as PyTorch does it: the reciprocal times the number.
  public static func / <N: ScalarConvertible>(x: N, y: Tensor) -> Tensor { y.reciprocal().mul(x) }

  @usableFromInline static var savedInferenceError: ArrayError {
    .runtime("inference tensors cannot be saved for backward; clone() the tensor outside inferenceMode first")
  }
}
