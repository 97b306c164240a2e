#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A file of compiled functions, loaded into the process until nobody holds it any more.
final class NativeLibrary {
  private let handle: UnsafeMutableRawPointer

  /// Loads the file; nil when it is no library for this machine.
  init?(_ path: String) {
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else { return nil }
    self.handle = handle
  }

  /// The function of this name; nil when there is none.
  func function(_ name: String) -> TileKernel.NativeFunction? {
    dlsym(handle, name).map { unsafeBitCast($0, to: TileKernel.NativeFunction.self) }
  }

  deinit { dlclose(handle) }
}
