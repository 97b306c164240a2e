/// The loss of y = w x² + b over observations, as the quadratic function of w and b that it is:
/// L(w, b) = L* + ½ (p − p*)ᵀ H (p − p*), with the minimum p* from the normal equations.
public struct QuadraticLoss: Sendable, Equatable {
  /// How squared residuals become one number.
  public enum Reduction: Sendable, Equatable {
    /// ½ Σ r².
    case halfSum
    /// (1/n) Σ r².
    case mean
  }

  /// The exact least-squares solution.
  public let minimum: Parabola
  /// The loss there.
  public let least: Double
  /// Second derivatives: ∂²L/∂w², ∂²L/∂w∂b, ∂²L/∂b².
  let ww: Double
  let wb: Double
  let bb: Double

  /// nil when the observations do not determine both parameters: fewer than two different x², unequal lengths, or values that are not
  /// finite.
  public init?(_ observations: Observations, _ reduction: Reduction) {
    let (x, y) = (observations.x, observations.y)
    guard x.count == y.count, x.count >= 2, (x + y).allSatisfy(\.isFinite) else { return nil }
    let n = Double(x.count)
    let z = x.map { $0 * $0 }
    let meanZ = z.reduce(0, +) / n
    let meanY = y.reduce(0, +) / n
    // Centred sums: the normal equations without their cancellation.
    let spread = z.reduce(0) { $0 + ($1 - meanZ) * ($1 - meanZ) }
    guard spread > 0, spread.isFinite else { return nil }
    let w = zip(z, y).reduce(0) { $0 + ($1.0 - meanZ) * ($1.1 - meanY) } / spread
    let best = Parabola(w: w, b: meanY - w * meanZ)
    let squares = zip(x, y).reduce(0) { sum, point in
      let residual = best(point.0) - point.1
      return sum + residual * residual
    }
    let (scale, curvature) = reduction == .halfSum ? (0.5, 1.0) : (1 / n, 2 / n)
    minimum = best
    least = scale * squares
    ww = curvature * z.reduce(0) { $0 + $1 * $1 }
    wb = curvature * z.reduce(0, +)
    bb = curvature * n
  }

  /// The loss at `p`.
  public func callAsFunction(_ p: Parabola) -> Double { least + excess(p) }

  /// How far the loss at `p` is above its least value; without the cancellation of a difference of losses.
  public func excess(_ p: Parabola) -> Double {
    let (dw, db) = (p.w - minimum.w, p.b - minimum.b)
    return 0.5 * (ww * dw * dw + 2 * wb * dw * db + bb * db * db)
  }
}
