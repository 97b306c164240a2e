/// The checksum of ZIP files: CRC-32 with the reflected polynomial 0xEDB88320 (ISO 3309).
struct CRC32 {
  private var register: UInt32 = 0xFFFF_FFFF

  /// The checksum of the bytes so far.
  var value: UInt32 { ~register }

  /// `tables[k][b]` is what byte b does to the register k bytes later.
  private static let tables: [[UInt32]] = {
    var tables = [
      (0..<256).map { (byte: UInt32) in
        (0..<8).reduce(byte) { register, _ in register & 1 == 1 ? register >> 1 ^ 0xEDB8_8320 : register >> 1
        }
      }
    ]
    for _ in 1..<8 { tables.append(tables.last!.map { $0 >> 8 ^ tables[0][Int($0 & 0xFF)] }) }
    return tables
  }()

  /// Takes further bytes in, eight at a time.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    let tables = Self.tables
    var position = 0
    while position + 8 <= bytes.count {
      let word =
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        ^ UInt64(register)
      register = 0
      for byte in 0..<8 { register ^= tables[7 - byte][Int(word >> UInt64(8 * byte) & 0xFF)] }
      position += 8
    }
    for byte in bytes[position...] {
      register = register >> 8 ^ tables[0][Int((register ^ UInt32(byte)) & 0xFF)]
    }
  }
}
