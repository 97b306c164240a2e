import Foundation

/// A floating-point type that TensorFlow's random operations draw: `Float` and `Double`.
public protocol TensorFlowFloatingPoint: BinaryFloatingPoint, BitwiseCopyable, Sendable {
  /// How many values come from one block of the stream.
  static var groupSize: Int { get }
  /// Writes a group of values in [0, 1).
  static func uniforms(of block: SIMD4<UInt32>, into group: UnsafeMutablePointer<Self>)
  /// Writes a group of standard normal values, by Box and Muller.
  static func normals(of block: SIMD4<UInt32>, into group: UnsafeMutablePointer<Self>)
}

/// Uniform values below this are raised to it before their logarithm is taken.
private let leastUniform = 1e-7

extension Float: TensorFlowFloatingPoint {
  /// Four values, one from each word of a block.
  public static var groupSize: Int { 4 }

  /// Writes four values in [0, 1), from the lower 23 bits of each word.
  public static func uniforms(of block: SIMD4<UInt32>, into group: UnsafeMutablePointer<Float>) {
    for index in 0..<4 { group[index] = unit(block[index]) }
  }

  /// Writes four standard normal values, two from each pair of words.
  public static func normals(of block: SIMD4<UInt32>, into group: UnsafeMutablePointer<Float>) {
    for index in stride(from: 0, to: 4, by: 2) {
      let radius = (-2 * log(max(unit(block[index]), Float(leastUniform)))).squareRoot()
      let angle = Float(2 * Double.pi * Double(unit(block[index + 1])))
      group[index] = sin(angle) * radius
      group[index + 1] = cos(angle) * radius
    }
  }

  private static func unit(_ word: UInt32) -> Float {
    Float(bitPattern: word & 0x007F_FFFF | 0x3F80_0000) - 1
  }
}

extension Double: TensorFlowFloatingPoint {
  /// Two values, one from each pair of words of a block.
  public static var groupSize: Int { 2 }

  /// Writes two values in [0, 1), from the lower 20 bits of one word and all of the next.
  public static func uniforms(of block: SIMD4<UInt32>, into group: UnsafeMutablePointer<Double>) {
    group[0] = unit(block[0], block[1])
    group[1] = unit(block[2], block[3])
  }

  /// Writes two standard normal values from the four words.
  public static func normals(of block: SIMD4<UInt32>, into group: UnsafeMutablePointer<Double>) {
    let radius = (-2 * log(max(unit(block[0], block[1]), leastUniform))).squareRoot()
    let angle = 2 * Double.pi * unit(block[2], block[3])
    group[0] = sin(angle) * radius
    group[1] = cos(angle) * radius
  }

  private static func unit(_ high: UInt32, _ low: UInt32) -> Double {
    Double(bitPattern: 1023 << 52 | UInt64(high & 0xFFFFF) << 32 | UInt64(low)) - 1
  }
}
