import Autograd
import Foundation
import Testing

/// The process's resident memory in bytes.
private func residentBytes() throws -> Int {
  let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
  let pages = try #require(Int(text.split(separator: " ")[1]))
  return pages * sysconf(Int32(_SC_PAGESIZE))
}

@Suite(.serialized) struct MemoryTests {
  private static let links = 1_000_000

  @Test func `a chain of a million operations is differentiated and released without recursion`() {
    let x = leaf([0.5])
    var y = x * 1
    for _ in 0..<MemoryTests.links { y = y * 1.000001 }
    y.backward()
    let slope = values(x.grad)![0]
    // (1 + 10⁻⁶) to the power of a million; each product rounds by at most 2⁻⁵³
    #expect(abs(slope - pow(1.000001, 1e6)) < 1e-9)
  }

  @Test func `a chain that is never differentiated is released without recursion`() {
    let x = leaf([0.5])
    var y = x * 1
    for _ in 0..<MemoryTests.links { y = y + x }
    weak let node = y.gradFn
    #expect(node != nil)
    y = x
    #expect(node == nil)
  }

  @Test func `so are chains of values kept by the rules, of views, of changes in place, and of functions`()
    throws
  {
    let x = leaf([0.5, 0.25])
    var y = x * 1
    for _ in 0..<200_000 { y = y.sin() }
    var z = x * 1
    for _ in 0..<200_000 { z = z.view(2) }
    let u = x * 1
    for _ in 0..<20_000 { u[0].mul_(1.0001) }
    var v = x * 1
    for _ in 0..<200_000 { v = OwnExp().apply(v * -1) }
    (y + z + u + v).sum().backward()
    #expect(x.grad != nil)
  }

  @Test func `a graph of gradients is released, too`() {
    let x = leaf([0.5])
    weak let node: Node? = {
      var y = x * 1
      for _ in 0..<100_000 { y = y * x }
      let first = grad(y, x, createGraph: true)
      return first.gradFn
    }()
    #expect(node == nil)
  }

  @Test func `nodes do not outlive the tensors that lead to them`() {
    let w = leaf([1, 2])
    weak let node: Node? = {
      let y = (w * w).exp()
      y.sum().backward()
      return y.gradFn
    }()
    #expect(node == nil)
  }

  @Test func `training step after step takes no more memory`() throws {
    let count = 1000
    let x = tensor((0..<count).map { Double($0) / 1000 }, shape: [count, 1])
    let (w, b) = (leaf([1], [1, 1]), leaf([0], [1, 1]))
    func step() {
      let loss = (0.5 * (x.pow(2) * w + b - 3 * x).pow(2)).sum()
      loss.backward()
      noGrad {
        w.sub_(1e-4 * w.grad!)
        b.sub_(1e-4 * b.grad!)
      }
      w.zeroGrad()
      b.zeroGrad()
    }
    for _ in 0..<200 { step() }
    let before = try residentBytes()
    for _ in 0..<3000 { step() }
    // One array that stayed per step would be 24 MB.
    #expect(try residentBytes() - before < 4_000_000)
  }
}
