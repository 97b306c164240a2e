import Operations
import Testing

/// A number that is given away, and becomes an array in which it is everywhere.
@Suite struct `Repeated numbers` {
  @Test func `take no memory of their own when nobody else holds the number`() throws {
    let number = NDArray([2.5], shape: [1])
    let place = number.pointer
    let repeated = (consume number).repeating(as: [2, 3])
    #expect(repeated.pointer == place && repeated.shape == [2, 3] && repeated.strides == [0, 0])
    #expect(repeated.stride(0) == 0 && repeated.stride(1) == 0)
    #expect(!repeated.isContiguous && repeated.isRepetition && repeated.hasOverlappingElements)
    #expect(repeated.toArray(of: Double.self) == [2.5, 2.5, 2.5, 2.5, 2.5, 2.5])
    #expect(repeated.t().toArray(of: Double.self).count == 6 && repeated.t().shape == [3, 2])
    #expect((repeated * 2 + NDArray([1.0, 2, 3])).toArray(of: Double.self) == [6, 7, 8, 6, 7, 8])
    #expect(throws: ArrayError.self) { try repeated.applyInPlace(Add(), repeated) }
    (consume repeated).giveBack()
    let next = NDArray([1.0], shape: [1, 1])
    #expect(next.pointer == place && next.isContiguous && next.strides == [1, 1] && next.count == 1)
  }

  @Test func `are views of a number that others hold`() throws {
    let number = NDArray([2.5], shape: [1])
    let repeated = number.repeating(as: [4])
    #expect(number.shape == [1] && number.isContiguous)
    #expect(repeated.shape == [4] && repeated.sharesStorage(with: number) && repeated.strides == [0])
    let none = NDArray([2.5], shape: [1]).repeating(as: [0, 3])
    #expect(none.count == 0 && none.toArray(of: Double.self).isEmpty)
  }
}
