// Adding many numbers in NumPy's order, so that the result has NumPy's bits.
//
// The order matters: floating-point addition rounds, and a + (b + c) is not always (a + b) + c. NumPy adds
// pairwise:
//   • fewer than 8 numbers: one after the other;
//   • up to 128: eight accumulators take every eighth number each, and are then added as
//     ((0+1) + (2+3)) + ((4+5) + (6+7)); what is left over (n mod 8 numbers) follows one by one;
//   • more: both halves by the same rule, then their sum; the first half has a multiple of 8 numbers.
// So the error grows with log n and not with n (Higham, "The accuracy of floating point summation", SIAM J.
// Sci. Comput. 14, 1993), and the eight accumulators do not wait for each other. All splits fall on multiples
// of 8: kept in rows of eight, the numbers of one row belong to the eight accumulators, in order.

/// A column of numbers in rows of eight, the last row filled up with zeros.
struct Column<Scalar: SIMDScalar & BinaryFloatingPoint> {
  var rows: [SIMD8<Scalar>]
  var count: Int

  init(_ values: [Double]) {
    count = values.count
    rows = stride(from: 0, to: values.count, by: 8).map { start in
      var row = SIMD8<Scalar>(repeating: 0)
      for lane in 0..<min(8, values.count - start) { row[lane] = Scalar(values[start + lane]) }
      return row
    }
  }

  /// The elementwise product of two columns of equal length.
  static func * (a: Column, b: Column) -> Column {
    var product = a
    for index in product.rows.indices { product.rows[index] *= b.rows[index] }
    return product
  }
}

/// What one training step adds up: r², r x² and r. Either eight terms of each, or the finished sums.
struct Sums<Value> {
  var rr: Value
  var rx: Value
  var r: Value
}

extension Sums {
  /// Combines two of these, each of the three on its own.
  @inline(__always)
  func combined<Other, Result>(with other: Sums<Other>, _ operation: (Value, Other) -> Result) -> Sums<Result>
  {
    Sums<Result>(rr: operation(rr, other.rr), rx: operation(rx, other.rx), r: operation(r, other.r))
  }

  /// Does the same to each of the three.
  @inline(__always)
  func map<Result>(_ operation: (Value) -> Result) -> Sums<Result> {
    Sums<Result>(rr: operation(rr), rx: operation(rx), r: operation(r))
  }
}

/// What each point contributes to the three sums, for eight points at a time.
protocol PointTerms {
  associatedtype Scalar: SIMDScalar & BinaryFloatingPoint
  func terms(_ x: SIMD8<Scalar>, _ y: SIMD8<Scalar>) -> Sums<SIMD8<Scalar>>
}

extension PointTerms {
  /// Adds up the terms of all points of two columns of equal length, in NumPy's pairwise order. O(n) time, no
  /// allocation.
  func pairwiseSums(_ x: Column<Scalar>, _ y: Column<Scalar>) -> Sums<Scalar> {
    x.rows.withUnsafeBufferPointer { xRows in
      y.rows.withUnsafeBufferPointer { yRows in
        halves(xRows, yRows, first: 0, count: x.count)
      }
    }
  }

  private typealias Rows = UnsafeBufferPointer<SIMD8<Scalar>>

  /// Adds up `count` points from row `first` on: more than 128 by halves.
  private func halves(_ x: Rows, _ y: Rows, first: Int, count: Int) -> Sums<Scalar> {
    if count <= 128 { return block(x, y, first: first, count: count) }
    let half = count / 2 / 8 * 8
    let left = halves(x, y, first: first, count: half)
    let right = halves(x, y, first: first + half / 8, count: count - half)
    return left.combined(with: right, +)
  }

  /// Adds up at most 128 points from row `first` on, with eight accumulators.
  private func block(_ x: Rows, _ y: Rows, first: Int, count: Int) -> Sums<Scalar> {
    let rest = first + count / 8
    // −0 and not 0 is what leaves every number, −0 included, as it is when added.
    var sums = Sums<Scalar>(rr: -0.0, rx: -0.0, r: -0.0)
    if first < rest {
      var accumulators = terms(x[first], y[first])
      for row in first + 1..<rest {
        accumulators = accumulators.combined(with: terms(x[row], y[row])) { $0 + $1 }
      }
      sums = accumulators.map { a in ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7])) }
    }
    if count % 8 > 0 {
      let last = terms(x[rest], y[rest])
      for lane in 0..<count % 8 { sums = sums.combined(with: last) { $0 + $1[lane] } }
    }
    return sums
  }
}
