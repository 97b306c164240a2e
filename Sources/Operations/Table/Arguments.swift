/// The arguments of an operation called by name, fetched by parameter name. What does not fit is a thrown type error.
public struct Arguments<Value: Algebra> {
  /// The operation's name, for messages.
  public let operation: String
  private let signature: Signature
  private let inputs: [Value?]
  private let attributes: [String: Attribute]
  /// Makes a value without a gradient in the caller's world; creation operations need it.
  public let constant: (NDArray) -> Value

  /// Checks that every argument given is one the signature has.
  public init(
    _ operation: String, _ signature: Signature, inputs: [Value?], attributes: [String: Attribute],
    constant: @escaping (NDArray) -> Value
  ) throws(ArrayError) {
    let known = Set(signature.parameters.map(\.name))
    for name in attributes.keys.sorted() where !known.contains(name) {
      throw .type("\(operation): got an unexpected argument '\(name)'; it takes (\(signature.text))")
    }
    for parameter in signature.parameters {
      guard let attribute = attributes[parameter.name], attribute != .null else { continue }
      if !attribute.fits(parameter.kind) {
        throw .type(
          "\(operation): argument '\(parameter.name)' must be of kind \(parameter.kind), not \(attribute); it takes (\(signature.text))"
        )
      }
    }
    let tensorCount = signature.parameters.filter(\.isTensor).count
    if inputs.count > tensorCount && !signature.parameters.contains(where: { $0.kind == "T*" }) {
      throw .type("\(operation): takes \(tensorCount) tensors but \(inputs.count) were given")
    }
    self.operation = operation
    self.signature = signature
    self.inputs = inputs
    self.attributes = attributes
    self.constant = constant
  }

  private func position(_ name: String) -> Int? {
    signature.parameters.filter(\.isTensor).firstIndex { $0.name == name }
  }
  private func missing(_ name: String) -> ArrayError {
    .type("\(operation): missing required argument '\(name)'; it takes (\(signature.text))")
  }
  private func unfit(_ name: String, _ kind: String, _ attribute: Attribute) -> ArrayError {
    .type("\(operation): argument '\(name)' must be \(kind), not \(attribute)")
  }

  /// The attribute as given, nil when absent or null.
  private func given(_ name: String) -> Attribute? {
    if let attribute = attributes[name], attribute != .null { return attribute }
    return nil
  }

  // MARK: Tensors

  /// The tensor passed for this parameter, or nil.
  public func optionalTensor(_ name: String) -> Value? {
    guard let position = position(name), position < inputs.count else { return nil }
    return inputs[position]
  }
  /// The tensor passed for this parameter.
  public func tensor(_ name: String) throws(ArrayError) -> Value {
    guard let value = optionalTensor(name) else { throw missing(name) }
    return value
  }
  /// All tensors, for operations on a list.
  public func tensors() throws(ArrayError) -> [Value] {
    var result: [Value] = []
    for input in inputs {
      guard let input else { throw missing("tensors") }
      result.append(input)
    }
    return result
  }
  /// The tensor or number passed for this parameter, or nil.
  public func optionalOperand(_ name: String) throws(ArrayError) -> Operand<Value>? {
    if let value = optionalTensor(name) { return .value(value) }
    if given(name) == nil { return nil }
    return .scalar(try scalar(name))
  }
  /// The tensor or number passed for this parameter.
  public func operand(_ name: String) throws(ArrayError) -> Operand<Value> {
    guard let operand = try optionalOperand(name) else { throw missing(name) }
    return operand
  }

  // MARK: Plain arguments

