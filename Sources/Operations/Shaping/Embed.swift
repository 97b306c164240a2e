/// The mirror of a view that shows part of an array: zeros of the array's shape, with the given values where the view looks.
///
/// Its own mirror is the view. So selecting, slicing, narrowing and diagonals need no derivative code beyond their forward.
public struct Embed<View: UnaryOperation>: ShapedOperation {
  public static var name: String { View.name + "_backward" }
  /// The view.
  public let view: View
  public var shape: Shape

  /// Into zeros of this shape; by default one that the algebra fills in.
  public init(_ view: View, shape: Shape = Shape()) {
    self.view = view
    self.shape = shape
  }

  public var attributes: [(name: String, value: String)] { view.attributes + [("shape", shape.description)] }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType { ArrayType(x.dtype, shape) }
  public func forward(_ x: NDArray) throws(ArrayError) -> NDArray {
    let output = try NDArray(uninitialized: shape, x.dtype)
    try forward(x, into: output)
    return output
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    output.fill(with: 0)
    try view.forward(output).write(from: x)
  }
  public func pullback<C: PullbackContext>(
    _ gradient: C.Value, shape: C.Value.ShapeReference, _ context: C
  ) -> C.Value {
    checked { () throws(ArrayError) in try C.Value.apply(view, gradient) }
  }
}

/// A view of part of an array, whose derivative puts the gradient back in place.
public protocol PartialView: UnaryOperation {}

extension PartialView {
  public var isView: Bool { true }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    checked { () throws(ArrayError) in
      try C.Value.apply(Embed(self), gradient, shape: context.shape(0))
    }
  }
}
