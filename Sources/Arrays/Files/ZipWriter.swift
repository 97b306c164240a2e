/// Writes a ZIP file with uncompressed entries. All sizes are written in the 64-bit form, so that there is
/// one form only.
struct ZipWriter {
  private let file: FileWriter
  private var directory: [UInt8] = []
  private var entryCount = 0

  init(_ file: FileWriter) { self.file = file }

  /// Adds an entry that consists of `header` and the elements of `array`. The date is fixed, so that equal
  /// content gives equal files.
  mutating func add(_ name: String, header: [UInt8], _ array: NDArray) throws(ArrayFileError) {
    let start = file.byteCount
    let elements: NDArray
    do { elements = try array.contiguous() } catch { throw ArrayFileError(.unwritable, name, error.message) }
    defer { withExtendedLifetime(elements) {} }
    let data = UnsafeRawBufferPointer(
      start: elements.address, count: elements.count * elements.dtype.byteSize)
    var checksum = CRC32()
    header.withUnsafeBytes { checksum.update($0) }
    checksum.update(data)
    let size = UInt64(header.count + data.count).littleEndianBytes
    let nameBytes = Array(name.utf8)

    // Version 4.5, names in UTF-8, stored, 1 January 1980; sizes are in the extra field.
    let common =
      [45, 0, 0, 8, 0, 0, 0, 0, 0x21, 0] + checksum.value.littleEndianBytes
      + [UInt8](repeating: 0xFF, count: 8)
      + UInt16(nameBytes.count).littleEndianBytes
    try file.write(
      [0x50, 0x4B, 3, 4] + common + [20, 0] + nameBytes + [1, 0, 16, 0] + size + size + header)
    try file.write(data)

    // No comment, disk 0, no attributes; where the entry starts is in the extra field too.
    directory += [0x50, 0x4B, 1, 2, 45, 0] + common + [28, 0] + [UInt8](repeating: 0, count: 10)
    directory += [0xFF, 0xFF, 0xFF, 0xFF] + nameBytes + [1, 0, 24, 0] + size + size
    directory += UInt64(start).littleEndianBytes
    entryCount += 1
  }

  /// Writes the directory.
  func finish() throws(ArrayFileError) {
    let start = UInt64(file.byteCount).littleEndianBytes
    let end = UInt64(file.byteCount + directory.count).littleEndianBytes
    let size = UInt64(directory.count).littleEndianBytes
    let count = UInt64(entryCount).littleEndianBytes
    try file.write(directory)
    if entryCount == 0 {
      // Readers know an empty archive by a file that begins with the short end record.
      try file.write([0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18))
      return
    }
    try file.write(
      [0x50, 0x4B, 6, 6] + UInt64(44).littleEndianBytes + [45, 0, 45, 0] + [UInt8](repeating: 0, count: 8)
        + count + count + size + start)
    try file.write([0x50, 0x4B, 6, 7, 0, 0, 0, 0] + end + [1, 0, 0, 0])
    try file.write([0x50, 0x4B, 5, 6, 0, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 12) + [0, 0])
  }
}
