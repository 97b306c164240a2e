#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Writes a file as a whole or not at all: beside its place first, then renamed.
final class FileWriter {
  private let path: String
  private let descriptor: Int32
  /// How many bytes have been written.
  private(set) var byteCount = 0

  private init(_ path: String, _ descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  /// Calls `body` with a writer whose bytes become the file at `path` when it returns. When it or the disk
  /// fails, what was there before stays untouched. Devices and pipes are written directly; of a symbolic link
  /// the target is replaced.
  static func write(
    to path: String, _ body: (FileWriter) throws(ArrayFileError) -> Void
  ) throws(ArrayFileError) {
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists && status.st_mode & S_IFMT == S_IFDIR {
      throw ArrayFileError(.unwritable, path, "cannot be written: is a directory")
    }
    let isDirect = exists && status.st_mode & S_IFMT != S_IFREG
    let place = exists && !isDirect ? resolved(path) : path
    let target = isDirect ? path : "\(place).partial-\(getpid())"
    let flags = isDirect ? O_WRONLY : O_WRONLY | O_CREAT | O_TRUNC
    let descriptor = open(target, flags | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw ArrayFileError(.unwritable, path, "cannot be written: \(systemReason())")
    }
    do throws(ArrayFileError) {
      if exists && !isDirect { _ = fchmod(descriptor, status.st_mode & 0o7777) }
      try body(FileWriter(path, descriptor))
    } catch {
      close(descriptor)
      if !isDirect { unlink(target) }
      throw error
    }
    guard close(descriptor) == 0, isDirect || rename(target, place) == 0 else {
      let why = systemReason()
      if !isDirect { unlink(target) }
      throw ArrayFileError(.unwritable, path, "cannot be written: \(why)")
    }
  }

  /// The file a chain of symbolic links ends in.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  /// Writes all of `bytes`.
  func write(_ bytes: UnsafeRawBufferPointer) throws(ArrayFileError) {
    var done = 0
    while done < bytes.count {
      #if canImport(Darwin)
        let put = Darwin.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      #elseif canImport(Glibc)
        let put = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      #elseif canImport(Musl)
        let put = Musl.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      #endif
      if put < 0 && errno == EINTR { continue }
      guard put >= 0 else { throw ArrayFileError(.unwritable, path, "cannot be written: \(systemReason())") }
      done += put
    }
    byteCount += bytes.count
  }

  /// Writes all of `bytes`.
  func write(_ bytes: [UInt8]) throws(ArrayFileError) {
    var failure: ArrayFileError?
    bytes.withUnsafeBytes { buffer in
      do throws(ArrayFileError) { try write(buffer) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Writes the elements in row-major order.
  func writeElements(of array: NDArray) throws(ArrayFileError) {
    let source: NDArray
    do { source = try array.contiguous() } catch { throw ArrayFileError(.unwritable, path, error.message) }
    defer { withExtendedLifetime(source) {} }
    try write(UnsafeRawBufferPointer(start: source.address, count: source.count * source.dtype.byteSize))
  }
}
