/// The directory of a ZIP file (PKWARE's APPNOTE 6.3), with the 64-bit extension; no encryption, one disk.
struct ZipArchive {
  /// One file in the archive.
  struct Entry {
    var name: String
    var isCompressed: Bool
    var checksum: UInt32
    var compressedCount: Int
    var byteCount: Int
    var headerStart: Int
  }

  let entries: [Entry]
  private let reader: FileReader

  /// Reads the directory at the file's end.
  init(_ reader: FileReader) throws(ArrayFileError) {
    self.reader = reader
    let source = reader.source
    let (start, count, size) = try Self.findDirectory(source)
    let directory = try source.bytes(at: start, size)
    var entries: [Entry] = []
    var position = 0
    while entries.count < count {
      guard position + 46 <= size, directory.uint32(position) == 0x0201_4B50 else {
        throw source.error(
          .malformed, "its ZIP directory is damaged at entry \(entries.count + 1) of \(count)")
      }
      entries.append(try Self.entry(directory, at: &position, source))
    }
    self.entries = entries
  }

  /// Where the directory starts, how many entries and how many bytes it has.
  private static func findDirectory(
    _ source: ByteSource
  ) throws(ArrayFileError) -> (start: Int, count: Int, size: Int) {
    let tailCount = min(source.byteCount, 22 + 65535)
    let tail = try source.bytes(at: source.byteCount - tailCount, tailCount)
    guard tailCount >= 22,
      let end = (0...(tailCount - 22)).last(where: {
        tail.bytes[$0] == 0x50 && tail.uint32($0) == 0x0605_4B50
          && $0 + 22 + tail.uint16($0 + 20) == tailCount
      })
    else {
      throw source.error(.malformed, "is not an .npz file, or truncated: it has no ZIP directory at its end")
    }
    var found: (Int?, Int?, Int?) = (tail.uint32(end + 16), tail.uint16(end + 10), tail.uint32(end + 12))
    if end >= 20, tail.uint32(end - 20) == 0x0706_4B50, let place = tail.uint64(end - 20 + 8),
      case let record = try source.bytes(at: place, 56), record.uint32(0) == 0x0606_4B50
    {
      found = (record.uint64(48), record.uint64(32), record.uint64(40))
    }
    guard case (let start?, let count?, let size?) = found, start <= source.byteCount,
      size <= source.byteCount - start,
      count <= size / 46
    else { throw source.error(.malformed, "its ZIP directory lies outside the file") }
    return (start, count, size)
  }

  private static func entry(
    _ directory: LittleEndianBytes, at position: inout Int, _ source: ByteSource
  ) throws(ArrayFileError) -> Entry {
    let here = position
    let nameEnd = here + 46 + directory.uint16(here + 28)
    let extraEnd = nameEnd + directory.uint16(here + 30)
    position = extraEnd + directory.uint16(here + 32)
    guard position <= directory.bytes.count else {
      throw source.error(.malformed, "its ZIP directory is damaged")
    }
    let name = directory.text((here + 46)..<nameEnd)
    let method = directory.uint16(here + 10)
    guard directory.uint16(here + 8) & 1 == 0, method == 0 || method == 8 else {
      throw source.error(
        .unsupported,
        "entry \(name) is encrypted or compressed by method \(method); stored and deflated are supported")
    }
    // Sizes too large for 32 bits stand, in this order, in the extra field of kind 1.
    var sizes: [Int?] = [24, 20, 42].map { directory.uint32(here + $0) }
    var extra = nameEnd
    while extra + 4 <= extraEnd {
      var field = extra + 4
      let fieldEnd = min(field + directory.uint16(extra + 2), extraEnd)
      if directory.uint16(extra) == 1 {
        for index in sizes.indices where sizes[index] == 0xFFFF_FFFF && field + 8 <= fieldEnd {
          sizes[index] = directory.uint64(field)
          field += 8
        }
      }
      extra = fieldEnd
    }
    guard let byteCount = sizes[0], let compressedCount = sizes[1], let headerStart = sizes[2] else {
      throw source.error(.malformed, "entry \(name) has an impossible size")
    }
    return Entry(
      name: name, isCompressed: method == 8, checksum: UInt32(directory.uint32(here + 16)),
      compressedCount: compressedCount, byteCount: byteCount, headerStart: headerStart)
  }

  /// The entry's content, its checksum verified.
  func content(of entry: Entry) throws(ArrayFileError) -> ByteSource {
    let name = "\(reader.path): \(entry.name)"
    let file = reader.source(at: 0, count: reader.byteCount, name: name)
    let header = try file.bytes(at: entry.headerStart, 30)
    guard header.uint32(0) == 0x0403_4B50 else { throw file.error(.malformed, "its ZIP header is damaged") }
    let start = entry.headerStart + 30 + header.uint16(26) + header.uint16(28)
    guard entry.compressedCount <= reader.byteCount - start else {
      throw file.error(.malformed, "is truncated: \(entry.compressedCount) bytes are announced")
    }
    var content = reader.source(at: start, count: entry.compressedCount, name: name)
    if entry.isCompressed {
      let compressed = try content.bytes(at: 0, content.byteCount).bytes
      do {
        content = ByteSource(name: name, bytes: try Inflate.decompress(compressed, limit: entry.byteCount))
      } catch {
        throw file.error(error == .noRoom ? .unsupported : .malformed, error.rawValue)
      }
    }
    guard content.byteCount == entry.byteCount else {
      throw file.error(.malformed, "has \(content.byteCount) bytes, the directory says \(entry.byteCount)")
    }
    guard try Self.checksum(of: content) == entry.checksum else {
      throw file.error(.malformed, "is damaged: its checksum does not match")
    }
    return content
  }

  private static func checksum(of source: ByteSource) throws(ArrayFileError) -> UInt32 {
    var checksum = CRC32()
    for start in stride(from: 0, to: source.byteCount, by: 1 << 20) {
      let bytes = try source.bytes(at: start, min(1 << 20, source.byteCount - start)).bytes
      bytes.withUnsafeBytes { checksum.update($0) }
    }
    return checksum.value
  }
}
