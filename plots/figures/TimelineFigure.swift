import Foundation
import GraphDrawing
import Plotting

/// When each step of one run began and how long it took: a bar for each, the first on top, with the bytes it made beside it. Of more
/// than `mostRows` steps the longest are shown.
func timeline(name: String, title: String, _ spans: [GraphPlan.Span]) throws -> Figure {
  guard !spans.isEmpty else {
    throw FigureInputError(figure: name, reason: "there is no step that calculates anything")
  }
  let mostRows = 18
  let longest = Set(
    spans.indices.sorted { spans[$0].duration > spans[$1].duration }.prefix(mostRows))
  let shown = spans.indices.filter(longest.contains).map { spans[$0] }
  let end = spans.map { Double($0.start + $0.duration) / 1000 }.max() ?? 0
  let subtitle =
    "by the interpreter; beside each what it makes; a colour for each kernel"
    + (shown.count < spans.count ? "; the \(mostRows) longest of \(spans.count)" : "")
  var (series, notes, ticks) = ([Series](), [Annotation](), [Axis.Tick]())
  for (position, span) in shown.enumerated() {
    let y = Double(shown.count - position)
    let (from, to) = (Double(span.start) / 1000, Double(span.start + span.duration) / 1000)
    let (lower, upper) = (y - 0.35, y + 0.35)
    // What is done in one pass over memory has one colour; what stands alone another.
    let style = SeriesStyle(.compared(span.kernel.map { $0 + 1 } ?? 0), width: 0.8)
    series.append(
      Series(nil, .band(x: [from, to], lower: [lower, lower], upper: [upper, upper]), style: style))
    series.append(
      Series(
        nil, .line(x: [from, to, to, from, from], y: [lower, lower, upper, upper, lower]), style: style))
    notes.append(
      .text(Label(bytes(span.bytes)), x: to, y: y, offset: Annotation.Offset(x: 0.8)))
    ticks.append(Axis.Tick(y, Label(span.name)))
  }
  return Figure(
    name: name, title: Label(title), subtitle: Label(subtitle),
    x: Axis("time in µs", range: 0...max(end * 1.15, 1e-3)),
    y: Axis(range: 0.3...Double(shown.count) + 0.7, ticks: ticks), series: series, legend: .hidden,
    annotations: notes)
}

/// `view`, `400 B`, `8 kB`, `1.2 MB`, `2 GB`.
private func bytes(_ count: Int) -> String {
  switch count {
  case 0: "view"
  case ..<1000: "\(count) B"
  case ..<1_000_000: String(format: "%.3g kB", Double(count) / 1e3)
  case ..<1_000_000_000: String(format: "%.3g MB", Double(count) / 1e6)
  default: String(format: "%.3g GB", Double(count) / 1e9)
  }
}
