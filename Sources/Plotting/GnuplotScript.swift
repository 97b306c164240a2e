/// The gnuplot commands that draw a figure from its data file.
struct GnuplotScript {
  /// What the commands draw to.
  enum Medium: Equatable {
    /// Files `name.svg` and so on, in the current folder.
    case pictures([FigureFormat])
    /// A plot of characters in a file.
    case text(columns: Int, rows: Int, file: String)
  }

  let figure: Figure
  let theme: Theme
  let medium: Medium
  let dataFile: String

  /// The commands, one per line.
  var text: String {
    var lines = ["reset", "set encoding utf8"]
    lines += contourTables
    lines += isText ? textFrame : pictureFrame
    lines += axes
    lines += ["set key \(key)"]
    lines += figure.annotations.enumerated().flatMap { annotation($1, number: $0 + 10) }
    lines.append("")
    for (position, output) in outputs.enumerated() {
      lines += ["set terminal \(output.terminal)", "set output \(GnuplotText.quoted(output.file))"]
      lines += ["mark = \(number(output.mark))"] + styles
      lines.append(position == 0 ? "plot \\\n  " + plotElements.joined(separator: ", \\\n  ") : "replot")
      lines.append("")
    }
    lines.append("unset output")
    return lines.joined(separator: "\n") + "\n"
  }

  private var isText: Bool {
    if case .text = medium { true } else { false }
  }

  // MARK: Outputs

  /// A terminal, its file, and what it draws a mark of size 1 with.
  private struct Output {
    var terminal: String
    var file: String
    var mark: Double
  }

  private var outputs: [Output] {
    switch medium {
    case .pictures(let formats): formats.map(output)
    case .text(let columns, let rows, let file):
      [Output(terminal: "dumb noenhanced mono size \(columns),\(rows)", file: file, mark: 1)]
    }
  }

  /// gnuplot's terminals disagree on units. Measured with 5.4: the cairo terminals take a point of text as 4/3 units,
  /// SVG as one; SVG draws marks in proportion to its text, and their outlines thin when they are small; `pdfcairo` draws lines at half the width of `pngcairo`. The
  /// factors here undo that, so that the three formats look alike.
  private func output(_ format: FigureFormat) -> Output {
    let font = "font '\(theme.font),\(number(theme.fontSize))'"
    let file = "\(figure.name).\(format.rawValue)"
    switch format {
    case .svg:
      let size = "\(number(theme.width)),\(number(theme.height))"
      let options = "enhanced size \(size) dynamic background rgb 'white' \(font) fontscale 1.3333"
      let markInText = 0.129
      return Output(
        terminal: "svg \(options)", file: file, mark: rounded(1 / (markInText * theme.fontSize)))
    case .png:
      let scale = theme.pixelsPerPoint
      let size = "\(Int(theme.width * scale)),\(Int(theme.height * scale))"
      let options = "enhanced size \(size) background rgb 'white' \(font)"
      let scales = "fontscale \(number(scale)) linewidth \(number(scale)) pointscale \(number(scale))"
      return Output(terminal: "pngcairo \(options) \(scales)", file: file, mark: 1)
    case .pdf:
      let scale = rounded(theme.pageWidth * 72 / 2.54 / theme.width)
      let size =
        "\(number(theme.pageWidth))cm,\(number(rounded(theme.pageWidth * theme.height / theme.width)))cm"
      let scales = "fontscale \(number(scale)) linewidth \(number(2 * scale)) pointscale \(number(scale))"
      return Output(terminal: "pdfcairo enhanced size \(size) \(font) \(scales)", file: file, mark: 1)
    }
  }

  // MARK: Frame and axes

  private var pictureFrame: [String] {
    let titleSize = number((theme.fontSize * 1.25).rounded())
    // Title and subtitle begin at the left edge, whatever the width of the y axis' labels.
    var lines = [
      "set border 3 linewidth 1.2 linecolor rgb '#404040'",
      "set tics nomirror out scale 0.6 textcolor rgb '#404040'",
      "set minussign",
      "set grid linetype 1 linecolor rgb '#E4E4E4' linewidth 1 dashtype solid",
      "set style textbox opaque noborder fillcolor rgb '#FFFFFF' margins 0.4, 0.4",
      "set tmargin at screen \(figure.subtitle.isEmpty ? 0.88 : 0.83)",
      "set rmargin \(hasSurface ? "at screen 0.86" : "3")",
      "set label 1 \(text(figure.title)) at screen 0.025, 0.945 left font ',\(titleSize)'",
    ]
    if !figure.subtitle.isEmpty {
      lines.append(
        "set label 2 \(text(figure.subtitle)) at screen 0.025, 0.88 left font ',\(smallSize)' "
          + "textcolor rgb '#505050'")
    }
    if figure.legend == .below {
      lines.append("set bmargin \(number(rounded(3.7 + 1.2 * Double(belowRows))))")
    }
    if hasSurface { lines.append("set palette defined (\(palette))") }
    if hasSurface, !figure.color.label.isEmpty {
      // Above the bar of colours: beside it, terminals differ in how much room they leave for its numbers.
      lines.append("set label 3 \(text(figure.color.label)) at graph 1.05, 1.05 center")
    }
    return lines
  }

