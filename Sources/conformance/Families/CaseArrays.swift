import Operations

extension NDArray {
  /// The array that a case writes: its dtype, and where it says so its memory with the places nobody sees.
  init(_ tensor: CaseTensor) throws {
    guard let dtype = DType(name: tensor.dtype.rawValue) else {
      throw MalformedCase("dtype \"\(tensor.dtype)\" is unknown")
    }
    let shape = try NDArray.shape(tensor.shape)
    if let layout = tensor.layout {
      let memory = try NDArray(elements: layout.storage, [layout.storage.count], dtype)
      self = memory.strided(shape, Strides(layout.strides), offset: layout.offset)
    } else {
      self = try NDArray(elements: tensor.values, shape, dtype)
    }
  }

  private init(elements: CaseTensor.Values, _ shape: Shape, _ dtype: DType) throws {
    let array =
      switch elements {
      case .reals(let values): try NDArray(copying: values, shape: shape)
      case .integers(let values): try NDArray(copying: values, shape: shape)
      case .truths(let values): try NDArray(copying: values, shape: shape)
      }
    self = try array.converted(to: dtype)
  }

  /// The shape with these sizes. Throws `CaseFailure` for more than an array can have.
  static func shape(_ sizes: [Int]) throws -> Shape {
    guard sizes.count <= Shape.maximumRank else {
      throw CaseFailure("\(sizes.count) dimensions, at most \(Shape.maximumRank) are supported")
    }
    return Shape(sizes)
  }
}

extension CaseTensor {
  /// The elements of an array as a case writes them. Throws `CaseFailure` for a dtype that cases do not have.
  init(_ array: NDArray) throws {
    guard let dtype = CaseDType(rawValue: array.dtype.name) else {
      throw CaseFailure("the result has dtype \(array.dtype), which no case can expect")
    }
    let values: Values =
      switch dtype {
      case .float64, .float32: .reals(array.toArray())
      case .int64, .int32, .uint8: .integers(array.toArray())
      case .bool: .truths(array.toArray())
      }
    self.init(dtype, Array(array.shape), values)
  }
}

extension Agreement {
  /// How near values must come: results of floating-point calculation have no one right last digit.
  static func values(_ expected: CaseTensor) -> Agreement {
    expected.dtype == .float32 ? .mixed(1e-4) : .mixed(1e-9)
  }

  /// How near gradients must come: they gather more rounding than the values they belong to.
  static func gradients(_ expected: CaseTensor) -> Agreement {
    expected.dtype == .float32 ? .mixed(1e-3) : .mixed(1e-9)
  }
}
