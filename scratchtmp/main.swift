import Foundation
import Figures
import Plotting
struct R: Codable { var name: String; var w: [Double]; var b: [Double]; var loss: [Double] }
struct D: Codable { var x: [Double]; var y: [Double]; var w0: Double; var b0: Double; var runs: [R]; var mistake: R; var diverging: R }
let d = try JSONDecoder().decode(D.self, from: Data(contentsOf: URL(filePath: "/tmp/w/.scratch-plot/runs.json")))
let obs = Observations(x: d.x, y: d.y)
func curve(_ r: R) -> RunCurve { RunCurve(name: r.name, steps: Array(1...r.w.count), w: r.w, b: r.b, loss: r.loss) }
let sec = SectionResult(observations: obs, fit: Parabola(w: d.runs[0].w.last!, b: d.runs[0].b.last!))
func comp(_ extra: [R]) -> ComparedRuns { ComparedRuns(observations: obs, start: Parabola(w: d.w0, b: d.b0), runs: (d.runs + extra).map(curve)) }
let mode = CommandLine.arguments[1]
let runs = mode == "mistake" ? comp([d.mistake]) : mode == "diverging" ? comp([d.diverging]) : comp([])
let inputs = FigureInputs(sections: ["2.6": sec, "2.7": sec, "2.8": sec], comparison: runs)
let r = FigureRenderer()
print(try r.describe())
for e in FigureCatalog.all {
  let t = ContinuousClock.now
  let f = try e.make(inputs)
  let out = try r.render(f, as: mode == "svg" ? [.svg] : [.svg, .png, .pdf], into: URL(filePath: "/tmp/w/.scratch-plot/out-\(mode)"))
  print(e.name, out.warnings, ContinuousClock.now - t)
  if CommandLine.arguments.count > 2 { print(try r.textPlot(f)) }
}
