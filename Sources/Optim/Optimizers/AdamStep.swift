import Foundation

/// What Adam and AdamW remember for a parameter.
public struct AdamState: Sendable {
  var step = 0.0
  var expAvg: NDArray
  var expAvgSq: NDArray
  var maxExpAvgSq: NDArray?

  static let fields: [StateField<AdamState>] = [
    .number("step", \.step), .array("exp_avg", \.expAvg), .array("exp_avg_sq", \.expAvgSq),
    .optionalArray("max_exp_avg_sq", \.maxExpAvgSq),
  ]

  init(for parameter: NDArray) throws(ArrayError) {
    expAvg = try parameter.zeros()
    expAvgSq = try parameter.zeros()
  }
}

/// The formula that Adam and AdamW share; they differ in where the weight decay enters.
struct AdamStep {
  let lr: Double
  let betas: (Double, Double)
  let eps: Double
  let weightDecay: Double
  let isDecoupled: Bool
  let amsgrad: Bool
  let maximize: Bool

  func update(_ parameter: NDArray, _ gradient: NDArray, _ state: inout AdamState) throws(ArrayError) {
    state.step += 1
    if amsgrad && state.maxExpAvgSq == nil { state.maxExpAvgSq = try parameter.zeros() }
    if parameter.dtype == .float64 {
      step(Double.self, parameter, gradient, state)
    } else {
      step(Float.self, parameter, gradient, state)
    }
  }

  private func step<S: BinaryFloatingPoint>(
    _: S.Type, _ parameter: NDArray, _ gradient: NDArray, _ state: AdamState
  ) {
    let terms = GradientTerms<S>(
      gradient, parameter, maximize: maximize, decay: isDecoupled ? 0 : weightDecay)
    let p = parameter.elements(S.self)
    let (m, v) = (state.expAvg.elements(S.self), state.expAvgSq.elements(S.self))
    let largest = amsgrad ? state.maxExpAvgSq?.elements(S.self) : nil
    let shrink = isDecoupled && weightDecay != 0 ? S(1 - lr * weightDecay) : 1
    let (fresh1, kept2, fresh2) = (S(1 - betas.0), S(betas.1), S(1 - betas.1))
    let rate = S(lr / (1 - pow(betas.0, state.step)))
    let (correction, eps) = (S((1 - pow(betas.1, state.step)).squareRoot()), S(eps))
    for i in 0..<parameter.count {
      let g = terms[i]
      m[i] = lerp(m[i], g, fresh1)
      v[i] = kept2 * v[i] + fresh2 * g * g
      var square = v[i]
      if let largest {
        square = largest[i] > square ? largest[i] : square
        largest[i] = square
      }
      p[i] = shrink * p[i] - rate * m[i] / (square.squareRoot() / correction + eps)
    }
  }
}
