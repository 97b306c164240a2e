/// The random state of one operation in a TensorFlow graph: `random_uniform`, `random_normal` or `truncated_normal`.
///
///     var noise = TensorFlowRandomOperation(seeds: TensorFlowSeeds(42, 1))
///     let firstRun = noise.uniform(count: 3)      // [Float]
///     let secondRun = noise.uniform(count: 3)     // goes on where the first run ended
///
/// Each call is one run of the operation. A run reserves 256 blocks of the Philox stream per value, whatever it uses, so
/// that the next run starts at a place that depends on the sizes alone.
///
/// Checked against TensorFlow 2.21.0, `tf.compat.v1`.
public struct TensorFlowRandomOperation: Sendable, Hashable {
  /// The blocks reserved per value.
  private static let reservedBlocks: UInt64 = 256

  /// What is drawn before it is scaled.
  private enum Distribution {
    case uniform
    case normal
    case truncatedNormal
  }

  /// The stream, at the start of the next run.
  private var philox: Philox

  /// The operation with these seeds, before its first run.
  public init(seeds: TensorFlowSeeds) {
    philox = Philox(seeds: seeds)
  }

  /// One run of `random_uniform` over [minval, maxval): u · (maxval − minval) + minval.
  public mutating func uniform<Scalar: TensorFlowFloatingPoint>(
    minval: Double = 0, maxval: Double = 1, count: Int, of type: Scalar.Type = Float.self
  ) -> [Scalar] {
    let low = Scalar(minval)
    return run(.uniform, count: count, scale: Scalar(maxval) - low, shift: low)
  }

  /// One run of `random_normal`: z · stddev + mean.
  public mutating func normal<Scalar: TensorFlowFloatingPoint>(
    mean: Double = 0, stddev: Double = 1, count: Int, of type: Scalar.Type = Float.self
  ) -> [Scalar] {
    run(.normal, count: count, scale: Scalar(stddev), shift: Scalar(mean))
  }

  /// One run of `truncated_normal`: normal values beyond two standard deviations are drawn again; z · stddev + mean.
  public mutating func truncatedNormal<Scalar: TensorFlowFloatingPoint>(
    mean: Double = 0, stddev: Double = 1, count: Int, of type: Scalar.Type = Float.self
  ) -> [Scalar] {
    run(.truncatedNormal, count: count, scale: Scalar(stddev), shift: Scalar(mean))
  }

  /// One run of `random_uniform` for whole numbers of the range: the remainder of one word for 32 bits and narrower, of
  /// two for 64, the first in the lower half. Stops when the range is empty.
  public mutating func uniform<Value: FixedWidthInteger & BitwiseCopyable>(
    in range: Range<Value>, count: Int
  ) -> [Value] {
    if range.isEmpty { stop("random_uniform: the range \(range) is empty; minval must be below maxval") }
    let size = UInt64(truncatingIfNeeded: range.upperBound) &- UInt64(truncatingIfNeeded: range.lowerBound)
    let perBlock = Value.bitWidth == 64 ? 2 : 4
    var stream = philox
    let values: [Value] = makeArray(count: count) { buffer in
      for start in stride(from: 0, to: buffer.count, by: perBlock) {
        let block = stream.nextBlock()
        for offset in 0..<min(perBlock, buffer.count - start) {
          let bits =
            perBlock == 4
            ? UInt64(block[offset]) : UInt64(block[2 * offset + 1]) << 32 | UInt64(block[2 * offset])
          buffer[start + offset] = range.lowerBound &+ Value(truncatingIfNeeded: bits % size)
        }
      }
    }
    philox.skip(UInt64(count) * Self.reservedBlocks)
    return values
  }

  /// Draws groups of values, scales them, and reserves the run's part of the stream.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func run<Scalar: TensorFlowFloatingPoint>(
    _ distribution: Distribution, count: Int, scale: Scalar, shift: Scalar
  ) -> [Scalar] {
    var stream = philox
    let values: [Scalar] = makeArray(count: count) { buffer in
      withUnsafeTemporaryAllocation(of: Scalar.self, capacity: 2 * Scalar.groupSize) { group in
        for start in stride(from: 0, to: buffer.count, by: Scalar.groupSize) {
          switch distribution {
          case .uniform: Scalar.uniforms(of: stream.nextBlock(), into: group.baseAddress!)
          case .normal: Scalar.normals(of: stream.nextBlock(), into: group.baseAddress!)
          case .truncatedNormal:
            var own = stream
            // Each group starts at its own place, 256 words per value after the one before.
            stream.skip(Self.reservedBlocks / 4 * UInt64(Scalar.groupSize))
            Self.drawTruncated(from: &own, into: group)
          }
          for offset in 0..<min(Scalar.groupSize, buffer.count - start) {
            buffer[start + offset] = group[offset] * scale + shift
          }
        }
      }
    }
    philox.skip(UInt64(count) * Self.reservedBlocks)
    return values
  }

  /// Draws blocks until the first half of `group` holds values within two standard deviations.
  @inline(__always)
  private static func drawTruncated<Scalar: TensorFlowFloatingPoint>(
    from philox: inout Philox, into group: UnsafeMutableBufferPointer<Scalar>
  ) {
    let size = Scalar.groupSize
    var count = 0
    while count < size {
      // The candidates go behind the values that are already there.
      Scalar.normals(of: philox.nextBlock(), into: group.baseAddress! + size)
      for candidate in group[size...] where abs(candidate) < 2 && count < size {
        group[count] = candidate
        count += 1
      }
    }
  }
}
