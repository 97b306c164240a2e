import Foundation

/// What Adam and AdamW remember for a parameter.
public struct AdamState: Sendable {
  var expAvg: NDArray
  var expAvgSq: NDArray
  var maxExpAvgSq: NDArray?

  static let fields: [StateField<AdamState>] = [
    .array("exp_avg", \.expAvg), .array("exp_avg_sq", \.expAvgSq),
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
  let amsgrad: Bool

  @inline(__always)
  func step<S>(_ change: Change<S>, _ state: inout AdamState) throws(ArrayError) {
    if amsgrad && state.maxExpAvgSq == nil { state.maxExpAvgSq = try change.zeros() }
    let p = change.parameter
    let (m, v) = (state.expAvg.elements(S.self), state.expAvgSq.elements(S.self))
    let largest = amsgrad ? state.maxExpAvgSq?.elements(S.self) : nil
    let (fresh1, kept2, fresh2) = (S(1 - betas.0), S(betas.1), S(1 - betas.1))
    let rate = S(lr / (1 - pow(betas.0, change.number)))
    let (correction, eps) = (S((1 - pow(betas.1, change.number)).squareRoot()), S(eps))
    for i in 0..<change.count {
      let g = change.gradient(i)
      m[i] = lerp(m[i], g, fresh1)
      v[i] = kept2 * v[i] + fresh2 * g * g
      var square = v[i]
      if let largest {
        square = largest[i] > square ? largest[i] : square
        largest[i] = square
      }
      p[i] = change.shrink * p[i] - rate * m[i] / (square.squareRoot() / correction + eps)
    }
  }
}
