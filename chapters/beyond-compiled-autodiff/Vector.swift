import _Differentiation

/// The number types that can be differentiated here: Float and Double.
protocol DifferentiableScalar: BinaryFloatingPoint, SIMDScalar, Codable, Differentiable
where TangentVector == Self {
  /// The quotient; declared here so that the compiler finds its derivative.
  @differentiable(reverse)
  static func / (a: Self, b: Self) -> Self
}

extension Float: DifferentiableScalar {}
extension Double: DifferentiableScalar {}

/// A vector of numbers with the five operations that the loss needs. Each stands with its derivative: the
/// *pullback*, which takes the gradient of the loss by the result and gives its gradient by the arguments.
///
/// Only these loops are written by hand. Differentiating a loop over numbers works, too, but stores the state
/// of every turn, and is some sixty times slower.
struct Vector<Scalar: DifferentiableScalar>: Differentiable, AdditiveArithmetic {
  typealias TangentVector = Vector

  var elements: [Scalar]

  init(_ elements: [Scalar]) { self.elements = elements }

  // MARK: number · vector

  static func * (a: Scalar, v: Vector) -> Vector { v.map { a * $0 } }

  @derivative(of: *, wrt: a)
  static func multiplyDerivative(_ a: Scalar, _ v: Vector) -> (value: Vector, pullback: (Vector) -> Scalar) {
    (a * v, { gradient in (gradient * v).sum() })
  }

  // MARK: vector + number

  static func + (v: Vector, a: Scalar) -> Vector { v.map { $0 + a } }

  @derivative(of: +)
  static func addDerivative(
    _ v: Vector, _ a: Scalar
  ) -> (value: Vector, pullback: (Vector) -> (Vector, Scalar)) {
    (v + a, { gradient in (gradient, gradient.sum()) })
  }

  // MARK: vector − vector, of which the second is data

  static func - (v: Vector, u: Vector) -> Vector { v.zip(u) { $0 - $1 } }

  @derivative(of: -, wrt: v)
  static func subtractDerivative(_ v: Vector, _ u: Vector) -> (value: Vector, pullback: (Vector) -> Vector) {
    (v - u, { gradient in gradient })
  }

  // MARK: the square of each element

  func squared() -> Vector { map { $0 * $0 } }

  @derivative(of: squared)
  func squaredDerivative() -> (value: Vector, pullback: (Vector) -> Vector) {
    (squared(), { gradient in gradient.zip(self) { 2 * $0 * $1 } })
  }

  // MARK: the sum of all elements

  func sum() -> Scalar {
    elements.withUnsafeBufferPointer { Vector.pairwiseSum($0[...]) }
  }

  @derivative(of: sum)
  func sumDerivative() -> (value: Scalar, pullback: (Scalar) -> Vector) {
    let count = elements.count
    return (sum(), { gradient in Vector(Array(repeating: gradient, count: count)) })
  }

  // MARK: - What the operations are made of

  static var zero: Vector { Vector([]) }

  /// The sum of two gradients; an empty one is zero.
  static func + (v: Vector, u: Vector) -> Vector {
    if v.elements.isEmpty { return u }
    return u.elements.isEmpty ? v : v.zip(u) { $0 + $1 }
  }

  /// The elementwise product.
  static func * (v: Vector, u: Vector) -> Vector { v.zip(u) { $0 * $1 } }

  mutating func move(by offset: Vector) { self = self + offset }

  @inline(__always)
  private func map(_ operation: (Scalar) -> Scalar) -> Vector {
    zip(self) { element, _ in operation(element) }
  }

  @inline(__always)
  private func zip(_ other: Vector, _ operation: (Scalar, Scalar) -> Scalar) -> Vector {
    let count = elements.count
    guard other.elements.count == count else {
      fatalError("Vector: \(count) elements meet \(other.elements.count); equally many are needed")
    }
    return elements.withUnsafeBufferPointer { a in
      other.elements.withUnsafeBufferPointer { b in
        Vector(
          [Scalar](unsafeUninitializedCapacity: count) { result, initialized in
            for index in 0..<count { result[index] = operation(a[index], b[index]) }
            initialized = count
          })
      }
    }
  }

  /// NumPy's order of adding, as `chapters/2.6-hand-gradients/PairwiseSum.swift` explains it.
  private static func pairwiseSum(_ terms: Slice<UnsafeBufferPointer<Scalar>>) -> Scalar {
    let count = terms.count
    if count > 128 {
      let half = terms.startIndex + count / 2 / 8 * 8
      return pairwiseSum(terms[..<half]) + pairwiseSum(terms[half...])
    }
    var sum: Scalar = -0.0
    let rest = terms.startIndex + count / 8 * 8
    if count >= 8 {
      var a = SIMD8<Scalar>(repeating: -0.0)
      for row in stride(from: terms.startIndex, to: rest, by: 8) {
        for lane in 0..<8 { a[lane] += terms[row + lane] }
      }
      sum = ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]))
    }
    for index in rest..<terms.endIndex { sum += terms[index] }
    return sum
  }
}
