/// `eye(n, m)`: ones on the diagonal, zeros elsewhere.
public enum Eye: TableEntry {
  public static let name = "eye"
  public static var signature: Signature { Signature("int n, int? m, dtype dtype=float32") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let n = try arguments.int("n")
    let dtype = try arguments.dtype("dtype", default: .default)
    return [arguments.constant(try array(n, try arguments.optionalInt("m") ?? n, dtype))]
  }
  static func array(_ n: Int, _ m: Int, _ dtype: DType) throws(ArrayError) -> NDArray {
    try require(n >= 0, .runtime("eye: n must be greater or equal to 0, got \(n)"))
    try require(m >= 0, .runtime("eye: m must be greater or equal to 0, got \(m)"))
    let result = try NDArray(full: [n, m], 0, dtype)
    if n > 0 && m > 0 { try Diagonal().forward(result).fill(with: 1) }
    return result
  }
}

/// `linspace(start, end, steps)`: evenly spaced numbers, both ends included.
///
/// Computed as PyTorch does, from both ends towards the middle in the result's type: start + i·step below the middle, end − (n − 1 − i)·step above.
public enum Linspace: TableEntry {
  public static let name = "linspace"
  public static var signature: Signature { Signature("S start, S end, int steps, dtype dtype=float32") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let dtype = try arguments.dtype("dtype", default: .default)
    let result = try array(
      try arguments.scalar("start"), try arguments.scalar("end"), try arguments.int("steps"), dtype)
    return [arguments.constant(result)]
  }
  static func array(_ start: Scalar, _ end: Scalar, _ steps: Int, _ dtype: DType) throws(ArrayError)
    -> NDArray
  {
    try require(steps >= 0, .runtime("linspace: number of steps must be non-negative, got \(steps)"))
    if steps == 0 { return try NDArray(uninitialized: [0], dtype) }
    try start.checkConvertible(to: dtype, name)
    if steps == 1 { return try NDArray(full: [1], start, dtype) }
    try end.checkConvertible(to: dtype, name)
    switch dtype {
    case .bool: throw .runtime("linspace: not implemented for 'Bool'")
    case .float32: return try spaced(Float(start.doubleValue), Float(end.doubleValue), steps)
    case .float64: return try spaced(start.doubleValue, end.doubleValue, steps)
    default: return try spaced(start, end, steps, between: dtype).converted(to: dtype)
    }
  }
  /// `steps` numbers in float64 between two that are first converted to an integral dtype.
  static func spaced(
    _ start: Scalar, _ end: Scalar, _ steps: Int, between dtype: DType
  ) throws(ArrayError) -> NDArray {
    func integer(_ end: Scalar) throws(ArrayError) -> Double {
      try NDArray(scalar: end, dtype).scalarValue().doubleValue
    }
    return try spaced(try integer(start), try integer(end), steps)
  }
  /// `steps` numbers from both ends towards the middle.
  static func spaced<Element: BinaryFloatingPoint & ArrayElement>(
    _ start: Element, _ end: Element, _ steps: Int
  ) throws(ArrayError) -> NDArray {
    let step = (end - start) / Element(Swift.max(steps - 1, 1))
    return try NDArray(shape: [steps], of: Element.self) { numbers in
      for index in 0..<steps {
        numbers[index] =
          index < steps / 2 ? start + step * Element(index) : end - step * Element(steps - 1 - index)
      }
    }
  }
}

/// `logspace(start, end, steps, base)`: base to the power of evenly spaced numbers.
public enum Logspace: TableEntry {
  public static let name = "logspace"
  public static var signature: Signature {
    Signature("S start, S end, int steps, float base=10, dtype dtype=float32")
  }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let dtype = try arguments.dtype("dtype", default: .default)
    let result = try array(
      try arguments.scalar("start"), try arguments.scalar("end"), try arguments.int("steps"),
      try arguments.double("base", default: 10), dtype)
    return [arguments.constant(result)]
  }
  static func array(
    _ start: Scalar, _ end: Scalar, _ steps: Int, _ base: Double, _ dtype: DType
  ) throws(ArrayError) -> NDArray {
    try require(steps >= 0, .runtime("logspace: number of steps must be non-negative, got \(steps)"))
    let power = WithScalar(Pow(), .float(base), on: .left)
    if dtype.isFloatingPoint { return try power.forward(try Linspace.array(start, end, steps, dtype)) }
    if steps == 0 { return try NDArray(uninitialized: [0], dtype) }
    if steps == 1 { return try power.forward(NDArray([start.doubleValue])).converted(to: dtype) }
    if dtype == .bool { throw .runtime("logspace: not implemented for 'Bool'") }
    for end in [start, end] { try end.checkConvertible(to: dtype, name) }
    // Integral results: both ends are converted, the powers calculated in float64 and truncated.
    let exponents = try Linspace.spaced(start, end, steps, between: dtype)
    return try power.forward(exponents).converted(to: dtype)
  }
}

