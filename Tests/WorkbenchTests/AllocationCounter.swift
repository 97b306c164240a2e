import Experiment
import Foundation
import Testing

/// A library, loaded before all others, that counts how often a program asks the C library for memory between two looks at the clock, and
/// says at the end in how many of the last such spans it did not.
///
/// While a program takes steps against the clock every other span holds steps and nothing else; those between hold only what keeps the
/// time. Its clock is `ContinuousClock`; threads that wait for each other look at another one.
final class AllocationCounter: Sendable {
  /// How many spans the answer is about.
  static let spans = 16

  private static let source = """
    #define _GNU_SOURCE
    #include <stdatomic.h>
    #include <stddef.h>
    #include <stdio.h>
    #include <sys/syscall.h>
    #include <time.h>
    #include <unistd.h>
    void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
    void *__libc_memalign(size_t, size_t);
    static atomic_long count;
    static long spans;
    static unsigned recent;
    void *malloc(size_t n) { count++; return __libc_malloc(n); }
    void *calloc(size_t n, size_t size) { count++; return __libc_calloc(n, size); }
    void *realloc(void *old, size_t n) { count++; return __libc_realloc(old, n); }
    void *memalign(size_t alignment, size_t n) { count++; return __libc_memalign(alignment, n); }
    void *aligned_alloc(size_t alignment, size_t n) { count++; return __libc_memalign(alignment, n); }
    int posix_memalign(void **result, size_t alignment, size_t n) {
      count++;
      *result = __libc_memalign(alignment, n);
      return *result == NULL ? 12 : 0;
    }
    int clock_gettime(clockid_t clock, struct timespec *now) {
      static long before;
      if (clock == CLOCK_BOOTTIME && syscall(SYS_gettid) == getpid()) {
        recent = recent << 1 | (count == before);
        before = count;
        spans++;
      }
      return (int)syscall(SYS_clock_gettime, clock, now);
    }
    __attribute__((destructor)) static void report(void) {
      fprintf(stderr, "%ld\\n%d\\n", spans, __builtin_popcount(recent & 0xffff));
    }
    """

  /// A C compiler on PATH.
  private static let compiler: String? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.flatMap { folder in ["clang", "cc"].map { "\(folder)/\($0)" } }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// Whether it can be made: with GNU's C library, whose functions it replaces, and a compiler.
  static var isAvailable: Bool {
    #if canImport(Glibc)
      compiler != nil
    #else
      false
    #endif
  }

  private let folder: ScratchFolder

  init() async throws {
    folder = try ScratchFolder()
    try folder.write(Self.source, to: "count.c")
    let made = try await LaunchedProgram.run(
      try #require(Self.compiler),
      ["-O1", "-shared", "-fPIC", "-o", folder.path("count.so"), folder.path("count.c")])
    try #require(made.status == 0, "\(made.errors)")
  }

  /// Lets the static graph's program take steps against the clock: in how many of the last spans no memory was asked for. Where the machine
  /// was too busy for enough spans, it is given more time.
  func cleanSpans(_ execution: Execution, points: Int) async throws -> Int {
    var seconds = 0.1
    while true {
      let launched = try await LaunchedProgram.run(
        builtProgram("static-graph"),
        [
          "--points", "\(points)", "--loss", "mean", "--learning-rate", "0.1", "--steps", "3",
          "--timing", "\(seconds)",
        ] + execution.arguments, environment: ["LD_PRELOAD": folder.path("count.so")])
      try #require(launched.status == 0, "\(launched.errors)")
      let numbers = launched.errors.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
      try #require(numbers.count == 2, "\(launched.errors)")
      // By then the list of measured times seldom grows.
      if numbers[0] >= 8 * Self.spans { return numbers[1] }
      seconds *= 2
    }
  }
}
