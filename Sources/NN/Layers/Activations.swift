import Operations

/// An elementwise function as a layer; some can change their input in place.
public class Activation: Layer {
  let isInPlace: Bool

  init(isInPlace: Bool) {
    self.isInPlace = isInPlace
    super.init()
  }

  /// The function.
  func value(_ input: Tensor) -> Tensor { input }

  public final override func forward(_ input: Tensor) -> Tensor {
    isInPlace ? input.inPlace("\(Self.self)") { x throws(ArrayError) in value(x) } : value(input)
  }

  /// The parameters as they are printed.
  var parameterText: [String] { [] }

  public final override var extraDescription: String {
    (parameterText + (isInPlace ? ["inplace=True"] : [])).joined(separator: ", ")
  }
}

/// max(x, 0).
public final class ReLU: Activation {
  /// `inPlace` writes over the input.
  public init(inPlace: Bool = false) { super.init(isInPlace: inPlace) }
  override func value(_ input: Tensor) -> Tensor { input.relu() }
}

/// min(max(x, 0), 6).
public final class ReLU6: Activation {
  /// `inPlace` writes over the input.
  public init(inPlace: Bool = false) { super.init(isInPlace: inPlace) }
  override func value(_ input: Tensor) -> Tensor { input.hardtanh(0, 6) }
}

/// x above 0, `negativeSlope`·x below.
public final class LeakyReLU: Activation {
  let negativeSlope: Double
  /// With this slope below 0; `inPlace` writes over the input.
  public init(_ negativeSlope: Double = 0.01, inPlace: Bool = false) {
    self.negativeSlope = negativeSlope
    super.init(isInPlace: inPlace)
  }
  override func value(_ input: Tensor) -> Tensor { input.leakyRelu(negativeSlope) }
  override var parameterText: [String] { ["negative_slope=\(negativeSlope)"] }
}

/// x above 0, `alpha`·(eˣ − 1) below.
public final class ELU: Activation {
  let alpha: Double
  /// With −`alpha` as the limit below; `inPlace` writes over the input.
  public init(_ alpha: Double = 1, inPlace: Bool = false) {
    self.alpha = alpha
    super.init(isInPlace: inPlace)
  }
  override func value(_ input: Tensor) -> Tensor { input.elu(alpha) }
  override var parameterText: [String] { ["alpha=\(alpha)"] }
}

/// x·σ(x).
public final class SiLU: Activation {
  /// `inPlace` writes over the input.
  public init(inPlace: Bool = false) { super.init(isInPlace: inPlace) }
  override func value(_ input: Tensor) -> Tensor { input.silu() }
}

/// x limited to [minVal, maxVal].
public final class Hardtanh: Activation {
  let minVal: Double
  let maxVal: Double

  /// With these limits; `inPlace` writes over the input. Stops unless `minVal` is below `maxVal`.
  public init(_ minVal: Double = -1, _ maxVal: Double = 1, inPlace: Bool = false) {
    if !(maxVal > minVal) {
      stop(.value("Hardtanh: max_val must be larger than min_val, but got \(maxVal) and \(minVal)"))
    }
    self.minVal = minVal
    self.maxVal = maxVal
    super.init(isInPlace: inPlace)
  }
  override func value(_ input: Tensor) -> Tensor { input.hardtanh(minVal, maxVal) }
  override var parameterText: [String] { ["min_val=\(minVal)", "max_val=\(maxVal)"] }
}

/// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ).
public final class Tanh: Activation {
  /// It has no options.
  public init() { super.init(isInPlace: false) }
  override func value(_ input: Tensor) -> Tensor { input.tanh() }
}

/// σ(x) = 1 / (1 + e⁻ˣ).
public final class Sigmoid: Activation {
  /// It has no options.
  public init() { super.init(isInPlace: false) }
  override func value(_ input: Tensor) -> Tensor { input.sigmoid() }
}

/// log σ(x).
public final class LogSigmoid: Activation {
  /// It has no options.
  public init() { super.init(isInPlace: false) }
  override func value(_ input: Tensor) -> Tensor { input.logsigmoid() }
}

/// x / (1 + |x|).
public final class Softsign: Activation {
  /// It has no options.
  public init() { super.init(isInPlace: false) }
  override func value(_ input: Tensor) -> Tensor { input.softsign() }
}

/// x·Φ(x), Φ the normal distribution function; or its approximation by a tanh.
public final class GELU: Activation {
  /// How Φ is calculated.
  public enum Approximation: String, Sendable { case none, tanh }
  let approximate: Approximation
  /// By default exactly, through the error function.
  public init(approximate: Approximation = .none) {
    self.approximate = approximate
    super.init(isInPlace: false)
  }
  override func value(_ input: Tensor) -> Tensor { input.gelu(usesTanh: approximate == .tanh) }
  override var parameterText: [String] { ["approximate='\(approximate.rawValue)'"] }
}

/// log(1 + e^(beta·x)) / beta; x itself where beta·x is above the threshold.
public final class Softplus: Activation {
  let beta: Double
  let threshold: Double
  /// With this sharpness, and exact up to this value of beta·x.
  public init(beta: Double = 1, threshold: Double = 20) {
    self.beta = beta
    self.threshold = threshold
    super.init(isInPlace: false)
  }
  override func value(_ input: Tensor) -> Tensor { input.softplus(beta: beta, threshold: threshold) }
  override var parameterText: [String] { ["beta=\(beta)", "threshold=\(threshold)"] }
}

/// eˣ / Σ eˣ along a dimension.
public final class Softmax: Activation {
  let dim: Int
  /// Along this dimension; negative counts from the end.
  public init(dim: Int) {
    self.dim = dim
    super.init(isInPlace: false)
  }
  override func value(_ input: Tensor) -> Tensor { input.softmax(dim) }
  override var parameterText: [String] { ["dim=\(dim)"] }
}

/// x − log Σ eˣ along a dimension.
public final class LogSoftmax: Activation {
  let dim: Int
  /// Along this dimension; negative counts from the end.
  public init(dim: Int) {
    self.dim = dim
    super.init(isInPlace: false)
  }
  override func value(_ input: Tensor) -> Tensor { input.logSoftmax(dim) }
  override var parameterText: [String] { ["dim=\(dim)"] }
}
