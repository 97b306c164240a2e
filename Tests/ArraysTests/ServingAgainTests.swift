import Arrays
import CKernels
import Testing

/// What a thread keeps of small arrays that were given back.
@Suite struct `Storages that serve again` {
  @Test func `serve the next array of their size, as new`() throws {
    let first = NDArray([1, 2, 3, 4, 5, 6] as [Double], shape: [2, 3])
    try first.withMutableElements(of: Double.self) { $0[0] = 7 }
    #expect(first.storage.version == 1)
    let place = first.pointer
    (consume first).giveBack()
    // As many bytes, but another dtype and shape.
    let second = NDArray((0..<12).map { Float($0) }, shape: [3, 2, 2])
    #expect(second.pointer == place)
    #expect(second.storage.version == 0 && second.dtype == .float32 && second.storage.byteCount == 48)
    #expect(second.strides == [4, 2, 1] && second.isContiguous)
    #expect(second.toArray(of: Float.self) == (0..<12).map { Float($0) })
    let third = NDArray([7, 8] as [Double])
    #expect(third.pointer != place)
  }

  @Test func `are not taken from those who still see them`() throws {
    let array = NDArray([1, 2, 3] as [Double])
    let place = array.pointer
    let view = array.strided([2], [1], offset: 1)
    (consume array).giveBack()
    let next = NDArray([9, 9, 9] as [Double])
    #expect(next.pointer != place)
    #expect(view.toArray(of: Double.self) == [2, 3])
    // A view that is given back takes nothing with it.
    let base = view.storage
    (consume view).giveBack()
    #expect(NDArray([9, 9, 9] as [Double]).pointer != base.base)
  }

  @Test func `are small: of two at the limit the one above it is not kept`() throws {
    ck_release_cached()
    let count = Int(CK_SMALL_LIMIT) / 8
    let small = try NDArray(full: [count], 1, .float64)
    let large = try NDArray(full: [count + 1], 1, .float64)
    #expect(ck_spares_of_size(count * 8)?.pointee.count ?? 0 == 0)
    (consume large).giveBack()
    #expect(ck_spares_of_size(count * 8)?.pointee.count ?? 0 == 0)
    (consume small).giveBack()
    #expect(ck_spares_of_size(count * 8)?.pointee.count == 1)
    ck_release_cached()
  }

  @Test func `are all given up when memory runs short`() throws {
    NDArray([1.5, 2.5]).giveBack()
    let list = try #require(ck_spares_of_size(16))
    #expect(list.pointee.count > 0)
    ck_release_cached()
    #expect(ck_spares_of_size(16)?.pointee.count ?? 0 == 0)
    NDArray([1.5, 2.5]).giveBack()
    #expect(ck_spares_of_size(16)?.pointee.count == 1)
  }

  @Test func `are bounded in number and in bytes`() throws {
    ck_release_cached()
    func release(_ size: Int, _ count: Int) throws -> Int {
      var arrays = try (0..<count).map { _ in try NDArray(full: [size / 8], 0, .float64) }
      while let array = arrays.popLast() { array.giveBack() }
      return try #require(ck_spares_of_size(size)).pointee.count
    }
    #expect(try release(32, 1000) == 256)
    #expect(try release(64 * 1024, 30) * 64 * 1024 <= 1 << 19)
    ck_release_cached()
  }
}
