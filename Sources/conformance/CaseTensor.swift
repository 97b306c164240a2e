/// The element types that cases name.
enum CaseDType: String, Sendable {
  case float64
  case float32
  case int64
  case int32
  case uint8
  case bool

  /// Whether the elements are floating-point numbers.
  var isFloatingPoint: Bool {
    self == .float64 || self == .float32
  }

  /// The type of this name. Throws `MalformedCase` for another.
  init(_ value: JSONValue, _ what: String = "dtype") throws {
    let name = try value.text(what)
    guard let dtype = CaseDType(rawValue: name) else { throw MalformedCase("\(what) \"\(name)\" is unknown") }
    self = dtype
  }
}

/// A tensor as a case writes it, independent of any library.
struct CaseTensor: Equatable, Sendable {
  /// Elements, flat, in row-major order.
  enum Values: Equatable, Sendable {
    case reals([Double])
    case integers([Int64])
    case truths([Bool])

    /// The number of elements.
    var count: Int {
      switch self {
      case .reals(let values): values.count
      case .integers(let values): values.count
      case .truths(let values): values.count
      }
    }
  }

  /// How elements lie in memory; counts elements.
  struct Layout: Equatable, Sendable {
    var strides: [Int]
    var offset: Int
    /// All of the memory, also what the tensor does not reach.
    var storage: Values
  }

  var dtype: CaseDType
  var shape: [Int]
  /// The elements in row-major order, whatever the layout. Those of float32 are exactly representable there.
  var values: Values
  /// Where the elements lie, unless they simply follow each other.
  var layout: Layout?

  /// A tensor of elements that follow each other.
  init(_ dtype: CaseDType, _ shape: [Int], _ values: Values) {
    self.dtype = dtype
    self.shape = shape
    self.values = values
  }

  /// The tensor that a case writes. Throws `MalformedCase` when it does not follow the format.
  init(_ json: JSONValue) throws {
    dtype = try CaseDType(json.entry("dtype"))
    shape = try json.entry("shape").elements("shape").map { try $0.shape("shape")[0] }
    let count = try Self.count(shape)
    if let data = json["data"] {
      values = try Self.values(data, dtype, "data")
    } else {
      let storage = try Self.values(json.entry("storage"), dtype, "storage")
      let strides = try json.entry("strides").shape("strides")
      let offset = try Int(json["offset"]?.integer("offset") ?? 0)
      guard strides.count == shape.count, offset >= 0 else {
        throw MalformedCase("shape \(shape), strides \(strides) and offset \(offset) do not fit together")
      }
      let indices = Self.indices(shape: shape, strides: strides, offset: offset)
      guard indices.allSatisfy((0..<storage.count).contains) else {
        throw MalformedCase(
          "shape \(shape), strides \(strides) and offset \(offset) reach beyond the storage")
      }
      values =
        switch storage {
        case .reals(let all): .reals(indices.map { all[$0] })
        case .integers(let all): .integers(indices.map { all[$0] })
        case .truths(let all): .truths(indices.map { all[$0] })
        }
      layout = Layout(strides: strides, offset: offset, storage: storage)
    }
    guard values.count == count else {
      throw MalformedCase("a tensor of shape \(shape) has \(values.count) values")
    }
  }

  private static func count(_ shape: [Int]) throws -> Int {
    try shape.reduce(1) { product, size in
      let (count, overflow) = product.multipliedReportingOverflow(by: size)
      if overflow { throw MalformedCase("the shape \(shape) is too large") }
      return count
    }
  }

  private static func values(_ json: JSONValue, _ dtype: CaseDType, _ what: String) throws -> Values {
    let elements = try json.elements(what)
    switch dtype {
    case .float64: return .reals(try elements.map { try $0.real(what) })
    case .float32: return .reals(try elements.map { Double(Float(try $0.real(what))) })
    case .bool: return .truths(try elements.map { try $0.truth(what) })
    case .int64, .int32, .uint8: return .integers(try elements.map { try $0.integer(what) })
    }
  }

  /// The places in memory of the elements in row-major order.
  private static func indices(shape: [Int], strides: [Int], offset: Int) -> [Int] {
    zip(shape, strides).reduce([offset]) { places, axis in
      places.flatMap { place in (0..<axis.0).map { place + $0 * axis.1 } }
    }
  }
}
