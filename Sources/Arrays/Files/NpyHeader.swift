/// What stands before the elements in NumPy's `.npy` format (numpy.lib.format, versions 1.0, 2.0 and 3.0).
struct NpyHeader: Equatable {
  var dtype: DType
  var isBigEndian = false
  var isFortranOrder = false
  var shape: Shape

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// Longer headers are refused; NumPy itself reads at most 10000 bytes unless told otherwise.
  private static let longestText = 65536

  /// A header for row-major elements of this machine's byte order.
  init(dtype: DType, shape: Shape) {
    self.dtype = dtype
    self.shape = shape
  }

  /// The header at the start of `source`, and where the elements begin.
  static func read(_ source: ByteSource) throws(ArrayFileError) -> (header: NpyHeader, dataStart: Int) {
    guard source.byteCount >= 10, case let start = try source.bytes(at: 0, 10),
      Array(start.bytes[0..<6]) == magic
    else {
      throw source.error(.malformed, "is not an .npy file: it does not begin with \\x93NUMPY and a version")
    }
    let (textStart, textCount): (Int, Int)
    switch start.bytes[6] {
    case 1: (textStart, textCount) = (10, start.uint16(8))
    case 2, 3: (textStart, textCount) = (12, try source.bytes(at: 8, 4).uint32(0))
    default:
      throw source.error(
        .unsupported, ".npy version \(start.bytes[6]).\(start.bytes[7]); known are 1.0, 2.0 and 3.0")
    }
    guard textCount <= longestText else {
      throw source.error(
        .malformed, "claims a header of \(textCount) bytes; at most \(longestText) are accepted")
    }
    guard textCount <= source.byteCount - textStart else {
      throw source.error(
        .malformed,
        "is truncated: the header should have \(textCount) bytes, \(source.byteCount - textStart) are there")
    }
    let text = try source.bytes(at: textStart, textCount)
    return (try NpyHeader(parsing: text.bytes, source), textStart + textCount)
  }

  private init(parsing text: [UInt8], _ source: ByteSource) throws(ArrayFileError) {
    guard case .dictionary(let entries)? = PythonLiteral(parsing: text),
      Set(entries.keys) == ["descr", "fortran_order", "shape"],
      case .bool(let fortran)? = entries["fortran_order"], case .sequence(let sizes)? = entries["shape"]
    else {
      let shown = String(decoding: text.prefix(120), as: UTF8.self)
      throw source.error(
        .malformed, "its header is not a dictionary of descr, fortran_order and shape: \(shown)")
    }
    guard case .string(let descr)? = entries["descr"] else {
      throw source.error(.unsupported, "has a structured dtype; save each field as an array of its own")
    }
    guard sizes.count <= Shape.maximumRank else {
      throw source.error(
        .unsupported, "has \(sizes.count) dimensions; at most \(Shape.maximumRank) are supported")
    }
    isFortranOrder = fortran
    shape = Shape()
    for size in sizes {
      guard case .int(let value) = size, value >= 0 else {
        throw source.error(.malformed, "its header has a size that is not a natural number")
      }
      shape.append(value)
    }
    (dtype, isBigEndian) = try Self.elementType(descr, source)
  }

  /// The type a descr like `<f8` stands for, and whether the bytes come most significant first.
  private static func elementType(
    _ descr: String, _ source: ByteSource
  ) throws(ArrayFileError) -> (DType, Bool) {
    let order = descr.first.map { "<>|=".contains($0) ? $0 : "=" } ?? "="
    let code = descr.drop { "<>|=".contains($0) }
    if let dtype = DType.allCases.first(where: { $0.npyCode == code }) { return (dtype, order == ">") }
    let mend =
      code.first == "O"
      ? "objects are Python's own and cannot be read; convert to numbers first"
      : "supported are bool, uint8, int8 to int64, float32 and float64; convert with astype before saving"
    throw source.error(.unsupported, "has dtype '\(descr)': \(mend)")
  }

  /// The bytes NumPy itself writes for this header: version 1.0, padded with blanks to a multiple of 64.
  var bytes: [UInt8] {
    let order = dtype.byteSize == 1 ? "|" : "<"
    var text =
      "{'descr': '\(order)\(dtype.npyCode)', 'fortran_order': False, 'shape': \(shape.tupleDescription), }"
    // NumPy keeps room for the first size to grow to 21 digits in place.
    if shape.rank > 0 { text += String(repeating: " ", count: 21 - String(shape[0]).utf8.count) }
    let unpadded = Self.magic.count + 4 + text.utf8.count + 1
    text += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    return Self.magic + [1, 0] + UInt16(text.utf8.count).littleEndianBytes + Array(text.utf8)
  }
}

extension DType {
  /// Kind and size as NumPy's array interface writes them: `f8`, `i4`, `b1`.
  var npyCode: String {
    let kind =
      switch self {
      case .bool: "b"
      case .uint8: "u"
      case .int8, .int16, .int32, .int64: "i"
      case .float32, .float64: "f"
      }
    return kind + String(byteSize)
  }
}
