import Testing

@testable import Plotting

@Suite("The gnuplot script")
struct GnuplotScriptTests {
  func script(_ figure: Figure, _ medium: GnuplotScript.Medium = .pictures([.svg, .png, .pdf])) -> String {
    GnuplotScript(figure: figure, theme: .standard, medium: medium, dataFile: "\(figure.name).dat").text
  }

  @Test("One plot, drawn again for every further format, each into its own file")
  func outputs() {
    let lines = script(sample()).split(separator: "\n")
    #expect(
      lines.filter { $0.hasPrefix("set output") } == [
        "set output 'sample.svg'", "set output 'sample.png'", "set output 'sample.pdf'",
      ])
    #expect(lines.filter { $0.hasPrefix("plot") }.count == 1)
    #expect(lines.filter { $0 == "replot" }.count == 2)
    #expect(lines.last == "unset output")
    let terminals = lines.filter { $0.hasPrefix("set terminal") }.map { $0.split(separator: " ")[2] }
    #expect(terminals == ["svg", "pngcairo", "pdfcairo"])
  }

  @Test("Axes carry labels, ranges, scales and ticks")
  func axes() {
    var figure = sample()
    figure.x = Axis("step", range: 0...800)
    figure.y = Axis(
      "ulps", range: 0.5...100, scale: .logarithmic, ticks: [.init(1, "one"), .init(10, "it's ten")])
    let text = script(figure)
    #expect(text.contains("set xlabel 'step'"))
    #expect(text.contains("set xrange [0:800]"))
    #expect(text.contains("set logscale y 10"))
    #expect(text.contains("set yrange [0.5:100]"))
    #expect(text.contains(#"set ytics ('one' 1, 'it'."'".'s ten' 10)"#))
    #expect(!text.contains("set logscale x"))
  }

  @Test("Series of different roles differ in colour, in dashes and in marks or weight")
  func distinguishable() {
    let inks = Theme.standard.inks
    // The five approaches and four peers, and some of the user's own.
    #expect(inks.count >= 12)
    #expect(Set(inks.map(\.color)).count == inks.count)
    #expect(Set(inks.map(\.dashes)).count == inks.count)
    #expect(Set(inks.prefix(6).map(\.marker)).count == 6)
    #expect(Theme.standard.ink(.compared(inks.count)) == inks[0])
    #expect(Theme.standard.ink(.compared(-1)) == inks[inks.count - 1])
  }

  @Test("A plot of characters has no colours, no images and no markup")
  func characters() {
    var figure = sample()
    figure.title = "a_b"
    figure.series.append(
      Series(nil, .surface(Surface(x: [0, 1], y: [0, 1], values: [[1, 2], [3, 4]], levels: [2]))))
    let text = script(figure, .text(columns: 80, rows: 24, file: "plot.txt"))
    #expect(text.contains("set terminal dumb noenhanced mono size 80,24"))
    #expect(text.contains("set title 'a_b'"))
    #expect(!text.contains("with image"))
  }

  @Test(
    "Each legend place is one gnuplot accepts",
    arguments: [
      Legend.topLeft, .topCenter, .topRight, .bottomLeft, .bottomCenter, .bottomRight, .right, .below,
      .hidden,
    ])
  func legends(_ legend: Legend) throws {
    var figure = sample()
    figure.legend = legend
    try withFolder { folder throws in
      let svg = try renderer().render(figure, into: folder).files[2]
      #expect(try text(of: svg).contains("squares</tspan></text>") == (legend != .hidden))
    }
    #expect(try renderer().textPlot(figure).contains("squares") == (legend != .hidden))
  }

  @Test(
    "Every shape of series and every annotation draws without a remark from gnuplot, as picture and as text")
  func everything() throws {
    let x = [1.0, 2, 3, 4]
    let figure = Figure(
      name: "all-shapes", title: "All shapes", subtitle: "with a subtitle", x: Axis(.italic("x")),
      y: Axis("y", range: 0.5...20), color: Axis("height", scale: .logarithmic),
      series: [
        Series(
          nil,
          .surface(Surface(x: [1, 2, 3], y: [1, 2], values: [[1, 2, 3], [2, 4, 8]], levels: [2, 4]))),
        Series("band", .band(x: x, lower: [1, 2, 3, 4], upper: [2, 4, 6, 8])),
        Series("points", .points(x: x, y: [1, .nan, 3, 4]), style: SeriesStyle(.data, rim: true)),
        Series("plain", .line(x: x, y: [1, 4, 9, 16]), style: SeriesStyle(.compared(1), rim: true)),
        Series("all", .line(x: x, y: [2, 5, 10, 17], markers: .all), style: SeriesStyle(.compared(2))),
        Series("rows", .line(x: x, y: [3, 6, 11, 18], markers: .rows([0, 2])), style: SeriesStyle(.exact)),
        Series("steps", .steps(x: x, y: [4, 3, 2, 1]), style: SeriesStyle(.result)),
      ],
      annotations: [
        .text("here", x: 2, y: 3, alignment: .center, offset: .init(x: 1, y: -1)),
        .horizontalLine(y: 5, label: "five"), .verticalLine(x: 2, label: "two"), .strip(6...7),
      ])
    try withFolder { folder throws in
      let rendered = try renderer().render(figure, as: FigureFormat.allCases, into: folder)
      #expect(rendered.warnings == [])
      let svg = try text(of: folder.appending(path: "all-shapes.svg"))
      for word in [
        "band", "points", "plain", "all", "rows", "steps", "here", "five", "two", "height", "subtitle",
      ] {
        #expect(svg.contains(word))
      }
    }
    let plot = try renderer().textPlot(figure)
    #expect(plot.contains("All shapes") && plot.contains("here"))
  }
}
