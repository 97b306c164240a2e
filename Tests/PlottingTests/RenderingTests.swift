import Foundation
import Testing

@testable import Plotting

@Suite("Drawing with gnuplot")
struct RenderingTests {
  @Test("A figure leaves its script, its data and its pictures, and nothing else")
  func files() throws {
    try withFolder { folder throws in
      let rendered = try renderer().render(sample(), as: [.pdf, .svg, .png], into: folder)
      #expect(
        rendered.files.map(\.lastPathComponent) == [
          "sample.gp", "sample.dat", "sample.svg", "sample.png", "sample.pdf",
        ])
      #expect(rendered.warnings == [])
      #expect(try names(in: folder) == ["sample.dat", "sample.gp", "sample.pdf", "sample.png", "sample.svg"])
      let png = try Data(contentsOf: folder.appending(path: "sample.png"))
      // Width and height stand big-endian at bytes 16 to 23.
      #expect(Array(png[16..<24]) == [0, 0, 0x07, 0x80, 0, 0, 0x04, 0xB0])
    }
  }

  @Test("gnuplot NAME.gp alone draws the same picture again")
  func redraw() throws {
    try withFolder { folder throws in
      var figure = sample("again")
      figure.series.append(
        Series(
          nil,
          .surface(Surface(x: [1, 2, 3], y: [1, 5], values: [[1, 2, 3], [2, 4, 8]], levels: [2, 4]))))
      _ = try renderer().render(figure, as: [.svg, .png], into: folder)
      let svg = folder.appending(path: "again.svg")
      let before = try Data(contentsOf: svg)
      try FileManager.default.removeItem(at: svg)
      let ended = try run("gnuplot", ["again.gp"], in: folder)
      #expect(ended.status == 0)
      #expect(ended.errors == "")
      #expect(try Data(contentsOf: svg) == before)
    }
  }

  @Test("One renderer draws many figures with one gnuplot, whatever the one before did")
  func session() throws {
    try withFolder { folder throws in
      let renderer = renderer()
      var logarithmic = sample("logarithmic")
      logarithmic.y.scale = .logarithmic
      logarithmic.annotations = [.horizontalLine(y: 2, label: "two")]
      _ = try renderer.render(logarithmic, into: folder)
      _ = try renderer.render(sample("second"), into: folder)
      let alone = folder.appending(path: "alone")
      _ = try Self.fresh().render(sample("second"), into: alone)
      // gnuplot opens its first group with the pen of the drawing before.
      func content(_ folder: URL) throws -> [Substring] {
        try text(of: folder.appending(path: "second.svg")).split(separator: "\n")
          .filter { !$0.hasPrefix("<g fill=") && $0 != "</g>" }
      }
      #expect(try content(folder) == content(alone))
    }
  }

  @Test("Renderers in many threads do not disturb each other")
  func parallel() async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<6 {
        group.addTask {
          try withFolder { folder throws in
            let renderer = Self.fresh()
            for round in 0..<3 { _ = try renderer.render(sample("f\(number)-\(round)"), into: folder) }
            return try names(in: folder).count == 9
          }
        }
      }
      for try await complete in group { #expect(complete) }
    }
  }

  @Test("A relative folder and one with quotes and spaces in its name work")
  func folders() throws {
    try withFolder { folder throws in
      let odd = folder.appending(path: "it's a \"folder\" $HOME `x`")
      _ = try renderer().render(sample(), into: odd)
      #expect(try names(in: odd).count == 3)
    }
    let name = "plotting-relative-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: name) }
    _ = try renderer().render(sample(), into: URL(filePath: name))
    #expect(try FileManager.default.contentsOfDirectory(atPath: name).count == 3)
  }

  @Test("A text plot has no control characters, keeps to its size and shows title and legend")
  func textPlot() throws {
    let plot = try renderer().textPlot(sample(), columns: 72, rows: 20)
    #expect(plot.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
    let lines = plot.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.allSatisfy { $0.count <= 72 })
    #expect((10...21).contains(lines.count))
    #expect(plot.contains("A sample") && plot.contains("squares"))
    #expect(plot.filter { $0 == "o" }.count >= 3)
    #expect(throws: PlottingError.self) { try renderer().textPlot(sample(), columns: 10, rows: 20) }
  }

  @Test("Data with gaps and huge values draws; what gnuplot could not scale is left out")
  func gaps() throws {
    try withFolder { folder throws in
      var figure = sample()
      let y = [1, .nan, 3, .infinity, 5, 1e305, 1e299, 0, -1]
      figure.y.scale = .logarithmic
      figure.series = [Series("gaps", .line(x: (0..<9).map(Double.init), y: y, markers: .all))]
      #expect(try renderer().render(figure, as: FigureFormat.allCases, into: folder).warnings == [])
      #expect(try renderer().textPlot(figure).contains("gaps"))
    }
  }

  @Test("A single value draws without a remark")
  func constant() throws {
    try withFolder { folder throws in
      var figure = sample()
      figure.series = [Series("one", .points(x: [2], y: [3]))]
      #expect(try renderer().render(figure, as: FigureFormat.allCases, into: folder).warnings == [])
    }
  }

  @Test("Chinese text without a Chinese font is refused for PNG and PDF and drawn as SVG")
  func fonts() throws {
    var figure = sample()
    figure.title = "用梯度下降拟合"
    let poor = FigureRenderer(
      theme: .standard, program: "gnuplot", timeLimit: .seconds(300), hasChineseFont: { false })
    try withFolder { folder throws in
      for format in [FigureFormat.png, .pdf] {
        #expect(throws: PlottingError.fontMissing(figure: "sample", text: "用梯度下降拟合")) {
          try poor.render(figure, as: [format], into: folder)
        }
      }
      #expect(try names(in: folder) == [])
      _ = try poor.render(figure, into: folder)
      #expect(try text(of: folder.appending(path: "sample.svg")).contains("用梯度下降拟合"))
      _ = try poor.render(sample("latin"), as: [.png], into: folder)
    }
  }

  @Test("gnuplot says its version and its terminals")
  func description() throws {
    let description = try renderer().describe()
    #expect(description.version.wholeMatch(of: /\d+\.\d+\.\S+/) != nil)
    for terminal in ["svg", "pngcairo", "pdfcairo", "dumb"] {
      #expect(description.terminals.contains(terminal))
    }
  }

  @Test(
    "A name that is no file name, and a range that is none, are refused",
    arguments: ["", ".hidden", "a/b", "a b", "é", "a\nb"])
  func badNames(_ name: String) throws {
    try withFolder { folder throws in
      #expect(throws: PlottingError.self) { try renderer().render(sample(name), into: folder) }
      var figure = sample()
      figure.y = Axis(range: 0...1, scale: .logarithmic)
      #expect(throws: PlottingError.self) { try renderer().render(figure, into: folder) }
      #expect(throws: PlottingError.self) { try renderer().render(sample(), as: [], into: folder) }
      #expect(try names(in: folder) == [])
    }
  }

  static func fresh() -> FigureRenderer {
    FigureRenderer(program: "gnuplot", timeLimit: .seconds(300))
  }
}
