import Arrays
import Testing

@Suite("Misuse")
struct MisuseTests {
  @Test(
    "Sizes no machine can hold are refused with a thrown error",
    arguments: [[1 << 32, 1 << 32], [.max], [.max, .max], [1 << 62, 2], [-1], [0, -5], [1 << 55]] as [Shape])
  func impossibleSizes(_ shape: Shape) {
    for dtype in [.bool, .float64] as [DType] {
      #expect(throws: ArrayError.self) { try NDArray(uninitialized: shape, dtype) }
      #expect(throws: ArrayError.self) { try NDArray(full: shape, 1, dtype) }
    }
  }

  @Test("A zero size makes any other size harmless")
  func emptyHuge() throws {
    #expect(try NDArray(full: [1 << 40, 0, 1 << 40], 1, .float64).count == 0)
  }

  /// What a process that fails in `body` leaves on standard error.
  private func message(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  @Test("Values that do not fill the shape stop the process with the reason")
  func stopsOnShape() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NDArray([1, 2, 3], shape: [2, 2])
    }
    #expect(message(result).contains("array: 3 values do not fill the shape [2, 2], which has 4 elements"))
  }

  @Test("Asking several elements for the one stops the process with the reason")
  func stopsOnItem() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NDArray([1, 2]).item(as: Int.self)
    }
    #expect(message(result).contains("item: a tensor with 2 elements cannot be converted to Scalar"))
  }

  @Test("Too many dimensions stop the process with the reason")
  func stopsOnRank() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Shape(Array(repeating: 1, count: 9))
    }
    #expect(message(result).contains("shape: 9 dimensions given, at most 8 are supported"))
  }
}
