import Arrays
import Testing

@Suite struct `An array's fingerprint` {
  // Expected: FNV-1a's reference vectors for 128 bits, "", "a" and "foobar".
  @Test(arguments: [
    ("", "6c62272e07bb014262b821756295c58d"), ("a", "d228cb696f1a8caf78912b704e4a8964"),
    ("foobar", "343e1662793c64bf6f0d3597ba446f18"),
  ])
  func `is FNV-1a over the bytes`(text: String, expected: String) {
    #expect(NDArray(Array(text.utf8)).fingerprint == expected)
  }

  @Test func `goes through the elements in row-major order, whatever the layout`() throws {
    let array = NDArray([1.0, 2, 3, 4, 5, 6], shape: [2, 3])
    let turned = NDArray([1.0, 4, 2, 5, 3, 6], shape: [3, 2]).strided([2, 3], [1, 2], offset: 0)
    #expect(turned.fingerprint == array.fingerprint)
    #expect(NDArray([1.0, 2, 3, 4, 5, 6], shape: [6, 1]).fingerprint == array.fingerprint)
  }

  @Test func `tells numbers that are equal and have other bits`() {
    #expect(NDArray([0.0]).fingerprint != NDArray([-0.0]).fingerprint)
    #expect(NDArray([1.0]).fingerprint != NDArray([Double(1).nextUp]).fingerprint)
    #expect(NDArray([0.0]).fingerprint != NDArray([0.0, 0.0]).fingerprint)
    #expect(NDArray([Double.nan]).fingerprint == NDArray([Double.nan]).fingerprint)
  }
}