/// `arange(start, end, step)`: start, start + step, … before end. Without a dtype: int64 if all numbers are integers, else the default
/// floating type.
public enum Arange: TableEntry {
  public static let name = "arange"
  public static var signature: Signature { Signature("S start=0, S end, S step=1, dtype? dtype") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let result = try array(
      try arguments.scalar("start", default: 0), try arguments.scalar("end"),
      try arguments.scalar("step", default: 1), try arguments.optionalDType("dtype"))
    return [arguments.constant(result)]
  }
  static func array(_ start: Scalar, _ end: Scalar, _ step: Scalar, _ dtype: DType?) throws(ArrayError)
    -> NDArray
  {
    let floating = [start, end, step].contains { $0.category == .floating }
    let dtype = dtype ?? (floating ? DType.default : .int64)
    if dtype == .bool { throw .runtime("arange: not implemented for 'Bool'") }
    let (a, b, s) = (start.doubleValue, end.doubleValue, step.doubleValue)
    try require(s != 0, .runtime("arange: step must be nonzero"))
    try require(
      a.isFinite && b.isFinite, .runtime("arange: unsupported range: \(start) -> \(end)"))
    try require(
      (s > 0 && b >= a) || (s < 0 && b <= a),
      .runtime("arange: upper bound and lower bound inconsistent with step sign"))
    let count = try count(from: start, to: end, by: step, floating: floating || dtype.isFloatingPoint)
    switch dtype {
    case .float32:
      return try NDArray(shape: [count], of: Float.self) { numbers in
        for index in 0..<count { numbers[index] = Float(a + s * Double(index)) }
      }
    case .float64:
      return try NDArray(shape: [count], of: Double.self) { numbers in
        for index in 0..<count { numbers[index] = a + s * Double(index) }
      }
    default:
      // Integral results: start and step are truncated.
      let (first, stride) = (start.intValue, step.intValue)
      return try NDArray(shape: [count], of: Int64.self) { numbers in
        for index in 0..<count { numbers[index] = first &+ stride &* Int64(index) }
      }.converted(to: dtype)
    }
  }

  /// How many numbers there are; exact for integers.
  private static func count(
    from start: Scalar, to end: Scalar, by step: Scalar, floating: Bool
  ) throws(ArrayError) -> Int {
    if !floating {
      let (first, last) = (start.intValue, end.intValue)
      let distance =
        first <= last ? last.magnitudeOfDifference(from: first) : first.magnitudeOfDifference(from: last)
      if distance == 0 { return 0 }
      let count = (distance - 1) / step.intValue.magnitude + 1
      try require(count <= UInt64(Int64.max), .runtime("arange: invalid size, possible overflow?"))
      return Int(count)
    }
    let size = ((end.doubleValue - start.doubleValue) / step.doubleValue).rounded(.up)
    try require(size < 0x1p60, .runtime("arange: invalid size, possible overflow?"))
    return Int(size)
  }
}

extension Int64 {
  /// self − other, which is not negative, however far they are apart.
  fileprivate func magnitudeOfDifference(from other: Int64) -> UInt64 {
    UInt64(bitPattern: self) &- UInt64(bitPattern: other)
  }
}

/// `zeros(size)`.
public enum Zeros: TableEntry {
  public static let name = "zeros"
  public static var signature: Signature { Signature("ints size, dtype dtype=float32") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let dtype = try arguments.dtype("dtype", default: .default)
    return [arguments.constant(try NDArray(full: try arguments.shape("size"), 0, dtype))]
  }
}

/// `ones(size)`.
public enum Ones: TableEntry {
  public static let name = "ones"
  public static var signature: Signature { Signature("ints size, dtype dtype=float32") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let dtype = try arguments.dtype("dtype", default: .default)
    return [arguments.constant(try NDArray(full: try arguments.shape("size"), 1, dtype))]
  }
}

