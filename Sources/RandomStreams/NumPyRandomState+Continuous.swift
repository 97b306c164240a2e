import Foundation

// Normal and exponential values.
extension NumPyRandomState {
  /// One value of the standard normal distribution.
  ///
  /// The polar method makes them in pairs: the second of a pair is kept, and the next call that needs one gives it out.
  ///
  /// Source: G. Marsaglia, T. A. Bray, "A convenient method for generating normal variables", SIAM Review 6 (1964).
  public mutating func standardNormal() -> Double {
    if let cached = cachedNormal {
      cachedNormal = nil
      return cached
    }
    var first: Double
    var second: Double
    var square: Double
    repeat {
      first = 2 * randomSample() - 1
      second = 2 * randomSample() - 1
      square = first * first + second * second
    } while square >= 1 || square == 0
    let scale = (-2 * log(square) / square).squareRoot()
    cachedNormal = scale * first
    return scale * second
  }

  /// `count` values of the standard normal distribution: `standard_normal(count)`, `randn(count)`.
  public mutating func standardNormal(count: Int) -> [Double] {
    makeArray(count: count) { buffer in
      for index in buffer.indices { buffer[index] = standardNormal() }
    }
  }

  /// One normal value with mean `loc` and standard deviation `scale`. Stops when `scale` is negative.
  public mutating func normal(loc: Double = 0, scale: Double = 1) -> Double {
    Self.requireScale(scale, in: "normal")
    return loc + scale * standardNormal()
  }

  /// `count` normal values with mean `loc` and standard deviation `scale`. Stops when `scale` is negative.
  public mutating func normal(loc: Double = 0, scale: Double = 1, count: Int) -> [Double] {
    Self.requireScale(scale, in: "normal")
    return makeArray(count: count) { buffer in
      for index in buffer.indices { buffer[index] = loc + scale * standardNormal() }
    }
  }

  /// One value of the exponential distribution with mean 1: −log(1 − u).
  public mutating func standardExponential() -> Double {
    -log(1 - randomSample())
  }

  /// `count` values of the exponential distribution with mean 1.
  public mutating func standardExponential(count: Int) -> [Double] {
    exponential(scale: 1, count: count)
  }

  /// One value of the exponential distribution with mean `scale`. Stops when `scale` is negative.
  public mutating func exponential(scale: Double = 1) -> Double {
    Self.requireScale(scale, in: "exponential")
    return scale * standardExponential()
  }

  /// `count` values of the exponential distribution with mean `scale`. Stops when `scale` is negative.
  public mutating func exponential(scale: Double = 1, count: Int) -> [Double] {
    Self.requireScale(scale, in: "exponential")
    return makeArray(count: count) { buffer in
      for index in buffer.indices { buffer[index] = scale * standardExponential() }
    }
  }

  private static func requireScale(_ scale: Double, in name: String) {
    if scale.sign == .minus && !scale.isNaN {
      stop("\(name): got scale \(scale); a scale is zero or more")
    }
  }
}
