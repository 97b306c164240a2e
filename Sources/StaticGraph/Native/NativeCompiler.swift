import CKernels

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Turns C into loaded functions, by a compiler's run or from the cache of earlier runs.
struct NativeCompiler {
  /// Why there is no native code.
  struct Failure: Error {
    let message: String
  }

  private let compiler: String
  private let folder: String
  private let fastMath: Bool

  /// The compiler that the settings name, or the clang beside `swiftc`.
  init(_ settings: Compilation.Native) throws(Failure) {
    fastMath = settings.fastMath
    guard let compiler = settings.compiler ?? NativeCompiler.clangBesideSwift() else {
      throw Failure(
        message: "native code: there is no clang beside a swiftc on PATH; kernels are interpreted. "
          + "Install Swift's toolchain, or name a compiler: .native(compiler: \"/usr/bin/clang\")")
    }
    self.compiler = compiler
    folder = settings.cache ?? NativeCompiler.userCache()
  }

  /// The functions of a C file. `report` counts what was done.
  func library(_ source: String, _ report: inout CompilationReport) throws(Failure) -> NativeLibrary {
    let path = "\(folder)/\(key(source)).so"
    if NativeFile.isWhole(path), let library = NativeLibrary(path) {
      report.cached += 1
      return library
    }
    if NativeFile.makeFolders(folder) {
      return try compile(source, in: folder, keepingAs: path, &report)
    }
    report.note("native code: '\(folder)' cannot be written to, so what is compiled is not kept")
    let temporary = NativeFile.temporaryFolder()
    defer { rmdir(temporary) }
    return try compile(source, in: temporary, keepingAs: nil, &report)
  }

  private func compile(
    _ source: String, in folder: String, keepingAs path: String?, _ report: inout CompilationReport
  ) throws(Failure) -> NativeLibrary {
    let stem = "\(folder)/\(getpid())-\(UInt64.random(in: .min ... .max))"
    let (text, object, log) = (stem + ".c", stem + ".so", stem + ".log")
    defer { for file in [text, object, log] { unlink(file) } }
    guard NativeFile.write(Array(source.utf8), to: text) else {
      throw Failure(message: "native code: '\(text)' cannot be written; kernels are interpreted")
    }
    report.compiled += 1
    let status = NativeFile.run(compiler, flags + ["-o", object, text], log: log)
    guard status == 0, let bytes = NativeFile.read(object) else {
      let said = NativeFile.read(log).map { String(decoding: $0.prefix(400), as: UTF8.self) } ?? ""
      throw Failure(
        message: "native code: '\(compiler)' failed (status \(status)); kernels are interpreted. \(said)")
    }
    guard let library = NativeLibrary(object) else {
      throw Failure(message: "native code: what '\(compiler)' made cannot be loaded; kernels are interpreted")
    }
    if let path, !(NativeFile.write(NativeFile.sealed(bytes), to: object) && rename(object, path) == 0) {
      report.note("native code: '\(path)' cannot be written, so what is compiled is not kept")
    }
    return library
  }

  private var flags: [String] {
    let math = fastMath ? ["-ffast-math"] : ["-ffp-contract=off", "-fno-math-errno"]
    return ["-x", "c", "-std=gnu17", "-O3", "-march=native", "-shared", "-fPIC", "-w"] + math
  }

  /// What the compiled code depends on, as one name.
  private func key(_ source: String) -> String {
    var about = stat()
    let known = stat(compiler, &about) == 0
    let version = known ? "\(about.st_size) \(NativeFile.modified(about))" : ""
    let parts = [compiler, version, flags.joined(separator: " "), NativeFile.processor(), source]
    let hash = NativeFile.hash(Array(parts.joined(separator: "\n").utf8))
    return String(hash, radix: 16)
  }

  // MARK: Places

  /// The clang in the folder of the `swiftc` that PATH finds.
  private static func clangBesideSwift() -> String? {
    guard let path = getenv("PATH").map({ String(cString: $0) }) else { return nil }
    for folder in path.split(separator: ":") {
      guard access("\(folder)/swiftc", X_OK) == 0 else { continue }
      if access("\(folder)/clang", X_OK) == 0 { return "\(folder)/clang" }
      // A link into the toolchain.
      guard let real = realpath("\(folder)/swiftc", nil) else { continue }
      defer { free(real) }
      let home = String(cString: real).split(separator: "/").dropLast().joined(separator: "/")
      if access("/\(home)/clang", X_OK) == 0 { return "/\(home)/clang" }
    }
    return nil
  }

  private static func userCache() -> String {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    let base = variable("XDG_CACHE_HOME") ?? (variable("HOME") ?? "/tmp/\(getuid())") + "/.cache"
    return base + "/regression-workbench/native"
  }
}
