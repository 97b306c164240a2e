#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Files and programs as the compiler of native code needs them.
enum NativeFile {
  /// All bytes of a file, or nil.
  static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    fseek(file, 0, SEEK_END)
    let size = ftell(file)
    rewind(file)
    guard size >= 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: size)
    return fread(&bytes, 1, size, file) == size ? bytes : nil
  }

  /// Whether all bytes could be written to the file, which is made or replaced. Only its owner may read it.
  ///
  /// It is a new file even if there was one: what a process has loaded from the old one stays.
  static func write(_ bytes: [UInt8], to path: String) -> Bool {
    unlink(path)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    guard descriptor >= 0, let file = fdopen(descriptor, "wb") else { return false }
    let written = fwrite(bytes, 1, bytes.count, file) == bytes.count
    return fclose(file) == 0 && written
  }

  /// The folder with all above it; whether it is there and can be written to.
  static func makeFolders(_ path: String) -> Bool {
    var folder = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      folder += "/" + part
      mkdir(folder, 0o700)
    }
    return access(path, W_OK | X_OK) == 0
  }

  /// A new folder that only this user can write to.
  static func temporaryFolder() -> String {
    var template = Array("/tmp/native-XXXXXX".utf8CString)
    return mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
  }

  // MARK: Sealed files

  /// The bytes with their hash behind them, so that a damaged file is known before it is loaded.
  static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    bytes + withUnsafeBytes(of: hash(bytes).littleEndian) { Array($0) }
  }

  /// Whether a file is as `sealed` made it.
  static func isWhole(_ path: String) -> Bool {
    guard let bytes = read(path), bytes.count > 16 else { return false }
    return sealed(Array(bytes.dropLast(16))) == bytes
  }

  /// FNV-1a with 128 bits.
  static func hash(_ bytes: [UInt8]) -> UInt128 {
    let prime: UInt128 = (1 << 88) + 0x13b
    var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    for byte in bytes { hash = (hash ^ UInt128(byte)) &* prime }
    return hash
  }

  // MARK: The machine

  /// What is known of the processor: code made for one may not run on another.
  static func processor() -> String {
    guard let file = fopen("/proc/cpuinfo", "rb") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix("model") || $0.hasPrefix("flags") || $0.hasPrefix("Features") }
      .prefix(3).joined(separator: "\n")
  }

  /// When a file was changed.
  static func modified(_ about: stat) -> Int {
    #if canImport(Darwin)
      about.st_mtimespec.tv_sec
    #else
      about.st_mtim.tv_sec
    #endif
  }

  /// Runs a program, what it says going to the file `log`, and gives its status; -1 when it could not be started.
  static func run(_ program: String, _ arguments: [String], log: String) -> Int32 {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
    #else
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t()
    guard posix_spawn(&process, program, &actions, nil, &words, environ) == 0 else { return -1 }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      if errno != EINTR { return -1 }
    }
    return status & 0x7f == 0 ? status >> 8 & 0xff : -1
  }
}
