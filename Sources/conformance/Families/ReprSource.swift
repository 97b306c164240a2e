import Operations

/// The arrays that `repr` cases print.
enum ReprSource {
  /// The array that `source` writes as a tensor or as a range.
  static func array(_ source: JSONValue) throws -> NDArray {
    let dtype = try dtype(source)
    if source["arange"] == nil { return try array(CaseTensor(source)).converted(to: dtype) }
    let count = try Int(source.entry("arange").integer("arange"))
    guard count >= 0 else { throw MalformedCase("arange is negative: \(count)") }
    var values = (0..<count).map { Double($0) }
    if let factor = try source["multiply"]?.real("multiply") { values = values.map { $0 * factor } }
    if let term = try source["add"]?.real("add") { values = values.map { $0 + term } }
    let shape = try self.shape(source["reshape"]?.shape("reshape") ?? [count])
    return try NDArray(copying: values, shape: shape).converted(to: dtype)
  }

  private static func dtype(_ source: JSONValue) throws -> DType {
    let name = try source.entry("dtype").text("dtype")
    guard let dtype = DType(name: name) else { throw MalformedCase("dtype \"\(name)\" is unknown") }
    return dtype
  }

  private static func shape(_ sizes: [Int]) throws -> Shape {
    guard sizes.count <= Shape.maximumRank else {
      throw CaseFailure("\(sizes.count) dimensions, at most \(Shape.maximumRank) are supported")
    }
    return Shape(sizes)
  }

  /// The tensor's elements as float64, int64 or bool, in its layout.
  private static func array(_ tensor: CaseTensor) throws -> NDArray {
    let shape = try shape(tensor.shape)
    guard let layout = tensor.layout else { return try array(tensor.values, shape) }
    return try array(layout.storage, [layout.storage.count])
      .strided(shape, Strides(layout.strides), offset: layout.offset)
  }

  private static func array(_ values: CaseTensor.Values, _ shape: Shape) throws -> NDArray {
    switch values {
    case .reals(let values): try NDArray(copying: values, shape: shape)
    case .integers(let values): try NDArray(copying: values, shape: shape)
    case .truths(let values): try NDArray(copying: values, shape: shape)
    }
  }
}
