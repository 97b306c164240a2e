extension NDArray {
  /// A name for the elements, bit for bit and in row-major order, as 32 hex digits: arrays of one dtype with the same name have, but for a
  /// chance of about 2⁻¹²⁸, as many elements with the same bits. The shape is left out, so that a column and a row of the same numbers
  /// have one name.
  ///
  /// FNV-1a with 128 bits (Fowler, Noll, Vo) over the elements' bytes as they lie in memory.
  public var fingerprint: String {
    let elements = checked { () throws(ArrayError) in try contiguous() }
    let bytes = UnsafeRawBufferPointer(start: elements.address, count: count * dtype.byteSize)
    var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013b
    for byte in bytes { hash = (hash ^ UInt128(byte)) &* prime }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 32 - digits.count) + digits
  }
}
