/// A 64-bit name for a problem, written as 16 hex digits.
///
/// FNV-1a (Fowler, Noll, Vo; 64-bit offset basis and prime) over the bytes of what defines the problem, each
/// number as eight little-endian bytes: n, the n values of x, the n of y, w₀, b₀, η, the number of steps,
/// then the characters of `loss`, of `dtype` and, unless it is plain gradient descent, of `optimizer`.
public struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
  /// The hash.
  public let value: UInt64

  init(
    x: [Double], y: [Double], w0: Double, b0: Double, learningRate: Double, steps: Int, loss: Loss,
    optimizer: OptimizerChoice, dtype: Precision
  ) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(byte: UInt8) {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    func add(word: UInt64) {
      for shift in stride(from: 0, to: 64, by: 8) {
        add(byte: UInt8(truncatingIfNeeded: word >> UInt64(shift)))
      }
    }
    add(word: UInt64(x.count))
    for value in x { add(word: value.bitPattern) }
    for value in y { add(word: value.bitPattern) }
    for value in [w0, b0, learningRate] { add(word: value.bitPattern) }
    add(word: UInt64(steps))
    let rule = optimizer == .gradientDescent ? "" : optimizer.rawValue
    for byte in (loss.rawValue + dtype.rawValue + rule).utf8 { add(byte: byte) }
    value = hash
  }

  /// Reads 16 hex digits; nil for anything else.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 16, text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
      let value = UInt64(text, radix: 16)
    else { return nil }
    self.value = value
  }

  public var description: String { hexDigits(value, count: 16) }
}

/// `value` in hex with leading zeros.
func hexDigits(_ value: some BinaryInteger, count: Int) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: max(0, count - digits.count)) + digits
}
