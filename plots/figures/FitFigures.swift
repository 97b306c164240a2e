import Foundation
import Plotting

/// The observations alone.
func dataFigure(name: String, title: String, _ result: SectionResult) -> Figure {
  Figure(
    name: name, title: Label(title), subtitle: "\(result.observations.x.count) points of y = 3x² + 2 + noise",
    x: xAxis(result.observations), y: yAxis(result.observations),
    series: [observed(result.observations)], legend: .topCenter)
}

/// The observations, the curve fitted to them, and the curve they were drawn from.
func fitFigure(name: String, title: String, _ result: SectionResult) -> Figure {
  let data = result.observations
  let finite = data.x.filter(\.isFinite)
  let (low, high) = (finite.min() ?? -1, finite.max() ?? 1)
  let x = (0...200).map { low + (high - low) * Double($0) / 200 }
  let truth = Parabola(w: 3, b: 2)
  return Figure(
    name: name, title: Label(title), subtitle: "\(data.x.count) points of y = 3x² + 2 + noise",
    x: xAxis(data), y: yAxis(data),
    series: [
      observed(data),
      Series(
        "without noise: 3x² + 2", .line(x: x, y: x.map { truth($0) }), style: SeriesStyle(.exact, width: 0.75)
      ),
      Series(
        "fit: \(formula(result.fit))", .line(x: x, y: x.map { result.fit($0) }),
        style: SeriesStyle(.result, width: 1.3)),
    ], legend: .topCenter)
}

/// `w x² + b` with numbers to four decimals, signs set as in print.
func formula(_ p: Parabola) -> String {
  let w = String(format: "%.4f", p.w).replacing("-", with: "−")
  let b = String(format: "%.4f", p.b.magnitude)
  return "\(w) x² \(p.b < 0 ? "−" : "+") \(b)"
}

private func observed(_ data: Observations) -> Series {
  Series("data", .points(x: data.x, y: data.y), style: SeriesStyle(.data, markerSize: 1.2))
}

/// The book's −1…1 where the data are within it.
private func xAxis(_ data: Observations) -> Axis {
  Axis(.italic("x"), range: data.x.allSatisfy { (-1...1).contains($0) } ? -1...1 : nil)
}

/// The book's 2…6 where the data are within it.
private func yAxis(_ data: Observations) -> Axis {
  Axis(.italic("y"), range: data.y.allSatisfy { (2...6).contains($0) } ? 2...6 : nil)
}
