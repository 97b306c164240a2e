/// An operation as users of any kind can call it by PyTorch's name: the throwing entry behind every spelling, used by the conformance
/// runner, by lessons and by tools. Declared beside the operation it belongs to.
public protocol TableEntry: Sendable {
  /// PyTorch's name without `torch.`: `add`, `linalg.inv`, `nn.functional.relu`.
  static var name: String { get }
  /// Parameters and defaults.
  static var signature: Signature { get }
  /// The results for these arguments. Throws what PyTorch would refuse.
  static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value]
}

/// The table of all operations by name.
public enum OperationTable {
  private static let byName: [String: any TableEntry.Type] = Dictionary(
    uniqueKeysWithValues: entries.map { ($0.name, $0) })

  /// The names in alphabetical order.
  public static var names: [String] { byName.keys.sorted() }

  /// The operation with this name, if there is one.
  public static func entry(_ name: String) -> (any TableEntry.Type)? { byName[name] }

  /// The results of the operation `name`. `constant` makes values without a gradient in the caller's world.
  ///
  /// Throws for an unknown name, for arguments that do not fit, and for whatever the operation itself refuses.
  public static func call<Value: Algebra>(
    _ name: String, _ inputs: [Value?], _ attributes: [String: Attribute] = [:],
    constant: @escaping (NDArray) -> Value
  ) throws(ArrayError) -> [Value] {
    guard let entry = byName[name] else { throw .type("there is no operation '\(name)'") }
    let arguments = try Arguments(
      name, entry.signature, inputs: inputs, attributes: attributes, constant: constant)
    return try entry.call(arguments)
  }

  /// The results of the operation on arrays.
  public static func call(
    _ name: String, _ inputs: [NDArray?], _ attributes: [String: Attribute] = [:]
  ) throws(ArrayError) -> [NDArray] {
    try call(name, inputs, attributes) { $0 }
  }
}

// MARK: Entries that follow from the kind of operation

extension TableEntry where Self: ElementwiseUnary {
  public static var signature: Signature { Signature("T input") }
}

/// An elementwise function without parameters, whose entry follows from the operation alone.
public protocol PlainElementwiseUnary: ElementwiseUnary, TableEntry {
  init()
}
extension PlainElementwiseUnary {
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(Self(), try arguments.tensor("input"))]
  }
}

/// An elementwise function of two operands without parameters, of which the right one may be a number.
public protocol PlainElementwiseBinary: ElementwiseBinary, TableEntry {
  init()
}
extension PlainElementwiseBinary {
  public static var signature: Signature { Signature("T input, TS other") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try Value.apply(operands: Self(), .value(try arguments.tensor("input")), try arguments.operand("other"))]
  }
}

extension Algebra {
  /// The operation on two operands of which at least one is a value.
  public static func apply<O: ElementwiseBinary>(
    operands operation: O, _ x: Operand<Self>, _ y: Operand<Self>
  ) throws(ArrayError) -> Self {
    switch (x, y) {
    case (.value(let x), .value(let y)): return try apply(broadcasting: operation, x, y)
    case (.value(let x), .scalar(let y)): return try apply(operation, x, scalar: y, on: .right)
    case (.scalar(let x), .value(let y)): return try apply(operation, y, scalar: x, on: .left)
    case (.scalar, .scalar): throw .type("\(O.name): at least one operand must be a tensor")
    }
  }
}
