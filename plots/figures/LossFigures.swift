import Foundation
import Plotting

/// The loss of every run against the step, logarithmic, with the least possible loss.
func lossCurves(name: String, title: String, _ compared: ComparedRuns) throws -> Figure {
  let exact = QuadraticLoss(compared.observations, compared.loss)
  return Figure(
    name: name, title: Label(title), subtitle: Label(lossFormula(compared.loss)),
    x: stepAxis(compared), y: Axis("loss", scale: .logarithmic),
    series: curves(compared) { run in run.loss },
    legend: .below,
    annotations: exact.map { exact in
      exact.least > 0
        ? [.horizontalLine(y: exact.least, label: "least squares: \(String(format: "%.6g", exact.least))")]
        : []
    } ?? [])
}

/// How far each run's parameters are above the least loss: a straight line on a logarithmic axis, since gradient descent
/// shrinks the distance by the same factor at each step.
func lossExcess(name: String, title: String, _ compared: ComparedRuns) throws -> Figure {
  guard let exact = QuadraticLoss(compared.observations, compared.loss) else {
    throw FigureInputError(figure: name, reason: "the data do not determine w and b")
  }
  return Figure(
    name: name, title: Label(title),
    subtitle: "loss after each step minus the loss of the exact least-squares solution",
    x: stepAxis(compared), y: Axis("excess loss", scale: .logarithmic),
    series: curves(compared) { run in zip(run.w, run.b).map { exact.excess(Parabola(w: $0, b: $1)) } },
    legend: .below)
}

/// One line per run; lines that coincide stay visible: the first is the widest and lies lowest, marks are staggered.
func curves(_ compared: ComparedRuns, _ values: (RunCurve) -> [Double]) -> [Series] {
  let count = compared.runs.count
  return compared.runs.enumerated().map { position, run in
    let interval = max(1, run.steps.count / 8)
    let first = (2 * position + 1) * interval / (2 * count)
    return Series(
      Label(run.name),
      .line(
        x: run.steps.map(Double.init), y: values(run),
        markers: .rows(Array(stride(from: first, to: run.steps.count, by: interval)))),
      style: SeriesStyle(
        .compared(position), width: nestedWidth(position, of: count),
        markerSize: nestedMarker(position, of: count)))
  }
}

/// A factor on the line width that falls from the first of several coinciding lines to the last.
func nestedWidth(_ position: Int, of count: Int) -> Double {
  count < 2 ? 1.2 : 2.6 - 1.8 * Double(position) / Double(count - 1)
}

/// A factor on the size of marks that goes with the width of the line.
func nestedMarker(_ position: Int, of count: Int) -> Double { 1.1 + 0.4 * nestedWidth(position, of: count) }

/// The axis of steps, from 0 to the longest run's last.
func stepAxis(_ compared: ComparedRuns) -> Axis {
  let last = compared.runs.compactMap(\.steps.last).max() ?? 1
  return Axis("step", range: 0...Double(max(1, last)))
}

/// The loss in the notation of the chapter.
func lossFormula(_ reduction: QuadraticLoss.Reduction) -> String {
  switch reduction {
  case .halfSum: "½ Σ (w x² + b − y)², before each step"
  case .mean: "mean of (w x² + b − y)², before each step"
  }
}
