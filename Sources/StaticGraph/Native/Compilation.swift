/// How a session carries out the fused kernels of its plans.
public struct Compilation: Sendable {
  /// Settings of the way by compiled C; nil for the interpreter.
  struct Native: Sendable {
    var fastMath: Bool
    var compiler: String?
    var cache: String?
  }
  let settings: Native?

  /// By the library's own kernels, tile by tile.
  public static let interpreted = Compilation(settings: nil)

  /// By machine code: each kernel is written as C and compiled by the clang that ships with Swift. Same bits as interpreted.
  public static let native = native()

  /// By machine code. Where it cannot be had, the kernels are interpreted, and `Session.compilation` says why.
  ///
  /// - Parameters:
  ///   - fastMath: lets the compiler regroup sums and the like: faster on some kernels, other roundings.
  ///   - compiler: the path of a clang; nil for the one beside `swiftc`.
  ///   - cache: the folder of compiled code; nil for the user's cache folder.
  public static func native(
    fastMath: Bool = false, compiler: String? = nil, cache: String? = nil
  ) -> Compilation {
    Compilation(settings: Native(fastMath: fastMath, compiler: compiler, cache: cache))
  }
}

/// What has come of a session's wish for native code so far.
public struct CompilationReport: Sendable, Equatable, CustomStringConvertible {
  /// The kernels that run as native code.
  public internal(set) var nativeKernels = 0
  /// The kernels that are interpreted.
  public internal(set) var interpretedKernels = 0
  /// How often the compiler ran.
  public internal(set) var compiled = 0
  /// How often compiled code was found in the cache.
  public internal(set) var cached = 0
  /// Why kernels are interpreted although native code was asked for, or why nothing is cached; one line each.
  public internal(set) var messages: [String] = []

  /// A report of nothing.
  public init() {}

  mutating func note(_ message: String) {
    if !messages.contains(message) { messages.append(message) }
  }

  /// Takes in what came of another plan.
  mutating func add(_ other: CompilationReport) {
    nativeKernels += other.nativeKernels
    interpretedKernels += other.interpretedKernels
    compiled += other.compiled
    cached += other.cached
    for message in other.messages { note(message) }
  }

  public var description: String {
    let counts =
      "\(nativeKernels) kernels native, \(interpretedKernels) interpreted; "
      + "\(compiled) libraries compiled, \(cached) from the cache"
    return ([counts] + messages).joined(separator: "\n")
  }
}

extension Session {
  /// What has come of `compile: .native` in the plans made so far.
  public var compilation: CompilationReport { state.withLock { $0.compilation } }

  /// The C that native code for these fetches and feeds is compiled from: one function for each fused kernel. Nothing is run or compiled.
  public func nativeSource(
    of fetches: [Symbol], feeding feeds: Feeds = Feeds()
  ) throws(SessionError) -> String {
    let feeds = try resolved(feeds)
    let program = options.passes.applied(to: try lowered(try fetches.symbols(in: graph), feeds))
    guard program.isStatic else {
      throw SessionError(
        .calculation, "native code: a shape is only known when the graph runs, so there is nothing to compile"
      )
    }
    return NativeSource(program, Layouts(program)).text
  }
}
