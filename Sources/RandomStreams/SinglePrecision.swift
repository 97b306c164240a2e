/// Logarithm, sine and cosine in float32 with the polynomials and the order of operations of PyTorch's vector code,
/// so that long runs of its normal values come out with the same bits.
///
/// The polynomials are those of the Cephes library (S. Moshier, `logf` and `sinf`); every product that is added to is
/// fused with its addition.
enum SinglePrecision {
  /// log x for positive normal x: x = 2ᵉ · (1 + t) with 1 + t in [√½, √2).
  @inline(__always)
  static func log(_ x: Float) -> Float {
    let x = max(x, .leastNormalMagnitude)
    var exponent = Float(Int32(bitPattern: x.bitPattern >> 23) - 126)
    var t = Float(bitPattern: (x.bitPattern & 0x007F_FFFF) | 0x3F00_0000)
    if t < 0.707106781186547524 {
      exponent -= 1
      t = t - 1 + t
    } else {
      t -= 1
    }
    let square = t * t
    var y: Float = 7.0376836292e-2
    y = Float(-1.1514610310e-1).addingProduct(y, t)
    y = Float(1.1676998740e-1).addingProduct(y, t)
    y = Float(-1.2420140846e-1).addingProduct(y, t)
    y = Float(1.4249322787e-1).addingProduct(y, t)
    y = Float(-1.6668057665e-1).addingProduct(y, t)
    y = Float(2.0000714765e-1).addingProduct(y, t)
    y = Float(-2.4999993993e-1).addingProduct(y, t)
    y = Float(3.3333331174e-1).addingProduct(y, t)
    // log 2 in two parts, the second so short that its product with the exponent is exact.
    y = (exponent * -2.12194440e-4).addingProduct(y * t, square)
    y = y.addingProduct(-square, 0.5)
    return (t + y).addingProduct(exponent, 0.693359375)
  }

  /// The sine and cosine of x in 0...2π: the angle is reduced to [−π/4, π/4] by the nearest even multiple of π/4.
  @inline(__always)
  static func sinCos(_ x: Float) -> (sine: Float, cosine: Float) {
    let octant = (Int32(x * 1.27323954473516) + 1) & ~1
    let multiple = Float(octant)
    // π/4 in three parts.
    var x = x.addingProduct(multiple, -0.78515625)
    x = x.addingProduct(multiple, -2.4187564849853515625e-4)
    x = x.addingProduct(multiple, -3.77489497744594108e-8)
    let square = x * x

    var c: Float = 2.443315711809948e-5
    c = Float(-1.388731625493765e-3).addingProduct(c, square)
    c = Float(4.166664568298827e-2).addingProduct(c, square)
    c = (-(square * 0.5)).addingProduct(c * square, square) + 1

    var s: Float = -1.9515295891e-4
    s = Float(8.3321608736e-3).addingProduct(s, square)
    s = Float(-1.6666654611e-1).addingProduct(s, square)
    s = x.addingProduct(s * square, x)

    let swapped = octant & 2 != 0
    let sine = swapped ? c : s
    let cosine = swapped ? s : c
    return (octant & 4 != 0 ? -sine : sine, (octant &- 2) & 4 == 0 ? -cosine : cosine)
  }
}
