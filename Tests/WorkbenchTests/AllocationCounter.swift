import Experiment
import Foundation
import Testing

/// A library, loaded before all others, that counts how often a program asks the C library for memory while it takes steps against the
/// clock, and says so on standard error at the end.
///
/// Nothing but steps is done between two looks at the clock that lie far apart.
final class AllocationCounter: Sendable {
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
    static atomic_long count, spans, clean;
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
      static _Thread_local struct timespec last;
      static _Thread_local long before;
      const int status = (int)syscall(SYS_clock_gettime, clock, now);
      const long microseconds = (now->tv_sec - last.tv_sec) * 1000000 + (now->tv_nsec - last.tv_nsec) / 1000;
      if (last.tv_sec != 0 && microseconds >= 500) {
        spans++;
        clean += count == before;
      }
      before = count;
      last = *now;
      return status;
    }
    __attribute__((destructor)) static void report(void) {
      fprintf(stderr, "spans: %ld\\n%ld without a request\\n", (long)spans, (long)clean);
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

  /// Lets the static graph's program take steps for so long: the number of spans of half a millisecond or more, and of those in which
  /// no memory was asked for. On a busy machine the clock may settle on batches that are too short for spans; then it is tried again.
  func run(_ execution: Execution, points: Int, seconds: Double) async throws -> (spans: Int, clean: Int) {
    for _ in 0..<9 {
      let outcome = try await runOnce(execution, points: points, seconds: seconds)
      if outcome.spans >= 8 { return outcome }
    }
    return try await runOnce(execution, points: points, seconds: seconds)
  }

  private func runOnce(
    _ execution: Execution, points: Int, seconds: Double
  ) async throws -> (spans: Int, clean: Int) {
    let launched = try await LaunchedProgram.run(
      builtProgram("static-graph"),
      [
        "--points", "\(points)", "--steps", "3", "--timing", "\(seconds)", "--trace",
        folder.path("trace.tsv"),
      ] + execution.arguments, environment: ["LD_PRELOAD": folder.path("count.so")])
    try #require(launched.status == 0, "\(launched.errors)")
    let numbers = launched.errors.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
    try #require(numbers.count == 2, "\(launched.errors)")
    return (numbers[0], numbers[1])
  }
}