  /// A number with its kind, or nil.
  public func optionalScalar(_ name: String) throws(ArrayError) -> Scalar? {
    switch given(name) {
    case nil: return nil
    case .scalar(let scalar)?: return scalar
    case .bool(let value)?: return .bool(value)
    case .int(let value)?: return .int(Int64(value))
    case .float(let value)?: return .float(value)
    case let other?: throw unfit(name, "a number", other)
    }
  }
  /// A number with its kind.
  public func scalar(_ name: String, default fallback: Scalar? = nil) throws(ArrayError) -> Scalar {
    guard let scalar = try optionalScalar(name) ?? fallback else { throw missing(name) }
    return scalar
  }
  /// An integer, or nil.
  public func optionalInt(_ name: String) throws(ArrayError) -> Int? {
    switch given(name) {
    case nil: return nil
    case .int(let value)?: return value
    case .scalar(.int(let value))?: return Int(value)
    case .ints(let list)? where list.count == 1: return list[0]
    case let other?: throw unfit(name, "an integer", other)
    }
  }
  /// An integer.
  public func int(_ name: String, default fallback: Int? = nil) throws(ArrayError) -> Int {
    guard let value = try optionalInt(name) ?? fallback else { throw missing(name) }
    return value
  }
  /// Whether there is such an attribute, even the default.
  func isGiven(_ name: String) -> Bool { given(name) != nil }
  /// The dimension of a reduction, or nil. Throws a type error where there is `keepdim` without it: PyTorch has no such form.
  func reducedDim() throws(ArrayError) -> Int? {
    let dim = try optionalInt("dim")
    if dim == nil && isGiven("keepdim") { throw missing("dim") }
    return dim
  }
  /// A list of integers (a single one counts as a list), or nil.
  public func optionalInts(_ name: String) throws(ArrayError) -> [Int]? {
    switch given(name) {
    case nil: return nil
    case .int(let value)?: return [value]
    case .ints(let list)?: return list
    case let other?: throw unfit(name, "a list of integers", other)
    }
  }
  /// A list of integers.
  public func ints(_ name: String) throws(ArrayError) -> [Int] {
    guard let value = try optionalInts(name) else { throw missing(name) }
    return value
  }
  /// Whether the argument is a list rather than a single integer.
  public func isList(_ name: String) -> Bool {
    if case .ints? = given(name) { return true }
    return false
  }
  /// A floating number, or nil.
  public func optionalDouble(_ name: String) throws(ArrayError) -> Double? {
    try optionalScalar(name)?.doubleValue
  }
  /// A floating number.
  public func double(_ name: String, default fallback: Double? = nil) throws(ArrayError) -> Double {
    guard let value = try optionalDouble(name) ?? fallback else { throw missing(name) }
    return value
  }
  /// A flag.
  public func bool(_ name: String, default fallback: Bool? = nil) throws(ArrayError) -> Bool {
    switch given(name) {
    case .bool(let value)?: return value
    case nil:
      guard let fallback else { throw missing(name) }
      return fallback
    case let other?: throw unfit(name, "a bool", other)
    }
  }
  /// A word, or nil.
  public func optionalString(_ name: String) throws(ArrayError) -> String? {
    switch given(name) {
    case nil: return nil
    case .string(let value)?: return value
    case let other?: throw unfit(name, "a string", other)
    }
  }
  /// A word.
  public func string(_ name: String, default fallback: String? = nil) throws(ArrayError) -> String {
    guard let value = try optionalString(name) ?? fallback else { throw missing(name) }
    return value
  }
  /// Whether the argument is a word (for `float|str`).
  public func isString(_ name: String) -> Bool {
    if case .string? = given(name) { return true }
    return false
  }
  /// A dtype, given as such or by name, or nil.
  public func optionalDType(_ name: String) throws(ArrayError) -> DType? {
    switch given(name) {
    case nil: return nil
    case .dtype(let dtype)?: return dtype
    case .string(let text)?:
      if let dtype = DType(name: text) { return dtype }
      throw .type(
        "\(operation): there is no dtype '\(text)'; there are \(DType.allCases.map(\.name).joined(separator: ", "))"
      )
    case let other?: throw unfit(name, "a dtype", other)
    }
  }
  /// A dtype.
  public func dtype(_ name: String, default fallback: DType? = nil) throws(ArrayError) -> DType {
    guard let value = try optionalDType(name) ?? fallback else { throw missing(name) }
    return value
  }
  /// An index expression.
  public func index(_ name: String) throws(ArrayError) -> [IndexItem] {
    switch given(name) {
    case .index(let items)?: return items
    case nil: throw missing(name)
    case let other?: throw unfit(name, "an index", other)
    }
  }

  /// A size list as a shape: at most `Shape.maximumRank` sizes.
  public func shape(_ name: String) throws(ArrayError) -> Shape {
    let sizes = try ints(name)
    try require(
      sizes.count <= Shape.maximumRank,
      .runtime("\(operation): \(sizes.count) dimensions given, at most \(Shape.maximumRank) are supported"))
    return Shape(sizes)
  }
}
