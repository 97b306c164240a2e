/// How many representable numbers lie from `a` to `b`: 0 for equal ones (0 and −0 are equal), 1 for
/// neighbours; across zero the numbers on both sides count. Nil if either is not a number. `dtype` says which
/// numbers count; values are rounded to it.
public func ulpDistance(_ a: Double, _ b: Double, dtype: Precision = .float64) -> UInt64? {
  guard !a.isNaN, !b.isNaN else { return nil }
  switch dtype {
  case .float64: return distance(place(a.bitPattern, sign: 63), place(b.bitPattern, sign: 63))
  case .float32:
    return distance(
      place(UInt64(Float(a).bitPattern), sign: 31), place(UInt64(Float(b).bitPattern), sign: 31))
  }
}

/// The place of a bit pattern on the line of all numbers, zero at zero.
private func place(_ pattern: UInt64, sign: UInt64) -> Int64 {
  let magnitude = Int64(pattern & ((1 << sign) - 1))
  return pattern >> sign == 1 ? -magnitude : magnitude
}

/// On two sides of zero the distance can be larger than an `Int64`.
private func distance(_ a: Int64, _ b: Int64) -> UInt64 {
  (a < 0) == (b < 0) ? (a - b).magnitude : a.magnitude + b.magnitude
}
