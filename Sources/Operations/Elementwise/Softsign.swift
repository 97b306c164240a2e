/// `softsign(x)` = x / (1 + |x|); integers become the default floating type. Derivative: g / (1 + |x|)².
public struct Softsign: WritingUnary, TableEntry {
  public static let name = "nn.functional.softsign"
  public static var isElementwise: Bool { true }
  public init() {}
  public func saves(for input: Int) -> SavedValues { .first }

  public func type(_ x: ArrayType) throws(ArrayError) -> ArrayType {
    ArrayType(x.dtype.isFloatingPoint ? x.dtype : DType.default, x.shape)
  }
  public func forward(_ x: NDArray, into output: NDArray) throws(ArrayError) {
    let x = try x.converted(to: output.dtype)
    try x.requireRoom(forCopies: 2)
    try Div().forward(x, x.abs().add(1), into: output)
  }
  public func pullback<C: PullbackContext>(_ gradient: C.Value, _ context: C) -> C.Value {
    gradient / context.input(0).abs().add(1).square()
  }

  public static var signature: Signature { Signature("T input") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Softsign(), try arguments.tensor("input"))]
  }
}

extension Algebra {
  /// x / (1 + |x|).
  public func softsign() -> Self { checked { () throws(ArrayError) in try Self.apply(Softsign(), self) } }
}
