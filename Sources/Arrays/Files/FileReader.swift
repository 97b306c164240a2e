#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The system's words for the last error: `No such file or directory`.
func systemReason(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }

/// A regular file open for reading at any place.
final class FileReader {
  let path: String
  let byteCount: Int
  private let descriptor: Int32

  init(_ path: String) throws(ArrayFileError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw ArrayFileError(.unreadable, path, "cannot be read: \(systemReason())")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw ArrayFileError(.unreadable, path, "is not a regular file")
    }
    byteCount = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills `buffer` with the bytes from `offset` on.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ArrayFileError) {
    var done = 0
    while done < buffer.count {
      let got = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw ArrayFileError(.unreadable, path, "cannot be read: \(systemReason())") }
      guard got > 0 else {
        throw ArrayFileError(
          .malformed, path, "ends at byte \(offset + done), \(buffer.count - done) bytes are missing")
      }
      done += got
    }
  }

  /// The whole file as a source of bytes.
  var source: ByteSource { source(at: 0, count: byteCount, name: path) }

  /// A part of the file as a source of bytes; `name` is what errors call it.
  func source(at start: Int, count: Int, name: String) -> ByteSource {
    ByteSource(name: name, byteCount: count) { (offset, buffer) throws(ArrayFileError) in
      try self.read(at: start + offset, into: buffer)
    }
  }
}

/// Bytes of known number that can be read from any place: a file, a part of one, or memory.
struct ByteSource {
  /// What errors call it.
  let name: String
  let byteCount: Int
  private let copy: (_ offset: Int, _ buffer: UnsafeMutableRawBufferPointer) throws(ArrayFileError) -> Void

  init(
    name: String, byteCount: Int,
    copy: @escaping (_ offset: Int, _ buffer: UnsafeMutableRawBufferPointer) throws(ArrayFileError) -> Void
  ) {
    self.name = name
    self.byteCount = byteCount
    self.copy = copy
  }

  /// Bytes in memory.
  init(name: String, bytes: [UInt8]) {
    self.init(name: name, byteCount: bytes.count) { (offset, buffer) throws(ArrayFileError) in
      bytes.withUnsafeBytes {
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<(offset + buffer.count)]))
      }
    }
  }

  /// An error about these bytes.
  func error(_ kind: ArrayFileError.Kind, _ reason: String) -> ArrayFileError {
    ArrayFileError(kind, name, reason)
  }

  /// Fills `buffer` with the bytes from `offset` on; throws when there are not so many.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ArrayFileError) {
    guard offset >= 0, buffer.count <= byteCount - offset else {
      throw error(
        .malformed,
        "ends after \(byteCount) bytes, where \(buffer.count) more from byte \(offset) on are needed")
    }
    if buffer.count > 0 { try copy(offset, buffer) }
  }

  /// `count` bytes from `offset` on; throws when there are not so many, or no memory for them.
  func bytes(at offset: Int, _ count: Int) throws(ArrayFileError) -> LittleEndianBytes {
    guard offset >= 0, count >= 0, count <= byteCount - offset else {
      throw error(
        .malformed, "ends after \(byteCount) bytes, where \(count) more from byte \(offset) on are needed")
    }
    do throws(ArrayError) { try Storage.requireRoom(count) } catch {
      throw self.error(.unsupported, error.message)
    }
    var bytes = [UInt8](repeating: 0, count: count)
    // The closure of `withUnsafeMutableBytes` cannot throw a typed error.
    var failure: ArrayFileError?
    bytes.withUnsafeMutableBytes { buffer in
      do throws(ArrayFileError) { try read(at: offset, into: buffer) } catch { failure = error }
    }
    if let failure { throw failure }
    return LittleEndianBytes(bytes: bytes)
  }
}

/// Bytes with the integers in them read, the least significant byte first.
struct LittleEndianBytes {
  let bytes: [UInt8]

  private func integer(at offset: Int, _ count: Int) -> UInt64 {
    (0..<count).reversed().reduce(0) { $0 << 8 | UInt64(bytes[offset + $1]) }
  }
  func uint16(_ offset: Int) -> Int { Int(integer(at: offset, 2)) }
  func uint32(_ offset: Int) -> Int { Int(integer(at: offset, 4)) }
  /// The number, or nil when it exceeds 63 bits.
  func uint64(_ offset: Int) -> Int? { Int(exactly: integer(at: offset, 8)) }
  /// The bytes as text.
  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

extension FixedWidthInteger {
  /// The bytes, the least significant first.
  var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}
