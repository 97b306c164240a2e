#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The file format in which trained models are exchanged, `.safetensors`: a JSON header, then the elements of
/// all arrays (https://github.com/huggingface/safetensors).
public enum Safetensors {
  /// The longest header the format allows.
  private static let longestHeader = 100_000_000

  /// The arrays in the file by name, in the order of their bytes.
  ///
  /// Throws when the file cannot be read, is truncated or not in the format (the arrays must fill the file
  /// without gaps), or holds a dtype that arrays here do not have.
  public static func read(_ path: String) throws(ArrayFileError) -> NamedArrays {
    let source = try FileReader(path).source
    let (header, dataStart) = try readHeader(source)
    var arrays = NamedArrays()
    var end = 0
    for (name, entry) in header.entries.sorted(by: {
      ($0.value.begin, $0.value.end, $0.key) < ($1.value.begin, $1.value.end, $1.key)
    }) {
      let (dtype, shape) = try check(name, entry, source)
      guard entry.begin == end else {
        throw source.error(
          .malformed,
          "\(name) begins at byte \(entry.begin) of the data, where the array before it ends at \(end)")
      }
      end = entry.end
      arrays[name] = try source.array(dtype, shape, at: dataStart + entry.begin)
    }
    guard end == source.byteCount - dataStart else {
      throw source.error(
        .malformed, "the arrays have \(end) bytes, the file has \(source.byteCount - dataStart) for them")
    }
    return arrays
  }

  /// The free text by name in the file's header. Throws as `read`.
  public static func readMetadata(_ path: String) throws(ArrayFileError) -> [String: String] {
    try readHeader(try FileReader(path).source).header.metadata
  }

  /// Writes the arrays and free text by name; a file of that name is replaced. As the format's own library
  /// does, wide types come first and equal types by name, so that every array is aligned.
  ///
  /// Throws when the file cannot be written; what was there before then stays.
  public static func write(
    _ arrays: NamedArrays, metadata: [String: String] = [:], to path: String
  ) throws(ArrayFileError) {
    guard arrays[metadataKey] == nil else {
      throw ArrayFileError(.unwritable, path, "an array cannot be named \(metadataKey)")
    }
    let sorted = arrays.sorted {
      let (a, b) = ($0.array.dtype, $1.array.dtype)
      return a == b ? $0.name < $1.name : a.safetensorsRank > b.safetensorsRank
    }
    var items: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
      items.append("\"\(metadataKey)\":{\(texts.joined(separator: ","))}")
    }
    var offset = 0
    for (name, array) in sorted {
      let end = offset + array.count * array.dtype.byteSize
      let shape = array.shape.map { String($0) }.joined(separator: ",")
      items.append(
        "\(quoted(name)):{\"dtype\":\"\(array.dtype.safetensorsName)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var header = "{\(items.joined(separator: ","))}"
    header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    try FileWriter.write(to: path) { (file) throws(ArrayFileError) in
      try file.write(UInt64(header.utf8.count).littleEndianBytes + Array(header.utf8))
      for (_, array) in sorted { try file.writeElements(of: array) }
    }
  }

  // MARK: Header

  private static let metadataKey = "__metadata__"

  /// What the header says about one array.
  private struct Entry: Decodable {
    var dtype: String
    var shape: [Int]
    var begin: Int
    var end: Int

    private enum Keys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Keys.self)
      dtype = try values.decode(String.self, forKey: .dtype)
      shape = try values.decode([Int].self, forKey: .shape)
      let offsets = try values.decode([Int].self, forKey: .offsets)
      guard offsets.count == 2 else {
        throw DecodingError.dataCorruptedError(
          forKey: .offsets, in: values, debugDescription: "two numbers are needed")
      }
      (begin, end) = (offsets[0], offsets[1])
    }
  }

  private struct Header: Decodable {
    var metadata: [String: String] = [:]
    var entries: [String: Entry] = [:]

    private struct Name: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Name.self)
      for name in values.allKeys {
        if name.stringValue == Safetensors.metadataKey {
          metadata = try values.decode([String: String].self, forKey: name)
        } else {
          entries[name.stringValue] = try values.decode(Entry.self, forKey: name)
        }
      }
    }
  }

  private static func readHeader(
    _ source: ByteSource
  ) throws(ArrayFileError) -> (header: Header, dataStart: Int) {
    guard source.byteCount >= 10, let size = try source.bytes(at: 0, 8).uint64(0), size <= longestHeader,
      size <= source.byteCount - 8
    else {
      throw source.error(
        .malformed,
        "is not a .safetensors file, or truncated: its first 8 bytes are not the size of a header in it")
    }
    let text = try source.bytes(at: 8, size).bytes
    guard text.first == UInt8(ascii: "{") else {
      throw source.error(.malformed, "its header does not begin with {")
    }
    do {
      return (try JSONDecoder().decode(Header.self, from: Data(text)), 8 + size)
    } catch {
      throw source.error(.malformed, "its header is not JSON with dtype, shape and data_offsets per array")
    }
  }

  /// The array's dtype and shape, once the claimed place has been found to lie in the file and to have the
  /// right size.
  private static func check(
    _ name: String, _ entry: Entry, _ source: ByteSource
  ) throws(ArrayFileError) -> (DType, Shape) {
    guard let dtype = DType.allCases.first(where: { $0.safetensorsName == entry.dtype }) else {
      let known = DType.allCases.map(\.safetensorsName).joined(separator: ", ")
      throw source.error(.unsupported, "\(name) has dtype \(entry.dtype); supported are \(known)")
    }
    guard entry.shape.count <= Shape.maximumRank else {
      throw source.error(
        .unsupported,
        "\(name) has \(entry.shape.count) dimensions; at most \(Shape.maximumRank) are supported")
    }
    let shape = Shape(entry.shape)
    let needed: Int
    do { needed = try shape.byteCount(dtype) } catch {
      throw source.error(.malformed, "\(name): \(error.message)")
    }
    guard entry.begin >= 0, entry.end >= entry.begin, entry.end - entry.begin == needed else {
      throw source.error(
        .malformed,
        "\(name) of shape \(shape) and type \(dtype) needs \(needed) bytes, its place is from \(entry.begin) to \(entry.end)"
      )
    }
    return (dtype, shape)
  }

  /// `text` as a JSON string.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension DType {
  /// The name in `.safetensors` files.
  var safetensorsName: String {
    switch self {
    case .bool: "BOOL"
    case .uint8: "U8"
    case .int8: "I8"
    case .int16: "I16"
    case .int32: "I32"
    case .int64: "I64"
    case .float32: "F32"
    case .float64: "F64"
    }
  }

  /// The place among the types in a file, the highest first, as in the format's own library.
  fileprivate var safetensorsRank: Int {
    switch self {
    case .bool: 0
    case .uint8: 1
    case .int8: 2
    case .int16: 3
    case .int32: 4
    case .float32: 5
    case .float64: 6
    case .int64: 7
    }
  }
}
