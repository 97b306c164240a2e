/// `dropout(x, p, training)`: while training, each element 0 with probability p, the others divided by 1 − p; else x itself.
///
/// The random choice is an operand: `dropout(p, keeping: mask)`. By name only the calls without chance can be made: not training,
/// p = 0 or p = 1. Source: N. Srivastava et al., "Dropout", JMLR 15 (2014).
public enum DropoutOperation: TableEntry {
  public static let name = "nn.functional.dropout"
  public static var signature: Signature { Signature("T input, float p=0.5, bool training=true") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let (x, p) = (try arguments.tensor("input"), try arguments.double("p", default: 0.5))
    try check(p)
    if !(try arguments.bool("training", default: true)) || p == 0 { return [x] }
    try require(
      p == 1,
      .value(
        "dropout: with p=\(p) the choice is random; pass a mask with dropout(_:keeping:), or use the layer"))
    return [try Value.apply(broadcasting: Mul(), x, x.constant(try NDArray(scalar: 0, x.dtype)))]
  }

  static func check(_ p: Double) throws(ArrayError) {
    try require(
      p >= 0 && p <= 1, .value("dropout: dropout probability has to be between 0 and 1, but got \(p)"))
  }
}

extension Algebra {
  /// The elements where the mask (1 or true: kept) holds, divided by 1 − p, and 0 elsewhere. The mask keeps each element with probability
  /// 1 − p.
  public func dropout(_ p: Double, keeping mask: Self) -> Self {
    checked { () throws(ArrayError) in
      try DropoutOperation.check(p)
      let kept = try Self.apply(broadcasting: Mul(), self, mask.to(dtype))
      return p == 1 ? kept : kept.div(1 - p)
    }
  }
}