  private var textFrame: [String] {
    ["set title \(text(figure.title))", "unset colorbox", "set border back"]
  }

  private var palette: String {
    theme.surface.enumerated().map { "\($0) '\($1)'" }.joined(separator: ", ")
  }

  private var axes: [String] {
    axis("x", figure.x) + axis("y", figure.y) + (hasSurface ? axis("cb", figure.color) : [])
  }

  private func axis(_ name: String, _ axis: Axis) -> [String] {
    var lines: [String] = []
    if !axis.label.isEmpty, name != "cb" {
      // A letter needs no turning to fit beside its axis.
      let upright = name == "y" && axis.label.plain.count <= 2 && !isText
      // A legend below stands nearer to the axis' label than an empty margin would.
      let raised = name == "x" && figure.legend == .below && !isText
      let place = upright ? " rotate by 0" : raised ? " offset 0, 0.3" : ""
      lines.append("set \(name)label \(text(axis.label))\(place)")
    }
    if axis.scale == .linear { lines.append("set format \(name) '%h'") }
    if axis.scale == .logarithmic {
      lines.append("set logscale \(name) 10")
      if axis.ticks == nil { lines.append("set format \(name) '\(isText ? "%g" : "10^{%L}")'") }
    }
    if let range = axis.range {
      lines.append("set \(name)range [\(number(range.lowerBound)):\(number(range.upperBound))]")
    }
    if let ticks = axis.ticks {
      let places = ticks.map { "\(text($0.label)) \(number($0.value))" }.joined(separator: ", ")
      lines.append("set \(name)tics (\(places))")
    }
    return lines
  }

  private var key: String {
    let inside =
      "Left reverse samplen 3 spacing 1.25 width 1" + (isText ? "" : " opaque fillcolor rgb '#FFFFFF'")
    return switch figure.legend {
    case .topLeft: "inside top left \(inside)"
    case .topCenter: "inside top center \(inside)"
    case .topRight: "inside top right \(inside)"
    case .bottomLeft: "inside bottom left \(inside)"
    case .bottomCenter: "inside bottom center \(inside)"
    case .bottomRight: "inside bottom right \(inside)"
    case .right: "outside right top Left reverse samplen 3 spacing 1.4"
    case .below: "\(belowPlace) center horizontal Left reverse samplen 3 spacing 1.25 \(belowKey)"
    case .hidden: "off"
    }
  }

  // MARK: Series

  private var hasSurface: Bool {
    figure.series.contains { if case .surface = $0.shape { true } else { false } }
  }

  /// Contour lines are worked out by gnuplot into a table per surface, which the plot then draws as lines.
  private var contourTables: [String] {
    figure.series.enumerated().flatMap { index, series -> [String] in
      guard case .surface(let surface) = series.shape, !surface.levels.isEmpty else { return [] }
      let levels = surface.levels.map(number).joined(separator: ", ")
      return [
        "", "set contour base", "unset surface", "set cntrparam levels discrete \(levels)",
        "set table $contours\(index)",
        "splot \(GnuplotText.quoted(dataFile)) index \(index) nonuniform matrix with lines",
        "unset table", "unset contour", "set surface", "",
      ]
    }
  }

  private var styles: [String] {
    looks.enumerated().map { index, look in
      let ink = theme.ink(look.role)
      return
        "set style line \(index + 1) linecolor rgb '\(ink.color)' linewidth \(number(rounded(theme.lineWidth * look.width))) "
        + "dashtype \(ink.dashes) pointtype \(marker(ink, index)) pointsize \(number(rounded(theme.markerSize * look.markerSize)))*mark"
    }
  }

  /// The different styles of the series, in order of appearance.
  private var looks: [SeriesStyle] {
    figure.series.reduce(into: []) { looks, series in
      if case .surface = series.shape { return }
      if !looks.contains(series.style) { looks.append(series.style) }
    }
  }

  /// In a plot of characters each style has a character of its own.
  private func marker(_ ink: Theme.Ink, _ index: Int) -> String {
    isText ? "'\(Array("o*+x#%@&$=")[index % 10])'" : String(ink.marker)
  }

  private var plotElements: [String] {
    figure.series.enumerated().flatMap { index, series in elements(series, index) }
  }