/// `full(size, fill_value)`: without a dtype that of the number: bool, int64 or the default floating type.
public enum Full: TableEntry {
  public static let name = "full"
  public static var signature: Signature { Signature("ints size, S fill_value, dtype? dtype") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let value = try arguments.scalar("fill_value")
    let dtype = try arguments.optionalDType("dtype") ?? value.dtype
    try value.checkConvertible(to: dtype, name)
    return [arguments.constant(try NDArray(full: try arguments.shape("size"), value, dtype))]
  }
}

/// `zeros_like(x)`: zeros of x's shape and dtype.
public enum ZerosLike: TableEntry {
  public static let name = "zeros_like"
  public static var signature: Signature { Signature("T input, dtype? dtype") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let x = try arguments.tensor("input")
    return [try x.filled(with: 0, try arguments.optionalDType("dtype") ?? x.dtype)]
  }
}

/// `ones_like(x)`: ones of x's shape and dtype.
public enum OnesLike: TableEntry {
  public static let name = "ones_like"
  public static var signature: Signature { Signature("T input, dtype? dtype") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    let x = try arguments.tensor("input")
    return [try x.filled(with: 1, try arguments.optionalDType("dtype") ?? x.dtype)]
  }
}

extension Algebra {
  /// A value of this one's shape filled with a number.
  func filled(with value: Scalar, _ dtype: DType) throws(ArrayError) -> Self {
    if let shape = staticShape, shape.isKnown { return constant(try NDArray(full: shape, value, dtype)) }
    return constant(try NDArray(scalar: value, dtype)).broadcast(to: shapeReference)
  }
  /// Zeros of this shape and dtype.
  public func zerosLike() -> Self { checked { () throws(ArrayError) in try filled(with: 0, dtype) } }
  /// Ones of this shape and dtype.
  public func onesLike() -> Self { checked { () throws(ArrayError) in try filled(with: 1, dtype) } }
}

extension NDArray {
  /// Zeros.
  public static func zeros(_ shape: Shape, dtype: DType = .default) -> NDArray {
    checked { () throws(ArrayError) in try NDArray(full: shape, 0, dtype) }
  }
  /// Ones.
  public static func ones(_ shape: Shape, dtype: DType = .default) -> NDArray {
    checked { () throws(ArrayError) in try NDArray(full: shape, 1, dtype) }
  }
  /// One number everywhere; without a dtype that of the number.
  public static func full(_ shape: Shape, _ value: some ScalarConvertible, dtype: DType? = nil) -> NDArray {
    checked { () throws(ArrayError) in try NDArray(full: shape, value.scalar, dtype ?? value.scalar.dtype) }
  }
  /// Ones on the diagonal.
  public static func eye(_ n: Int, _ m: Int? = nil, dtype: DType = .default) -> NDArray {
    checked { () throws(ArrayError) in try Eye.array(n, m ?? n, dtype) }
  }
  /// start, start + step, … before end.
  public static func arange(
    _ start: some ScalarConvertible, _ end: some ScalarConvertible, step: Scalar = 1, dtype: DType? = nil
  ) -> NDArray {
    checked { () throws(ArrayError) in try Arange.array(start.scalar, end.scalar, step, dtype) }
  }
  /// 0, 1, … before end.
  public static func arange(_ end: some ScalarConvertible, dtype: DType? = nil) -> NDArray {
    checked { () throws(ArrayError) in try Arange.array(0, end.scalar, 1, dtype) }
  }
  /// Evenly spaced numbers, both ends included, with PyTorch's digits.
  public static func linspace(
    _ start: some ScalarConvertible, _ end: some ScalarConvertible, _ steps: Int, dtype: DType = .default
  ) -> NDArray {
    checked { () throws(ArrayError) in try Linspace.array(start.scalar, end.scalar, steps, dtype) }
  }
  /// `base` to the power of evenly spaced numbers.
  public static func logspace(
    _ start: some ScalarConvertible, _ end: some ScalarConvertible, _ steps: Int, base: Double = 10,
    dtype: DType = .default
  ) -> NDArray {
    checked { () throws(ArrayError) in try Logspace.array(start.scalar, end.scalar, steps, base, dtype) }
  }
}
