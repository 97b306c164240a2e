import Foundation
import StaticGraph
import Testing

/// Counts the objects for which a thread asks Swift's runtime, through the runtime's hook for instruments. Arrays' elements are such
/// objects, too, and so is what describes the memory of an `NDArray`.
private enum ObjectCount {
  private typealias Allocate = @convention(c) (UnsafeRawPointer?, Int, Int) -> UnsafeMutableRawPointer?

  nonisolated(unsafe) private static let hook = dlsym(nil, "_swift_allocObject")?
    .assumingMemoryBound(to: Allocate.self)
  nonisolated(unsafe) private static let isHooked = dlsym(
    nil, "_swift_enableSwizzlingOfAllocationAndRefCountingFunctions_forInstrumentsOnly")?
    .assumingMemoryBound(to: Bool.self)
  private static let original = hook?.pointee
  nonisolated(unsafe) private static let thread = UnsafeMutablePointer<pthread_t>.allocate(capacity: 1)
  nonisolated(unsafe) private static let count = UnsafeMutablePointer<Int>.allocate(capacity: 1)

  /// Whether this runtime has the hook.
  static let isAvailable = hook != nil && isHooked != nil

  /// How many objects `body` asks for on this thread.
  static func during(_ body: () throws -> Void) rethrows -> Int {
    let original = original
    thread.initialize(to: pthread_self())
    count.initialize(to: 0)
    hook?.pointee = { metadata, size, alignment in
      if pthread_equal(pthread_self(), ObjectCount.thread.pointee) != 0 { ObjectCount.count.pointee += 1 }
      return ObjectCount.original!(metadata, size, alignment)
    }
    isHooked?.pointee = true
    defer {
      isHooked?.pointee = false
      hook?.pointee = original!
    }
    try body()
    return count.pointee
  }
}

@Suite(.serialized, .enabled(if: ObjectCount.isAvailable)) struct `Memory in later runs` {
  /// A prepared training step over `count` points.
  private func step(
    _ count: Int, threads: Int = 1, compile: Compilation = .interpreted
  ) throws -> (session: Session, run: PreparedRun) {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [nil, 1])
    let y = graph.placeholder(.float64, shape: [nil, 1])
    let w = graph.variable(array([0.5]))
    let b = graph.variable(array([0.25]))
    let loss = (w * x.square() + b - y).square().mean()
    let gradients = graph.gradients(of: loss, withRespectTo: [w, b])
    let updates = [w.assign(w - 0.01 * gradients[0]), b.assign(b - 0.01 * gradients[1])]
    let session = Session(graph, threads: threads, compile: compile)
    try session.run(graph.initializer())
    let xs = array((0..<count).map { Double($0 % 97) / 97 }, [count, 1])
    return (session, try session.prepare([loss] + gradients + updates, feeding: [x: xs, y: xs]))
  }

  @Test(arguments: [(100, 1), (1000, 1), (400_000, 2)])
  func `is not asked for by the interpreter`(count: Int, threads: Int) throws {
    let (_, run) = try step(count, threads: threads)
    try run.run()
    #expect(try ObjectCount.during { for _ in 0..<20 { try run.run() } } == 0)
  }

  @Test(.enabled(if: hasClang)) func `is not asked for by machine code`() throws {
    let cache = "\(temporaryDirectory)/allocation-tests-\(UInt64.random(in: .min ... .max))"
    defer { removeFile(cache) }
    let (session, run) = try step(1000, compile: .native(cache: cache))
    try run.run()
    #expect(session.compilation.nativeKernels == 2)
    #expect(try ObjectCount.during { for _ in 0..<20 { try run.run() } } == 0)
  }

  @Test func `is asked for once for each result that is still held`() throws {
    let (_, run) = try step(100)
    try run.run()
    var held: [NDArray] = []
    held.reserveCapacity(100)
    let objects = try ObjectCount.during { for _ in 0..<20 { held.append(try run.run()[0]) } }
    // The first run's result was let go of, so that the second could be written over it.
    #expect(objects == 19)
    #expect(Set(held.map { numbers($0)[0] }).count == 20)
  }

  @Test func `is not asked for where prepared runs of one plan take turns`() throws {
    let graph = Graph()
    let x = graph.placeholder(.float64, shape: [nil])
    let y = (x * 3 - 1).square().sum()
    let session = Session(graph)
    let first = try session.prepare([y], feeding: [x: array([1, 2])])
    let second = try session.prepare([y], feeding: [x: array([3, 4])])
    #expect(numbers(try first.run()[0]) == [29])
    #expect(numbers(try second.run()[0]) == [185])
    let objects = try ObjectCount.during {
      for _ in 0..<5 {
        try first.run()
        try second.run()
      }
    }
    #expect(objects == 0)
    #expect(numbers(try first.run()[0]) == [29])
  }

  @Test func `is given back with the session, whatever it has prepared`() throws {
    weak var session: Session?
    do {
      let (made, run) = try step(10)
      try run.run()
      session = made
    }
    #expect(session == nil)
  }
}
