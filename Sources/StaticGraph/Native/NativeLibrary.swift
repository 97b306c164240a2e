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

  /// The function of this name, which is of this type; nil when there is none.
  func function<Function>(_ name: String, as type: Function.Type) -> Function? {
    dlsym(handle, name).map { unsafeBitCast($0, to: type) }
  }

  deinit { dlclose(handle) }
}
