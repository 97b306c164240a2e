import Foundation
import Plotting

/// How far each run's parameters are from the first run's after each step, in units in the last place.
///
/// A logarithmic axis has no place for zero, and zero is the best answer here: steps on which two runs have the same bits get a
/// strip below the axis' first decade, a row for each run.
func difference(name: String, title: String, _ compared: ComparedRuns) throws -> Figure {
  guard let reference = compared.runs.first, compared.runs.count >= 2 else {
    throw FigureInputError(figure: name, reason: "it needs at least two runs")
  }
  let others = Array(compared.runs.dropFirst())
  let distances = others.map { distance($0, reference) }
  let largest = distances.joined().filter(\.isFinite).max() ?? 0
  let decades = max(1, Int(log10(max(largest, 1)).rounded(.up)))

  // Heights in decades: row k of the strip, its edges, then 1 ulp at 0.
  let rowHeight = Double(decades + 1) * 0.05
  let edge = -rowHeight
  func row(_ position: Int) -> Double { edge - rowHeight * (Double(position) + 0.7) }
  let floor = row(others.count - 1) - rowHeight * 0.7

  var series: [Series] = []
  for (position, run) in others.enumerated() {
    let x = run.steps.map(Double.init)
    let apart = distances[position].map { $0 > 0 ? $0 : .nan }
    let same = distances[position].map { $0 == 0 ? pow(10, row(position)) : .nan }
    let interval = max(1, x.count / 8)
    let first = (2 * position + 1) * interval / (2 * others.count)
    let marked = Array(stride(from: first, to: x.count, by: interval))
    // The reference has the theme's first ink in the other figures.
    let style = SeriesStyle(.compared(position + 1), width: 0.9, markerSize: 1.3)
    series.append(Series(Label(run.name), .line(x: x, y: apart, markers: .rows(marked)), style: style))
    series.append(Series(nil, .line(x: x, y: same, markers: .rows(marked)), style: style))
  }

  let spacing = max(1, (decades + 6) / 7)
  let ticks =
    [Axis.Tick(pow(10, (edge + floor) / 2), "same bits")]
    + stride(from: 0, through: decades, by: spacing).map {
      Axis.Tick(pow(10, Double($0)), Label(powerOfTen($0)))
    }
  return Figure(
    name: name, title: Label(title),
    subtitle: "from \(reference.name) after each step, in w or b (the larger), in units in the last place",
    x: stepAxis(compared),
    y: Axis(
      "ulps", range: pow(10, floor)...pow(10, Double(decades) + 0.15), scale: .logarithmic, ticks: ticks),
    series: series, legend: .below, annotations: [.strip(pow(10, floor)...pow(10, edge))])
}

/// Per step of `run` the larger distance of its parameters from those of `reference` at that step, in units in the last place of the
/// coarser precision; NaN where one of them is not finite or has no such step.
func distance(_ run: RunCurve, _ reference: RunCurve) -> [Double] {
  let rows = Dictionary(
    zip(reference.steps, reference.steps.indices), uniquingKeysWith: { first, _ in first })
  let single = run.precision == .float32 || reference.precision == .float32
  return run.steps.indices.map { row in
    guard let other = rows[run.steps[row]] else { return .nan }
    return max(
      ulps(run.w[row], reference.w[other], single: single),
      ulps(run.b[row], reference.b[other], single: single))
  }
}

/// How many representable numbers `a` and `b` are apart; NaN when one is not finite.
func ulps(_ a: Double, _ b: Double, single: Bool) -> Double {
  guard a.isFinite, b.isFinite else { return .nan }
  if single { return Double((ordered(Float(a)) - ordered(Float(b))).magnitude) }
  let (i, j) = (ordered(a), ordered(b))
  let (gap, overflow) = i.subtractingReportingOverflow(j)
  return overflow ? abs(Double(i) - Double(j)) : Double(gap.magnitude)
}

/// The number's position among all numbers of its type, 0 for both zeros: neighbours differ by one.
private func ordered(_ value: Double) -> Int64 {
  let bits = Int64(bitPattern: value.magnitude.bitPattern)
  return value.sign == .minus ? -bits : bits
}

private func ordered(_ value: Float) -> Int64 {
  let bits = Int64(value.magnitude.bitPattern)
  return value.sign == .minus ? -bits : bits
}

/// `1`, `10`, then `10²`, …
func powerOfTen(_ exponent: Int) -> String {
  if exponent == 0 { return "1" }
  if exponent == 1 { return "10" }
  let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
  return "10" + String(String(exponent).map { $0 == "-" ? "⁻" : digits[$0.wholeNumberValue!] })
}
