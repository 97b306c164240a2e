import Foundation
import StaticGraph
import Testing

/// A folder for one test.
private func folder() -> String {
  "\(temporaryDirectory)/native-tests-\(UInt64.random(in: .min ... .max))"
}

/// Whether a clang lies beside the swiftc on PATH.
private let hasClang = {
  let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
  return path.split(separator: ":").contains { folder in
    guard FileManager.default.isExecutableFile(atPath: "\(folder)/swiftc") else { return false }
    let real = URL(fileURLWithPath: "\(folder)/swiftc").resolvingSymlinksInPath().deletingLastPathComponent()
    return [String(folder), real.path].contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/clang")
    }
  }
}()

@Suite struct `Native code` {
  /// A graph with a chain, calls of functions, and sums; `count` elements.
  private struct Example {
    let fetches: [Symbol]
    let feeds: Feeds

    init(count: Int, _ dtype: DType = .float64, withFunctions: Bool = true) throws {
      let graph = Graph()
      let x = graph.placeholder(dtype, shape: [nil])
      let w = graph.constant(try array([1.25]).converted(to: dtype))
      let r = w * x.square() - x.sqrt() * 0.1
      let y = (r.exp() + x.maximum(r)) / 3
      let z = x.gt(0.5).where(y, -r)
      // Arithmetic alone in one kernel, calls in the other.
      let chain = w * x - 0.5
      fetches =
        withFunctions
        ? [r.square().sum(), (r * x).sum(), y.sum(), z, y.mean()]
        : [chain.square().sum(), (chain * x).sum(), chain.abs(), (chain - x).mean()]
      feeds = [x: try array((0..<count).map { Double($0 % 97) / 64 }).converted(to: dtype)]
    }

    func outcome(
      _ compilation: Compilation, passes: Passes = .standard, threads: Int = 1
    ) throws -> (bits: [[UInt64]], report: CompilationReport) {
      let session = Session(fetches[0].graph, passes: passes, threads: threads, compile: compilation)
      let outcome = try session.run(fetches, feeding: feeds).map(bits)
      return (outcome, session.compilation)
    }
  }

  @Test(.enabled(if: hasClang), arguments: 0..<30)
  func `gives the interpreter's bits on random graphs`(seed: Int) throws {
    let cache = folder()
    defer { removeFile(cache) }
    let graph = RandomGraph(seed: UInt64(seed))
    // Every second time without one of the passes.
    let names = Passes.standard.rewrites.map(\.name)
    let passes = seed % 2 == 0 ? Passes.standard : Passes.standard.without(names[seed / 2 % names.count])
    let native = try graph.outcome(passes, threads: 1 + seed % 3, compile: .native(cache: cache))
    #expect(try native == graph.outcome(.none))
  }

  @Test(
    .enabled(if: hasClang),
    arguments: [1, 2, 7, 8, 100, 128, 129, 512, 513, 543, 544, 1001, 1023, 1024, 400_003],
    [DType.float32, .float64])
  func `gives the interpreter's bits at every length of a tile`(count: Int, dtype: DType) throws {
    let cache = folder()
    defer { removeFile(cache) }
    for withFunctions in [true, false] {
      let example = try Example(count: count, dtype, withFunctions: withFunctions)
      let native = try example.outcome(.native(cache: cache), threads: 2)
      #expect(native.report.nativeKernels > 0)
      #expect(native.report.messages == [])
      #expect(try native.bits == example.outcome(.interpreted).bits)
      #expect(try native.bits == example.outcome(.interpreted, passes: .none).bits)
    }
  }

  @Test(.enabled(if: hasClang), arguments: [DType.float32, .float64])
  func `adds negative zeros up to zero, as the interpreter does`(dtype: DType) throws {
    let cache = folder()
    defer { removeFile(cache) }
    let graph = Graph()
    let x = graph.placeholder(dtype, shape: [nil])
    let fetches = [(-x).sum(), (x * -1).sum()]
    for count in [1, 5, 8, 100, 300, 2000] {
      let feeds: Feeds = [x: try NDArray(full: [count], .float(0), dtype)]
      let expected = try Session(graph, passes: .none).run(fetches, feeding: feeds).map(bits)
      for compile in [Compilation.interpreted, .native(cache: cache)] {
        let outcome = try Session(graph, compile: compile).run(fetches, feeding: feeds).map(bits)
        #expect(outcome == expected, "\(count)")
      }
    }
  }