  private func elements(_ series: Series, _ index: Int) -> [String] {
    let data = "\(GnuplotText.quoted(dataFile)) index \(index)"
    let style = "linestyle \((looks.firstIndex(of: series.style) ?? 0) + 1)"
    let title = series.title.map { "title \(text($0))" } ?? "notitle"
    let entry = series.title.map { [("title \(text($0))")] } ?? []
    var result: [String] = []

    func curve(_ form: String, title: String) {
      if series.style.rim && !isText {
        let width = number(rounded(theme.lineWidth * series.style.width + 3))
        result.append(
          "\(data) with \(form) linecolor rgb '#FFFFFF' linewidth \(width) dashtype solid notitle")
      }
      result.append("\(data) with \(form) \(style) \(title)")
    }

    /// A thin outline, so that marks stay crisp whatever the lines' width.
    func marks(_ columns: String, title: String, rim: Bool = false) {
      if rim && !isText {
        let size = number(rounded(theme.markerSize * series.style.markerSize * 1.5))
        let color = "linecolor rgb '#FFFFFF'"
        result.append(
          "\(data)\(columns) with points \(style) \(color) linewidth 4 pointsize \(size)*mark notitle")
      }
      result.append("\(data)\(columns) with points \(style) linewidth 1.6 \(title)")
    }

    switch series.shape {
    case .points:
      marks("", title: title, rim: series.style.rim)
    case .steps:
      curve("steps", title: title)
    case .line(_, _, let markers):
      switch markers {
      case .none:
        curve("lines", title: title)
      case .all, .rows:
        curve("lines", title: "notitle")
        marks(markers == .all ? "" : " using 1:3", title: "notitle")
        result += entry.map { "keyentry with linespoints \(style) \($0)" }
      }
    case .band:
      let fill = isText ? "filledcurves" : "filledcurves fillstyle transparent solid 0.25 noborder"
      result.append("\(data) using 1:2:3 with \(fill) \(style) \(title)")
    case .surface(let surface):
      if !isText { result.append("\(data) nonuniform matrix with image notitle") }
      if !surface.levels.isEmpty {
        let thin = isText ? "dots" : "lines linecolor rgb '#5B6B7A' linewidth 1 dashtype solid"
        result.append("$contours\(index) using 1:2 with \(thin) \(title)")
      }
    }
    return result
  }

  // MARK: Annotations

  private func annotation(_ annotation: Annotation, number id: Int) -> [String] {
    let thin = "linecolor rgb '#505050' linewidth 1.4 dashtype (6,4)"
    let grey = "textcolor rgb '#404040'"
    let front = isText ? "front" : "front boxed"
    switch annotation {
    case .text(let label, let x, let y, let alignment, let offset):
      return [
        "set label \(id) \(text(label)) at \(number(x)), \(number(y)) \(alignment.rawValue) "
          + "offset character \(number(offset.x)), \(number(offset.y)) \(front) \(grey)"
      ]
    case .horizontalLine(let y, let label):
      let line =
        "set arrow \(id) from graph 0, first \(number(y)) to graph 1, first \(number(y)) nohead back \(thin)"
      guard !label.isEmpty else { return [line] }
      let place = "at graph 1, first \(number(y)) right offset character -0.5, 0.7 front \(grey)"
      return [line, "set label \(id) \(text(label)) \(place)"]
    case .verticalLine(let x, let label):
      let line =
        "set arrow \(id) from first \(number(x)), graph 0 to first \(number(x)), graph 1 nohead back \(thin)"
      guard !label.isEmpty else { return [line] }
      let place = "at first \(number(x)), graph 1 left offset character 0.5, -0.8 front \(grey)"
      return [line, "set label \(id) \(text(label)) \(place)"]
    case .strip(let range):
      guard !isText else { return [] }
      let corners = "graph 0, first \(number(range.lowerBound)) to graph 1, first \(number(range.upperBound))"
      return [
        "set object \(id) rectangle from \(corners) behind fillcolor rgb '#EEEEEE' fillstyle solid noborder"
      ]
    }
  }

  // MARK: Words and numbers

  /// A legend below stands at the lower edge, in columns that hold its longest entry; the plot leaves it that many rows.
  private var belowPlace: String { isText ? "outside below" : "at screen 0.5, screen 0.025 bottom" }
  private var belowKey: String { "maxcols \(belowColumns)" + (isText ? "" : " font ',\(smallSize)'") }
  private var belowColumns: Int {
    // A plot of characters needs room for whole entries.
    if isText { return 2 }
    let longest = figure.series.compactMap { $0.title?.plain.count }.max() ?? 0
    // The scale of colours takes some of the width.
    let (most, characters) = hasSurface ? (2, 50) : (3, 66)
    return max(1, min(most, characters / max(longest, 1)))
  }
  private var belowRows: Int {
    let entries = figure.series.count { $0.title != nil }
    return (entries + belowColumns - 1) / belowColumns
  }

  private var smallSize: String { number((theme.fontSize * 0.88).rounded()) }

  private func text(_ label: Label) -> String {
    isText ? GnuplotText.quoted(label.plain) : GnuplotText.enhanced(label)
  }

  /// Four decimals, enough for sizes.
  private func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }

  private func number(_ value: Double) -> String {
    if value == value.rounded(), value.magnitude < 1e9 { return String(Int(value)) }
    return DataFile.number(value)
  }
}
