import Operations

/// The arrays that `repr` cases print.
enum ReprSource {
  /// The array that `source` writes as a tensor or as a range.
  static func array(_ source: JSONValue) throws -> NDArray {
    let dtype = try dtype(source)
    if source["arange"] == nil { return try NDArray(CaseTensor(source)).converted(to: dtype) }
    let count = try Int(source.entry("arange").integer("arange"))
    guard count >= 0 else { throw MalformedCase("arange is negative: \(count)") }
    var values = (0..<count).map { Double($0) }
    if let factor = try source["multiply"]?.real("multiply") { values = values.map { $0 * factor } }
    if let term = try source["add"]?.real("add") { values = values.map { $0 + term } }
    let shape = try NDArray.shape(source["reshape"]?.shape("reshape") ?? [count])
    return try NDArray(copying: values, shape: shape).converted(to: dtype)
  }

  private static func dtype(_ source: JSONValue) throws -> DType {
    let name = try source.entry("dtype").text("dtype")
    guard let dtype = DType(name: name) else { throw MalformedCase("dtype \"\(name)\" is unknown") }
    return dtype
  }
}