  @Test(.enabled(if: hasClang))
  func `is compiled once and then found in the cache, unless it must differ`() throws {
    let cache = folder()
    defer { removeFile(cache) }
    let example = try Example(count: 100)
    let first = try example.outcome(.native(cache: cache)).report
    #expect((first.compiled, first.cached) == (1, 0))
    let second = try example.outcome(.native(cache: cache)).report
    #expect((second.compiled, second.cached) == (0, 1))
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache).count == 1)
    let fast = try example.outcome(.native(fastMath: true, cache: cache)).report
    #expect((fast.compiled, fast.cached) == (1, 0))
  }

  @Test(.enabled(if: hasClang))
  func `runs before what is fetched is copied into order`() throws {
    let cache = folder()
    defer { removeFile(cache) }
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [2, 3])
    let session = Session(graph, compile: .native(cache: cache))
    let results = try session.run(
      [(x * 2 + 1).sum(), x.t()], feeding: [x: array([1, 2, 3, 4, 5, 6], [2, 3])])
    #expect(results.map(numbers) == [[48], [1, 4, 2, 5, 3, 6]])
  }

  @Test(.enabled(if: hasClang))
  func `is compiled anew when the cached file is damaged`() throws {
    let cache = folder()
    defer { removeFile(cache) }
    let example = try Example(count: 100)
    let expected = try example.outcome(.native(cache: cache)).bits
    let file = "\(cache)/\(try FileManager.default.contentsOfDirectory(atPath: cache)[0])"
    let whole = try Data(contentsOf: URL(fileURLWithPath: file))
    for damaged in [Data(), Data("no library".utf8), whole.prefix(whole.count / 2), whole.dropFirst()] {
      try damaged.write(to: URL(fileURLWithPath: file))
      let outcome = try example.outcome(.native(cache: cache))
      #expect(outcome.report.compiled == 1)
      #expect(outcome.report.nativeKernels > 0)
      #expect(outcome.bits == expected)
    }
    #expect(try example.outcome(.native(cache: cache)).report.compiled == 0)
  }

  @Test(arguments: ["/nowhere/clang", "/bin/false", "/bin/true"])
  func `gives way to the interpreter when the compiler does not work`(compiler: String) throws {
    let cache = folder()
    defer { removeFile(cache) }
    let example = try Example(count: 100)
    let outcome = try example.outcome(.native(compiler: compiler, cache: cache))
    #expect(outcome.report.nativeKernels == 0)
    #expect(outcome.report.interpretedKernels > 0)
    #expect(outcome.report.messages.count == 1)
    #expect(outcome.report.messages[0].contains(compiler))
    #expect(try outcome.bits == example.outcome(.interpreted).bits)
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache).isEmpty)
  }

  @Test(.enabled(if: hasClang))
  func `is made without a cache where the folder cannot be written to`() throws {
    let file = folder()
    try Data("a file, not a folder".utf8).write(to: URL(fileURLWithPath: file))
    defer { removeFile(file) }
    let example = try Example(count: 100)
    let outcome = try example.outcome(.native(cache: "\(file)/below"))
    #expect(outcome.report.nativeKernels > 0)
    #expect(outcome.report.messages.count == 1)
    #expect(outcome.report.messages[0].contains("cannot be written to"))
    #expect(try outcome.bits == example.outcome(.interpreted).bits)
  }

  @Test func `is shown as C, a function for each kernel, a line for each node`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float32, shape: [nil], name: "x")
    let source = try Session(graph).nativeSource(
      of: [(x * 3 - 1).square().sum()], feeding: [x: try array([1, 2, 3]).converted(to: .float32)])
    #expect(source.contains("void kernel_0("))
    #expect(source.contains("const float mul = x * 3.0f;  // mul: mul"))
    #expect(source.contains("const float sub = mul - 1.0f;  // sub: sub"))
    #expect(source.contains("const float square = sub * sub;  // square: square"))
    #expect(source.contains("*term_0 = square;  // sum: sum"))
    #expect(source.contains("void run(const void *const *operands) {\n  kernel_0(operands + 0);\n}"))
  }

  @Test func `has the definitions it uses and no others`() throws {
    func source(_ dtype: DType, count: Int, _ fetch: (Symbol) -> Symbol) throws -> String {
      let graph = Graph()
      let x = graph.placeholder(dtype, shape: [nil], name: "x")
      return try Session(graph).nativeSource(
        of: [fetch(x)], feeding: [x: try NDArray(full: [count], .float(1), dtype)])
    }
    let short = try source(.float32, count: 100) { ($0 * 3).sum() }
    #expect(short.contains("total_float(") && !short.contains("double") && !short.contains("BLOCK"))
    #expect(!short.contains("half(") && !short.contains("typedef void") && !short.contains("TILE"))
    let long = try source(.float64, count: 100_000) { ($0 * 3).sum() }
    #expect(long.contains("total_double(") && !long.contains("float") && long.contains("BLOCK = 128"))
    #expect(long.contains("totals_double(") && long.contains("ends_of_blocks("))
    let calls = try source(.float64, count: 100) { $0.exp() }
    #expect(calls.contains("typedef void (*unary)") && !calls.contains("(*binary)"))
    #expect(!calls.contains("eight_") && !calls.contains("TILE"))
    let both = try source(.float64, count: 100) { ($0.exp() * 3).tanh() }
    #expect(both.contains("enum { TILE = 512 };"))
    let plain = try source(.float64, count: 100) { $0 * 3 }
    #expect(plain.contains("#define VECTORIZE") && !plain.contains("EIGHT_AT_ONCE"))
  }

  @Test func `is not spoken of when it was not asked for`() throws {
    #expect(try Example(count: 10).outcome(.interpreted).report == CompilationReport())
  }
}
