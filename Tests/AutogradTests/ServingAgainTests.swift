import Autograd
import CKernels
import Foundation
import Testing

/// Nodes of graphs that are gone remember later operations of the same type.
@Suite struct `Nodes that serve again` {
  private func graph(_ x: Tensor) -> Tensor { ((x * 3 - 1).pow(2) * x).sum() }

  @Test func `an operation is remembered by the node of one that is gone`() throws {
    let x = leaf([1, 2])
    var y: Tensor? = x * x
    let (place, number) = (ObjectIdentifier(try #require(y?.gradFn)), try #require(y?.gradFn).sequenceNumber)
    y = nil
    let z = x * x
    let node = try #require(z.gradFn)
    #expect(ObjectIdentifier(node) == place && node.sequenceNumber > number)
    #expect(node.name == "MulBackward0" && node.nextFunctions.count == 2)
    z.sum().backward()
    #expect(values(x.grad) == [2, 4])
  }

  @Test func `a node that somebody holds stays what it was`() throws {
    let x = leaf([1, 2])
    var y: Tensor? = graph(x)
    let node = try #require(y?.gradFn)
    let (number, next) = (node.sequenceNumber, try #require(node.nextFunctions[0]).node)
    y = nil
    for _ in 0..<5 { graph(x).backward() }
    let other = try #require(graph(x).gradFn)
    #expect(other !== node && node.sequenceNumber == number && other.sequenceNumber > number)
    #expect(node.nextFunctions[0]?.node === next && next.name == "MulBackward0")
  }

  @Test func `an operand that needs no gradient leads nowhere, whatever the node led to before`() {
    let x = leaf([1, 2])
    func several() -> [Tensor] { (0..<3).map { _ in x * x } }
    #expect(several().count == 3)
    let y = leaf([3, 4]).detach() * x
    #expect(y.gradFn?.nextFunctions[0] == nil && y.gradFn?.nextFunctions[1] != nil)
    y.sum().backward()
    #expect(values(x.grad) == [3, 4])
  }

  @Test func `a hook does not go on to the next operation`() throws {
    let x = leaf([1, 2])
    var calls = 0
    var y: Tensor? = x * x
    y?.registerHook { _ in
      calls += 1
      return nil
    }
    y?.sum().backward()
    y = nil
    (x * x).sum().backward()
    #expect(calls == 1)
  }

  @Test func `neither does what an interrupted pass left behind`() throws {
    let x = leaf([3])
    do {
      let y = x * 2
      let kept = y * y
      let (a, b) = (kept * 5, kept * 7)
      noGrad { _ = y.add_(1) }
      #expect(message { () throws(ArrayError) in try (a + b).differentiate() }?.contains("modified") == true)
    }
    x.grad = nil
    let y = x * 2
    let kept = y * y
    (kept * 5 + kept * 7).backward()
    // 12 · 4x²
    #expect(values(x.grad) == [288])
  }

  @Test func `nor that its values were freed, or which result an operand was`() throws {
    let x = leaf([3, 1])
    (x * x).sum().backward()
    let first = x * x
    first.sum().backward()
    #expect(message { () throws(ArrayError) in try first.sum().differentiate() }?.contains("freed") == true)
    x.grad = nil
    do {
      // The operand is the second result of its operation.
      let second = leaf([1, 2, 3, 4]).split(2)[1]
      _ = second * second
    }
    (x * x).sum().backward()
    #expect(values(x.grad) == [6, 2])
  }

  @Test func `graphs built again and again have the gradients of the first`() {
    func gradients(_ count: Int, _ shape: Shape) -> [Double] {
      let x = tensor((0..<count).map { Double($0) / 7 - 1 }, shape: shape, requiresGrad: true)
      let y = tensor((0..<count).map { Double($0 % 5) + 0.5 }, shape: shape)
      let z = (x * y + 1).pow(2) / y - x.exp() * 0.25
      (z.mean() + (x.sum() - 2).pow(2) + x.mul(y).sum([0]).pow(3).sum()).backward()
      return values(x.grad)!
    }
    let sizes: [(Int, Shape)] = [(1, [1]), (6, [2, 3]), (6, [3, 2]), (12, [2, 3, 2]), (100, [100, 1])]
    let first = sizes.map { gradients($0, $1) }
    for _ in 0..<20 {
      for (k, size) in sizes.enumerated().reversed() { #expect(gradients(size.0, size.1) == first[k]) }
    }
  }

  @Test func `a node that is referenced weakly ends, as any object`() {
    let x = leaf([1, 2])
    for _ in 0..<3 {
      var y: Tensor? = graph(x)
      weak let last = y?.gradFn
      weak let first = last?.nextFunctions[0]?.node
      #expect(first != nil)
      y = nil
      #expect(last == nil && first == nil)
    }
  }

  @Test func `all that a thread keeps ends with it`() {
    let nodes = KeptNodes()
    inThread {
      let x = leaf([1, 2])
      // More of one type than a list holds, and some of others.
      var y = x * 1
      for _ in 0..<300 { y = (y + x).tanh() * x }
      y.sum().backward()
      y = x
      nodes.note(like: x + x)
      nodes.note(like: x * x)
      nodes.note(like: x.tanh())
    }
    #expect(nodes.count == 3 * 255 && nodes.living == 0)
  }

  @Test func `what is kept is given up when memory runs short, and kept anew afterwards`() {
    inThread {
      let x = leaf([1, 2])
      for _ in 0..<2 {
        let nodes = KeptNodes()
        _ = (0..<7).map { _ in x * x }
        nodes.note(like: x * x)
        #expect(nodes.count == 6 && nodes.living == 6)
        ck_release_cached()
        #expect(nodes.living == 0)
      }
    }
  }
}

/// Nodes that this thread kept when they were noted, of which some may be gone.
private final class KeptNodes {
  private struct Reference { weak let node: Node? }
  private var references: [Reference] = []

  /// Notes those of the type of the tensor's own.
  func note(like tensor: Tensor) {
    guard let own = tensor.gradFn else { return }
    let kind = unsafeBitCast(type(of: own) as AnyClass, to: UnsafeRawPointer.self)
    guard let first = ck_spares_of_kind(kind)?.pointee.first else { return }
    var next: Node? = Unmanaged<Node>.fromOpaque(first).takeUnretainedValue()
    while let node = next {
      references.append(Reference(node: node))
      next = node.nextFunctions[0]?.node
    }
  }
  var count: Int { references.count }
  var living: Int { references.count { $0.node != nil } }
}

/// Runs `body` in a thread of its own and waits until that has ended.
private func inThread(_ body: @escaping () -> Void) {
  final class Job {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  let job = Unmanaged.passRetained(Job(body)).toOpaque()
  let status = pthread_create(
    &thread, nil,
    {
      Unmanaged<Job>.fromOpaque($0!).takeRetainedValue().body()
      return nil
    }, job)
  precondition(status == 0)
  pthread_join(thread, nil)
}
