/// NumPy's file format for one array, `.npy` (numpy.lib.format).
///
/// Elements of all dtypes here, row-major or Fortran order, either byte order. Objects, strings, structures,
/// complex, half-precision and unsigned types above 8 bits are refused.
public enum Npy {
  /// The array in the file. One saved in Fortran order comes back as a view with such strides, as in NumPy.
  ///
  /// Throws when the file cannot be read, is not in the format, is truncated or has bytes left over, or holds
  /// an unsupported dtype.
  public static func read(_ path: String) throws(ArrayFileError) -> NDArray {
    try read(try FileReader(path).source)
  }

  /// Writes the array, row-major and with the bytes `numpy.save` would write; a file of that name is
  /// replaced.
  ///
  /// Throws when the file cannot be written; what was there before then stays.
  public static func write(_ array: NDArray, to path: String) throws(ArrayFileError) {
    try FileWriter.write(to: path) { (file) throws(ArrayFileError) in
      try file.write(NpyHeader(dtype: array.dtype, shape: array.shape).bytes)
      try file.writeElements(of: array)
    }
  }

  static func read(_ source: ByteSource) throws(ArrayFileError) -> NDArray {
    let (header, dataStart) = try NpyHeader.read(source)
    let available = source.byteCount - dataStart
    let needed: Int
    do { needed = try header.shape.byteCount(header.dtype) } catch {
      throw source.error(.malformed, error.message)
    }
    guard available == needed else {
      let fault = available < needed ? "is truncated" : "has bytes left over"
      throw source.error(
        .malformed,
        "\(fault): shape \(header.shape) of \(header.dtype) needs \(needed) bytes, \(available) are there")
    }
    let array = try source.array(header.dtype, header.shape, at: dataStart)
    if header.isBigEndian { array.swapBytes() }
    if !header.isFortranOrder { return array }
    var strides = Strides(repeating: 0, rank: array.rank)
    var step = 1
    for axis in 0..<array.rank {
      strides[axis] = step
      step *= max(array.shape[axis], 1)
    }
    return array.strided(array.shape, strides, offset: 0)
  }
}

extension Shape {
  /// The bytes that the elements take; throws when they are more than can be counted.
  func byteCount(_ dtype: DType) throws(ArrayError) -> Int {
    let count = try checkedElementCount("array")
    let (bytes, overflow) = count.multipliedReportingOverflow(by: dtype.byteSize)
    try require(!overflow, .runtime("array: the shape \(self) has more bytes than can be counted"))
    return bytes
  }
}

extension ByteSource {
  /// A new array whose elements are the bytes from `offset` on.
  func array(_ dtype: DType, _ shape: Shape, at offset: Int) throws(ArrayFileError) -> NDArray {
    let array: NDArray
    do { array = try NDArray(uninitialized: shape, dtype) } catch {
      throw self.error(.unsupported, error.message)
    }
    let count = array.count * dtype.byteSize
    try read(at: offset, into: UnsafeMutableRawBufferPointer(start: array.address, count: count))
    if dtype == .bool {
      // Any other byte than 0 means true, but only 1 may stand in memory.
      for position in 0..<count {
        let byte = array.address.load(fromByteOffset: position, as: UInt8.self)
        array.address.storeBytes(of: byte == 0 ? 0 : 1, toByteOffset: position, as: UInt8.self)
      }
    }
    return array
  }
}

extension NDArray {
  /// Reverses the bytes of each element of a row-major array in place.
  fileprivate func swapBytes() {
    func swap<Bits: FixedWidthInteger>(_ type: Bits.Type) {
      let elements = UnsafeMutableBufferPointer(start: address.assumingMemoryBound(to: type), count: count)
      for position in elements.indices { elements[position] = elements[position].byteSwapped }
    }
    switch dtype.byteSize {
    case 2: swap(UInt16.self)
    case 4: swap(UInt32.self)
    case 8: swap(UInt64.self)
    default: break
    }
  }
}
