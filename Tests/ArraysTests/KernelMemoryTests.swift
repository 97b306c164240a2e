import CKernels
import Foundation
import Synchronization
import Testing

/// The buffers of arrays, and the modes of a thread.
@Suite struct `Kernel memory and modes` {
  /// Runs `body` in a thread of its own and waits for its end.
  private func inThread(_ body: @escaping @Sendable () -> Void) {
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      body()
      done.signal()
    }
    thread.start()
    done.wait()
  }

  @Test func `buffers are aligned, writable to their end and apart from each other`() throws {
    let sizes = [
      0, 1, 8, 63, 64, 65, 1000, 1024, 1025, 1280, 1281, 5000, 65536, 65537, 100_000, 1 << 20, (1 << 20) + 1,
      9 << 20,
    ]
    for round in 0..<3 {
      var buffers: [(UnsafeMutableRawPointer, Int)] = []
      for (k, size) in sizes.enumerated() {
        let buffer = try #require(ck_alloc(size))
        #expect(Int(bitPattern: buffer) % 64 == 0)
        memset(buffer, Int32(k + round), size)
        buffers.append((buffer, size))
      }
      for (k, (buffer, size)) in buffers.enumerated() {
        let bytes = UnsafeRawBufferPointer(start: buffer, count: size)
        #expect(bytes.first.map { Int($0) == k + round } ?? true)
        #expect(bytes.last.map { Int($0) == k + round } ?? true)
      }
      for (buffer, size) in buffers { ck_free(buffer, size) }
    }
    ck_release_cached()
  }

  @Test func `a freed buffer is used again by the next of its size class`() throws {
    for size in [100, 5000, 1 << 20] {
      let first = try #require(ck_alloc(size))
      ck_free(first, size)
      let second = try #require(ck_alloc(size - 1))
      #expect(first == second)
      ck_free(second, size - 1)
    }
  }

  @Test func `what cannot be had is refused, and nothing is lost by it`() {
    #expect(ck_alloc(Int.max) == nil)
    #expect(ck_alloc(Int.max / 2) == nil)
    #expect(ck_alloc(1 << 60) == nil)
    ck_free(nil, 100)
  }

  @Test func `a buffer may be freed by another thread, and threads may come and go`() throws {
    let handedOver = Mutex<[UInt]>([])
    for _ in 0..<20 {
      inThread {
        let buffers = (0..<50).map { UInt(bitPattern: ck_alloc($0 * 40)!) }
        for (k, buffer) in buffers.enumerated() {
          memset(UnsafeMutableRawPointer(bitPattern: buffer)!, 1, k * 40)
        }
        handedOver.withLock { $0 = buffers }
      }
      inThread {
        for (k, buffer) in handedOver.withLock({ $0 }).enumerated() {
          ck_free(UnsafeMutableRawPointer(bitPattern: buffer), k * 40)
        }
      }
    }
  }

  @Test func `many threads allocate and free large and small buffers at once`() async {
    await withTaskGroup(of: Bool.self) { group in
      for seed in 0..<8 {
        group.addTask {
          var bits = TestBits(state: UInt64(seed))
          var held: [(UnsafeMutableRawPointer, Int, UInt8)] = []
          for step in 0..<2000 {
            let size = bits.next() % 8 == 0 ? Int(bits.next() % 300_000) : Int(bits.next() % 2000)
            guard let buffer = ck_alloc(size) else { return false }
            memset(buffer, Int32(UInt8(truncatingIfNeeded: step)), size)
            held.append((buffer, size, UInt8(truncatingIfNeeded: step)))
            if held.count > 20 {
              let (old, count, mark) = held.remove(at: Int(bits.next() % 20))
              guard UnsafeRawBufferPointer(start: old, count: count).allSatisfy({ $0 == mark }) else {
                return false
              }
              ck_free(old, count)
            }
          }
          for (buffer, size, _) in held { ck_free(buffer, size) }
          return true
        }
      }
      for await intact in group { #expect(intact, "a buffer was given to two owners") }
    }
  }

  @Test func `modes belong to their thread`() {
    let before = ck_grad_mode_get()
    ck_grad_mode_set(0)
    ck_inference_mode_set(1)
    let seen = Mutex<[Int32]>([])
    inThread { seen.withLock { $0 = [ck_grad_mode_get(), ck_inference_mode_get()] } }
    #expect(seen.withLock { $0 } == [1, 0])
    #expect(ck_grad_mode_get() == 0 && ck_inference_mode_get() == 1)
    ck_grad_mode_set(before)
    ck_inference_mode_set(0)
  }

  @Test func `the frames of Swift's functions can be followed, on every thread`() {
    #expect(ck_frames_are_sound(40) == 1)
    let sound = Mutex<[Int32]>([])
    inThread { sound.withLock { $0.append(ck_frames_are_sound(40)) } }
    #expect(sound.withLock { $0 } == [1])
  }
}
