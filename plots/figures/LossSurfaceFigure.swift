import Foundation
import Plotting

/// The loss over (w, b) as colours and contour lines, with each run's way from the start towards the exact minimum.
func lossSurface(name: String, title: String, _ compared: ComparedRuns) throws -> Figure {
  guard let loss = QuadraticLoss(compared.observations, compared.loss) else {
    throw FigureInputError(figure: name, reason: "the data do not determine w and b")
  }
  let window = Window(compared, around: loss.minimum)
  let (columns, rows) = (161, 121)
  let w = window.w.spaced(columns)
  let b = window.b.spaced(rows)
  let values = b.map { b in w.map { w in sixDigits(loss(Parabola(w: w, b: b))) } }
  let highest = values.joined().max() ?? 1
  let lowest = max(loss.least, highest * 1e-6)
  let levels = oneTwoFive(above: 1.5 * lowest, below: highest)

  let count = compared.runs.count
  let paths = compared.runs.enumerated().map { position, run in
    let inside = run.steps.indices.prefix { window.contains(w: run.w[$0], b: run.b[$0]) }
    return Series(
      Label(run.name),
      .line(
        x: [compared.start.w] + inside.map { run.w[$0] }, y: [compared.start.b] + inside.map { run.b[$0] },
        markers: .rows(doublingRows(upTo: inside.count, position, of: count))),
      style: SeriesStyle(
        .compared(position), width: nestedWidth(position, of: count),
        markerSize: nestedMarker(position, of: count),
        rim: position == 0))
  }
  return Figure(
    name: name, title: Label(title),
    subtitle:
      "marks stand at steps that double in number",
    x: Axis(.italic("w"), range: window.w), y: Axis(.italic("b"), range: window.b),
    color: Axis(
      "loss", range: lowest...highest, scale: .logarithmic,
      ticks: levels.map { Axis.Tick($0, Label(short($0))) }),
    series: [Series(nil, .surface(Surface(x: w, y: b, values: values, levels: levels)))] + paths + [
      Series(
        nil, .points(x: [loss.minimum.w], y: [loss.minimum.b]),
        style: SeriesStyle(.exact, markerSize: 2, rim: true)),
      Series(
        nil, .points(x: [compared.start.w], y: [compared.start.b]),
        style: SeriesStyle(.exact, markerSize: 1.6, rim: true)),
    ],
    legend: .below,
    annotations: [
      .text("start", x: compared.start.w, y: compared.start.b, alignment: .right, offset: .init(x: -1.2)),
      .text(
        "exact minimum", x: loss.minimum.w, y: loss.minimum.b, alignment: .center, offset: .init(y: -1.3)),
    ])
}

/// The part of the plane that is shown: the start, the minimum and the ways between, with a margin.
struct Window {
  let w: ClosedRange<Double>
  let b: ClosedRange<Double>

  /// Runs that go far astray (five times the distance of the start) are followed only up to there.
  init(_ compared: ComparedRuns, around minimum: Parabola) {
    let start = compared.start
    let reach = 5 * max(abs(start.w - minimum.w), abs(start.b - minimum.b), 0.01)
    let visited = compared.runs.flatMap { Array(zip($0.w, $0.b)) }
      .filter { abs($0.0 - minimum.w) <= reach && abs($0.1 - minimum.b) <= reach }
    w = Self.range([start.w, minimum.w] + visited.map(\.0), atLeast: reach / 30)
    b = Self.range([start.b, minimum.b] + visited.map(\.1), atLeast: reach / 30)
  }

  func contains(w: Double, b: Double) -> Bool { self.w.contains(w) && self.b.contains(b) }

  private static func range(_ values: [Double], atLeast: Double) -> ClosedRange<Double> {
    let (low, high) = (values.min()!, values.max()!)
    let margin = max(0.3 * (high - low), atLeast)
    let step = pow(10, floor(log10(margin)))
    return ((low - margin) / step).rounded(.down) * step...((high + margin) / step).rounded(.up) * step
  }
}

extension ClosedRange<Double> {
  /// `count` evenly spaced values, both ends among them.
  func spaced(_ count: Int) -> [Double] {
    (0..<count).map { lowerBound + (upperBound - lowerBound) * Double($0) / Double(count - 1) }
  }
}

/// 1, 2, 5, 10, 20, … as far as they lie strictly between two positive numbers; at most about a dozen.
func oneTwoFive(above low: Double, below high: Double) -> [Double] {
  guard low > 0, high > low, high.isFinite else { return [] }
  let decades = Int(floor(log10(low)))...Int(ceil(log10(high)))
  let factors: [Double] = decades.count > 6 ? [1] : [1, 2, 5]
  return decades.flatMap { decade in factors.map { $0 * pow(10, Double(decade)) } }.filter {
    $0 > low && $0 < high
  }
}

/// Rows 2, 4, 8, …, for each of several runs at its own fraction of the way from one to the next.
func doublingRows(upTo last: Int, _ position: Int, of count: Int) -> [Int] {
  var rows: [Int] = []
  var row = 2 * pow(2, Double(position) / Double(count))
  while Int(row) <= last {
    rows.append(Int(row))
    row *= 2
  }
  return rows
}

/// Six significant digits are more than a colour shows.
private func sixDigits(_ value: Double) -> Double { Double(String(format: "%.6g", value)) ?? value }

/// Without trailing zeros; a power of ten where that is shorter.
private func short(_ value: Double) -> String {
  let plain = String(format: "%g", value)
  return plain.count <= 4 ? plain : powerOfTen(Int(log10(value).rounded()))
}
