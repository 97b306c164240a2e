/// Decompression of DEFLATE data (RFC 1951), as compressed entries of `.npz` files hold.
struct Inflate {
  /// What can be wrong with compressed data.
  enum Fault: String, Error {
    case truncated = "the compressed data end too early"
    case malformed = "the compressed data are damaged"
    case tooLong = "the compressed data hold more than the directory says"
    case noRoom = "memory for what the compressed data hold cannot be had"
  }

  private let input: [UInt8]
  private let limit: Int
  private var position = 0
  private var bits: UInt64 = 0
  private var bitCount = 0
  private var output: [UInt8] = []

  /// The bytes that `input` decompresses to; more than `limit` of them are a fault.
  static func decompress(_ input: [UInt8], limit: Int) throws(Fault) -> [UInt8] {
    var inflate = Inflate(input: input, limit: limit)
    try inflate.run()
    return inflate.output
  }

  private init(input: [UInt8], limit: Int) {
    self.input = input
    self.limit = limit
  }

  private mutating func run() throws(Fault) {
    var isLast = false
    while !isLast {
      isLast = try take(1) == 1
      switch try take(2) {
      case 0: try copyStored()
      case 1: try expand(Self.fixedLiterals, Self.fixedDistances)
      case 2:
        let (literals, distances) = try readCodes()
        try expand(literals, distances)
      default: throw .malformed
      }
    }
  }

  // MARK: Bits, the least significant first

  /// Makes `count` ≤ 32 bits available where the input has them; missing ones read as 0 and are refused by
  /// `drop`.
  private mutating func fill(_ count: Int) {
    while bitCount < count && position < input.count {
      bits |= UInt64(input[position]) << UInt64(bitCount)
      position += 1
      bitCount += 8
    }
  }

  private mutating func drop(_ count: Int) throws(Fault) {
    guard count <= bitCount else { throw .truncated }
    bits >>= UInt64(count)
    bitCount -= count
  }

  private mutating func take(_ count: Int) throws(Fault) -> Int {
    fill(count)
    let value = Int(bits & (1 << UInt64(count) - 1))
    try drop(count)
    return value
  }

  // MARK: Blocks

  /// Makes room for `count` more bytes. A claim of gigabytes is not believed before the data are seen.
  private mutating func makeRoom(_ count: Int) throws(Fault) {
    guard count <= limit - output.count else { throw .tooLong }
    let needed = output.count + count
    if needed <= output.capacity { return }
    let capacity = min(limit, max(needed, 2 * output.capacity, 1 << 12))
    do throws(ArrayError) { try Storage.requireRoom(capacity) } catch { throw .noRoom }
    output.reserveCapacity(capacity)
  }

  private mutating func copyStored() throws(Fault) {
    try drop(bitCount % 8)
    let length = try take(16)
    guard try take(16) == ~length & 0xFFFF else { throw .malformed }
    try makeRoom(length)
    for _ in 0..<length { output.append(UInt8(try take(8))) }
  }

  /// Decodes literals and copies until the end-of-block mark.
  private mutating func expand(_ literals: PrefixCode, _ distances: PrefixCode) throws(Fault) {
    while true {
      let symbol = try decode(literals)
      if symbol == 256 { return }
      if symbol < 256 {
        try makeRoom(1)
        output.append(UInt8(symbol))
        continue
      }
      guard symbol < 286 else { throw .malformed }
      let length = Self.lengthBases[symbol - 257] + (try take(Self.lengthBits[symbol - 257]))
      let distanceSymbol = try decode(distances)
      guard distanceSymbol < 30 else { throw .malformed }
      let distance = Self.distanceBases[distanceSymbol] + (try take(Self.distanceBits[distanceSymbol]))
      guard distance <= output.count else { throw .malformed }
      try makeRoom(length)
      for _ in 0..<length { output.append(output[output.count - distance]) }
    }
  }

  private mutating func decode(_ code: PrefixCode) throws(Fault) -> Int {
    fill(code.longest)
    let entry = code.table[Int(bits & (1 << UInt64(code.longest) - 1))]
    guard entry != 0 else { throw bitCount < code.longest ? .truncated : .malformed }
    try drop(Int(entry & 15))
    return Int(entry >> 4)
  }

  /// Reads a block's own codes, whose lengths are themselves coded.
  private mutating func readCodes() throws(Fault) -> (PrefixCode, PrefixCode) {
    let literalCount = try take(5) + 257
    let distanceCount = try take(5) + 1
    let lengthCount = try take(4) + 4
    guard literalCount <= 286, distanceCount <= 30 else { throw .malformed }
    var codeLengths = [Int](repeating: 0, count: 19)
    for position in 0..<lengthCount { codeLengths[Self.lengthOrder[position]] = try take(3) }
    let lengthCode = try PrefixCode(codeLengths)

    var lengths: [Int] = []
    while lengths.count < literalCount + distanceCount {
      let symbol = try decode(lengthCode)
      let (value, times): (Int, Int)
      switch symbol {
      case 16:
        guard let previous = lengths.last else { throw .malformed }
        (value, times) = (previous, try take(2) + 3)
      case 17: (value, times) = (0, try take(3) + 3)
      case 18: (value, times) = (0, try take(7) + 11)
      default: (value, times) = (symbol, 1)
      }
      lengths.append(contentsOf: repeatElement(value, count: times))
    }
    guard lengths.count == literalCount + distanceCount, lengths[256] > 0 else { throw .malformed }
    return (try PrefixCode(Array(lengths[..<literalCount])), try PrefixCode(Array(lengths[literalCount...])))
  }

  // MARK: Codes

  /// A canonical prefix code as a table over the next `longest` bits: symbol × 16 + length, 0 where no code
  /// is.
  private struct PrefixCode {
    var table: [UInt16]
    var longest: Int

    /// The code in which symbol i has `lengths[i]` ≤ 15 bits, 0 meaning that it does not occur.
    init(_ lengths: [Int]) throws(Fault) {
      longest = max(lengths.max() ?? 0, 1)
      table = [UInt16](repeating: 0, count: 1 << longest)
      var code = 0
      for length in 1...longest {
        for (symbol, own) in lengths.enumerated() where own == length {
          guard code < 1 << length else { throw .malformed }
          // Codes arrive with their first bit in the lowest place.
          var index = (0..<length).reduce(0) { $0 | (code >> $1 & 1) << (length - 1 - $1) }
          while index < table.count {
            table[index] = UInt16(symbol << 4 | length)
            index += 1 << length
          }
          code += 1
        }
        code <<= 1
      }
    }
  }

  private static let fixedLiterals = try! PrefixCode(
    (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
  private static let fixedDistances = try! PrefixCode([Int](repeating: 5, count: 32))
  private static let lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
  private static let lengthBits = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]
  private static let lengthBases = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
    227, 258,
  ]
  private static let distanceBits = (0..<30).map { max(0, $0 / 2 - 1) }
  private static let distanceBases = distanceBits.indices.map { symbol in
    1 + distanceBits[..<symbol].reduce(0) { $0 + 1 << $1 }
  }
}
