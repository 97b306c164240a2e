/// A natural number of any size: the little arithmetic that exact decimal expansion needs.
struct BigNatural: Comparable {
  /// Digits to base 2³², least significant first, without leading zeros.
  private var limbs: [UInt32]

  init(_ value: UInt64) {
    limbs = [UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32)]
    trim()
  }

  private mutating func trim() {
    while limbs.last == 0 { limbs.removeLast() }
  }

  /// Multiplies by a small number.
  mutating func multiply(by factor: UInt32) {
    var carry: UInt64 = 0
    for position in limbs.indices {
      carry += UInt64(limbs[position]) * UInt64(factor)
      limbs[position] = UInt32(truncatingIfNeeded: carry)
      carry >>= 32
    }
    if carry != 0 { limbs.append(UInt32(carry)) }
    trim()
  }

  /// Multiplies by 10 to the power `exponent` ≥ 0.
  mutating func multiply(byPowerOfTen exponent: Int) {
    for _ in 0..<(exponent / 9) { multiply(by: 1_000_000_000) }
    for _ in 0..<(exponent % 9) { multiply(by: 10) }
  }

  /// Multiplies by 2 to the power `count` ≥ 0.
  mutating func shiftLeft(_ count: Int) {
    if limbs.isEmpty || count == 0 { return }
    multiply(by: 1 << UInt32(count % 32))
    limbs.insert(contentsOf: repeatElement(0, count: count / 32), at: 0)
  }

  /// Subtracts `other`, which must not be larger.
  mutating func subtract(_ other: BigNatural) {
    var borrow: Int64 = 0
    for position in limbs.indices {
      let right = position < other.limbs.count ? Int64(other.limbs[position]) : 0
      let difference = Int64(limbs[position]) - right - borrow
      borrow = difference < 0 ? 1 : 0
      limbs[position] = UInt32(truncatingIfNeeded: difference)
    }
    trim()
  }

  static func + (a: BigNatural, b: BigNatural) -> BigNatural {
    var sum = a.limbs.count >= b.limbs.count ? a : b
    let other = a.limbs.count >= b.limbs.count ? b : a
    var carry: UInt64 = 0
    for position in sum.limbs.indices {
      carry += UInt64(sum.limbs[position])
      if position < other.limbs.count { carry += UInt64(other.limbs[position]) }
      sum.limbs[position] = UInt32(truncatingIfNeeded: carry)
      carry >>= 32
    }
    if carry != 0 { sum.limbs.append(UInt32(carry)) }
    return sum
  }

  static func < (a: BigNatural, b: BigNatural) -> Bool {
    if a.limbs.count != b.limbs.count { return a.limbs.count < b.limbs.count }
    for position in a.limbs.indices.reversed() where a.limbs[position] != b.limbs[position] {
      return a.limbs[position] < b.limbs[position]
    }
    return false
  }
}
