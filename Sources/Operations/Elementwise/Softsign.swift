/// `softsign(x)` = x / (1 + |x|), composed as PyTorch does: 1 + |x| has x's dtype, and the quotient of integers is in the default floating
/// one. The derivative is that of the quotient, so NaN at ±∞. Throws for bool.
public enum SoftsignOperation: TableEntry {
  public static let name = "nn.functional.softsign"
  public static var signature: Signature { Signature("T input") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try quotient(try arguments.tensor("input"))]
  }
  static func quotient<Value: Algebra>(_ x: Value) throws(ArrayError) -> Value {
    let size = try Value.apply(Add(), try Value.apply(Abs(), x), scalar: 1, on: .right)
    return try Value.apply(broadcasting: Div(), x, size)
  }
}

extension Algebra {
  /// x / (1 + |x|).
  public func softsign() -> Self { checked { () throws(ArrayError) in try SoftsignOperation.quotient(self) } }
}
