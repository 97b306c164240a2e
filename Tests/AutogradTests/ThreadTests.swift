import Autograd
import Foundation
import Testing

/// Runs `body` in `count` threads at once and waits for all.
private func inThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  DispatchQueue.concurrentPerform(iterations: count, execute: body)
}

@Suite struct ThreadTests {
  @Test func `recording is on or off for one thread`() {
    let box = Box()
    noGrad {
      let thread = Thread { box.set(isGradEnabled) }
      thread.start()
      box.wait()
    }
    #expect(box.value == true)
  }

  @Test func `backward passes of several threads add to a shared leaf`() {
    let w = leaf([1, 2])
    inThreads(8) { _ in
      for _ in 0..<200 { (w * 3).sum().backward() }
    }
    #expect(values(w.grad) == [4800, 4800])
  }

  @Test func `several threads may pass backward through graphs that share a part`() {
    let x = leaf([2])
    let shared = x * x
    inThreads(8) { _ in
      for _ in 0..<100 { (shared * 5).backward(retainGraph: true) }
    }
    #expect(values(x.grad) == [16_000])
  }

  @Test func `a graph may be released by another thread than its maker`() {
    inThreads(4) { _ in
      var y = leaf([1]) * 1
      for _ in 0..<1000 { y = y + 1 }
      let box = TensorBox(y)
      let thread = Thread { box.tensor = nil }
      thread.start()
      while !thread.isFinished { usleep(100) }
    }
  }
}

/// A value that another thread sets.
private final class Box: @unchecked Sendable {
  private let isSet = DispatchSemaphore(value: 0)
  private(set) var value: Bool?
  func set(_ value: Bool) {
    self.value = value
    isSet.signal()
  }
  func wait() { isSet.wait() }
}

private final class TensorBox: @unchecked Sendable {
  var tensor: Tensor?
  init(_ tensor: Tensor) { self.tensor = tensor }
}
