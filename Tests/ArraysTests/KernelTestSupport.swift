import CKernels
import Synchronization
import Testing

// What the suites on kernels share: kernels of a chosen level, runs as raw bytes, and comparison by bits or ulps.

/// The level is one for the whole process, so a test fetches its function pointers under this gate and calls them afterwards.
private let levelGate = Mutex(())

/// The levels of this processor, lowest first.
let kernelLevels: [ck_level] = (0...ck_best_level().rawValue).map { ck_level(rawValue: $0) }

/// What `get` returns while kernels of `level` are chosen.
func kernel<Function>(at level: ck_level, _ get: () -> sending Function) -> Function {
  levelGate.withLock { _ in
    let status = ck_force_level(level)
    #expect(status == 0)
    #expect(ck_current_level() == level)
    defer { _ = ck_force_level(ck_best_level()) }
    return get()
  }
}

let kernelTypes: [ck_dtype] = [
  CK_BOOL, CK_UINT8, CK_INT8, CK_INT16, CK_INT32, CK_INT64, CK_FLOAT32, CK_FLOAT64,
]

func elementSize(_ type: ck_dtype) -> Int {
  switch type {
  case CK_BOOL, CK_UINT8, CK_INT8: 1
  case CK_INT16: 2
  case CK_INT32, CK_FLOAT32: 4
  default: 8
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014): test data only.
struct TestBits: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Elements of one dtype as they lie in memory.
struct Run: Equatable {
  var type: ck_dtype
  var bytes: [UInt8]

  var count: Int { bytes.count / elementSize(type) }

  init(_ type: ck_dtype, bytes: [UInt8]) {
    self.type = type
    self.bytes = bytes
  }

  init<Element: BitwiseCopyable>(_ type: ck_dtype, _ elements: [Element]) {
    self.init(type, bytes: elements.withUnsafeBytes(Array.init))
  }

  init(zeros count: Int, _ type: ck_dtype) {
    self.init(type, bytes: [UInt8](repeating: 0, count: count * elementSize(type)))
  }

  /// Values that reach every branch: ordinary ones, small integers, zeros of both signs, extremes, infinities, NaN.
  init(varied count: Int, _ type: ck_dtype, seed: UInt64, nonFinite: Bool = true) {
    var bits = TestBits(state: seed)
    func floats<Float: BinaryFloatingPoint>(_: Float.Type) -> [Float] {
      let special: [Float] =
        nonFinite
        ? [
          0, -0.0, 1, -1, .infinity, -.infinity, .nan, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 1e5,
          3e7,
        ]
        : [0, -0.0, 1, -1, 0.5, 2]
      return (0..<count).map { _ in
        let choice = bits.next() % 16
        let unit = Float(bits.next() >> 40) / Float(1 << 24) - 0.5
        if choice == 0 { return special[Int(bits.next() % UInt64(special.count))] }
        if choice < 4 { return (unit * 16).rounded() }
        return unit * (choice < 8 ? 100 : 4)
      }
    }
    switch type {
    case CK_BOOL: self.init(type, (0..<count).map { _ in UInt8(bits.next() & 1) })
    case CK_FLOAT32: self.init(type, floats(Float.self))
    case CK_FLOAT64: self.init(type, floats(Double.self))
    default:
      var bytes: [UInt8] = []
      for _ in 0..<count {
        let word = bits.next()
        // Half of them small, so that equal values, zero divisors and exponents occur.
        let value = word & 1 == 0 ? Int64(bitPattern: word >> 1) : Int64((word >> 1) % 11) - 5
        withUnsafeBytes(of: value.littleEndian) { bytes += $0.prefix(elementSize(type)) }
      }
      self.init(type, bytes: bytes)
    }
  }

  func elements<Element: BitwiseCopyable>(as _: Element.Type) -> [Element] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / MemoryLayout<Element>.size).map {
        raw.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.size, as: Element.self)
      }
    }
  }

  /// Bits with every NaN replaced by one NaN: which of several NaNs comes out is not promised.
  var canonical: Run {
    switch type {
    case CK_FLOAT32:
      Run(type, elements(as: Float.self).map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern })
    case CK_FLOAT64:
      Run(type, elements(as: Double.self).map { $0.isNaN ? Double.nan.bitPattern : $0.bitPattern })
    default: self
    }
  }
}

/// A pattern of strides a kernel is called with.
struct CallStrides: Sendable, CustomStringConvertible {
  var out: Int
  var inputs: [Int]
  var description: String { "out \(out), in \(inputs)" }
}

/// Calls `body` with pointers to an output of `count` elements (already spread by its stride) and to the inputs, and returns the output
/// gathered again. What lies between the elements of a strided output must stay as it was.
func calling(
  _ count: Int, _ outType: ck_dtype, _ strides: CallStrides, _ inputs: [Run],
  _ body: (UnsafeMutableRawPointer, [UnsafeRawPointer]) -> Void
) -> Run {
  let size = elementSize(outType)
  let untouched: UInt8 = 0xA5
  var memory = [UInt8](repeating: untouched, count: max(count, 1) * max(strides.out, 1) * size)
  memory.withUnsafeMutableBytes { out in
    var pointers: [UnsafeRawPointer] = []
    func descend(_ rest: ArraySlice<Run>) {
      guard let first = rest.first else { return body(out.baseAddress!, pointers) }
      (first.bytes + [0]).withUnsafeBytes {
        pointers.append($0.baseAddress!)
        descend(rest.dropFirst())
      }
    }
    descend(inputs[...])
  }
  var result: [UInt8] = []
  for i in 0..<count {
    let at = i * strides.out * size
    result += memory[at..<at + size]
    let gap = memory[(at + size)..<min(memory.count, at + max(strides.out, 1) * size)]
    #expect(gap.allSatisfy { $0 == untouched }, "written between the elements")
  }
  return Run(outType, bytes: result)
}

/// A one-input call over whole contiguous arrays.
func map<In: BitwiseCopyable, Out: BitwiseCopyable>(
  _ function: ck_unary_fn, _ type: ck_dtype, _ values: [In], to outType: ck_dtype, as _: Out.Type
) -> [Out] {
  calling(values.count, outType, CallStrides(out: 1, inputs: [1]), [Run(type, values)]) {
    function(values.count, $0, 1, $1[0], 1)
  }.elements(as: Out.self)
}

/// A two-input call over whole contiguous arrays.
func map2<In: BitwiseCopyable, Out: BitwiseCopyable>(
  _ function: ck_binary_fn, _ type: ck_dtype, _ a: [In], _ b: [In], to outType: ck_dtype, as _: Out.Type
) -> [Out] {
  calling(a.count, outType, CallStrides(out: 1, inputs: [1, 1]), [Run(type, a), Run(type, b)]) {
    function(a.count, $0, 1, $1[0], 1, $1[1], 1)
  }.elements(as: Out.self)
}

/// Equal as values, NaN equal to NaN, and zeros of the same sign.
func same<Float: BinaryFloatingPoint>(_ a: [Float], _ b: [Float]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { ($0.isNaN && $1.isNaN) || ($0 == $1 && $0.sign == $1.sign) }
}
